import { describe, expect, it } from '@jest/globals';
import type { ActorClaims } from '../../../gateway/types.ts';
import { contextFor, graphOf } from '../support/federation.ts';

const graph = graphOf(
  {
    a: {
      typeDefs: `
        type Query {
          open: String
          mine: String @authenticated
          scoped: String @requiresScopes(scopes: [["read", "write"], ["admin"]])
          ruled: String @policy(policies: [["staff"]])
          doc: Doc
          docs: [Doc]
          thing: Thing
          node: Node
          strict: Strict
        }
        type Mutation { change: String @authenticated }
        type Subscription { changed: String @authenticated news: String }
        type Doc @key(fields: "id") { id: ID! title: String secret: String @authenticated }
        type Strict { must: String! @authenticated, free: String }
        type Thing @authenticated { id: ID! }
        interface Node { id: ID! price: Int }
        type Public implements Node { id: ID! price: Int }
        type Private implements Node { id: ID! price: Int @requiresScopes(scopes: [["price"]]) }
      `,
      resolvers: {
        Query: {
          open: () => 'open',
          mine: () => 'mine',
          scoped: () => 'scoped',
          ruled: () => 'ruled',
          doc: () => ({ id: '1', title: 't', secret: 's' }),
          thing: () => ({ id: '1' }),
          node: () => ({ __typename: 'Private', id: '1', price: 5 }),
          strict: () => ({ must: 'm', free: 'f' }),
        },
        Mutation: { change: () => 'changed' },
      },
    },
    b: {
      typeDefs: `type Doc @key(fields: "id") {
        id: ID! secret: String @external
        digest: String @requires(fields: "secret") @authenticated
      }`,
      resolvers: {
        Doc: {
          __resolveReference: (r: object) => r,
          digest: ({ secret }: { secret: string }) => `#${secret}`,
        },
      },
    },
  },
  { decidePolicy: (policy, claims) => claims.team === policy },
);

const caller = (scope = '', more: object = {}): ActorClaims => ({
  iss: 'https://issuer.example',
  sub: 'u1',
  kind: 'member',
  scope,
  ...more,
});

const denial = (path: string[], code: string) => ({
  message: code === 'UNAUTHENTICATED' ? 'Sign in to read this.' : 'You may not read this.',
  path,
  extensions: { code, requestId: 'request-1' },
});

async function run(query: string, claims: ActorClaims | null = null) {
  graph.calls.length = 0;
  const answer = await graph.run(query, {}, claims);
  return { answer, sent: graph.calls.map(({ query: text }) => text).join('\n') };
}

describe('a protected field', () => {
  it('is null with UNAUTHENTICATED for strangers, and is never asked for', async () => {
    const { answer, sent } = await run('{ open mine }');

    expect(answer).toEqual({
      data: { open: 'open', mine: null },
      errors: [denial(['mine'], 'UNAUTHENTICATED')],
    });
    expect(sent).not.toContain('mine');
  });

  it('is answered for those who signed in', async () => {
    expect((await run('{ mine }', caller())).answer).toEqual({ data: { mine: 'mine' } });
  });

  it('alone leaves nothing to ask a subgraph', async () => {
    const { answer, sent } = await run('{ mine }');

    expect(answer.data).toEqual({ mine: null });
    expect(sent).toBe('');
  });

  it('that is required takes its parent with it', async () => {
    const { answer } = await run('{ strict { must free } }');

    expect(answer).toEqual({
      data: { strict: null },
      errors: [{ ...denial(['strict', 'must'], 'UNAUTHENTICATED') }],
    });
  });

  it('keeps its mutation from running', async () => {
    const { answer, sent } = await run('mutation { change }');

    expect(answer.errors).toEqual([denial(['change'], 'UNAUTHENTICATED')]);
    expect(sent).toBe('');
  });

  it('is protected below an alias, a fragment and a list', async () => {
    const { answer, sent } = await run(
      '{ doc { ...D } docs { x: secret } } fragment D on Doc { title y: secret }',
    );

    expect(answer.data).toEqual({ doc: { title: 't', y: null }, docs: null });
    expect(sent).not.toContain('secret');
  });
});

describe('scopes', () => {
  it.each<[string, boolean]>([
    ['', false],
    ['read', false],
    ['write', false],
    ['read write', true],
    ['admin', true],
    ['administrator', false],
  ])('%p', async (scope, allowed) => {
    const { answer } = await run('{ scoped }', caller(scope));

    expect(answer).toEqual(
      allowed
        ? { data: { scoped: 'scoped' } }
        : { data: { scoped: null }, errors: [denial(['scoped'], 'FORBIDDEN')] },
    );
  });
});

describe('policies', () => {
  it('are decided by the one who runs the gateway', async () => {
    expect((await run('{ ruled }', caller('', { team: 'staff' }))).answer.data).toEqual({
      ruled: 'ruled',
    });
    expect((await run('{ ruled }', caller('', { team: 'other' }))).answer.errors).toEqual([
      denial(['ruled'], 'FORBIDDEN'),
    ]);
  });
});

describe('protection cannot be walked around', () => {
  it('through a field of a protected type', async () => {
    expect((await run('{ thing { id } }')).answer.data).toEqual({ thing: null });
  });

  it('through an interface', async () => {
    const { answer, sent } = await run('{ node { id price } }', caller());

    expect(answer.data).toEqual({ node: { id: '1', price: null } });
    expect(sent).not.toContain('price');
    expect((await run('{ node { id price } }', caller('price'))).answer.data).toEqual({
      node: { id: '1', price: 5 },
    });
  });

  it('through a field computed from it', async () => {
    const { answer, sent } = await run('{ doc { digest } }');

    expect(answer.data).toEqual({ doc: { digest: null } });
    expect(sent).not.toContain('secret');
    expect((await run('{ doc { digest } }', caller())).answer.data).toEqual({
      doc: { digest: '#s' },
    });
  });
});

describe('a protected stream', () => {
  it('is refused before it is opened', () => {
    const prepared = graph.supergraph.prepare('subscription { changed }', null);
    if ('errors' in prepared) throw prepared.errors[0];

    const refused = prepared.check({}, contextFor().identity);
    expect(refused.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
    expect(prepared.check({}, contextFor(caller()).identity)).toEqual([]);
  });
});
