import { describe, expect, it } from '@jest/globals';
import { type Definitions, graphOf } from '../support/federation.ts';

const SHOPS: Record<string, object> = {
  s1: { id: 's1', currency: 'USD', region: { code: 'US' } },
  s2: { id: 's2', currency: 'EUR', region: { code: 'DE' } },
  s3: { id: 's3', currency: 'EUR', region: null },
};

/** A price is told in the currency of the shop, or of the fair, under which its article is reached. */
const MARKET: Definitions = {
  shops: {
    typeDefs: `
      type Query { shops: [Shop!]! places: [Place!]! shop(id: ID!): Shop }
      interface Place @context(name: "place") { id: ID! currency: String! articles: [Article!]! }
      type Shop implements Place @key(fields: "id") @context(name: "shop") {
        id: ID! currency: String! region: Region articles: [Article!]! best: Article
      }
      type Fair implements Place @key(fields: "id") @context(name: "shop") {
        id: ID! currency: String! region: Region articles: [Article!]!
      }
      type Region { code: String! }
      type Article @key(fields: "id") {
        id: ID!
        label(currency: String @fromContext(field: "$place { currency }")): String!
        taxed(region: String @fromContext(field: "$shop { region { code } }"), rate: Int!): String
        parts: [Part!]!
      }
      type Part @key(fields: "id") {
        id: ID!
        origin(currency: String @fromContext(field: "$place { currency }")): String!
      }
    `,
    resolvers: {
      Place: { __resolveType: ({ id }: { id: string }) => (id.startsWith('s') ? 'Shop' : 'Fair') },
      Query: {
        shops: () => Object.values(SHOPS),
        shop: (_: unknown, { id }: { id: string }) => SHOPS[id],
        places: () => [SHOPS.s1, { id: 'f1', currency: 'JPY' }],
      },
      Shop: { articles: () => [{ id: 'a1' }, { id: 'a2' }], best: () => ({ id: 'a1' }) },
      Fair: { articles: () => [{ id: 'a1' }] },
      Article: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        label: ({ id }: { id: string }, { currency }: { currency: string }) =>
          `${id} in ${currency}`,
        taxed: (
          { id }: { id: string },
          { region, rate }: { region: string | null; rate: number },
        ) => `${id} ${rate}% in ${region}`,
        parts: () => [{ id: 'p1' }],
      },
      Part: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        origin: ({ id }: { id: string }, { currency }: { currency: string }) =>
          `${id} in ${currency}`,
      },
    },
  },
};

describe('an argument from the context', () => {
  it('is a field of the object above, of each place its own', async () => {
    const answer = await graphOf(MARKET).run('{ shops { id articles { id label } } }');

    expect(answer).toEqual({
      data: {
        shops: ['USD', 'EUR', 'EUR'].map((currency, index) => ({
          id: `s${index + 1}`,
          articles: ['a1', 'a2'].map((id) => ({ id, label: `${id} in ${currency}` })),
        })),
      },
    });
  });

  it('is fetched once for all places that give the same', async () => {
    const graph = graphOf(MARKET);

    await graph.run('{ shops { articles { label } } }');

    const fetches = graph.calls.slice(1).map(({ variables }) => variables);
    expect(fetches).toHaveLength(2);
    expect(fetches).toMatchObject(
      ['USD', 'EUR'].map(() => ({ representations: [{ id: 'a1' }, { id: 'a2' }] })),
    );
  });

  it('is found by the type of the object above', async () => {
    const answer = await graphOf(MARKET).run('{ places { __typename articles { label } } }');

    expect(answer).toEqual({
      data: {
        places: [
          { __typename: 'Shop', articles: [{ label: 'a1 in USD' }, { label: 'a2 in USD' }] },
          { __typename: 'Fair', articles: [{ label: 'a1 in JPY' }] },
        ],
      },
    });
  });

  it('may be nested, null, and beside the client’s own', async () => {
    const query = 'query($rate: Int!) { shops { articles { taxed(rate: $rate) } } }';

    const answer = await graphOf(MARKET).run(query, { rate: 7 });

    expect(answer).toEqual({
      data: {
        shops: ['US', 'DE', 'null'].map((region) => ({
          articles: ['a1', 'a2'].map((id) => ({ taxed: `${id} 7% in ${region}` })),
        })),
      },
    });
  });

  it('is that of its own place where one entity is reached in several', async () => {
    const answer = await graphOf(MARKET).run(
      '{ a: shop(id: "s1") { best { parts { origin } label } } b: shop(id: "s2") { best { parts { origin } label } articles { parts { origin } } } }',
    );

    expect(answer).toEqual({
      data: {
        a: { best: { parts: [{ origin: 'p1 in USD' }], label: 'a1 in USD' } },
        b: {
          best: { parts: [{ origin: 'p1 in EUR' }], label: 'a1 in EUR' },
          articles: [{ parts: [{ origin: 'p1 in EUR' }] }, { parts: [{ origin: 'p1 in EUR' }] }],
        },
      },
    });
  });

  it('is not the client’s to say', async () => {
    const graph = graphOf(MARKET);
    await graph.run('{ shops { articles { label } } }');
    const names = Object.keys(graph.calls.at(-1)!.variables).filter(
      (name) => name !== 'representations',
    );
    const forged = Object.fromEntries(names.map((name) => [name, 'XXX']));

    const answer = await graph.run('query Other { shops { articles { label } } }', forged);

    expect(names).toHaveLength(1);
    expect(JSON.stringify(answer)).toContain('a1 in USD');
    expect(JSON.stringify(answer)).not.toContain('XXX');
  });

  it('is not an argument of the api', async () => {
    const answer = await graphOf(MARKET).run('{ shops { articles { label(currency: "USD") } } }');

    expect(answer.errors).toHaveLength(1);
    expect(answer.data).toBeUndefined();
  });
});

/** The context's field is another subgraph's, and so is the way to the object that sets it. */
const OFFERS: Definitions = {
  offers: {
    typeDefs: `
      type Query { offers: [Offer!]! }
      type Offer @key(fields: "id") { id: ID! currency: String }
    `,
    resolvers: {
      Query: { offers: () => [{ id: 'o1' }, { id: 'o2' }, { id: 'o3' }] },
      Offer: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        currency: ({ id }: { id: string }) => {
          if (id === 'o3') throw new Error('no such book');
          return id === 'o1' ? 'USD' : 'EUR';
        },
      },
    },
  },
  items: {
    typeDefs: `
      type Offer @key(fields: "id") @context(name: "offer") {
        id: ID! currency: String @external box: Box!
      }
      type Box { item: Item! }
      type Item @key(fields: "id") {
        id: ID!
        price(currency: String @fromContext(field: "$offer { currency }")): String
      }
    `,
    resolvers: {
      Offer: { box: () => ({ item: { id: 'i1' } }) },
      Item: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        price: ({ id }: { id: string }, { currency }: { currency: string | null }) =>
          `${id} in ${currency}`,
      },
    },
  },
};

describe('a context whose field is another subgraph’s', () => {
  it('is fetched first', async () => {
    const { data } = await graphOf(OFFERS).run('{ offers { id box { item { id price } } } }');

    expect(data).toEqual({
      offers: [
        { id: 'o1', box: { item: { id: 'i1', price: 'i1 in USD' } } },
        { id: 'o2', box: { item: { id: 'i1', price: 'i1 in EUR' } } },
        { id: 'o3', box: { item: { id: 'i1', price: 'i1 in null' } } },
      ],
    });
  });

  it('is called as it is called where the client has another field of that name', async () => {
    const { data } = await graphOf(OFFERS).run(
      '{ offers { money: currency box { content: item { cost: price } } } }',
    );

    expect(data).toEqual({
      offers: [
        { money: 'USD', box: { content: { cost: 'i1 in USD' } } },
        { money: 'EUR', box: { content: { cost: 'i1 in EUR' } } },
        { money: null, box: { content: { cost: 'i1 in null' } } },
      ],
    });
  });
});
