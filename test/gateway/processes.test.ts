import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { PRODUCTS, REVIEWS, startReviews } from './support/live-gateway.ts';
import type { ReviewSubgraph } from './support/review-subgraph.ts';
import { eventually, SocketClient } from './support/socket-client.ts';

/** The gateway as it is run: a process of its own, killed and stopped from outside. */

const STREAM = 'subscription { reviewAdded { id product { name } } }';
const CLIENTS = 50;
const folder = mkdtempSync(join(tmpdir(), 'gateway-processes-'));
const supergraph = join(folder, 'supergraph.graphql');

let reviews: ReviewSubgraph;
let products: Server;
let port = 0;
let gateway: ChildProcess | null = null;
/** Answers of products that are kept back until the test lets them go. */
const held: (() => void)[] = [];
let mutations = 0;

beforeAll(async () => {
  reviews = await startReviews();
  reviews.givesBookmarks = true;
  products = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const { query, variables } = JSON.parse(body) as {
        query: string;
        variables: { representations?: { upc: string }[] };
      };
      const answer = (data: object) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ data }));
      };
      if (query.startsWith('mutation')) {
        // It dies with the change made and the answer unsaid.
        mutations++;
        request.socket.destroy();
      } else if (query.includes('slow')) held.push(() => answer({ slow: 1 }));
      else {
        const entities = (variables.representations ?? []).map(({ upc }) => ({
          __typename: 'Product',
          upc,
          name: `name of ${upc}`,
        }));
        answer({ _entities: entities });
      }
    });
  });
  await new Promise<void>((resolve) => products.listen(0, '127.0.0.1', resolve));
  const { supergraphSdl, errors } = composeServices([
    { name: 'reviews', url: reviews.url, typeDefs: parse(REVIEWS) },
    {
      name: 'products',
      url: `http://127.0.0.1:${(products.address() as AddressInfo).port}/graphql`,
      typeDefs: parse(`${PRODUCTS} type Mutation { change: Int }`),
    },
  ]);
  if (!supergraphSdl) throw new Error(String(errors));
  writeFileSync(supergraph, supergraphSdl);
});

afterEach(async () => {
  await kill('SIGKILL');
});

afterAll(async () => {
  await reviews.stop();
  products.closeAllConnections();
  products.close();
  rmSync(folder, { recursive: true });
});

const httpUrl = () => `http://127.0.0.1:${port}/graphql`;
const wsUrl = () => `ws://127.0.0.1:${port}/graphql`;

/** Starts on the port of the last one, as after a restart. */
async function start(): Promise<void> {
  const program = ['--import', './local/typescript.mjs', 'gateway/main.ts'];
  const child = spawn(
    process.execPath,
    [...program, '--supergraph', supergraph, '--port', String(port)],
    {
      env: {
        PATH: process.env.PATH,
        LOG_LEVEL: 'silent',
        GATEWAY_CURSOR_KEYS: `1:${'k'.repeat(32)}`,
        GATEWAY_COALESCE_READS: 'false',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  gateway = child;
  const line = await new Promise<string>((resolve) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)));
  });
  port = Number(/:(\d+)\//.exec(line)?.[1]);
}

/** Resolves to what the process ended with: its code, or the signal. */
function kill(signal: NodeJS.Signals): Promise<number | string | null> {
  const child = gateway;
  gateway = null;
  if (child === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    child.once('exit', (code, by) => resolve(code ?? by));
    child.kill(signal);
  });
}

async function post(query: string): Promise<{ status: number; json: unknown }> {
  const response = await fetch(httpUrl(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, json: await response.json() };
}

let serial = 0;
function publish(): string {
  const id = `r${++serial}`;
  reviews.publish({ id, stars: 5, upc: 'u1' });
  return id;
}

describe('a gateway that is killed', () => {
  it('loses its sockets and not an event: all come back to what they missed, once', async () => {
    await start();
    const before = await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const client = await SocketClient.connect(wsUrl());
        client.subscribe('1', STREAM, { bookmarks: true });
        await client.until(() => client.of('1', 'next').length === 1);
        return client;
      }),
    );
    const first = publish();
    await Promise.all(
      before.slice(0, CLIENTS / 2).map((each) => each.until(() => each.reviews('1').length === 1)),
    );
    // Half of them remember an event, half only where the stream stood before it.
    const cursors = before.map((client, index) =>
      index < CLIENTS / 2
        ? client.cursor('1')
        : client.of('1', 'next')[0]!.payload!.extensions!.cursor!,
    );

    expect(await kill('SIGKILL')).toBe('SIGKILL');
    await Promise.all(before.map((client) => client.untilClosed()));
    const missed = [publish(), publish()];
    await start();
    const after = await Promise.all(
      cursors.map(async (cursor) => {
        const client = await SocketClient.connect(wsUrl());
        client.subscribe('1', STREAM, { cursor });
        return client;
      }),
    );
    await Promise.all(after.map((client) => client.until(() => client.reviews('1').length >= 2)));
    const live = publish();
    await Promise.all(
      after.map((client) => client.until(() => client.reviews('1').includes(live))),
    );

    after.forEach((client, index) => {
      const unseen = index < CLIENTS / 2 ? [] : [first];
      expect(client.reviews('1')).toEqual([...unseen, ...missed, live]);
      expect(client.of('1', 'error')).toEqual([]);
    });
    for (const client of after) client.close();
  });
});

describe('a gateway that is told to stop under load', () => {
  it('answers all it has begun, sends its sockets away to come back, and ends well', async () => {
    await start();
    const client = await SocketClient.connect(wsUrl());
    client.subscribe('1', STREAM);
    await eventually(() => reviews.streams >= 1);
    const running = Array.from({ length: CLIENTS }, () => post('{ slow }'));
    await eventually(() => held.length === CLIENTS);

    const ended = kill('SIGTERM');
    await client.untilClosed();
    await expect(fetch(httpUrl())).rejects.toThrow();
    for (const answer of held.splice(0)) answer();

    for (const answer of await Promise.all(running)) {
      expect(answer).toEqual({ status: 200, json: { data: { slow: 1 } } });
    }
    expect(client.closed?.code).toBe(1012);
    expect(await ended).toBe(0);
  });
});

describe('a subgraph that dies in the middle of a mutation', () => {
  it('is not asked again, and the client is told that the outcome is not known', async () => {
    await start();

    const { status, json } = await post('mutation { change }');

    expect(status).toBe(200);
    expect(json).toEqual({
      data: { change: null },
      errors: [
        {
          message: expect.any(String),
          path: ['change'],
          extensions: {
            code: 'SUBGRAPH_UNAVAILABLE',
            service: 'products',
            requestId: expect.any(String),
          },
        },
      ],
    });
    expect(mutations).toBe(1);
  });
});
