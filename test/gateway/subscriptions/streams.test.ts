import { afterEach, describe, expect, it } from '@jest/globals';
import {
  JOINED,
  type LiveGateway,
  type LiveGatewayOptions,
  PRODUCTS_WITH_STARS,
  REVIEWS,
  startLiveGateway,
  startReviews,
} from '../support/live-gateway.ts';
import type { ReviewSubgraph } from '../support/review-subgraph.ts';
import { eventually, SocketClient } from '../support/socket-client.ts';

const ROOT_ONLY = 'subscription { reviewAdded { id } }';
const open: { close(): unknown }[] = [];

async function gateway(
  options?: LiveGatewayOptions,
  reviews?: ReviewSubgraph,
): Promise<LiveGateway> {
  const live = await startLiveGateway(options, reviews);
  open.push(live);
  return live;
}

async function connect(live: LiveGateway, authorization?: string): Promise<SocketClient> {
  const client = await SocketClient.connect(live.url, { authorization });
  open.push(client);
  return client;
}

function publish(live: LiveGateway, from: number, to = from): void {
  const ids = Array.from({ length: to - from + 1 }, (_, index) => `r${from + index}`);
  live.reviews.publish(...ids.map((id) => ({ id, stars: 5, upc: 'u1' })));
}

function ids(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `r${from + index}`);
}

/** Subscribed, and the subgraph knows. */
async function subscribed(
  live: LiveGateway,
  client: SocketClient,
  query = JOINED,
  extensions?: object,
): Promise<void> {
  const before = live.subscriptions.counters.active;
  client.subscribe('1', query, extensions);
  await eventually(
    () => live.subscriptions.counters.active === before + 1 && live.reviews.streams > 0,
  );
}

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

describe('sharing', () => {
  it('pitfalls 11 and 12: identical subscriptions share an upstream, an execution and a payload', async () => {
    const live = await gateway();
    const clients = await Promise.all([connect(live), connect(live), connect(live)]);
    for (const client of clients) await subscribed(live, client);

    publish(live, 1, 2);
    for (const client of clients) await client.until(() => client.reviews('1').length === 2);

    expect(live.reviews.opened.length).toBe(1);
    expect(live.joins()).toBe(2);
    expect(live.subscriptions.counters.delivered).toBe(6);
    const [first, ...others] = clients.map((client) => client.of('1', 'next'));
    for (const other of others) expect(other).toEqual(first);
  });

  it.each([
    ['another identity', 'Bearer ada', JOINED, {}],
    ['another selection', undefined, ROOT_ONLY, {}],
    [
      'other variables',
      undefined,
      'subscription($s: Int) { reviewAdded(minStars: $s) { id } }',
      { s: 3 },
    ],
  ])('%s shares nothing', async (_case, authorization, query, variables) => {
    const live = await gateway();
    const first = await connect(live);
    const second = await connect(live, authorization);
    await subscribed(live, first);

    second.subscribe('1', query, undefined, variables);
    await eventually(() => live.reviews.streams === 2);

    expect(live.reviews.opened.length).toBe(2);
  });

  it('variables in another order are the same subscription', async () => {
    const live = await gateway();
    const client = await connect(live);
    const query =
      'subscription($a: Int, $b: Boolean!) { reviewAdded(minStars: $a) { id stars @include(if: $b) } }';

    client.subscribe('1', query, undefined, { a: 1, b: true });
    client.subscribe('2', query, undefined, { b: true, a: 1 });
    await eventually(() => live.subscriptions.counters.active === 2 && live.reviews.streams === 1);

    expect(live.reviews.opened.length).toBe(1);
    expect(live.reviews.opened[0]?.variables).toEqual({ a: 1, b: true });
  });

  it('pitfall 20: different streams to one subgraph share a socket', async () => {
    const live = await gateway();
    const [ada, bob] = [await connect(live, 'Bearer ada'), await connect(live, 'Bearer bob')];
    await subscribed(live, ada);
    await subscribed(live, bob, ROOT_ONLY);
    await eventually(() => live.reviews.streams === 2);

    expect(live.reviews.sockets).toBe(1);
  });

  it('pitfall 7: a quiet upstream is released at once when its last subscriber leaves', async () => {
    const live = await gateway();
    const client = await connect(live);
    await subscribed(live, client);

    client.send({ id: '1', type: 'complete' });
    await eventually(() => live.reviews.streams === 0);

    await eventually(() => live.reviews.sockets === 0);
    expect(live.subscriptions.counters.active).toBe(0);
  });
});

describe('resume', () => {
  it('replays in order what was missed, then goes live', async () => {
    const live = await gateway();
    const first = await connect(live);
    await subscribed(live, first);
    publish(live, 1);
    await first.until(() => first.reviews('1').length === 1);
    const cursor = first.cursor('1');
    first.close();
    await eventually(() => live.reviews.streams === 0);
    publish(live, 2, 40);

    const again = await connect(live);
    again.subscribe('1', JOINED, { cursor });
    await again.until(() => again.reviews('1').length === 39);
    publish(live, 41, 42);
    await again.until(() => again.reviews('1').length === 41);

    expect(again.reviews('1')).toEqual(ids(2, 42));
  });

  it('goes on under another selection and another alias: the stream is the same', async () => {
    const live = await gateway();
    const client = await connect(live);
    await subscribed(live, client);
    publish(live, 1, 2);
    await client.until(() => client.reviews('1').length === 2);
    const cursor = client.of('1', 'next')[0]?.payload?.extensions?.cursor;

    client.subscribe('2', 'subscription { reviewAdded { id } }', { cursor });
    client.subscribe('3', 'subscription { again: reviewAdded(minStars: 0) { id } }', { cursor });
    await client.until(() => client.of('2', 'next').length + client.of('3', 'next').length === 2);

    expect(client.reviews('2')).toEqual(['r2']);
    expect(client.of('3', 'next')[0]?.payload?.data).toEqual({ again: { id: 'r2' } });
  });

  it.each([
    ['forged', JOINED, undefined, (cursor: string) => `${cursor.slice(0, -4)}AAAA`],
    ['truncated', JOINED, undefined, (cursor: string) => cursor.slice(0, -4)],
    ['no text', JOINED, undefined, () => 5],
    [
      'of other arguments',
      'subscription { reviewAdded(minStars: 4) { id } }',
      undefined,
      (cursor: string) => cursor,
    ],
    ['of another subject', JOINED, 'Bearer eve', (cursor: string) => cursor],
  ])(
    'a cursor that is %s is CURSOR_INVALID and opens nothing',
    async (_case, query, authorization, alter) => {
      const live = await gateway();
      const client = await connect(live);
      await subscribed(live, client);
      publish(live, 1);
      await client.until(() => client.reviews('1').length === 1);
      const other = await connect(live, authorization);

      other.subscribe('1', query, { cursor: alter(client.cursor('1')) });
      await other.until(() => other.of('1', 'error').length === 1);
      publish(live, 2);
      await client.until(() => client.reviews('1').length === 2);

      expect(other.errorCode('1')).toBe('CURSOR_INVALID');
      expect(other.of('1', 'next')).toEqual([]);
      expect(live.reviews.opened.length).toBe(1);
      expect(live.subscriptions.counters.rejected.get('CURSOR_INVALID')).toBe(1);
    },
  );

  it('a subject keeps its cursors when its rights change, because they are only positions', async () => {
    const live = await gateway();
    const client = await connect(live, 'Bearer ada all');
    await subscribed(live, client);
    publish(live, 1, 2);
    await client.until(() => client.reviews('1').length === 2);
    const cursor = client.of('1', 'next')[0]?.payload?.extensions?.cursor;

    const other = await connect(live, 'Bearer ada few');
    other.subscribe('1', JOINED, { cursor });
    await other.until(() => other.reviews('1').length === 1);

    expect(other.reviews('1')).toEqual(['r2']);
  });

  it('a cursor is a position, not a permission: the subgraph is asked again', async () => {
    const live = await gateway();
    const client = await connect(live, 'Bearer ada');
    await subscribed(live, client);
    publish(live, 1);
    await client.until(() => client.reviews('1').length === 1);
    client.send({ id: '1', type: 'complete' });
    await eventually(() => live.reviews.streams === 0);
    live.reviews.refusal = { code: 'FORBIDDEN', message: 'You are not a member any more.' };
    publish(live, 2);

    client.subscribe('2', JOINED, { cursor: client.cursor('1') });
    await client.until(() => client.of('2', 'error').length === 1);

    expect(client.errorCode('2')).toBe('FORBIDDEN');
    expect(client.of('2', 'next')).toEqual([]);
  });

  it('what the subgraph has forgotten is RESYNC_REQUIRED, never a silent jump to live', async () => {
    const live = await gateway();
    const client = await connect(live);
    await subscribed(live, client);
    publish(live, 1);
    await client.until(() => client.reviews('1').length === 1);
    client.send({ id: '1', type: 'complete' });
    await eventually(() => live.reviews.streams === 0);
    publish(live, 2, 10);
    live.reviews.oldest = 5;

    client.subscribe('2', JOINED, { cursor: client.cursor('1') });
    await client.until(() => client.of('2', 'error').length === 1);

    expect(client.errorCode('2')).toBe('RESYNC_REQUIRED');
    expect(client.of('2', 'next')).toEqual([]);
  });

  it('a cursor past the window is RESYNC_REQUIRED', async () => {
    const live = await gateway({ subscriptions: { resumeWindowSeconds: 0.05 } });
    const client = await connect(live);
    await subscribed(live, client);
    publish(live, 1);
    await client.until(() => client.reviews('1').length === 1);
    await new Promise((resolve) => setTimeout(resolve, 80));

    client.subscribe('2', JOINED, { cursor: client.cursor('1') });
    await client.until(() => client.of('2', 'error').length === 1);

    expect(client.errorCode('2')).toBe('RESYNC_REQUIRED');
  });

  it('a client that missed nothing joins the live stream without a replay', async () => {
    const live = await gateway();
    const [first, second] = [await connect(live), await connect(live)];
    await subscribed(live, first);
    publish(live, 1);
    await first.until(() => first.reviews('1').length === 1);

    second.subscribe('1', JOINED, { cursor: first.cursor('1') });
    await eventually(() => live.subscriptions.counters.active === 2);
    publish(live, 2);
    await second.until(() => second.reviews('1').length === 1);

    expect(second.reviews('1')).toEqual(['r2']);
    expect(live.reviews.opened.length).toBe(1);
  });

  it('clients that return together share one replay, the late ones from its beginning', async () => {
    const live = await gateway();
    const first = await connect(live);
    await subscribed(live, first);
    publish(live, 1);
    await first.until(() => first.reviews('1').length === 1);
    const cursor = first.cursor('1');
    first.close();
    await eventually(() => live.reviews.streams === 0);
    publish(live, 2, 300);

    const early = await connect(live);
    early.subscribe('1', JOINED, { cursor });
    await early.until(() => early.reviews('1').length > 20);
    const late = await Promise.all(Array.from({ length: 8 }, () => connect(live)));
    for (const client of late) client.subscribe('1', JOINED, { cursor });
    await eventually(() => live.subscriptions.counters.active === 9);
    publish(live, 301);

    for (const client of [early, ...late]) {
      await client.until(() => client.reviews('1').length === 300);
      expect(client.reviews('1')).toEqual(ids(2, 301));
    }
    expect(live.reviews.opened.length).toBe(2);
    expect(live.joins()).toBe(301);
  });

  it('a replay that has caught up becomes part of the live stream, with no gap and no duplicate', async () => {
    const live = await gateway();
    const clients = [await connect(live)];
    await subscribed(live, clients[0]!);
    publish(live, 1, 30);
    await clients[0]!.until(() => clients[0]!.reviews('1').length === 30);
    const cursors = clients[0]!.of('1', 'next').map(({ payload }) => payload?.extensions?.cursor);

    for (let i = 0; i < 12; i++) {
      const client = await connect(live);
      clients.push(client);
      client.subscribe('1', JOINED, { cursor: cursors[(11 - i) * 2] });
    }
    await eventually(() => live.subscriptions.counters.active === 13);
    publish(live, 31, 33);

    for (const [index, client] of clients.entries()) {
      const from = index === 0 ? 1 : (12 - index) * 2 + 2;
      await client.until(() => client.reviews('1').length === 34 - from);
      expect(client.reviews('1')).toEqual(ids(from, 33));
    }
    expect(live.subscriptions.counters.merged).toBeGreaterThan(0);
    expect(live.subscriptions.counters.active).toBe(13);
  });

  it('survives a restart of the gateway', async () => {
    const reviews = await startReviews();
    open.push({ close: () => reviews.stop() });
    const before = await startLiveGateway({}, reviews);
    const client = await SocketClient.connect(before.url);
    await subscribed(before, client);
    publish(before, 1);
    await client.until(() => client.reviews('1').length === 1);
    await before.closeGateway();
    publish(before, 2);

    const after = await gateway({}, reviews);
    const again = await connect(after);
    again.subscribe('1', JOINED, { cursor: client.cursor('1') });
    await again.until(() => again.reviews('1').length === 1);

    expect(client.closed?.code).toBe(1012);
    expect(again.reviews('1')).toEqual(['r2']);
  });

  it('tells the position before the first event to clients that ask for bookmarks, and only to them', async () => {
    const live = await gateway();
    live.reviews.givesBookmarks = true;
    publish(live, 1);
    const asking = await connect(live);
    const plain = await connect(live);
    asking.subscribe('1', JOINED, { bookmarks: true });
    plain.subscribe('1', JOINED);
    await asking.until(() => asking.of('1', 'next').length === 1);
    asking.close();
    await eventually(() => live.subscriptions.counters.active === 1);
    publish(live, 2);
    await plain.until(() => plain.reviews('1').length === 1);

    const again = await connect(live);
    again.subscribe('1', JOINED, { cursor: asking.cursor('1') });
    await again.until(() => again.reviews('1').length === 1);

    expect(asking.of('1', 'next')[0]?.payload).toEqual({
      data: null,
      extensions: { cursor: expect.any(String), bookmark: true },
    });
    expect(plain.of('1', 'next').length).toBe(1);
    expect(again.reviews('1')).toEqual(['r2']);
  });
});

describe('a subgraph that goes away', () => {
  it('is reconnected and resumed behind the client, over several restarts', async () => {
    const live = await gateway();
    const client = await connect(live);
    await subscribed(live, client);
    publish(live, 1);
    await client.until(() => client.reviews('1').length === 1);

    for (let round = 0; round < 3; round++) {
      await live.reviews.stop();
      publish(live, 2 + round * 2);
      await live.reviews.start();
      await client.until(() => client.reviews('1').length === 2 + round * 2);
      publish(live, 3 + round * 2);
      await client.until(() => client.reviews('1').length === 3 + round * 2);
    }

    expect(client.reviews('1')).toEqual(ids(1, 7));
    expect(client.of('1', 'error')).toEqual([]);
    expect(live.subscriptions.counters.upstreamReconnects).toBeGreaterThanOrEqual(3);
  });

  it('before its first event is resumed from its bookmark, and nothing is missed', async () => {
    const live = await gateway();
    live.reviews.givesBookmarks = true;
    const client = await connect(live);
    client.subscribe('1', JOINED);
    const asking = await connect(live);
    asking.subscribe('1', JOINED, { bookmarks: true });
    await asking.until(() => asking.of('1', 'next').length === 1);

    await live.reviews.stop();
    publish(live, 1);
    await live.reviews.start();
    await client.until(() => client.reviews('1').length === 1);
    publish(live, 2);
    await client.until(() => client.reviews('1').length === 2);

    expect(client.reviews('1')).toEqual(['r1', 'r2']);
    expect(client.of('1', 'error')).toEqual([]);
  });

  it('drops the event a subgraph repeats at the position it resumes after', async () => {
    const live = await gateway();
    live.reviews.repeatsPosition = true;
    const client = await connect(live);
    await subscribed(live, client);
    publish(live, 1);
    await client.until(() => client.reviews('1').length === 1);

    live.reviews.cut();
    publish(live, 2);
    await client.until(() => client.reviews('1').length === 2);
    publish(live, 3);
    await client.until(() => client.reviews('1').length === 3);

    expect(client.reviews('1')).toEqual(ids(1, 3));
  });

  it('is waited for when it is not there yet: nothing can have been missed', async () => {
    const live = await gateway();
    await live.reviews.stop();
    const client = await connect(live);
    client.subscribe('1', JOINED);
    await eventually(() => live.subscriptions.counters.upstreamReconnects > 0);

    await live.reviews.start();
    await eventually(() => live.reviews.streams === 1);
    publish(live, 1);
    await client.until(() => client.reviews('1').length === 1);

    expect(client.of('1', 'error')).toEqual([]);
  });

  it('ends a stream without positions with STREAM_INTERRUPTED: events may be missing', async () => {
    const live = await gateway();
    live.reviews.givesPositions = false;
    const client = await connect(live);
    await subscribed(live, client);
    publish(live, 1);
    await client.until(() => client.reviews('1').length === 1);

    live.reviews.cut();
    await client.until(() => client.of('1', 'error').length === 1);

    expect(client.of('1', 'next')[0]?.payload?.extensions).toBeUndefined();
    expect(client.of('1', 'error')[0]?.payload?.[0]?.extensions).toMatchObject({
      code: 'STREAM_INTERRUPTED',
      retryable: true,
    });
    expect(client.closed).toBeNull();
  });

  it('is given up after the outage limit, with a code to come back by', async () => {
    const live = await gateway({ subscriptions: { outageMillisecondsMax: 200 } });
    const client = await connect(live);
    await subscribed(live, client);
    publish(live, 1);
    await client.until(() => client.reviews('1').length === 1);

    await live.reviews.stop();
    await client.until(() => client.of('1', 'error').length === 1);
    await live.reviews.start();
    publish(live, 2);
    client.subscribe('2', JOINED, { cursor: client.cursor('1') });
    await client.until(() => client.reviews('2').length === 1);

    expect(client.errorCode('1')).toBe('STREAM_INTERRUPTED');
    expect(client.reviews('2')).toEqual(['r2']);
  });

  it('pitfall 6: sends no more than fits the queue, and is resumed for the rest', async () => {
    const live = await gateway({ subscriptions: { queuedEventsMax: 10 } });
    const client = await connect(live);
    await subscribed(live, client);
    publish(live, 1);
    await client.until(() => client.reviews('1').length === 1);

    publish(live, 2, 200);
    await client.until(() => client.reviews('1').length === 200);

    expect(client.reviews('1')).toEqual(ids(1, 200));
    expect(live.reviews.opened.length).toBeGreaterThan(1);
  });
});

describe('a supergraph reload', () => {
  it('keeps the upstream of a stream whose operation is the same', async () => {
    const live = await gateway();
    const client = await connect(live);
    await subscribed(live, client);
    publish(live, 1);
    await client.until(() => client.reviews('1').length === 1);

    live.reload(REVIEWS.replace('reviewCount: Int', 'reviewCount: Int averageStars: Float'));
    publish(live, 2);
    await client.until(() => client.reviews('1').length === 2);
    const newcomer = await connect(live);
    await subscribed(live, newcomer);

    expect(live.reviews.opened.length).toBe(1);
    expect(live.subscriptions.counters.moved).toBe(1);
    expect(client.reviews('1')).toEqual(ids(1, 2));
  });

  it('reopens, after the last event, a stream that is planned otherwise', async () => {
    const live = await gateway();
    const client = await connect(live);
    await subscribed(live, client, 'subscription { reviewAdded { id stars } }');
    publish(live, 1);
    await client.until(() => client.reviews('1').length === 1);

    live.reload(REVIEWS.replace('stars: Int', ''), PRODUCTS_WITH_STARS);
    publish(live, 2, 3);
    await client.until(() => client.reviews('1').length === 3);

    expect(client.of('1', 'next').map(({ payload }) => payload?.data)).toEqual([
      { reviewAdded: { id: 'r1', stars: 5 } },
      { reviewAdded: { id: 'r2', stars: 1 } },
      { reviewAdded: { id: 'r3', stars: 1 } },
    ]);
    expect(live.reviews.opened.map(({ position }) => position)).toEqual([undefined, '1']);
  });

  it('ends with SUBSCRIPTION_SCHEMA_RELOAD what is not valid any more, and nothing else', async () => {
    const live = await gateway();
    const client = await connect(live);
    await subscribed(live, client);
    client.subscribe('2', ROOT_ONLY);
    await eventually(() => live.reviews.streams === 2);

    live.reload(REVIEWS.replace('stars: Int', 'points: Int'));
    await client.until(() => client.of('1', 'error').length === 1);
    publish(live, 1);
    await client.until(() => client.reviews('2').length === 1);

    expect(client.of('1', 'error')[0]?.payload?.[0]?.extensions).toMatchObject({
      code: 'SUBSCRIPTION_SCHEMA_RELOAD',
      retryable: true,
    });
    expect(client.reviews('1')).toEqual([]);
    expect(client.closed).toBeNull();
  });

  it('leaves cursors good across the reload', async () => {
    const live = await gateway();
    const client = await connect(live);
    await subscribed(live, client);
    publish(live, 1, 2);
    await client.until(() => client.reviews('1').length === 2);
    const cursor = client.of('1', 'next')[0]?.payload?.extensions?.cursor;

    live.reload(REVIEWS.replace('reviewCount: Int', 'reviewCount: Int averageStars: Float'));
    client.subscribe('2', JOINED, { cursor });
    await client.until(() => client.reviews('2').length === 1);

    expect(client.reviews('2')).toEqual(['r2']);
  });
});
