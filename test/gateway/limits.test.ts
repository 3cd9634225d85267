import { describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { createPipeline } from '../../gateway/pipeline.ts';
import { contextFor, graphOf } from './support/federation.ts';

const definitions = {
  a: {
    typeDefs: `
      type Query {
        items(first: Int, last: Int): [Item!]! @listSize(slicingArguments: ["first", "last"])
        page(first: Int = 20): Page @listSize(slicingArguments: ["first"], sizedFields: ["nodes"])
        loose: [Item!]!
        all: [Item!]! @listSize(assumedSize: 7)
        dear: String @cost(weight: 500)
        node: Node
        one: Item
      }
      type Mutation { touch: Item }
      type Page { nodes: [Item!]! total: Int }
      interface Node { id: ID! }
      type Item implements Node { id: ID! children: [Item!]! heavy: Heavy name: String }
      type Heavy implements Node @cost(weight: 9) { id: ID! }
    `,
    resolvers: { Query: { one: () => ({ id: '1' }), items: () => [] } },
  },
};

const graph = graphOf(definitions, { introspection: false, suggestions: false });

function refusalOf(query: string, over = graph) {
  const prepared = over.supergraph.prepare(query, null);
  if (!('errors' in prepared)) return null;
  const [error] = prepared.errors;
  return { ...error?.extensions };
}

function costOf(query: string, variables = {}): number {
  const prepared = graph.supergraph.prepare(query, null);
  if ('errors' in prepared) throw prepared.errors[0];
  return prepared.cost(variables);
}

const repeated = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

describe('limits in front of the parser', () => {
  it.each<[string, string, number, string]>([
    ['bytes', 'bytes', 65_536, `{ one { id } } #${'é'.repeat(33_000)}`],
    ['tokens', 'tokens', 1_000, `{ one { ${repeated(1_000, () => 'id')} } }`],
    ['aliases', 'aliases', 15, `{ one { ${repeated(16, (i) => `a${i}: id`)} } }`],
    ['aliases of __typename', 'aliases', 15, `{ ${repeated(16, (i) => `a${i}: __typename`)} }`],
    ['directives', 'directives', 10, `{ one { id ${repeated(11, () => '@include(if: true)')} } }`],
    ['root fields', 'root fields', 20, `{ ${repeated(21, () => '__typename')} }`],
    [
      'depth',
      'depth',
      15,
      `${'{ one { children '.replace('{ one', '{ one')}${'{ children '.repeat(14)}{ id }${' }'.repeat(16)}`,
    ],
    [
      'depth through a fragment',
      'depth',
      15,
      `{ one { ...A } } fragment A on Item { ${'children { '.repeat(14)} id ${'} '.repeat(14)} }`,
    ],
  ])('%s', (_case, limit, maximum, query) => {
    expect(refusalOf(query)).toEqual({ code: 'OPERATION_LIMIT_EXCEEDED', limit, maximum });
  });

  it('let exactly the limit through', () => {
    expect(refusalOf(`{ one { ${repeated(15, (i) => `a${i}: id`)} } }`)).toBeNull();
  });

  it('do not take arguments and variables for aliases', () => {
    const values = repeated(20, () => 'first: 1');
    expect(refusalOf(`{ items(${values}) { id } }`)).not.toMatchObject({ limit: 'aliases' });
  });

  it('let the standard introspection query through, in development', () => {
    const open = graphOf(definitions, { introspection: true });
    expect(refusalOf(getIntrospectionQuery(), open)).toBeNull();
  });

  it('refuse a fragment bomb in milliseconds', () => {
    const bomb = `{ one { ...F0 } } ${repeated(
      30,
      (i) => `fragment F${i} on Item { ...F${i + 1} ...F${i + 1} }`,
    )} fragment F30 on Item { id }`;
    const started = performance.now();

    expect(refusalOf(bomb)).toMatchObject({ limit: 'fields' });
    expect(performance.now() - started).toBeLessThan(250);
  });

  it('refuse an alias no object can hold', () => {
    expect(refusalOf('{ one { __proto__: id } }')).toMatchObject({ limit: 'names' });
  });

  it('leave fragments that spread each other to validation', () => {
    const circle = '{ one { ...A } } fragment A on Item { ...B } fragment B on Item { ...A }';
    expect(refusalOf(circle)).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
});

describe('cost', () => {
  it.each<[string, number, object?]>([
    ['{ one { id name } }', 1],
    ['{ one { heavy { id } } }', 10],
    ['{ dear }', 500],
    ['{ items(first: 5) { id } }', 5],
    ['query($n: Int!) { items(first: $n) { id } }', 12, { n: 12 }],
    ['query($n: Int = 4) { items(first: $n) { id } }', 4],
    ['{ loose { id } }', 10],
    ['{ all { id } }', 7],
    ['{ all { children { id } } }', 77],
    ['{ page { nodes { id } } }', 21],
    ['{ page(first: 3) { total nodes { heavy { id } } } }', 31],
    ['mutation { touch { id } }', 11],
    ['{ node { ... on Item { heavy { id } } ... on Heavy { id } } }', 10],
    ['{ items(first: 2) { ...I } } fragment I on Item { children { id } }', 22],
    ['{ a: items(first: 2) { id } b: items(first: 3) { id } }', 5],
    ['query($s: Boolean!) { one { id } all @skip(if: $s) { id } }', 1, { s: true }],
  ])('%s is %d', (query, cost, variables = {}) => {
    expect(costOf(query, variables)).toBe(cost);
  });

  it.each(['{ items { id } }', '{ items(first: 1, last: 1) { id } }'])(
    'needs exactly one slicing argument: %s',
    (query) => {
      expect(refusalOf(query)).toEqual({ code: 'BAD_USER_INPUT' });
    },
  );

  it('over the limit is refused before anything runs, with the figure', async () => {
    const pipeline = createPipeline({
      snapshot: () => graph.supergraph,
      costMax: 100,
      coalesceReads: false,
    });
    graph.calls.length = 0;

    const { answer } = await pipeline.execute(
      { query: 'query($n: Int!) { items(first: $n) { id } }', variables: { n: 101 } },
      contextFor(),
    );

    expect(JSON.parse(answer.json)).toEqual({
      errors: [
        {
          message: 'The operation costs 101 points and 100 are allowed.',
          extensions: {
            code: 'COST_LIMIT_EXCEEDED',
            cost: 101,
            maximum: 100,
            requestId: 'request-1',
          },
        },
      ],
    });
    expect(graph.calls).toEqual([]);
  });

  it('refuses a few hundred bytes that would answer with megabytes', async () => {
    const pipeline = createPipeline({
      snapshot: () => graph.supergraph,
      costMax: 50_000,
      coalesceReads: true,
    });
    const level = (depth: number): string =>
      depth === 0 ? 'id' : `a: children { ${level(depth - 1)} } b: children { id name }`;
    const query = `{ loose { ${level(7)} } }`;
    const started = performance.now();

    const { answer } = await pipeline.execute({ query }, contextFor());

    expect(query.length).toBeLessThan(590);
    expect(JSON.parse(answer.json).errors[0].extensions.code).toBe('COST_LIMIT_EXCEEDED');
    expect(performance.now() - started).toBeLessThan(250);
  });
});

describe('in production', () => {
  it('tells nothing of the schema', () => {
    const introspection = graph.supergraph.prepare('{ __schema { types { name } } }', null);
    const typo = graph.supergraph.prepare('{ itms { id } }', null);

    expect('errors' in introspection && introspection.errors[0]?.extensions.code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
    expect('errors' in typo && typo.errors[0]?.message).toBe(
      'Cannot query field "itms" on type "Query".',
    );
  });
});

describe('prepared operations', () => {
  it('are the same object for the same text', () => {
    const query = '{ one { id } }';
    expect(graph.supergraph.prepare(query, null)).toBe(graph.supergraph.prepare(query, null));
  });

  it('are found by name in a document of several', async () => {
    const body = 'query A { one { id } } query B { one { name } }';
    const named = graph.supergraph.prepare(body, 'B');

    expect('operationName' in named && named.operationName).toBe('B');
    expect(refusalOf(body)).toEqual({ code: 'OPERATION_RESOLUTION_FAILURE' });
  });

  it('stay within their number', () => {
    const small = graphOf(definitions, { operationsMax: 3 });
    for (let i = 0; i < 10; i++) small.supergraph.prepare(`{ one { n${i}: id } }`, null);

    expect([...small.supergraph.known()]).toHaveLength(3);
  });
});
