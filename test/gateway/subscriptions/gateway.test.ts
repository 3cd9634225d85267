import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { composeServices } from '@apollo/composition';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { createClient } from 'graphql-sse';
import { type Gateway, type GatewayOptions, startGateway } from '../../../gateway/server.ts';
import { JOINED, PRODUCTS, REVIEWS, startReviews } from '../support/live-gateway.ts';
import type { ReviewSubgraph } from '../support/review-subgraph.ts';
import { eventually, SocketClient } from '../support/socket-client.ts';

const CURSOR_KEYS = [{ id: 3, secret: 'a cursor secret of thirty-two bytes' }];
const open: { close(): unknown }[] = [];

interface World {
  readonly reviews: ReviewSubgraph;
  sdl(reviewsTypeDefs?: string): string;
}

/** A live subgraph and an ordinary HTTP one; the gateway is the test's to start. */
async function world(): Promise<World> {
  const reviews = await startReviews();
  open.push({ close: () => reviews.stop() });
  const products = await serveProducts();
  const { port } = products.address() as AddressInfo;
  return {
    reviews,
    sdl: (reviewsTypeDefs = REVIEWS) => {
      const { supergraphSdl, errors } = composeServices([
        { name: 'reviews', url: reviews.url, typeDefs: parse(reviewsTypeDefs) },
        {
          name: 'products',
          url: `http://127.0.0.1:${port}/graphql`,
          typeDefs: parse(PRODUCTS),
        },
      ]);
      if (!supergraphSdl) throw new Error(String(errors));
      return supergraphSdl;
    },
  };
}

async function serveProducts(): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const { variables } = JSON.parse(body) as { variables: Record<string, unknown> };
      const [representations = []] = Object.values(variables) as { upc: string }[][];
      const entities = representations.map(({ upc }) => ({
        __typename: 'Product',
        upc,
        name: `name of ${upc}`,
      }));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data: { _entities: entities } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return server;
}

async function start(options: GatewayOptions): Promise<Gateway> {
  const gateway = await startGateway({ cursorKeys: CURSOR_KEYS, ...options });
  open.push(gateway);
  return gateway;
}

async function connect(gateway: Gateway): Promise<SocketClient> {
  const client = await SocketClient.connect(gateway.url.replace('http', 'ws'));
  open.push(client);
  return client;
}

function review(id: string) {
  return { id, stars: 5, upc: 'u1' };
}

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

describe('the running gateway', () => {
  it('serves one joined stream over all transports from one upstream, past every request timeout', async () => {
    const { reviews, sdl } = await world();
    const gateway = await start({
      supergraphSdl: sdl(),
      requestTimeoutMs: 100,
      mutationTimeoutMs: 100,
    });
    const socket = await connect(gateway);
    socket.subscribe('1', JOINED);
    const events: unknown[] = [];
    const sse = createClient({ url: gateway.url, singleConnection: false });
    sse.subscribe<{ reviewAdded: { id: string } }>(
      { query: JOINED },
      {
        next: ({ data }) => events.push(data?.reviewAdded.id),
        error: (error) => events.push(error),
        complete: () => events.push('complete'),
      },
    );
    const abort = new AbortController();
    open.push({ close: () => abort.abort() });
    const multipart = await fetch(gateway.url, {
      method: 'POST',
      headers: {
        accept: 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json;q=0.9',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query: JOINED }),
      signal: abort.signal,
    });
    let parts = '';
    const reading = (async () => {
      for await (const chunk of multipart.body!.pipeThrough(new TextDecoderStream()))
        parts += chunk;
    })().catch(() => {});
    await eventually(() => gateway.subscriptions.counters.active === 3 && reviews.streams === 1);
    await new Promise((resolve) => setTimeout(resolve, 400));

    reviews.publish(review('r1'));
    await socket.until(() => socket.reviews('1').length === 1);
    await eventually(() => events.length === 1 && parts.includes('r1'));

    expect(socket.of('1', 'next')[0]?.payload?.data).toEqual({
      reviewAdded: { id: 'r1', stars: 5, product: { upc: 'u1', name: 'name of u1' } },
    });
    expect(events).toEqual(['r1']);
    expect(reviews.opened.length).toBe(1);
    sse.dispose();
    abort.abort();
    await reading;
  });

  it('moves streams to a new supergraph while it serves', async () => {
    const { reviews, sdl } = await world();
    const gateway = await start({ supergraphSdl: sdl() });
    const client = await connect(gateway);
    client.subscribe('1', JOINED);
    client.subscribe('2', 'subscription { reviewAdded { text } }');
    await eventually(() => reviews.streams === 2);

    await gateway.reload(sdl(REVIEWS.replace('text: String', 'words: String')));
    await client.until(() => client.of('2', 'error').length === 1);
    reviews.publish(review('r1'));
    await client.until(() => client.reviews('1').length === 1);

    expect(client.errorCode('2')).toBe('SUBSCRIPTION_SCHEMA_RELOAD');
    expect(client.of('1', 'error')).toEqual([]);
    expect(client.closed).toBeNull();
    const metrics = await (await fetch(gateway.url.replace('/graphql', '/metrics'))).text();
    expect(metrics).toContain('gateway_subscriptions_active 1\n');
    expect(metrics).toContain(
      'gateway_subscriptions_ended_total{reason="SUBSCRIPTION_SCHEMA_RELOAD"} 1\n',
    );
  });

  it('accepts, after a restart, the cursors of before when the keys are the same', async () => {
    const { reviews, sdl } = await world();
    const before = await startGateway({ supergraphSdl: sdl(), cursorKeys: CURSOR_KEYS });
    const client = await connect(before);
    client.subscribe('1', JOINED);
    await eventually(() => reviews.streams === 1);
    reviews.publish(review('r1'));
    await client.until(() => client.reviews('1').length === 1);
    await before.close();
    reviews.publish(review('r2'));

    const after = await start({ supergraphSdl: sdl() });
    const again = await connect(after);
    again.subscribe('1', JOINED, { cursor: client.cursor('1') });
    await again.until(() => again.reviews('1').length === 1);

    expect(client.closed?.code).toBe(1012);
    expect(again.reviews('1')).toEqual(['r2']);
  });

  it('refuses over sockets what exceeds a limit or the cost, before anything is opened', async () => {
    const { reviews, sdl } = await world();
    const gateway = await start({
      supergraphSdl: sdl(),
      costMax: 1,
      limits: { aliasesMax: 5 } as never,
    });
    const client = await connect(gateway);
    const aliases = Array.from({ length: 50 }, (_, i) => `a${i}: __typename`).join(' ');

    client.subscribe('1', `{ ${aliases} }`);
    client.subscribe('2', JOINED);
    await client.until(() => client.of('1', 'error').length + client.of('2', 'error').length === 2);

    expect(client.errorCode('1')).toBe('OPERATION_LIMIT_EXCEEDED');
    expect(client.errorCode('2')).toBe('COST_LIMIT_EXCEEDED');
    expect(reviews.opened).toEqual([]);
    expect(client.closed).toBeNull();
  });
});
