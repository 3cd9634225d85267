import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import {
  JOINED,
  type LiveGateway,
  type LiveGatewayOptions,
  startLiveGateway,
} from './support/live-gateway.ts';
import { eventually, SocketClient } from './support/socket-client.ts';

const NAME = 'query Name { product(upc: "u1") { name } }';
const open: { close(): unknown }[] = [];

async function gateway(options?: LiveGatewayOptions): Promise<LiveGateway> {
  const started = await startLiveGateway(options);
  open.push(started);
  return started;
}

async function connect(live: LiveGateway, connectionParams?: object): Promise<SocketClient> {
  const client = await SocketClient.connect(live.url, connectionParams);
  open.push(client);
  return client;
}

async function bare(live: LiveGateway, options?: object): Promise<SocketClient> {
  const client = await SocketClient.open(live.url, options);
  open.push(client);
  return client;
}

function review(id: string) {
  return { id, stars: 5, upc: 'u1' };
}

function tokenFor(sub: string, seconds: number): { authorization: string } {
  return { authorization: `Bearer ${sub} all ${Date.now() / 1000 + seconds}` };
}

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

describe('the protocol', () => {
  it('joins an event across subgraphs and sends it with a cursor', async () => {
    const live = await gateway();
    const client = await connect(live);
    client.subscribe('1', JOINED);
    await eventually(() => live.reviews.streams === 1);

    live.reviews.publish(review('r1'));
    await client.until(() => client.reviews('1').length === 1);

    expect(client.of('1', 'next')).toEqual([
      {
        id: '1',
        type: 'next',
        payload: {
          data: {
            reviewAdded: { id: 'r1', stars: 5, product: { upc: 'u1', name: 'name of u1' } },
          },
          extensions: { cursor: expect.stringMatching(/^[\w-]{30,}$/) },
        },
      },
    ]);
  });

  it('serves queries and mutations on the same socket', async () => {
    const live = await gateway();
    const client = await connect(live);

    client.subscribe('q', NAME);
    client.subscribe('m', 'mutation { forgetReviews }');
    await client.until(
      () => client.of('q', 'complete').length + client.of('m', 'complete').length === 2,
    );

    expect(client.of('q', 'next')[0]?.payload).toEqual({
      data: { product: { name: 'name of u1' } },
    });
    expect(client.of('m', 'next')[0]?.payload).toEqual({ data: { forgetReviews: 3 } });
  });

  it('writes ids with any characters in them, and payloads of any length', async () => {
    const live = await gateway();
    const client = await connect(live);
    const ids = ['a"b\\c', 'ü€😀', 'x'.repeat(200)];
    for (const id of ids) client.subscribe(id, JOINED);
    await eventually(() => live.subscriptions.counters.active === 3 && live.reviews.streams === 1);

    for (const length of [1, 100, 5_000, 70_000]) live.reviews.publish(review('r'.repeat(length)));
    await client.until(() => ids.every((id) => client.reviews(id).length === 4));

    for (const id of ids) {
      expect(client.reviews(id).map(({ length }) => length)).toEqual([1, 100, 5_000, 70_000]);
    }
  });

  it('says nothing more after the client has completed the operation', async () => {
    const live = await gateway();
    const client = await connect(live);
    client.subscribe('1', JOINED);
    client.subscribe('2', JOINED);
    await eventually(() => live.subscriptions.counters.active === 2 && live.reviews.streams === 1);

    client.send({ id: '1', type: 'complete' });
    await eventually(() => live.subscriptions.counters.active === 1);
    live.reviews.publish(review('r1'));
    await client.until(() => client.reviews('2').length === 1);

    expect(client.of('1', 'next')).toEqual([]);
    expect(client.of('1', 'complete')).toEqual([]);
  });

  it('completes when the subgraph does', async () => {
    const live = await gateway();
    const client = await connect(live);
    client.subscribe('1', JOINED);
    await eventually(() => live.reviews.streams === 1);

    live.reviews.complete();
    await client.until(() => client.of('1', 'complete').length === 1);

    expect(client.of('1', 'error')).toEqual([]);
    expect(client.closed).toBeNull();
  });

  it('answers a ping with its payload', async () => {
    const client = await connect(await gateway());

    client.send({ type: 'ping', payload: { at: 7 } });
    client.send({ type: 'ping' });
    await client.until(() => client.messages.length === 3);

    expect(client.messages.slice(1)).toEqual([
      { type: 'pong', payload: { at: 7 } },
      { type: 'pong' },
    ]);
  });

  it.each([
    [
      '4401',
      'a subscribe before the acknowledgement',
      [{ id: '1', type: 'subscribe', payload: { query: NAME } }],
    ],
    ['4429', 'a second initialisation', [{ type: 'connection_init' }, { type: 'connection_init' }]],
    ['4400', 'text that is not JSON', ['{']],
    ['4400', 'a JSON array', ['[]']],
    ['4400', 'an unknown type', [{ type: 'start' }]],
    ['4400', 'an init payload that is no object', [{ type: 'connection_init', payload: 'x' }]],
  ])('closes with %s at %s', async (code, _case, messages) => {
    const client = await bare(await gateway());

    for (const message of messages) client.send(message);
    await client.untilClosed();

    expect(client.closed?.code).toBe(Number(code));
  });

  it.each([
    ['no payload', { id: '1', type: 'subscribe' }],
    ['a query that is no text', { id: '1', type: 'subscribe', payload: { query: 1 } }],
    [
      'variables that are no object',
      { id: '1', type: 'subscribe', payload: { query: NAME, variables: [] } },
    ],
    ['no id', { type: 'subscribe', payload: { query: NAME } }],
    ['an empty id', { id: '', type: 'subscribe', payload: { query: NAME } }],
  ])('closes with 4400 at a subscribe with %s', async (_case, message) => {
    const client = await connect(await gateway());

    client.send(message);
    await client.untilClosed();

    expect(client.closed).toEqual({ code: 4400, reason: 'Invalid message received' });
  });

  it('closes with 4400 at a binary message', async () => {
    const client = await connect(await gateway());

    client.socket.send(Buffer.from('{"type":"ping"}'), { binary: true });
    await client.untilClosed();

    expect(client.closed?.code).toBe(4400);
  });

  it('closes with 4409 when an id is used twice at a time, and not one after the other', async () => {
    const client = await connect(await gateway());
    client.subscribe('1', NAME);
    await client.until(() => client.of('1', 'complete').length === 1);
    client.subscribe('1', JOINED);
    client.subscribe('1', JOINED);

    await client.untilClosed();

    expect(client.closed).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' });
  });

  it('closes with 4406 without the subprotocol', async () => {
    const client = await bare(await gateway(), { protocol: '' });

    await client.untilClosed();

    expect(client.closed?.code).toBe(4406);
  });
});

describe('errors', () => {
  it.each([
    ['does not parse', 'subscription {', 'GRAPHQL_PARSE_FAILED'],
    ['is not valid', 'subscription { nothingLikeIt }', 'GRAPHQL_VALIDATION_FAILED'],
  ])(
    'pitfall 4: an operation that %s is an error message, not a next',
    async (_case, query, code) => {
      const client = await connect(await gateway());

      client.subscribe('1', query);
      await client.until(() => client.of('1', 'error').length === 1);

      expect(client.errorCode('1')).toBe(code);
      expect(client.of('1', 'next')).toEqual([]);
      expect(client.closed).toBeNull();
    },
  );

  it.each([
    [
      '@include with a variable',
      'subscription($on: Boolean!) { reviewAdded @include(if: $on) { id } }',
    ],
    ['@skip with a variable', 'subscription($on: Boolean!) { reviewAdded @skip(if: $on) { id } }'],
  ])(
    'pitfalls 1 and 2: %s on the root field is refused, and the socket lives',
    async (_case, query) => {
      const live = await gateway();
      const client = await connect(live);

      client.subscribe('1', query, undefined, { on: true });
      await client.until(() => client.of('1', 'error').length === 1);
      client.subscribe('2', NAME);
      await client.until(() => client.of('2', 'complete').length === 1);

      expect(client.closed).toBeNull();
      expect(live.reviews.opened).toEqual([]);
    },
  );

  it('pitfall 3: an error inside an event reaches the client with its path, beside the data', async () => {
    const live = await gateway();
    const client = await connect(live);
    client.subscribe('1', 'subscription { reviewAdded { id stars } }');
    await eventually(() => live.reviews.streams === 1);

    live.reviews.publish({ id: 'r1', stars: 'many' as never, upc: 'u1' }, review('r2'));
    await client.until(() => client.reviews('1').length === 2);

    const [first] = client.of('1', 'next');
    expect(first?.payload?.data).toEqual({ reviewAdded: { id: 'r1', stars: null } });
    expect(first?.payload?.errors).toEqual([
      expect.objectContaining({
        message: 'This part of the answer is unavailable.',
        path: ['reviewAdded', 'stars'],
      }),
    ]);
    expect(client.closed).toBeNull();
  });

  it('passes on a subgraph refusal that was written for clients', async () => {
    const live = await gateway();
    live.reviews.refusal = { code: 'FORBIDDEN', message: 'Not your reviews.' };
    const client = await connect(live);

    client.subscribe('1', JOINED);
    await client.until(() => client.of('1', 'error').length === 1);

    expect(client.of('1', 'error')[0]?.payload).toEqual([
      expect.objectContaining({
        message: 'Not your reviews.',
        extensions: expect.objectContaining({ code: 'FORBIDDEN' }),
      }),
    ]);
  });

  it('pitfall 5: masks any other refusal of a subgraph', async () => {
    const live = await gateway();
    live.reviews.refusal = { code: 'INTERNAL', message: 'connect ECONNREFUSED 10.0.0.7:5432' };
    const client = await connect(live);

    client.subscribe('1', JOINED);
    await client.until(() => client.of('1', 'error').length === 1);

    expect(client.errorCode('1')).toBe('SUBGRAPH_ERROR');
    expect(JSON.stringify(client.messages)).not.toContain('10.0.0.7');
  });

  it('pitfall 14: @defer is refused as an unknown directive', async () => {
    const client = await connect(await gateway());

    client.subscribe('1', 'subscription { reviewAdded { id ... @defer { stars } } }');
    await client.until(() => client.of('1', 'error').length === 1);

    expect(client.errorCode('1')).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});

describe('credentials', () => {
  it('pitfall 9: a bad token closes with 4403, which clients retry', async () => {
    const client = await bare(await gateway());

    client.send({ type: 'connection_init', payload: { authorization: 'Bearer bad' } });
    await client.untilClosed();

    expect(client.closed).toEqual({ code: 4403, reason: 'The token is not good.' });
    expect(client.messages).toEqual([]);
  });

  it('closes with 4403 the moment the token expires, and delivers nothing afterwards', async () => {
    const live = await gateway({ webSocket: { limits: { heartbeatMilliseconds: 100_000 } } });
    const client = await connect(live, tokenFor('ada', 0.5));
    client.subscribe('1', JOINED);
    await eventually(() => live.reviews.streams === 1);
    await new Promise((resolve) => setTimeout(resolve, 550));

    live.reviews.publish(review('r1'));
    await client.untilClosed();

    expect(client.closed).toEqual({ code: 4403, reason: 'Token expired' });
    expect(client.reviews('1')).toEqual([]);
    await eventually(() => live.reviews.streams === 0);
  });

  it('goes on with a token refreshed by a ping', async () => {
    const live = await gateway();
    const client = await connect(live, tokenFor('ada', 0.6));
    client.subscribe('1', JOINED);
    await eventually(() => live.reviews.streams === 1);
    const fresh = tokenFor('ada', 3600);

    client.send({ type: 'ping', payload: fresh });
    await client.until(() => client.messages.some(({ type }) => type === 'pong'));
    await new Promise((resolve) => setTimeout(resolve, 800));
    live.reviews.publish(review('r1'));
    await client.until(() => client.reviews('1').length === 1);

    expect(client.messages.find(({ type }) => type === 'pong')?.payload).toEqual({
      refreshed: true,
      expiresAt: Number(fresh.authorization.split(' ')[3]),
    });
    expect(client.closed).toBeNull();
  });

  it('keeps what was granted when the refreshing token is not good', async () => {
    const client = await connect(await gateway(), { authorization: 'Bearer ada' });

    client.send({ type: 'ping', payload: { authorization: 'Bearer bad' } });
    await client.until(() => client.messages.some(({ type }) => type === 'pong'));

    expect(client.messages.at(-1)?.payload).toEqual({
      refreshed: false,
      message: 'The token is not good.',
    });
    expect(client.closed).toBeNull();
  });

  it.each([
    ['another person', 'Bearer eve all'],
    ['other rights', 'Bearer ada few'],
  ])('starts anew with a token of %s', async (_case, authorization) => {
    const client = await connect(await gateway(), { authorization: 'Bearer ada all' });

    client.send({ type: 'ping', payload: { authorization } });
    await client.untilClosed();

    expect(client.closed?.code).toBe(4403);
  });

  it('cuts off a revoked subject at once, and nobody else', async () => {
    const live = await gateway();
    const ada = await connect(live, { authorization: 'Bearer ada' });
    const bob = await connect(live, { authorization: 'Bearer bob' });
    ada.subscribe('1', JOINED);
    bob.subscribe('1', JOINED);
    await eventually(() => live.reviews.streams === 2);

    live.subscriptions.revoke({ iss: 'test', sub: 'ada' });
    live.reviews.publish(review('r1'));
    await ada.untilClosed();
    await bob.until(() => bob.reviews('1').length === 1);

    expect(ada.closed).toEqual({ code: 4403, reason: 'Credential revoked' });
    expect(ada.reviews('1')).toEqual([]);
    expect(bob.closed).toBeNull();
  });

  it('refuses pages of other origins before the handshake, and lets listed ones in', async () => {
    const live = await gateway({ webSocket: { allowedOrigins: ['https://shop.example'] } });

    await expect(bare(live, { headers: { origin: 'https://evil.example' } })).rejects.toThrow(
      '403',
    );
    await expect(bare(live, { headers: { origin: 'null' } })).rejects.toThrow('403');
    await bare(live, { headers: { origin: 'https://shop.example' } });
    await bare(live, { headers: { origin: `http://127.0.0.1:${live.port}` } });

    expect(live.webSocket.openSockets).toBe(2);
  });
});

describe('limits', () => {
  it('closes with 4408 without an initialisation in time', async () => {
    const client = await bare(await gateway({ webSocket: { limits: { initMilliseconds: 60 } } }));

    await client.untilClosed();

    expect(client.closed?.code).toBe(4408);
  });

  it('pitfall 8: a user has ten sockets, and closing one makes room', async () => {
    const live = await gateway();
    const clients: SocketClient[] = [];
    for (let i = 0; i < 10; i++) clients.push(await connect(live, { authorization: 'Bearer ada' }));

    const eleventh = await bare(live);
    eleventh.send({ type: 'connection_init', payload: { authorization: 'Bearer ada' } });
    await eleventh.untilClosed();
    clients[0]!.close();
    await eventually(() => live.webSocket.openSockets === 9);
    await connect(live, { authorization: 'Bearer ada' });
    await connect(live, { authorization: 'Bearer bob' });

    expect(eleventh.closed).toEqual({ code: 1013, reason: 'Too many sockets' });
    expect(live.subscriptions.counters.rejected.get('TOO_MANY_SOCKETS')).toBe(1);
  });

  it('pitfall 8: a socket carries fifty operations, and the others go on', async () => {
    const live = await gateway();
    const client = await connect(live);
    for (let i = 1; i <= 51; i++) client.subscribe(String(i), JOINED);
    await client.until(() => client.of('51', 'error').length === 1);
    await eventually(() => live.subscriptions.counters.active === 50 && live.reviews.streams === 1);

    live.reviews.publish(review('r1'));
    await client.until(() => client.of('50', 'next').length === 1);

    expect(client.errorCode('51')).toBe('TOO_MANY_SUBSCRIPTIONS');
    expect(client.of('51', 'next')).toEqual([]);
    expect(client.closed).toBeNull();
  });

  it('pitfall 8: a message over 64 KiB ends the socket', async () => {
    const client = await connect(await gateway());

    client.subscribe('1', `query { product(upc: "${'x'.repeat(65_536)}") { name } }`);
    await client.untilClosed();

    expect(client.closed?.code).toBe(1009);
    expect(client.of('1', 'next')).toEqual([]);
  });

  it('closes a socket that sends more messages than a client would', async () => {
    const live = await gateway();
    const client = await connect(live);

    for (let i = 0; i < 100; i++) client.send({ type: 'ping' });
    await client.untilClosed();

    expect(client.closed).toEqual({ code: 1013, reason: 'Too many messages' });
    expect(client.messages.filter(({ type }) => type === 'pong').length).toBeLessThan(75);
  });

  it('closes a socket that floods it with pings of the transport', async () => {
    const live = await gateway();
    const client = await connect(live);

    for (let i = 0; i < 100; i++) client.socket.ping();
    await client.untilClosed();

    // What was still on its way when the server closed can take the code with it.
    expect([1013, 1006]).toContain(client.closed?.code);
  });

  it('does not pile up answers for a client that asks and never reads', async () => {
    const live = await gateway({
      webSocket: { limits: { tailBytesMax: 0, stallMilliseconds: 200 } },
    });
    const client = await connect(live);

    client.socket.pause();
    let sent = 0;
    const flood = setInterval(() => {
      for (let i = 0; i < 5 && client.socket.readyState === 1; i++) {
        client.subscribe(`q${sent++}`, `{ product(upc: "${'x'.repeat(60_000)}") { name } }`);
      }
    }, 300);
    await eventually(() => live.webSocket.openSockets === 0, 15_000);
    clearInterval(flood);

    expect(live.webSocket.slowCloses).toBe(1);
  });

  it('refuses upgrades over the total, and on other paths', async () => {
    const live = await gateway({ webSocket: { limits: { socketsMax: 1 } } });
    await connect(live);

    await expect(bare(live)).rejects.toThrow('503');
    await expect(SocketClient.open(`${live.url}/other`)).rejects.toThrow('404');
  });

  it('terminates a socket whose peer does not answer pings', async () => {
    const live = await gateway({
      webSocket: { limits: { heartbeatMilliseconds: 40, deadMilliseconds: 200 } },
    });
    const dead = await connect(live);
    const alive = await connect(live);

    dead.socket.pause();
    await eventually(() => live.webSocket.openSockets === 1);

    expect(alive.closed).toBeNull();
  });

  it('pitfall 6: sends a slow reader away to resume, and keeps the fast one', async () => {
    const live = await gateway({
      webSocket: { limits: { tailBytesMax: 200_000, stallMilliseconds: 500 } },
    });
    const slow = await connect(live);
    const fast = await connect(live);
    slow.subscribe('1', JOINED);
    fast.subscribe('1', JOINED);
    await eventually(() => live.subscriptions.counters.active === 2 && live.reviews.streams === 1);

    slow.socket.pause();
    for (let i = 0; i < 200; i++) {
      live.reviews.publish(review(`${i}-${'x'.repeat(60_000)}`));
      await fast.until(() => fast.of('1', 'next').length === i + 1);
    }
    slow.socket.resume();
    await slow.untilClosed();

    const received = slow.reviews('1').map((id) => Number(id.split('-')[0]));
    expect(live.webSocket.slowCloses).toBe(1);
    expect(received).toEqual(received.map((_, index) => index));
    expect(received.length).toBeLessThan(200);
    expect([1006, 1013]).toContain(slow.closed?.code);

    const again = await connect(live);
    again.subscribe('1', JOINED, { cursor: slow.cursor('1') });
    await again.until(() => again.reviews('1').length === 200 - received.length, 20_000);
    const rest = again.reviews('1').map((id) => Number(id.split('-')[0]));
    expect([...received, ...rest]).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });
});

describe('shutdown', () => {
  it('sends clients away with a code they retry, and takes no new ones', async () => {
    const live = await startLiveGateway();
    const client = await SocketClient.connect(live.url);
    client.subscribe('1', JOINED);
    await eventually(() => live.reviews.streams === 1);

    await live.close();

    expect(client.closed).toEqual({
      code: 1012,
      reason: 'Restarting: resume with the last cursor',
    });
    expect(live.subscriptions.counters.active).toBe(0);
  });
});

describe('with the graphql-ws client', () => {
  it('resumes with its last cursor after an expired token', async () => {
    const live = await gateway();
    let tokens = 0;
    const client = createClient({
      url: live.url,
      webSocketImpl: WebSocket,
      retryWait: () => Promise.resolve(),
      connectionParams: () => tokenFor('ada', ++tokens === 1 ? 0.5 : 3600),
    });
    const received: string[] = [];
    const payload: { query: string; extensions: Record<string, unknown> } = {
      query: JOINED,
      extensions: {},
    };
    client.subscribe<{ reviewAdded: { id: string } }, { cursor: string }>(payload, {
      next: ({ data, extensions }) => {
        received.push(data!.reviewAdded.id);
        // The client sends this very object again when it has reconnected.
        payload.extensions.cursor = extensions?.cursor;
      },
      error: (error) => received.push(`error ${JSON.stringify(error)}`),
      complete: () => received.push('complete'),
    });
    await eventually(() => live.reviews.streams === 1);

    live.reviews.publish(review('r1'));
    await eventually(() => received.length === 1);
    await eventually(() => tokens === 2 && live.reviews.opened.length === 2);
    live.reviews.publish(review('r2'), review('r3'));
    await eventually(() => received.length === 3);
    live.reviews.publish(review('r4'));
    await eventually(() => received.length === 4);

    expect(received).toEqual(['r1', 'r2', 'r3', 'r4']);
    expect(tokens).toBe(2);
    await client.dispose();
  });
});
