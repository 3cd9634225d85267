import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { createWebSocketUpstream } from '../../../gateway/execution/websocket-upstream.ts';
import type { RequestContext, SubgraphRequest } from '../../../gateway/types.ts';
import { SignatureVerifier } from '../../../subgraphs/kernel/identity/request-signature.ts';
import { JOINED, startLiveGateway } from '../support/live-gateway.ts';
import { eventually, SocketClient } from '../support/socket-client.ts';

const KEY = { keyId: 'k1', secret: 'a signing secret of at least thirty-two bytes' };
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const REQUEST: SubgraphRequest = {
  serviceName: 'reviews',
  query: 'subscription { reviewAdded { id } }',
  operationName: null,
  variablesJson: '{}',
  kind: 'subscription',
};
const CONTEXT: RequestContext = {
  requestId: 'request-1',
  identity: { key: 'anonymous', claims: null, expiresAt: null },
  client: { name: 'test', mode: 'open', costPerMinute: null },
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  headers: {},
};

/** A subgraph that says whatever the test lets it say. */
async function scripted(answer: (message: { type: string; id?: string }) => unknown[]) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  open.push({
    close: () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  });
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { type: string; id?: string };
      for (const each of answer(message)) {
        socket.send(typeof each === 'string' ? each : JSON.stringify(each));
      }
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return { server, url: `http://127.0.0.1:${port}/graphql` };
}

function recordingSink() {
  const heard: unknown[] = [];
  return {
    heard,
    next: (event: unknown) => heard.push(['next', event]),
    error: (errors: unknown) => heard.push(['error', errors]),
    complete: () => heard.push(['complete']),
    disconnected: (reason: string, neverOpened?: boolean) =>
      heard.push(['disconnected', reason, neverOpened]),
  };
}

describe('signing', () => {
  it('signs the socket, and each operation with the claims of its own caller', async () => {
    const live = await startLiveGateway({ signingKey: KEY });
    open.push(live);
    for (const authorization of ['Bearer ada', 'Bearer bob', undefined]) {
      const client = await SocketClient.connect(live.url, { authorization });
      open.push(client);
      client.subscribe(
        '1',
        'subscription($s: Int) { reviewAdded(minStars: $s) { id } }',
        {},
        { s: 2 },
      );
    }
    await eventually(() => live.reviews.opened.length === 3);

    const verifier = new SignatureVerifier([KEY]);
    const [init] = live.reviews.connectionParams as Record<string, string>[];
    expect(live.reviews.sockets).toBe(1);
    expect(
      verifier.refusal(init?.signature, {
        method: 'INIT',
        path: '/graphql',
        body: '',
        actor: init!.actor!,
      }),
    ).toBeNull();
    const actors = live.reviews.opened.map(({ query, variables, position, extensions }) => {
      const { signature, actor } = extensions as { signature: string; actor: string };
      const body = JSON.stringify({ query, variables, operationName: null, position });
      const parts = { method: 'SUBSCRIBE', path: '/graphql', body, actor };
      expect(verifier.refusal(signature, parts)).toBeNull();
      expect(verifier.refusal(signature, { ...parts, actor: `${actor}A` })).toBe('wrong signature');
      return JSON.parse(Buffer.from(actor, 'base64url').toString()) as { sub: string } | null;
    });
    expect(actors.map((actor) => actor?.sub ?? null)).toEqual(['ada', 'bob', null]);
  });

  it('adds nothing for subgraphs that check no signatures', async () => {
    const live = await startLiveGateway();
    open.push(live);
    const client = await SocketClient.connect(live.url);
    open.push(client);
    client.subscribe('1', JOINED);
    await eventually(() => live.reviews.opened.length === 1);

    expect(Object.keys(live.reviews.opened[0]!.extensions)).toEqual(['requestId']);
    expect(live.reviews.connectionParams).toEqual([{}]);
  });
});

describe('the shared socket', () => {
  it('keeps callers apart that differ in a forwarded header, and passes it on', async () => {
    const heard: unknown[] = [];
    const { server, url } = await scripted((message) => {
      heard.push(message);
      return message.type === 'connection_init' ? [{ type: 'connection_ack' }] : [];
    });
    const upstream = createWebSocketUpstream({ urlOf: () => url, forwardedHeaders: ['x-region'] });
    open.push(upstream);

    for (const region of ['eu', 'us', 'eu']) {
      upstream.subscribe(
        REQUEST,
        { ...CONTEXT, headers: { 'x-region': region, cookie: 'c' } },
        recordingSink(),
      );
    }
    await eventually(() => heard.length === 5);

    expect(server.clients.size).toBe(2);
    expect(heard).toContainEqual({ type: 'connection_init', payload: { 'x-region': 'eu' } });
    expect(JSON.stringify(heard)).not.toContain('cookie');
  });

  it.each([
    ['text that is not JSON', '{'],
    ['an event that is a list', { type: 'next', id: '1', payload: [] }],
    ['an event whose data is a list', { type: 'next', id: '1', payload: { data: [] } }],
    [
      'an event whose position is a number',
      { type: 'next', id: '1', payload: { data: {}, extensions: { position: 5 } } },
    ],
    ['a message of another protocol', { type: 'data', id: '1', payload: { data: {} } }],
  ])('is cut at %s, and nothing of it is passed on', async (_case, wrong) => {
    const { url } = await scripted((message) =>
      message.type === 'connection_init' ? [{ type: 'connection_ack' }] : [wrong],
    );
    const upstream = createWebSocketUpstream({ urlOf: () => url });
    open.push(upstream);
    const sink = recordingSink();

    upstream.subscribe(REQUEST, CONTEXT, sink);
    await eventually(() => sink.heard.length === 1);

    expect(sink.heard).toEqual([['disconnected', expect.any(String), false]]);
    expect(upstream.openSockets).toBe(0);
  });

  it('gives up a subgraph that does not acknowledge, and says that nothing was opened', async () => {
    const { url } = await scripted(() => []);
    const upstream = createWebSocketUpstream({
      urlOf: () => url,
      settings: { connectMilliseconds: 50 },
    });
    open.push(upstream);
    const sink = recordingSink();

    upstream.subscribe(REQUEST, CONTEXT, sink);
    await eventually(() => sink.heard.length === 1);

    expect(sink.heard).toEqual([['disconnected', 'not acknowledged in time', true]]);
  });

  it('notices a subgraph that has fallen silent', async () => {
    const { server, url } = await scripted((message) =>
      message.type === 'connection_init' ? [{ type: 'connection_ack' }] : [],
    );
    const upstream = createWebSocketUpstream({
      urlOf: () => url,
      settings: { heartbeatMilliseconds: 20, deadMilliseconds: 100 },
    });
    open.push(upstream);
    const sink = recordingSink();
    upstream.subscribe(REQUEST, CONTEXT, sink);
    await eventually(() => server.clients.size === 1);

    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sink.heard).toEqual([]);
    for (const socket of server.clients) socket.pause();
    await eventually(() => sink.heard.length === 1);

    expect(sink.heard).toEqual([['disconnected', 'silent for too long', false]]);
  });

  it('calls nothing after close, and tells the subgraph', async () => {
    const heard: { type: string; id?: string }[] = [];
    const { server, url } = await scripted((message) => {
      heard.push(message);
      return message.type === 'connection_init' ? [{ type: 'connection_ack' }] : [];
    });
    const upstream = createWebSocketUpstream({ urlOf: () => url });
    open.push(upstream);
    const sink = recordingSink();
    const stream = upstream.subscribe(REQUEST, CONTEXT, sink);
    await eventually(() => heard.length === 2);

    stream.close();
    await eventually(() => heard.length === 3);
    for (const socket of server.clients) {
      socket.send('{"type":"next","id":"1","payload":{"data":{}}}');
      socket.send('{"type":"error","id":"1","payload":[{"message":"late"}]}');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(heard[2]).toEqual({ id: '1', type: 'complete' });
    expect(sink.heard).toEqual([]);
  });
});
