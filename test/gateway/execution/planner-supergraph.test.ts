import { describe, expect, it } from '@jest/globals';
import { plannerSupergraph } from '../../../gateway/execution/planner-supergraph.ts';
import { compose, type Definitions, graphOf } from '../support/federation.ts';

/** Two estimates that need the price in different currencies, one of a nested value. */
const SHIPPING: Definitions = {
  prices: {
    typeDefs: `
      type Query { parcels: [Parcel!]! }
      type Parcel @key(fields: "id") {
        id: ID! kilograms: Int price(currency: String!): Int tariff: Tariff
      }
      type Tariff { rate(currency: String!): Int }
    `,
    resolvers: {
      Query: { parcels: () => [{ id: 'p1' }, { id: 'p2' }] },
      Parcel: {
        kilograms: ({ id }: { id: string }) => (id === 'p1' ? 2 : 5),
        price: (_: unknown, { currency }: { currency: string }) => (currency === 'EUR' ? 10 : 12),
        tariff: () => ({}),
      },
      Tariff: {
        rate: (_: unknown, { currency }: { currency: string }) => (currency === 'EUR' ? 3 : 4),
      },
    },
  },
  shipping: {
    typeDefs: `
      type Parcel @key(fields: "id") {
        id: ID!
        kilograms: Int @external
        price(currency: String!): Int @external
        tariff: Tariff @external
        postage: Int @requires(fields: "price(currency: \\"USD\\") kilograms")
        postageEuro: Int @requires(fields: "price(currency: \\"EUR\\") kilograms")
        duty: Int @requires(fields: "tariff { rate(currency: \\"USD\\") }")
        dutyEuro: Int @requires(fields: "tariff { rate(currency: \\"EUR\\") }")
        carrier: String
      }
      type Tariff @external { rate(currency: String!): Int }
    `,
    resolvers: {
      Parcel: {
        __resolveReference: (reference: object) => reference,
        postage: ({ price, kilograms }: Record<string, number>) => price! * kilograms!,
        postageEuro: ({ price, kilograms }: Record<string, number>) => price! * kilograms!,
        duty: ({ tariff }: { tariff: { rate: number } }) => tariff.rate,
        dutyEuro: ({ tariff }: { tariff: { rate: number } }) => tariff.rate,
        carrier: () => 'Royal Mail',
      },
    },
  },
};

describe('fields that require another with different arguments', () => {
  it('each get the value they asked for', async () => {
    const graph = graphOf(SHIPPING);

    const answer = await graph.run('{ parcels { id postage postageEuro carrier } }');

    expect(answer).toEqual({
      data: {
        parcels: [
          { id: 'p1', postage: 24, postageEuro: 20, carrier: 'Royal Mail' },
          { id: 'p2', postage: 60, postageEuro: 50, carrier: 'Royal Mail' },
        ],
      },
    });
    const sent = graph.calls.slice(1).map(({ variables }) => variables.representations);
    expect(sent).toEqual([
      [
        { __typename: 'Parcel', id: 'p1', price: 12, kilograms: 2 },
        { __typename: 'Parcel', id: 'p2', price: 12, kilograms: 5 },
      ],
      [
        { __typename: 'Parcel', id: 'p1', price: 10, kilograms: 2 },
        { __typename: 'Parcel', id: 'p2', price: 10, kilograms: 5 },
      ],
    ]);
  });

  it('also where the arguments are those of a nested field', async () => {
    const answer = await graphOf(SHIPPING).run('{ parcels { dutyEuro duty } }');

    expect(answer).toEqual({
      data: {
        parcels: [
          { dutyEuro: 3, duty: 4 },
          { dutyEuro: 3, duty: 4 },
        ],
      },
    });
  });

  it('leave the client’s own selection of that field alone', async () => {
    const query = '{ parcels { price(currency: "EUR") dollars: price(currency: "USD") postage } }';

    const answer = await graphOf(SHIPPING).run(query);

    expect(answer.data).toEqual({
      parcels: [
        { price: 10, dollars: 12, postage: 24 },
        { price: 10, dollars: 12, postage: 60 },
      ],
    });
  });

  it('add nothing to the schema that clients see', async () => {
    const answer = await graphOf(SHIPPING).run('{ __type(name: "Parcel") { fields { name } } }');

    const { fields } = (answer.data as { __type: { fields: { name: string }[] } }).__type;
    expect(fields.map(({ name }) => name).sort()).toEqual(
      'carrier duty dutyEuro id kilograms postage postageEuro price tariff'.split(' '),
    );
  });
});

describe('an entity fetched again from its own subgraph', () => {
  it('is named by a key that the subgraph can resolve', async () => {
    const graph = graphOf({
      names: {
        typeDefs: 'type Item @key(fields: "id") { id: ID! name: String! }',
        resolvers: {
          Item: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `n-${id}` }) },
        },
      },
      items: {
        typeDefs: `
          type Query { items: [Item!]! }
          type Item @key(fields: "code { a }", resolvable: false) @key(fields: "id code { b }")
            @key(fields: "id", resolvable: false) {
            id: ID! code: Code! name: String! @external label: String! @requires(fields: "name")
          }
          type Code { a: Int! b: Int! }
        `,
        resolvers: {
          Query: { items: () => [{ id: '1', code: { a: 1, b: 2 } }] },
          Item: {
            __resolveReference: (reference: { id?: string; code?: { b?: number } }) =>
              reference.id && reference.code?.b ? reference : null,
            label: ({ name }: { name: string }) => `the ${name}`,
          },
        },
      },
    });

    expect(await graph.run('{ items { id name label } }')).toEqual({
      data: { items: [{ id: '1', name: 'n-1', label: 'the n-1' }] },
    });
  });
});

it('refuses an operation no part of which any subgraph can answer', async () => {
  const graph = graphOf({
    a: { typeDefs: 'type Query { node: Node } interface Node @key(fields: "id") { id: ID! }' },
    b: {
      typeDefs: `type Query { other: Node }
        type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! field: String }`,
      resolvers: { Query: { other: () => ({ id: 'n1', field: 'x' }) } },
    },
  });

  const answer = await graph.run('{ node { field } }');

  expect(answer.data).toBeUndefined();
  expect(answer.errors).toMatchObject([{ extensions: { code: 'OPERATION_NOT_PLANNABLE' } }]);
  expect(graph.calls).toEqual([]);
});

it('leaves a supergraph alone that the planner understands', () => {
  const sdl = compose({
    a: { typeDefs: 'type Query { t: T } type T @key(fields: "id") { id: ID! }' },
  });

  expect(plannerSupergraph(sdl)).toBe(sdl);
});
