import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-sse';
import {
  JOINED,
  type LiveGateway,
  type LiveGatewayOptions,
  startLiveGateway,
} from './support/live-gateway.ts';
import { eventually, SocketClient } from './support/socket-client.ts';

const open: { close(): unknown }[] = [];

async function gateway(options?: LiveGatewayOptions): Promise<LiveGateway> {
  const live = await startLiveGateway(options);
  open.push(live);
  return live;
}

/** A bare reader of the response as it comes. */
class StreamClient {
  text = '';
  ended = false;
  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      this.text += chunk;
    });
    response.on('close', () => {
      this.ended = true;
    });
    response.on('error', () => {});
  }

  static async open(live: LiveGateway, body: object, headers = {}): Promise<StreamClient> {
    const request = httpRequest(live.httpUrl, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
    });
    request.end(JSON.stringify(body));
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.once('error', reject);
    });
    const client = new StreamClient(response);
    open.push(client);
    return client;
  }

  /** Events as [event, id, data]. */
  get events(): { event: string; id: string | undefined; data: string }[] {
    return this.text
      .split('\n\n')
      .slice(0, -1)
      .filter((block) => block !== ':')
      .map((block) => {
        const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
        return { event: field('event') ?? '', id: field('id'), data: field('data') ?? '' };
      });
  }

  get reviews(): string[] {
    return this.events.flatMap(({ event, data }) =>
      event === 'next'
        ? ((JSON.parse(data) as { data?: { reviewAdded: { id: string } } }).data?.reviewAdded.id ??
          [])
        : [],
    );
  }

  close(): void {
    this.response.destroy();
  }
}

function publish(live: LiveGateway, ...ids: string[]): void {
  live.reviews.publish(...ids.map((id) => ({ id, stars: 5, upc: 'u1' })));
}

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

describe('Server-Sent Events', () => {
  it('sends each event with its cursor as the id, in the same bytes as over WebSocket', async () => {
    const live = await gateway();
    const stream = await StreamClient.open(live, { query: JOINED });
    const socket = await SocketClient.connect(live.url);
    open.push(socket);
    socket.subscribe('1', JOINED);
    await eventually(() => live.subscriptions.counters.active === 2 && live.reviews.streams === 1);

    publish(live, 'r1');
    await eventually(() => stream.events.length === 1);
    await socket.until(() => socket.reviews('1').length === 1);

    const [event] = stream.events;
    expect(stream.response.statusCode).toBe(200);
    expect(stream.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(event?.event).toBe('next');
    expect(JSON.parse(event!.data)).toEqual(socket.of('1', 'next')[0]?.payload);
    expect(event?.id).toBe(socket.cursor('1'));
    expect(live.reviews.opened.length).toBe(1);
  });

  it('resumes by Last-Event-ID, which outranks the cursor of the first request', async () => {
    const live = await gateway();
    const first = await StreamClient.open(live, { query: JOINED });
    await eventually(() => live.reviews.streams === 1);
    publish(live, 'r1', 'r2');
    await eventually(() => first.reviews.length === 2);
    first.close();
    await eventually(() => live.reviews.streams === 0);
    publish(live, 'r3', 'r4');

    const [older, newer] = first.events.map(({ id }) => id);
    const again = await StreamClient.open(
      live,
      { query: JOINED, extensions: { cursor: older } },
      { 'last-event-id': newer },
    );
    await eventually(() => again.reviews.length === 2);
    publish(live, 'r5');
    await eventually(() => again.reviews.length === 3);

    expect(again.reviews).toEqual(['r3', 'r4', 'r5']);
  });

  it('reports a bad Last-Event-ID as an event with a code, then completes', async () => {
    const live = await gateway();

    const stream = await StreamClient.open(live, { query: JOINED }, { 'last-event-id': 'AAAA' });
    await eventually(() => stream.ended);

    expect(stream.events.map(({ event }) => event)).toEqual(['next', 'complete']);
    expect(JSON.parse(stream.events[0]!.data)).toEqual({
      errors: [
        {
          message: 'The cursor is not valid for this subscription.',
          extensions: { code: 'CURSOR_INVALID', requestId: 'request-1' },
        },
      ],
    });
    expect(live.reviews.opened).toEqual([]);
  });

  it('serves queries too, and refuses what is not valid in the stream', async () => {
    const live = await gateway();

    const query = await StreamClient.open(live, { query: '{ product(upc: "u1") { name } }' });
    const wrong = await StreamClient.open(live, { query: '{ nothingLikeIt }' });
    await eventually(() => query.ended && wrong.ended);

    expect(query.text).toContain(
      'event: next\ndata: {"data":{"product":{"name":"name of u1"}}}\n\nevent: complete\ndata:\n\n',
    );
    expect(wrong.events[0]!.data).toContain('GRAPHQL_VALIDATION_FAILED');
    expect(wrong.events[1]!.event).toBe('complete');
  });

  it('sends comments as heartbeats', async () => {
    const live = await gateway({ http: { heartbeatMilliseconds: 20 } });
    const stream = await StreamClient.open(live, { query: JOINED });

    await eventually(() => stream.text.split(':\n\n').length > 3);

    expect(stream.events).toEqual([]);
  });

  it('ends without complete when the token expires, and delivers nothing afterwards', async () => {
    const live = await gateway();
    const authorization = `Bearer ada all ${Date.now() / 1000 + 0.4}`;
    const stream = await StreamClient.open(live, { query: JOINED }, { authorization });
    await eventually(() => live.reviews.streams === 1);

    await eventually(() => stream.ended);
    publish(live, 'r1');

    expect(stream.events).toEqual([]);
    await eventually(() => live.reviews.streams === 0);
  });

  it('ends at once when the subject is revoked', async () => {
    const live = await gateway();
    const stream = await StreamClient.open(
      live,
      { query: JOINED },
      { authorization: 'Bearer ada' },
    );
    await eventually(() => live.reviews.streams === 1);

    live.subscriptions.revoke({ sub: 'ada' });
    publish(live, 'r1');
    await eventually(() => stream.ended);

    expect(stream.events).toEqual([]);
    expect(live.subscriptions.counters.ended.get('CREDENTIAL_REVOKED')).toBe(1);
  });

  it('sends a slow reader away to resume without a gap', async () => {
    const live = await gateway({ http: { tailBytesMax: 200_000, stallMilliseconds: 500 } });
    const slow = await StreamClient.open(live, { query: JOINED });
    const socket = await SocketClient.connect(live.url);
    open.push(socket);
    socket.subscribe('1', JOINED);
    await eventually(() => live.subscriptions.counters.active === 2 && live.reviews.streams === 1);

    slow.response.pause();
    for (let i = 0; i < 200; i++) {
      publish(live, `${i}-${'x'.repeat(60_000)}`);
      await socket.until(() => socket.of('1', 'next').length === i + 1);
    }
    slow.response.resume();
    await eventually(() => slow.ended);

    const received = slow.reviews.map((id) => Number(id.split('-')[0]));
    expect(received.length).toBeLessThan(200);
    expect(received).toEqual(received.map((_, index) => index));
    expect(live.subscriptions.counters.slowCloses).toBe(1);
    expect(slow.text).not.toContain('event: complete');

    const id = slow.events.filter(({ event }) => event === 'next').at(-1)!.id;
    const again = await StreamClient.open(live, { query: JOINED }, { 'last-event-id': id });
    await eventually(() => again.reviews.length === 200 - received.length, 20_000);
    expect(again.reviews.map((review) => Number(review.split('-')[0]))[0]).toBe(received.length);
  });

  it('lets a user hold so many streams, and a closed one makes room', async () => {
    const live = await gateway({ http: { streamsPerUserMax: 2 } });
    const ada = { authorization: 'Bearer ada' };
    const first = await StreamClient.open(live, { query: JOINED }, ada);
    await StreamClient.open(live, { query: JOINED }, ada);

    const third = await StreamClient.open(live, { query: JOINED }, ada);
    await eventually(() => third.ended);
    first.close();
    await eventually(() => live.subscriptions.counters.active === 1);
    const fourth = await StreamClient.open(live, { query: JOINED }, ada);
    const bob = await StreamClient.open(live, { query: JOINED }, { authorization: 'Bearer bob' });
    await eventually(() => live.subscriptions.counters.active === 3);

    expect(third.events[0]?.data).toContain('TOO_MANY_SUBSCRIPTIONS');
    expect([fourth.ended, bob.ended]).toEqual([false, false]);
  });

  it('releases the upstream when the reader goes away', async () => {
    const live = await gateway();
    const stream = await StreamClient.open(live, { query: JOINED });
    await eventually(() => live.reviews.streams === 1);

    stream.close();

    await eventually(() => live.reviews.streams === 0);
  });

  it('interoperates with the graphql-sse client', async () => {
    const live = await gateway();
    const client = createClient({ url: live.httpUrl, singleConnection: false });
    const received: unknown[] = [];
    client.subscribe<{ reviewAdded: { id: string } }>(
      { query: JOINED },
      {
        next: ({ data }) => received.push(data?.reviewAdded.id),
        error: (error) => received.push(error),
        complete: () => received.push('complete'),
      },
    );
    await eventually(() => live.reviews.streams === 1);

    publish(live, 'r1', 'r2');
    await eventually(() => received.length === 2);
    live.reviews.complete();
    await eventually(() => received.length === 3);

    expect(received).toEqual(['r1', 'r2', 'complete']);
    client.dispose();
  });

  it('lets the graphql-sse client come back by itself when the gateway cuts the stream', async () => {
    const live = await gateway();
    let lastEventId = '';
    let tokens = 0;
    const client = createClient({
      url: live.httpUrl,
      singleConnection: false,
      retry: () => Promise.resolve(),
      headers: (): Record<string, string> => ({
        authorization: `Bearer ada all ${Date.now() / 1000 + (++tokens === 1 ? 0.4 : 3600)}`,
        ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
      }),
    });
    const received: unknown[] = [];
    client.subscribe<{ reviewAdded: { id: string } }, { cursor: string }>(
      { query: JOINED },
      {
        next: ({ data, extensions }) => {
          received.push(data?.reviewAdded.id);
          lastEventId = extensions?.cursor ?? '';
        },
        error: (error) => received.push(error),
        complete: () => received.push('complete'),
      },
    );
    await eventually(() => live.reviews.streams === 1);
    publish(live, 'r1');
    await eventually(() => tokens === 2 && live.reviews.opened.length === 2);

    publish(live, 'r2');
    await eventually(() => received.length === 2);

    expect(received).toEqual(['r1', 'r2']);
    client.dispose();
  });
});
