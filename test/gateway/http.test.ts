import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { type Gateway, startGateway } from '../../gateway/server.ts';
import { compose, type Definitions, handlersOf, type SubgraphCall } from './support/federation.ts';

const DEFINITIONS: Definitions = {
  a: {
    typeDefs: `
      directive @cacheControl(maxAge: Int, scope: String) on FIELD_DEFINITION
      type Query { hello(name: String = "you"): String broken: String many: [String!]! who: String slow: String }
      type Mutation { change: String }
      type Subscription { tick: String }
    `,
    resolvers: {
      Query: {
        hello: (_: unknown, { name }: { name: string }) => `Hello ${name}`,
        broken: () => {
          throw new Error('secret');
        },
        many: () => Array.from({ length: 1_000 }, (_, index) => `item ${index}`),
        who: (_: unknown, __: unknown, { claims }: { claims: { sub: string } | null }) =>
          claims?.sub ?? 'nobody',
        slow: () => new Promise((resolve) => setTimeout(() => resolve('done'), 200)),
      },
      Mutation: { change: () => 'changed' },
    },
  },
};

const calls: SubgraphCall[] = [];
let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({
    supergraphSdl: compose(DEFINITIONS),
    handlers: handlersOf(DEFINITIONS, calls),
    cors: { origins: ['https://shop.example'] },
    explorer: {
      html: () => '<!doctype html><title>Explorer</title>',
      asset: (path) => (path === '/explorer/a.js' ? { body: 'x', type: 'text/javascript' } : null),
    },
    authenticate: async ({ authorization }) => {
      if (authorization === undefined) return caller(null);
      if (authorization === 'Bearer good') return caller('u1');
      return new GraphQLError('The token is not valid.', {
        extensions: { code: 'UNAUTHENTICATED' },
      });
    },
    spend: (_cost, prepared) =>
      prepared.rootFields.includes('broken') && prepared.operationName === 'Spent'
        ? new GraphQLError('Later.', { extensions: { code: 'RATE_LIMITED', retryAfterMs: 2_500 } })
        : null,
    reportsCost: (_params, request) => request.headers['parley-cost'] === 'include',
  });
});

afterAll(() => gateway.close());

function caller(sub: string | null) {
  return {
    identity: {
      key: sub ?? 'anonymous',
      claims: sub === null ? null : { iss: 'i', sub, kind: 'member' },
      expiresAt: null,
    },
    client: { name: 'web', mode: 'open' as const, costPerMinute: null },
  };
}

const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';

async function post(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return read(response);
}

async function get(search: Record<string, string>, headers: Record<string, string> = {}) {
  return read(await fetch(`${gateway.url}?${new URLSearchParams(search)}`, { headers }));
}

async function read(response: Response) {
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    headers: response.headers,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, never>) : text,
  };
}

const hello = { query: '{ hello }' };
const graphqlOnly = { accept: 'application/graphql-response+json' };

describe('POST', () => {
  it('answers a query', async () => {
    const { status, type, body } = await post({
      query: 'query H($n: String) { hello(name: $n) }',
      operationName: 'H',
      variables: { n: 'Ada' },
      extensions: {},
    });

    expect([status, type, body]).toEqual([200, JSON_TYPE, { data: { hello: 'Hello Ada' } }]);
  });

  it('takes null for what is left out', async () => {
    const { body } = await post({
      ...hello,
      operationName: null,
      variables: null,
      extensions: null,
    });

    expect(body).toEqual({ data: { hello: 'Hello you' } });
  });

  it('runs mutations', async () => {
    expect((await post({ query: 'mutation { change }' })).body).toEqual({
      data: { change: 'changed' },
    });
  });

  it.each<[string, unknown]>([
    ['not JSON', '{ hello }'],
    ['invalid UTF-8 in JSON', '"\\ud800'],
    ['a text', '"x"'],
    ['null', 'null'],
    ['a batch', [hello]],
    ['no query', {}],
    ['an empty query', { query: '' }],
    ['a query that is a number', { query: 1 }],
    ['an operation name that is an object', { ...hello, operationName: {} }],
    ['variables that are a list', { ...hello, variables: [] }],
    ['variables that are a text', { ...hello, variables: '{}' }],
    ['extensions that are a text', { ...hello, extensions: 'x' }],
  ])('refuses with 400 and errors: %s', async (_case, body) => {
    const answer = await post(body);

    expect([answer.status, answer.type]).toEqual([400, JSON_TYPE]);
    expect(answer.body).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    expect(answer.body).not.toHaveProperty('data');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
    '',
  ])('refuses content type "%s" with 415', async (type) => {
    calls.length = 0;
    expect((await post(hello, { 'content-type': type })).status).toBe(415);
    expect(calls).toEqual([]);
  });

  it.each([
    'application/json',
    'application/json;charset=utf-8',
    'application/json; charset="UTF-8"',
  ])('takes content type %s', async (type) => {
    expect((await post(hello, { 'content-type': type })).status).toBe(200);
  });

  it('refuses a body over the limit with 413, announced or not', async () => {
    expect((await post({ query: `{ hello } #${'x'.repeat(70_000)}` })).status).toBe(413);

    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 20; i++)
          controller.enqueue(new TextEncoder().encode(' '.repeat(10_000)));
        controller.close();
      },
    });
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    } as RequestInit).catch(() => null);
    expect(response === null || response.status === 413).toBe(true);
  });
});

describe('the type of the answer', () => {
  it.each<[string, string | undefined, string]>([
    ['nothing', undefined, JSON_TYPE],
    ['anything', '*/*', JSON_TYPE],
    ['any application', 'application/*', JSON_TYPE],
    ['JSON', 'application/json', JSON_TYPE],
    ['the GraphQL type', 'application/graphql-response+json', GRAPHQL_TYPE],
    ['both, GraphQL first', 'application/graphql-response+json, application/json', GRAPHQL_TYPE],
    [
      'both, JSON preferred',
      'application/graphql-response+json;q=0.5, application/json',
      JSON_TYPE,
    ],
    ['with a charset', 'application/graphql-response+json; charset=utf-8', GRAPHQL_TYPE],
    ['with an unknown one before', 'application/xml, application/json;q=0.9', JSON_TYPE],
    ['with one forbidden', 'application/json;q=0, application/graphql-response+json', GRAPHQL_TYPE],
  ])('accepting %s', async (_case, accept, type) => {
    const answer = await post(hello, accept === undefined ? {} : { accept });

    expect([answer.status, answer.type]).toEqual([200, type]);
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/json;q=0',
    'application/json; charset=utf-16',
  ])('is 406 for %s', async (accept) => {
    const answer = await post(hello, { accept });
    expect([answer.status, answer.type]).toEqual([406, JSON_TYPE]);
  });

  it.each<[string, object, number, number]>([
    ['a parse failure', { query: '{' }, 200, 400],
    ['a validation failure', { query: '{ nope }' }, 200, 400],
    ['variables that do not fit', { query: 'query($n: Int!) { hello }' }, 200, 400],
    ['an unknown operation name', { ...hello, operationName: 'X' }, 200, 400],
    ['a subscription', { query: 'subscription { tick }' }, 200, 400],
    ['a field error', { query: '{ broken }' }, 200, 200],
    ['a request with no operation', {}, 400, 400],
    ['a budget that is spent', { query: 'query Spent { broken }' }, 429, 429],
  ])('decides the status of %s', async (_case, body, json, graphql) => {
    expect((await post(body)).status).toBe(json);
    expect((await post(body, graphqlOnly)).status).toBe(graphql);
  });

  it('has no data entry when nothing ran', async () => {
    expect((await post({ query: '{ nope }' }, graphqlOnly)).body).not.toHaveProperty('data');
    expect((await post({ query: '{ broken }' }, graphqlOnly)).body).toMatchObject({
      data: { broken: null },
    });
  });

  it('says when to come back', async () => {
    expect((await post({ query: 'query Spent { broken }' })).headers.get('retry-after')).toBe('3');
  });
});

describe('GET', () => {
  it('answers a query', async () => {
    const { status, body } = await get({
      query: 'query H($n: String) { hello(name: $n) }',
      variables: '{"n":"Ada"}',
      operationName: 'H',
    });

    expect([status, body]).toEqual([200, { data: { hello: 'Hello Ada' } }]);
  });

  it.each(['mutation { change }', 'subscription { tick }'])(
    'refuses %s with 405',
    async (query) => {
      calls.length = 0;
      const answer = await get({ query });

      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
      expect(calls).toEqual([]);
    },
  );

  it.each<[string, Record<string, string>]>([
    ['no query', {}],
    ['variables that are not JSON', { ...hello, variables: '{' }],
    ['variables that are a list', { ...hello, variables: '[]' }],
  ])('refuses %s with 400', async (_case, search) => {
    expect((await get(search)).status).toBe(400);
  });

  it('from a page of another site is refused unless the browser asked first', async () => {
    calls.length = 0;
    const forged = { origin: 'https://evil.example' };

    expect((await get(hello, forged)).status).toBe(400);
    expect(calls).toEqual([]);
    expect((await get(hello, { ...forged, 'apollo-require-preflight': '1' })).status).toBe(200);
    expect((await get(hello, { origin: 'https://shop.example' })).status).toBe(200);
  });

  it('by an image or a script of another site is refused', async () => {
    const answer = await rawGet([
      'Sec-Fetch-Site: cross-site',
      'Sec-Fetch-Mode: no-cors',
      'Accept: */*',
    ]);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(await rawGet(['Accept: */*'])).toMatch(/^HTTP\/1.1 200 /);
  });

  it('of a page shows the explorer', async () => {
    const page = await get({}, { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    const asset = await fetch(new URL('/explorer/a.js', gateway.url));

    expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8']);
    expect([asset.status, asset.headers.get('content-type')]).toEqual([200, 'text/javascript']);
    expect((await fetch(new URL('/other', gateway.url))).status).toBe(404);
  });
});

it.each(['PUT', 'DELETE', 'PATCH'])('%s is refused with 405', async (method) => {
  const response = await fetch(gateway.url, { method });

  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
});

describe('CORS', () => {
  it('lets configured pages read, and no others', async () => {
    const allowed = await post(hello, { origin: 'https://shop.example' });
    const other = await post(hello, { origin: 'https://evil.example' });

    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(allowed.headers.get('vary')).toContain('origin');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers preflights', async () => {
    const ask = (origin: string) => fetch(gateway.url, { method: 'OPTIONS', headers: { origin } });
    const [allowed, other] = [await ask('https://shop.example'), await ask('https://evil.example')];

    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(other.headers.get('access-control-allow-headers')).toBeNull();
  });
});

describe('identity', () => {
  it('reaches the subgraphs', async () => {
    expect((await post({ query: '{ who }' }, { authorization: 'Bearer good' })).body).toEqual({
      data: { who: 'u1' },
    });
    expect((await post({ query: '{ who }' })).body).toEqual({ data: { who: 'nobody' } });
  });

  it('that is not good is 401, and nothing runs', async () => {
    calls.length = 0;
    const answer = await post({ query: '{ who }' }, { authorization: 'Bearer bad' });

    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(answer.body).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(calls).toEqual([]);
  });
});

describe('identical queries in flight', () => {
  it('run once for one identity, and apart for two', async () => {
    calls.length = 0;
    const query = { query: '{ slow }' };
    const answers = await Promise.all([
      post(query),
      post(query),
      post(query),
      post(query, { authorization: 'Bearer good' }),
    ]);

    expect(answers.map(({ body }) => body)).toEqual(
      Array.from({ length: 4 }, () => ({ data: { slow: 'done' } })),
    );
    expect(calls).toHaveLength(2);
  });
});

describe('answers', () => {
  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ])('are compressed with %s when large', async (encoding, decompress) => {
    const raw = await rawPost({ query: '{ many }' }, [`Accept-Encoding: ${encoding}`]);

    expect(raw.head).toContain(`content-encoding: ${encoding}`);
    expect(JSON.parse(decompress(raw.body).toString()).data.many).toHaveLength(1_000);
  });

  it('are sent plain when small, or when the client cannot read them otherwise', async () => {
    expect((await rawPost(hello, ['Accept-Encoding: br'])).head).not.toContain('content-encoding');
    expect((await rawPost({ query: '{ many }' }, ['Accept-Encoding: br;q=0'])).head).not.toContain(
      'content-encoding',
    );
  });

  it('carry the request id, the client’s own where it is a decent one', async () => {
    const own = await post(hello, { 'x-request-id': 'abc-1' });
    const forged = await post(hello, { 'x-request-id': 'a b{c' });

    expect(own.headers.get('x-request-id')).toBe('abc-1');
    expect(forged.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('tell their cost to those who ask', async () => {
    expect((await post(hello, { 'parley-cost': 'include' })).body).toEqual({
      data: { hello: 'Hello you' },
      extensions: { cost: 0 },
    });
  });

  it('are not kept by caches unless the schema allows it', async () => {
    expect((await get(hello)).headers.get('cache-control')).toBe('no-store');
  });

  it('put errors first', async () => {
    const { body } = await post({ query: '{ broken hello }' });
    expect(Object.keys(body)).toEqual(['errors', 'data']);
  });
});

describe('health and metrics', () => {
  it.each(['/health/live', '/health/ready'])('%s is 200', async (path) => {
    expect((await fetch(new URL(path, gateway.url))).status).toBe(200);
  });

  it('counts requests', async () => {
    await post(hello);
    const text = await (await fetch(new URL('/metrics', gateway.url))).text();

    expect(text).toMatch(/gateway_request_seconds_count\{outcome="ok",kind="query"\} \d+/);
  });
});

describe('shutting down', () => {
  it('finishes what runs, and takes nothing new', async () => {
    const short = await startGateway({
      supergraphSdl: compose(DEFINITIONS),
      handlers: handlersOf(DEFINITIONS),
    });
    const running = fetch(short.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ slow }' }),
    });
    await new Promise((resolve) => setTimeout(resolve, 50));

    await short.close();

    expect(await (await running).json()).toEqual({ data: { slow: 'done' } });
    await expect(fetch(short.url)).rejects.toThrow();
  });
});

function raw(text: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(gateway.port, '127.0.0.1', () => socket.write(text));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => resolve(Buffer.concat(chunks)));
    socket.on('error', reject);
  });
}

async function rawGet(headers: string[]): Promise<string> {
  const lines = [
    'GET /graphql?query=%7Bhello%7D HTTP/1.1',
    'Host: x',
    'Connection: close',
    ...headers,
  ];
  return (await raw(`${lines.join('\r\n')}\r\n\r\n`)).toString();
}

async function rawPost(body: unknown, headers: string[]) {
  const json = JSON.stringify(body);
  const lines = [
    'POST /graphql HTTP/1.1',
    'Host: x',
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${json.length}`,
    ...headers,
  ];
  const bytes = await raw(`${lines.join('\r\n')}\r\n\r\n${json}`);
  const end = bytes.indexOf('\r\n\r\n');
  return { head: bytes.subarray(0, end).toString(), body: bytes.subarray(end + 4) };
}
