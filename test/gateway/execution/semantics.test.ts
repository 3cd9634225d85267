import { beforeAll, describe, expect, it } from '@jest/globals';
import { apolloOracle } from '../support/apollo-oracle.ts';
import { graphOf, type TestGraph } from '../support/federation.ts';
import { SHOP } from '../support/shop.ts';

let graph: TestGraph;
let oracle: ReturnType<typeof apolloOracle>;

beforeAll(() => {
  graph = graphOf(SHOP, { limits: { aliasesMax: 0, directivesMax: 0 } });
  oracle = apolloOracle(SHOP);
});

describe('answers as @apollo/gateway does', () => {
  it.each<[string, string, Record<string, unknown>?]>([
    ['a field of one subgraph', '{ book(id: "b1") { title } }'],
    [
      'aliases at every level',
      '{ a: book(id: "b1") { t: title i: id } b: book(id: "b2") { t: title } }',
    ],
    ['variables and their defaults', 'query($n: Int = 1) { books(first: $n) { id } }'],
    ['given variables', 'query($n: Int = 1) { books(first: $n) { id } }', { n: 2 }],
    ['an explicit null variable', 'query($n: Int) { topReviews(first: $n) { id } }', { n: null }],
    ['a join of two subgraphs', '{ books { title author { name } } }'],
    ['a join of three subgraphs', '{ topReviews { author { name greeting } media { title } } }'],
    [
      'fragments',
      '{ books { ...B } } fragment B on Book { id author { ...U } } fragment U on User { name }',
    ],
    ['an interface', '{ media { id title __typename } }'],
    ['an interface with fragments', '{ media { ... on Book { pages } ... on Film { minutes } } }'],
    ['fields of an interface object', '{ media { title reviews { body } stars } }'],
    [
      'an interface object made concrete',
      '{ topReviews { media { __typename title ... on Film { minutes } } } }',
    ],
    [
      'a union with a value member',
      '{ search { __typename ... on Book { title author { name } } ... on Film { title } ... on Note { text } } }',
    ],
    [
      'one name for two types of a union',
      '{ search { ... on Book { x: title } ... on Film { x: title(upper: true) } } }',
    ],
    ['@provides', '{ medium(id: "f1") { ... on Film { director { name } } } }'],
    [
      '@provides and a fetch beside it',
      '{ medium(id: "f1") { ... on Film { director { name greeting } } } }',
    ],
    ['@override', '{ book(id: "b1") { pages } }'],
    ['@requires of a hidden field', '{ me { greeting } }'],
    ['__typename at the root and below', '{ __typename me { __typename name } }'],
    ['introspection beside data', '{ me { name } __type(name: "Book") { name fields { name } } }'],
    [
      'introspection through a fragment and an alias',
      '{ ...S me { name } } fragment S on Query { s: __schema { queryType { name } } }',
    ],
    ['@include false', 'query($a: Boolean!) { me { name @include(if: $a) id } }', { a: false }],
    [
      '@include true across subgraphs',
      'query($a: Boolean!) { me { greeting @include(if: $a) } }',
      { a: true },
    ],
    [
      '@skip of a join',
      'query($a: Boolean!) { books { author @skip(if: $a) { name } id } }',
      { a: true },
    ],
    [
      'one field under two conditions',
      'query($a: Boolean!, $b: Boolean!) { me { name @include(if: $a) name @include(if: $b) id } }',
      { a: false, b: true },
    ],
    [
      'different subselections under conditions',
      'query($a: Boolean!) { me { ...@include(if: $a) { reviews { body } } reviews { id } } }',
      { a: false },
    ],
    [
      'a condition on a whole fragment',
      'query($a: Boolean!) { books { ... on Book @skip(if: $a) { author { name } } id } }',
      { a: false },
    ],
    ['literal conditions', '{ me { name @include(if: false) id @skip(if: false) } }'],
    ['nulls in lists', '{ users { name greeting } }'],
    ['a null root', '{ nothing { title author { name } } }'],
    ['an empty list', '{ me { reviews(stars: 1) { body author { name } } } }'],
    ['shared value types', '{ media { size { width height } } }'],
    ['enum arguments', '{ book(id: "b1") { kg: weight lb: weight(unit: LB) } }'],
    [
      'deep recursion through entities',
      '{ me { reviews { media { reviews { author { reviews { media { title } } } } } } } }',
    ],
    [
      'the same entity in many places',
      '{ topReviews { author { name reviews { author { name greeting } } } } }',
    ],
    [
      'a mutation joined to other subgraphs',
      'mutation { rename(id: "b1", title: "Emma 2") { title author { name } reviews { body } } }',
    ],
    [
      'several mutations in order',
      'mutation { a: rename(id: "b1", title: "x") { title stars } b: rename(id: "b2", title: "y") { title stars } }',
    ],
    ['a field merged from two selections', '{ me { reviews { id } reviews { body } } }'],
  ])('%s', async (_case, query, variables = {}) => {
    const answer = await graph.run(query, variables);

    expect(answer.errors).toBeUndefined();
    expect(JSON.stringify(answer.data)).toBe(JSON.stringify(await oracle(query, variables)));
  });
});

describe('answers rightly where @apollo/gateway does not', () => {
  it('keeps the arguments of a @requires apart from the client’s', async () => {
    const answer = await graph.run('{ book(id: "b1") { postage weight(unit: KG) } }');

    expect(answer).toEqual({ data: { book: { postage: 14.2, weight: 1 } } });
    expect(await oracle('{ book(id: "b1") { weight(unit: KG) postage } }')).not.toEqual({
      book: { weight: 1, postage: 14.2 },
    });
  });

  it('keeps a required field apart from a client’s alias of the same name', async () => {
    const answer = await graph.run('{ book(id: "b1") { price: pages postage id: title } }');

    expect(answer).toEqual({ data: { book: { price: 1000, postage: 14.2, id: 'Emma' } } });
  });

  it('gives a renamed field’s error the client’s own name', async () => {
    const broken = graphOf({
      a: {
        typeDefs: 'type Query { t: T } type T @key(fields: "id") { id: ID! list(n: Int): [Int] }',
        resolvers: {
          Query: { t: () => ({ id: '1' }) },
          T: {
            list: () => {
              throw new Error('secret');
            },
          },
        },
      },
      b: {
        typeDefs:
          'type T @key(fields: "id") { id: ID! list(n: Int): [Int] @external sum: Int @requires(fields: "list(n: 3)") }',
        resolvers: { T: { __resolveReference: (reference: object) => reference, sum: () => 1 } },
      },
    });

    const answer = await broken.run('{ t { list(n: 5) } }');

    expect(answer.data).toEqual({ t: { list: null } });
    expect(answer.errors).toEqual([
      {
        message: 'This part of the answer is unavailable.',
        path: ['t', 'list'],
        extensions: { code: 'SUBGRAPH_ERROR', service: 'a', requestId: 'request-1' },
      },
    ]);
  });
});

describe('what a subgraph is sent', () => {
  it('is each distinct representation once', async () => {
    graph.calls.length = 0;
    await graph.run('{ topReviews { author { name } } }');

    const [, accounts] = graph.calls;
    expect(graph.calls).toHaveLength(2);
    expect(accounts?.variables.representations).toEqual([
      { __typename: 'User', id: 'u2' },
      { __typename: 'User', id: 'u1' },
      { __typename: 'User', id: 'u3' },
    ]);
  });

  it('is one call where two places of a plan ask the same', async () => {
    graph.calls.length = 0;
    await graph.run('{ a: topReviews { author { name } } b: topReviews { id author { name } } }');

    expect(graph.calls.map(({ service }) => service)).toEqual(['reviews', 'accounts']);
    expect(graph.calls[1]?.variables.representations).toHaveLength(3);
  });
});

describe('what is hidden', () => {
  it('is no field of the API', async () => {
    const answer = await graph.run('{ me { email } }');

    expect(answer.data).toBeUndefined();
    expect(answer.errors?.[0]).toMatchObject({
      message: 'Cannot query field "email" on type "User".',
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });

  it('is no value of an enum', async () => {
    const answer = await graph.run('{ book(id: "b1") { weight(unit: SECRET) } }');

    expect(answer.data).toBeUndefined();
  });

  it('does not show in introspection', async () => {
    const answer = await graph.run(
      '{ __schema { types { name fields { name } enumValues { name } } } }',
    );

    expect(JSON.stringify(answer)).not.toMatch(/email|SECRET|_entities|join__/);
  });
});
