import { describe, expect, it } from '@jest/globals';
import { ErrorCode, SubgraphUnavailable } from '../../../gateway/errors.ts';
import type { SubgraphRequest, SubgraphTransport } from '../../../gateway/types.ts';
import { contextFor, type Definitions, graphOf } from '../support/federation.ts';

const GRAPH: Definitions = {
  a: {
    typeDefs: `
      type Query { items: [Item!]! item: Item strict: Item! other: String }
      type Item @key(fields: "id") { id: ID! name: String code: String! }
    `,
    resolvers: {
      Query: {
        items: () => ['1', '2', '3'].map((id) => ({ id, name: `n${id}`, code: `c${id}` })),
        item: () => ({ id: '1', name: 'n1', code: 'c1' }),
        strict: () => ({ id: '1' }),
        other: () => 'fine',
      },
    },
  },
  b: {
    typeDefs: `type Item @key(fields: "id") { id: ID! stock: Int needed: Int! parts: [Part!] }
      type Part { size: Int! }`,
    resolvers: {
      Item: {
        __resolveReference: ({ id }: { id: string }) => ({ id, stock: Number(id) * 10, needed: 1 }),
      },
    },
  },
};

type Answering = (request: SubgraphRequest) => unknown;

/** The graph with what one subgraph answers replaced. */
function graphWhere(service: string, answer: Answering, graph: Definitions = GRAPH) {
  return graphOf(graph, {
    wrap: (inner): SubgraphTransport => ({
      ...inner,
      async execute(request, context) {
        if (request.serviceName !== service) return inner.execute(request, context);
        return answer(request) as string;
      },
    }),
  });
}

function entities(...list: unknown[]): Answering {
  return () => JSON.stringify({ data: { _entities: list } });
}

const masked = (path: (string | number)[], code: string, service = 'b') => ({
  message: 'This part of the answer is unavailable.',
  path,
  extensions: { code, service, requestId: 'request-1' },
});

describe('a subgraph that fails', () => {
  const down = graphWhere('b', () => {
    throw new SubgraphUnavailable('b', ErrorCode.subgraphTimeout, 'connect ECONNREFUSED 10.0.0.7');
  });

  it('leaves the rest of the answer, and an error at every place that is missing', async () => {
    const answer = await down.run('{ items { id stock } other }');

    expect(answer.data).toEqual({
      items: [
        { id: '1', stock: null },
        { id: '2', stock: null },
        { id: '3', stock: null },
      ],
      other: 'fine',
    });
    expect(answer.errors).toEqual(
      [0, 1, 2].map((index) => masked(['items', index, 'stock'], 'SUBGRAPH_TIMEOUT')),
    );
  });

  it('takes the nearest nullable parent of a required field with it', async () => {
    const answer = await down.run('{ item { id needed } other }');

    expect(answer).toEqual({
      data: { item: null, other: 'fine' },
      errors: [masked(['item', 'needed'], 'SUBGRAPH_TIMEOUT')],
    });
  });

  it('takes the whole of data with it where nothing on the way is nullable', async () => {
    const answer = await down.run('{ items { id needed } other }');

    expect(answer).toEqual({
      data: null,
      errors: [masked(['items', 0, 'needed'], 'SUBGRAPH_TIMEOUT')],
    });
  });

  it('says nothing of its address', async () => {
    const answer = await down.run('{ items { stock } }');

    expect(JSON.stringify(answer)).not.toContain('10.0.0.7');
  });

  it('fails the fields that would have been computed from it', async () => {
    const graph = graphOf(
      {
        ...GRAPH,
        c: {
          typeDefs: `type Item @key(fields: "id") { id: ID! stock: Int @external low: Boolean @requires(fields: "stock") }`,
          resolvers: { Item: { __resolveReference: (r: object) => r, low: () => true } },
        },
      },
      {
        wrap: (inner) => ({
          ...inner,
          execute: (request, context) =>
            request.serviceName === 'b'
              ? Promise.reject(new SubgraphUnavailable('b', ErrorCode.subgraphUnavailable, 'down'))
              : inner.execute(request, context),
        }),
      },
    );

    const answer = await graph.run('{ item { low } }');

    expect(answer).toEqual({
      data: { item: { low: null } },
      errors: [masked(['item', 'low'], 'SUBGRAPH_UNAVAILABLE')],
    });
    expect(graph.calls.map(({ service }) => service)).toEqual(['a']);
  });
});

describe('a subgraph that reports errors', () => {
  const reporting = (error: object, list: unknown[]) =>
    graphWhere('b', () => JSON.stringify({ data: { _entities: list }, errors: [error] }));

  it('has its text masked and its path translated', async () => {
    const graph = reporting(
      {
        message: 'duplicate key (ssn)=(123-45-6789)',
        path: ['_entities', 1, 'left'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', stacktrace: ['at /app/db.js'] },
      },
      [{ left: 10 }, { left: null }, { left: 30 }],
    );

    const answer = await graph.run('{ all: items { left: stock } }');

    expect(answer).toEqual({
      data: { all: [{ left: 10 }, { left: null }, { left: 30 }] },
      errors: [masked(['all', 1, 'left'], 'SUBGRAPH_ERROR')],
    });
  });

  it('may speak to the client with a code that is meant for clients', async () => {
    const graph = reporting(
      {
        message: 'Stock is for staff.',
        path: ['_entities', 0, 'stock'],
        extensions: { code: 'FORBIDDEN', secret: 'x' },
      },
      [{ stock: null }],
    );

    const answer = await graph.run('{ item { stock } }');

    expect(answer.errors).toEqual([
      {
        message: 'Stock is for staff.',
        path: ['item', 'stock'],
        extensions: { code: 'FORBIDDEN', service: 'b', requestId: 'request-1' },
      },
    ]);
  });

  it('never names what the client did not ask for', async () => {
    const graph = graphWhere('a', () =>
      JSON.stringify({
        data: { item: { __typename: 'Item', id: '1' } },
        errors: [{ message: 'x', path: ['item', 'hiddenKey', 0, 'inner'] }],
      }),
    );

    const answer = await graph.run('{ item { id } }');

    expect(answer.errors).toEqual([masked(['item'], 'SUBGRAPH_ERROR', 'a')]);
  });

  it('explains a null that it propagated itself', async () => {
    const graph = reporting({ message: 'x', path: ['_entities', 0, 'needed'] }, [null]);

    const answer = await graph.run('{ item { needed } }');

    expect(answer).toEqual({
      data: { item: null },
      errors: [masked(['item', 'needed'], 'SUBGRAPH_ERROR')],
    });
  });

  it('without data fails every field it was asked for', async () => {
    const graph = graphWhere('a', () =>
      JSON.stringify({ errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] }),
    );

    const answer = await graph.run('{ item { id } other }');

    expect(answer.data).toEqual({ item: null, other: null });
    expect(
      answer.errors?.map(({ path, extensions }) => [path, (extensions as { code: string }).code]),
    ).toEqual([
      [['item'], 'UNAUTHENTICATED'],
      [['other'], 'UNAUTHENTICATED'],
    ]);
  });
});

describe('an entity', () => {
  it('that a subgraph does not know has null fields and no error', async () => {
    const graph = graphWhere('b', entities(null, { stock: 1 }, null));

    expect(await graph.run('{ items { stock } }')).toEqual({
      data: { items: [{ stock: null }, { stock: 1 }, { stock: null }] },
    });
  });

  it('is put where its key belongs, in whatever order it comes', async () => {
    const graph = graphWhere(
      'b',
      entities(
        { _key_id: '3', stock: 30 },
        { _key_id: '1', stock: 10 },
        { _key_id: '2', stock: 20 },
      ),
    );

    expect(await graph.run('{ items { id stock } }')).toEqual({
      data: {
        items: [
          { id: '1', stock: 10 },
          { id: '2', stock: 20 },
          { id: '3', stock: 30 },
        ],
      },
    });
  });

  it.each<[string, unknown[]]>([
    ['too few', [{ stock: 1 }, { stock: 2 }]],
    ['too many', [{ stock: 1 }, { stock: 2 }, { stock: 3 }, { stock: 4 }]],
    [
      'one that was not asked for',
      [{ _key_id: '1' }, { _key_id: '2' }, { _key_id: '9', stock: 90 }],
    ],
    ['one twice', [{ _key_id: '1', stock: 1 }, { _key_id: '1', stock: 2 }, { _key_id: '3' }]],
    [
      'out of order and one without a key',
      [{ _key_id: '2', stock: 2 }, { stock: 1 }, { _key_id: '3' }],
    ],
    ['a text', [{ stock: 1 }, 'x', { stock: 3 }]],
    ['a list', [{ stock: 1 }, [{ stock: 2 }], { stock: 3 }]],
  ])('is refused with all others when the answer holds %s', async (_case, list) => {
    const answer = await graphWhere('b', entities(...list)).run('{ items { stock } }');

    expect(answer.data).toEqual({ items: [{ stock: null }, { stock: null }, { stock: null }] });
    expect(answer.errors).toEqual(
      [0, 1, 2].map((index) => masked(['items', index, 'stock'], 'SUBGRAPH_RESPONSE_INVALID')),
    );
  });

  it('whose key its subgraph cannot resolve is asked for again without it', async () => {
    const graph = graphOf({
      a: GRAPH.a!,
      b: {
        typeDefs: 'type Item @key(fields: "id") { id: ID! stock: Int }',
        resolvers: {
          Item: { __resolveReference: ({ id }: { id: string }) => ({ stock: Number(id) }) },
        },
      },
    });

    expect(await graph.run('{ items { stock } }')).toEqual({
      data: { items: [{ stock: 1 }, { stock: 2 }, { stock: 3 }] },
    });
    graph.calls.length = 0;
    await graph.run('{ items { stock } }');
    expect(graph.calls.map(({ service }) => service)).toEqual(['a', 'b']);
  });
});

describe('an interface object', () => {
  const media = (concrete: object | null): Definitions => ({
    owner: {
      typeDefs: `type Query { a: String } interface Media @key(fields: "id") { id: ID! title: String }
        type Book implements Media @key(fields: "id") { id: ID! title: String }`,
      resolvers: {
        Media: { __resolveReference: () => concrete, __resolveType: () => 'Book' },
        Book: { __resolveReference: () => concrete },
      },
    },
    other: {
      typeDefs:
        'type Query { media: Media } type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }',
      resolvers: { Query: { media: () => ({ id: '1', stars: 5 }) } },
    },
  });

  it('whose type nobody knows is null with an error, not a silent null', async () => {
    const answer = await graphOf(media(null)).run('{ media { __typename stars } }');

    expect(answer.data).toEqual({ media: null });
    expect(answer.errors).toMatchObject([
      { path: ['media'], extensions: { code: 'SUBGRAPH_RESPONSE_INVALID' } },
    ]);
  });

  it('is its concrete type where somebody knows it', async () => {
    const book = { __typename: 'Book', id: '1', title: 'Emma' };

    expect(await graphOf(media(book)).run('{ media { __typename stars title } }')).toEqual({
      data: { media: { __typename: 'Book', stars: 5, title: 'Emma' } },
    });
  });
});

describe('a subgraph of this process that hangs', () => {
  it('costs its own fields after the deadline', async () => {
    const graph = graphOf({
      a: {
        typeDefs: 'type Query { never: String soon: String }',
        resolvers: { Query: { never: () => new Promise(() => {}), soon: () => 'x' } },
      },
    });
    const prepared = graph.supergraph.prepare('{ never }', null);
    if ('errors' in prepared) throw prepared.errors[0];

    const answer = await prepared.execute({}, contextFor(null, { deadline: Date.now() + 50 }));

    expect(JSON.parse(answer.json)).toEqual({
      data: { never: null },
      errors: [masked(['never'], 'SUBGRAPH_TIMEOUT', 'a')],
    });
  });
});

describe('an answer that is not one', () => {
  it.each<[string, unknown]>([
    ['nothing', ''],
    ['HTML', '<html><body>502 Bad Gateway at 10.0.0.7</body></html>'],
    ['cut JSON', '{"data":{"items":['],
    ['a number', '1'],
    ['null', 'null'],
    ['a text', '"x"'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['null data and no errors', '{"data":null}'],
    ['data that is a list', '{"data":[]}'],
    ['data that is a text', '{"data":"x"}'],
    ['errors that is a text', '{"data":{"other":"x"},"errors":"x"}'],
    ['errors that is an object', '{"data":{"other":"x"},"errors":{}}'],
    ['errors of texts', '{"data":{"other":"x"},"errors":["x"]}'],
    ['two documents', '{"data":{"other":"x"}}{"data":{"other":"y"}}'],
  ])('is refused: %s', async (_case, text) => {
    const answer = await graphWhere('a', () => text).run('{ other }');

    expect(answer).toEqual({
      data: { other: null },
      errors: [masked(['other'], 'SUBGRAPH_RESPONSE_INVALID', 'a')],
    });
  });

  it.each<[string, string, string, unknown]>([
    ['a text for an object', '{ item { id } }', '{"data":{"item":"x"}}', { item: null }],
    ['a list for an object', '{ item { id } }', '{"data":{"item":[{"id":"1"}]}}', { item: null }],
    ['an object for a list', '{ items { id } }', '{"data":{"items":{}}}', null],
    ['a number for a text', '{ other }', '{"data":{"other":5}}', { other: null }],
    ['an object for a text', '{ other }', '{"data":{"other":{}}}', { other: null }],
    ['a field left out', '{ other }', '{"data":{}}', { other: null }],
    ['a required field left out', '{ item { code } }', '{"data":{"item":{}}}', { item: null }],
    [
      'a required field null',
      '{ item { code } }',
      '{"data":{"item":{"code":null}}}',
      { item: null },
    ],
  ])('holds %s: null there, with an error', async (_case, query, text, data) => {
    const answer = await graphWhere('a', () => text).run(query);

    expect(answer.data).toEqual(data);
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors?.[0]).toMatchObject({ extensions: { code: 'SUBGRAPH_RESPONSE_INVALID' } });
  });

  it('cannot reach prototypes through its keys', async () => {
    const text =
      '{"data":{"__proto__":{"polluted":1},"item":{"__proto__":{"polluted":1},"id":"1","constructor":{"prototype":{"polluted":1}}}}}';

    const answer = await graphWhere('a', () => text).run('{ item { id } }');

    expect(answer).toEqual({ data: { item: { id: '1' } } });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('reads names that objects inherit from the answer only', async () => {
    const answer = await graphWhere('a', () => '{"data":{"constructor":"c"}}').run(
      '{ constructor: other toString: other }',
    );

    expect(answer.data).toEqual({ constructor: 'c', toString: null });
  });
});
