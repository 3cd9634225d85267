import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { inProcessTransport, type SubgraphHandler } from '../../gateway/execution/in-process.ts';
import { startGateway } from '../../gateway/server.ts';
import { loadSupergraph, SupergraphSource } from '../../gateway/supergraph.ts';
import type { SubgraphTransport } from '../../gateway/types.ts';
import { compose, contextFor, type Definitions, handlersOf } from './support/federation.ts';

const FIRST: Definitions = {
  a: {
    typeDefs: 'type Query { slow: String old: String }',
    resolvers: { Query: { slow: () => delay(150, 'slow'), old: () => 'old' } },
  },
};
const SECOND: Definitions = {
  a: {
    typeDefs: 'type Query { slow: String fresh: String }',
    resolvers: { Query: { slow: () => 'fast', fresh: () => 'fresh' } },
  },
};

const folder = mkdtempSync(join(tmpdir(), 'supergraph-'));
afterAll(() => rmSync(folder, { recursive: true }));

const transportOf = (definitions: Definitions): SubgraphTransport =>
  inProcessTransport(handlersOf(definitions));

async function ask(url: string, query: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as { data?: unknown; errors?: unknown[] };
}

describe('loading', () => {
  it.each<[string, string]>([
    ['no schema', ''],
    ['not GraphQL', 'type {'],
    ['a plain schema', 'type Query { a: String }'],
  ])('refuses %s', (_case, sdl) => {
    expect(() => loadSupergraph(sdl, { transport: transportOf(FIRST) })).toThrow();
  });

  it('refuses a feature it would have to execute and cannot', () => {
    const sdl = compose(FIRST).replace(
      '@link(url: "https://specs.apollo.dev/join',
      '@link(url: "https://specs.example.org/magic/v1.0", for: SECURITY)\n  @link(url: "https://specs.apollo.dev/join',
    );

    expect(() => loadSupergraph(sdl, { transport: transportOf(FIRST) })).toThrow(/magic/);
  });

  it('takes addresses from the supergraph, or from whoever runs it', () => {
    const snapshot = loadSupergraph(compose(FIRST), {
      transport: transportOf(FIRST),
      subgraphUrls: new Map([['a', 'http://127.0.0.1:1/']]),
    });

    expect([...snapshot.services.values()]).toEqual([{ name: 'a', url: 'http://127.0.0.1:1/' }]);
  });
});

describe('reloading', () => {
  it('plans what was asked before, and what is registered, before the new version takes over', async () => {
    const registered = { body: '{ fresh }', operationName: null };
    const source = new SupergraphSource(compose(FIRST), {
      transport: transportOf(FIRST),
      warmOperations: () => [registered],
    });
    source.current.prepare('{ slow }', null);
    source.current.prepare('{ old }', null);
    const known: string[][] = [];
    source.onChange(() => known.push([...source.current.known()].map(({ body }) => body)));

    await source.reload(compose(SECOND));

    expect(known).toEqual([['{ fresh }', '{ slow }']]);
  });

  it('lets what is in flight finish on the old version', async () => {
    let begun = () => {};
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const telling = (handler: SubgraphHandler, tell: () => void): SubgraphHandler => ({
      ...handler,
      execute(...call) {
        tell();
        return handler.execute(...call);
      },
    });
    const gateway = await startGateway({
      supergraphSdl: compose(FIRST),
      handlers: new Map(
        [...handlersOf(FIRST)].map(([name, each]) => [name, telling(each, () => begun())]),
      ),
    });
    const before = ask(gateway.url, '{ slow old }');
    await started;

    await gateway.reload(compose(SECOND));

    expect(await ask(gateway.url, '{ old }')).not.toHaveProperty('data');
    expect(await before).toEqual({ data: { slow: 'slow', old: 'old' } });
    await gateway.close();
  });

  it('changes nothing when the new version cannot be loaded', async () => {
    const source = new SupergraphSource(compose(FIRST), { transport: transportOf(FIRST) });
    const { current } = source;

    await expect(source.reload('type Query { a: String }')).rejects.toThrow();

    expect(source.current).toBe(current);
  });

  it('follows the file, over a version that is broken', async () => {
    const file = join(folder, 'supergraph.graphql');
    writeFileSync(file, compose(FIRST));
    const gateway = await startGateway({
      supergraphFile: file,
      handlers: handlersOf(SECOND),
    });
    writeFileSync(file, 'broken');
    await delay(300);
    expect((await ask(gateway.url, '{ slow }')).data).toEqual({ slow: 'fast' });

    writeFileSync(file, compose(SECOND));

    const deadline = Date.now() + 5_000;
    let answer = await ask(gateway.url, '{ fresh }');
    while (!answer.data && Date.now() < deadline) {
      await delay(20);
      answer = await ask(gateway.url, '{ fresh }');
    }
    expect(answer).toEqual({ data: { fresh: 'fresh' } });
    await gateway.close();
  });

  it('fails no request under load', async () => {
    const gateway = await startGateway({
      supergraphSdl: compose(SECOND),
      handlers: handlersOf(SECOND),
    });
    let stop = false;
    let answered = 0;
    const failures: unknown[] = [];
    const client = async () => {
      while (!stop) {
        const answer = await ask(gateway.url, `{ slow fresh n${answered % 7}: fresh }`);
        if (answer.errors) failures.push(answer);
        answered++;
      }
    };
    const clients = Promise.all([client(), client(), client(), client()]);
    for (let version = 0; version < 5; version++) {
      const more = SECOND.a!.typeDefs.replace('fresh:', `v${version}: Int fresh:`);
      const seen = answered;
      await gateway.reload(compose({ a: { typeDefs: more } }));
      while (answered < seen + 5) await delay(5);
    }
    stop = true;
    await clients;

    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThanOrEqual(25);
    await gateway.close();
  });
});

it('answers from a snapshot for as long as someone holds it', async () => {
  const source = new SupergraphSource(compose(FIRST), { transport: transportOf(FIRST) });
  const prepared = source.current.prepare('{ old }', null);
  await source.reload(compose(SECOND));
  if ('errors' in prepared) throw prepared.errors[0];

  const { json } = await prepared.execute({}, contextFor());
  expect(JSON.parse(json)).toEqual({ data: { old: 'old' } });
});

describe('Cache-Control', () => {
  const HINTS =
    'directive @cacheControl(maxAge: Int, scope: CacheScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT enum CacheScope @join__type(graph: A) { PUBLIC @join__enumValue(graph: A) PRIVATE @join__enumValue(graph: A) } ';
  const sdl = compose({
    a: {
      typeDefs:
        'type Query { long: Item short: Item own: Item none: Item } type Item { name: String part: Part } type Part { size: Int }',
    },
  })
    .replace('long: Item', 'long: Item @cacheControl(maxAge: 600)')
    .replace('short: Item', 'short: Item @cacheControl(maxAge: 30)')
    .replace('own: Item', 'own: Item @cacheControl(maxAge: 60, scope: PRIVATE)')
    .replace('part: Part', 'part: Part @cacheControl(inheritMaxAge: true)');
  const snapshot = loadSupergraph(sdl + HINTS, { transport: transportOf(FIRST) });

  it.each<[string, string | null]>([
    ['{ long { name } }', 'max-age=600, public'],
    ['{ long { name } short { name } }', 'max-age=30, public'],
    ['{ long { part { size } } }', 'max-age=600, public'],
    ['{ long { name } own { name } }', 'max-age=60, private'],
    ['{ long { name } none { name } }', null],
    ['{ long { ...I } } fragment I on Item { name }', 'max-age=600, public'],
  ])('of %s is %s', (query, expected) => {
    const prepared = snapshot.prepare(query, null);
    if ('errors' in prepared) throw prepared.errors[0];
    expect(prepared.cacheControl).toBe(expected);
  });
});
