import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { issueApiKey } from '../../gateway/api-keys.ts';
import { createEdgePolicy, type EdgePolicy } from '../../gateway/edge-policy.ts';
import { manifestText } from '../../gateway/operation-manifest.ts';
import { createMetrics } from '../../gateway/plugins/metrics.ts';
import { type Gateway, startGateway } from '../../gateway/server.ts';
import { AUDIENCE, ISSUER, type TestIssuer, testIssuer } from './support/credentials.ts';
import { compose, type Definitions, handlersOf, type SubgraphCall } from './support/federation.ts';
import { SocketClient } from './support/socket-client.ts';

const DEFINITIONS: Definitions = {
  a: {
    typeDefs: `
      type Query { hello: String who: String dear: [Item!]! @listSize(assumedSize: 60) }
      type Item { id: ID }
      type Mutation { change: String }
      type Subscription { tick: Int }
    `,
    resolvers: {
      Query: {
        hello: () => 'Hello',
        dear: () => [],
        who: (_: unknown, __: unknown, { claims }: { claims: { sub: string } | null }) =>
          claims?.sub ?? 'nobody',
      },
      Mutation: { change: () => 'changed' },
      Subscription: {
        tick: {
          async *subscribe() {
            for (let tick = 0; tick < 200; tick++) {
              yield { tick };
              await new Promise((resolve) => setTimeout(resolve, 50));
            }
          },
        },
      },
    },
  },
};

const WHO = 'query Who { who }';
const TICK = 'subscription Tick { tick }';
const CHANGE = 'mutation Change { change }';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const folder = mkdtempSync(join(tmpdir(), 'edge-'));
const [first, second] = [issueApiKey(), issueApiKey()];
const UNREACHABLE = 'http://127.0.0.1:1';
const metrics = createMetrics();
const calls: SubgraphCall[] = [];
let issuer: TestIssuer;
let policy: EdgePolicy;
let gateway: Gateway;

function writeClients(keys: readonly object[]): void {
  const clients = [
    { name: 'acme', kind: 'partner', mode: 'ids-only', apiKeys: keys },
    { name: 'web', kind: 'first-party', mode: 'open', automaticPersistedQueries: true },
    { name: 'budgeted', kind: 'first-party', mode: 'open', costPerMinute: 100 },
  ];
  writeFileSync(join(folder, 'clients.tmp'), JSON.stringify({ clients }));
  renameSync(join(folder, 'clients.tmp'), join(folder, 'clients.json'));
}

beforeAll(async () => {
  issuer = await testIssuer();
  writeClients([first.entry, second.entry]);
  mkdirSync(join(folder, 'manifests'));
  const operations = [
    { id: sha256(WHO), name: 'Who', type: 'query' as const, body: WHO },
    { id: sha256(TICK), name: 'Tick', type: 'subscription' as const, body: TICK },
    { id: sha256(CHANGE), name: 'Change', type: 'mutation' as const, body: CHANGE },
  ];
  writeFileSync(join(folder, 'manifests/acme.json'), manifestText(operations));
  policy = createEdgePolicy({
    issuers: [issuer.options, { issuer: UNREACHABLE, audience: AUDIENCE }],
    observeOperation: metrics.clientOperation,
    clientsFile: join(folder, 'clients.json'),
    manifestDirectory: join(folder, 'manifests'),
  });
  gateway = await startGateway({
    supergraphSdl: compose(DEFINITIONS),
    handlers: handlersOf(DEFINITIONS, calls),
    metrics,
    ...policy.gatewayOptions,
  });
  policy.attach(gateway.subscriptions);
});

afterAll(async () => {
  await gateway.close();
  await policy.close();
  rmSync(folder, { recursive: true });
});

const partner = { 'parley-api-key': first.key };

async function post(body: object, headers: Record<string, string> = {}) {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, response, json: await asJson(response) };
}

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(gateway.url + path, {
    headers: { 'apollo-require-preflight': 'true', ...headers },
  });
  return { status: response.status, response, json: await asJson(response) };
}

interface Result {
  readonly data?: object;
  readonly errors?: readonly { readonly extensions: Record<string, unknown> }[];
  readonly extensions?: object;
}

async function asJson(response: Response): Promise<Result> {
  const text = await response.text();
  return (text.startsWith('{') ? JSON.parse(text) : { text }) as Result;
}

const codeOf = (json: Result) => json.errors?.[0]?.extensions.code;

describe('a partner over HTTP', () => {
  it('runs what is registered, in every form an id can have', async () => {
    const persistedQuery = { version: 1, sha256Hash: sha256(WHO) };
    const extensions = encodeURIComponent(JSON.stringify({ persistedQuery }));
    const answers = await Promise.all([
      post({ documentId: sha256(WHO) }, partner),
      post({ extensions: { persistedQuery } }, partner),
      get(`?documentId=sha256:${sha256(WHO)}`, partner),
      get(`?extensions=${extensions}`, partner),
      get(`/persisted/${sha256(WHO)}`, partner),
    ]);

    for (const { json } of answers) expect(json).toEqual({ data: { who: 'acme' } });
  });

  it('runs nothing else, on any way in', async () => {
    calls.length = 0;
    const unknown = sha256('query Hello { hello }');
    const sse = { ...partner, accept: 'text/event-stream' };
    const multipart = { ...partner, accept: 'multipart/mixed; subscriptionSpec="1.0"' };
    const query = 'query Hello { hello }';
    const answers = [
      [await post({ query }, partner), 'OPERATION_ID_REQUIRED'],
      [await get(`?query=${encodeURIComponent(query)}`, partner), 'OPERATION_ID_REQUIRED'],
      [await post({ documentId: unknown }, partner), 'PERSISTED_QUERY_NOT_FOUND'],
      [await get(`/persisted/${unknown}`, partner), 'PERSISTED_QUERY_NOT_FOUND'],
      [await post({ documentId: unknown, query }, partner), 'PERSISTED_QUERY_NOT_IN_LIST'],
      [await post({ documentId: sha256(WHO), query }, partner), 'PERSISTED_QUERY_HASH_MISMATCH'],
    ] as const;

    for (const [{ json }, code] of answers) {
      expect([codeOf(json), json.data]).toEqual([code, undefined]);
    }
    for (const headers of [sse, multipart]) {
      const { json } = await post({ query: 'subscription Other { tick }' }, headers);
      expect(JSON.stringify(json)).toContain('OPERATION_ID_REQUIRED');
    }
    expect(calls).toEqual([]);
  });

  it('is counted, with what became of its operations', async () => {
    const count = async (outcome: string) => {
      const text = await (await fetch(new URL('/metrics', gateway.url))).text();
      const labels = `{outcome="${outcome}",client="acme"}`;
      const line = text.split('\n').find((each) => each.includes(labels));
      return Number(line?.split(' ')[1] ?? 0);
    };
    const before = [await count('registered'), await count('refused_not_found')];

    await post({ documentId: sha256(WHO) }, partner);
    await post({ documentId: sha256('unknown') }, partner);
    await post({ documentId: sha256('foreign') }, partner);

    const after = [await count('registered'), await count('refused_not_found')];
    expect(after.map((value, index) => value - before[index]!)).toEqual([1, 2]);
  });

  it('changes nothing by GET, though the mutation is registered', async () => {
    calls.length = 0;

    const { status } = await get(`/persisted/${sha256(CHANGE)}`, partner);

    expect(status).toBe(405);
    expect(calls).toEqual([]);
    const { json } = await post({ documentId: sha256(CHANGE) }, partner);
    expect(json).toEqual({ data: { change: 'changed' } });
  });

  it('is refused with a key that is not good, and told so in HTTP', async () => {
    const { status, response, json } = await post(
      { documentId: sha256(WHO) },
      { 'parley-api-key': issueApiKey().key },
    );

    expect([status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(json.errors?.[0]?.extensions).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'API_KEY_UNKNOWN',
    });
  });
});

describe('a partner on a socket', () => {
  const url = () => gateway.url.replace('http', 'ws');

  it('runs registered operations by id, and nothing else', async () => {
    const client = await SocketClient.connect(url(), { apiKey: first.key });
    const send = (id: string, payload: object) => client.send({ id, type: 'subscribe', payload });

    send('query', { documentId: sha256(WHO) });
    send('stream', { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(TICK) } } });
    send('free', { query: 'query Hello { hello }' });
    send('free-stream', { query: 'subscription { tick }' });
    send('unknown', { documentId: sha256('x') });
    await client.until(() => client.of('stream', 'next').length >= 2);
    await client.until(() => client.of('unknown', 'error').length === 1);

    expect(client.of('query', 'next').map(({ payload }) => payload)).toEqual([
      { data: { who: 'acme' } },
    ]);
    expect(client.errorCode('free')).toBe('OPERATION_ID_REQUIRED');
    expect(client.errorCode('free-stream')).toBe('OPERATION_ID_REQUIRED');
    expect(client.errorCode('unknown')).toBe('PERSISTED_QUERY_NOT_FOUND');
    client.close();
  });

  it('is known by the header of its handshake as well', async () => {
    const client = await SocketClient.open(url(), { headers: partner });
    client.send({ type: 'connection_init' });
    await client.until(() => client.messages.some(({ type }) => type === 'connection_ack'));

    client.send({ id: '1', type: 'subscribe', payload: { documentId: sha256(WHO) } });
    await client.until(() => client.of('1', 'complete').length === 1);

    expect(client.of('1', 'next')).toMatchObject([{ payload: { data: { who: 'acme' } } }]);
    client.close();
  });

  it('is cut off when its key is taken away, and comes back with the other one', async () => {
    const client = await SocketClient.connect(url(), { apiKey: first.key });
    client.send({ id: '1', type: 'subscribe', payload: { documentId: sha256(TICK) } });
    await client.until(() => client.of('1', 'next').length >= 1);

    writeClients([second.entry]);
    await client.untilClosed();

    expect(client.closed?.code).toBe(4403);
    const { json } = await post({ documentId: sha256(WHO) }, partner);
    expect(json.errors?.[0]?.extensions.reason).toBe('API_KEY_UNKNOWN');
    const again = await SocketClient.connect(url(), { apiKey: second.key });
    again.close();
  });
});

describe('a member', () => {
  it('is cut off a live socket when revoked, and no other member is', async () => {
    const connect = async (sub: string) =>
      SocketClient.connect(gateway.url.replace('http', 'ws'), {
        authorization: `Bearer ${await issuer.token({ sub })}`,
        clientName: 'web',
      });
    const [revoked, other] = await Promise.all([connect('u1'), connect('u2')]);
    for (const client of [revoked, other]) {
      client.subscribe('1', 'subscription { tick }');
      await client.until(() => client.of('1', 'next').length >= 1);
    }

    await policy.revoke({ iss: ISSUER, sub: 'u1' });
    await revoked.untilClosed();

    expect(revoked.closed?.code).toBe(4403);
    const seen = other.of('1', 'next').length;
    await other.until(() => other.of('1', 'next').length > seen);
    expect(other.closed).toBeNull();
    other.close();
  });

  it('is not called a stranger while the keys of its issuer cannot be had', async () => {
    const token = await (await testIssuer(UNREACHABLE)).token();

    const { status, json } = await post({ query: '{ who }' }, { authorization: `Bearer ${token}` });

    expect([status, codeOf(json)]).toEqual([503, 'AUTHENTICATION_UNAVAILABLE']);
  });

  it('without a client name may send nothing of its own', async () => {
    const { json } = await post(
      { query: '{ who }' },
      {
        authorization: `Bearer ${await issuer.token({ sub: 'u3' })}`,
        'graphql-client-name': 'acme',
      },
    );

    expect(codeOf(json)).toBe('OPERATION_ID_REQUIRED');
  });
});

describe('automatic persisted queries', () => {
  it('go by the two steps that Apollo Client takes', async () => {
    const web = { 'apollographql-client-name': 'web' };
    const query = 'query Automatic { hello }';
    const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } };

    const asked = await post({ extensions }, web);
    const stored = await post({ query, extensions }, web);
    const byHash = await get(`?extensions=${encodeURIComponent(JSON.stringify(extensions))}`, web);

    expect(asked.json.errors).toMatchObject([
      { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ]);
    expect(asked.response.headers.get('cache-control')).toBe('no-store');
    expect([stored.json, byHash.json]).toEqual([
      { data: { hello: 'Hello' } },
      { data: { hello: 'Hello' } },
    ]);
  });
});

describe('the cost of an operation', () => {
  const budgeted = { 'graphql-client-name': 'budgeted' };

  it('is told to whoever asks, and to nobody else', async () => {
    const query = '{ dear { id } }';

    const byHeader = await post(
      { query },
      { 'graphql-client-name': 'web', 'parley-cost': 'include' },
    );
    const byExtension = await post(
      { query, extensions: { cost: true } },
      { 'graphql-client-name': 'web' },
    );
    const silent = await post({ query }, { 'graphql-client-name': 'web' });

    expect(byHeader.json.extensions).toEqual({ cost: 60 });
    expect(byExtension.json.extensions).toEqual({ cost: 60 });
    expect(silent.json).toEqual({ data: { dear: [] } });
  });

  it('is taken from the budget of its client, and refused in HTTP when that is spent', async () => {
    calls.length = 0;
    const query = '{ dear { id } }';

    expect((await post({ query }, budgeted)).json).toEqual({ data: { dear: [] } });
    const refused = await post({ query }, budgeted);

    expect(refused.status).toBe(429);
    expect(Number(refused.response.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(refused.json.errors?.[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      scope: 'client',
      cost: 60,
      limit: 100,
      remaining: 40,
    });
    expect(calls).toHaveLength(1);
  });

  it('is taken on sockets from the same budget', async () => {
    const client = await SocketClient.connect(gateway.url.replace('http', 'ws'), {
      clientName: 'budgeted',
    });

    client.subscribe('1', '{ dear { id } }');
    await client.until(() => client.of('1', 'error').length === 1);

    expect(client.errorCode('1')).toBe('RATE_LIMITED');
    client.close();
  });
});

describe('the budget of an address', () => {
  it('is spent over HTTP and over sockets, by callers without a token alone', async () => {
    const anonymous = createEdgePolicy({
      issuers: [issuer.options],
      clients: { clients: [] },
      defaultMode: 'open',
      anonymousCostPerMinute: 100,
    });
    const own = await startGateway({
      supergraphSdl: compose(DEFINITIONS),
      handlers: handlersOf(DEFINITIONS),
      ...anonymous.gatewayOptions,
    });
    const send = async (headers: Record<string, string> = {}) => {
      const response = await fetch(own.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: '{ dear { id } }' }),
      });
      return (await response.json()) as Result;
    };
    const client = await SocketClient.connect(own.url);

    expect(await send()).toEqual({ data: { dear: [] } });
    expect((await send()).errors?.[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      scope: 'address',
    });
    client.subscribe('1', '{ dear { id } }');
    await client.until(() => client.of('1', 'error').length === 1);
    const named = { authorization: `Bearer ${await issuer.token()}` };
    expect(await send(named)).toEqual({ data: { dear: [] } });
    expect(await send(named)).toEqual({ data: { dear: [] } });

    expect(client.of('1', 'next')).toEqual([]);
    await own.close();
    await anonymous.close();
  });
});
