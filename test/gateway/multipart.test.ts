import { afterEach, describe, expect, it } from '@jest/globals';
import { wantsMultipart } from '../../gateway/transports/multipart.ts';
import {
  JOINED,
  type LiveGateway,
  type LiveGatewayOptions,
  startLiveGateway,
} from './support/live-gateway.ts';
import { eventually } from './support/socket-client.ts';

const APOLLO_CLIENT_ACCEPT =
  'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9';
const open: { close(): unknown }[] = [];

async function gateway(options?: LiveGatewayOptions): Promise<LiveGateway> {
  const live = await startLiveGateway(options);
  open.push(live);
  return live;
}

interface Part {
  readonly payload?: {
    data?: { reviewAdded: { id: string } };
    errors?: { extensions: { code: string } }[];
    extensions?: { cursor: string };
  } | null;
  readonly errors?: { extensions: { code: string; retryable?: boolean } }[];
}

/** Reads the parts the way Apollo Client's readMultipartBody does: a part ends at the next delimiter. */
class MultipartClient {
  readonly parts: Part[] = [];
  readonly contentTypes = new Set<string>();
  ended = false;
  closing = '';
  private readonly abort = new AbortController();

  static async open(
    live: LiveGateway,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<MultipartClient> {
    const client = new MultipartClient();
    open.push(client);
    const response = await fetch(live.httpUrl, {
      method: 'POST',
      headers: { accept: APOLLO_CLIENT_ACCEPT, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: client.abort.signal,
    });
    client.contentType = response.headers.get('content-type') ?? '';
    client.read(response).catch(() => {
      client.ended = true;
    });
    return client;
  }

  contentType = '';

  get reviews(): string[] {
    return this.parts.flatMap(({ payload }) => payload?.data?.reviewAdded.id ?? []);
  }

  close(): void {
    this.abort.abort();
  }

  private async read(response: Response): Promise<void> {
    const boundary = /boundary="?([^";]+)"?/.exec(this.contentType)?.[1] ?? '-';
    const delimiter = `\r\n--${boundary}`;
    let buffer = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      buffer += chunk;
      for (let at = buffer.indexOf(delimiter); at >= 0; at = buffer.indexOf(delimiter)) {
        this.take(buffer.slice(0, at));
        buffer = buffer.slice(at + delimiter.length);
      }
    }
    this.closing = buffer;
    this.ended = true;
  }

  private take(message: string): void {
    const bodyAt = message.indexOf('\r\n\r\n');
    if (bodyAt < 0) return;
    this.contentTypes.add(message.slice(0, bodyAt).trim());
    this.parts.push(JSON.parse(message.slice(bodyAt)) as Part);
  }
}

function publish(live: LiveGateway, ...ids: string[]): void {
  live.reviews.publish(...ids.map((id) => ({ id, stars: 5, upc: 'u1' })));
}

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

describe('multipart subscriptions', () => {
  it('sends each event as a part at once, under payload, with its cursor', async () => {
    const live = await gateway();
    const client = await MultipartClient.open(live, { query: JOINED });
    await eventually(() => live.reviews.streams === 1);

    publish(live, 'r1');
    await eventually(() => client.parts.length === 1);

    expect(client.contentType).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
    expect(client.contentTypes).toEqual(new Set(['Content-Type: application/json']));
    expect(client.parts[0]).toEqual({
      payload: {
        data: { reviewAdded: { id: 'r1', stars: 5, product: { upc: 'u1', name: 'name of u1' } } },
        extensions: { cursor: expect.any(String) },
      },
    });
  });

  it('closes the last part when the stream completes', async () => {
    const live = await gateway();
    const client = await MultipartClient.open(live, { query: JOINED });
    await eventually(() => live.reviews.streams === 1);

    live.reviews.complete();
    await eventually(() => client.ended);

    expect(client.parts).toEqual([]);
    expect(client.closing).toBe('--\r\n');
  });

  it('uses the boundary "-" for clients that ask for it or for none', async () => {
    const live = await gateway();
    const client = await MultipartClient.open(
      live,
      { query: JOINED },
      { accept: 'multipart/mixed;subscriptionSpec=1.0, application/json' },
    );
    await eventually(() => live.reviews.streams === 1);

    publish(live, 'r1');
    await eventually(() => client.reviews.length === 1);

    expect(client.contentType).toBe('multipart/mixed;boundary="-";subscriptionSpec=1.0');
  });

  it('sends empty objects as heartbeats', async () => {
    const live = await gateway({ http: { heartbeatMilliseconds: 20 } });
    const client = await MultipartClient.open(live, { query: JOINED });

    await eventually(() => client.parts.length >= 2);

    expect(client.parts.slice(0, 2)).toEqual([{}, {}]);
  });

  it('resumes by the cursor in the extensions of the request', async () => {
    const live = await gateway();
    const first = await MultipartClient.open(live, { query: JOINED });
    await eventually(() => live.reviews.streams === 1);
    publish(live, 'r1');
    await eventually(() => first.parts.length === 1);
    first.close();
    await eventually(() => live.reviews.streams === 0);
    publish(live, 'r2');

    const cursor = first.parts[0]?.payload?.extensions?.cursor;
    const again = await MultipartClient.open(live, { query: JOINED, extensions: { cursor } });
    await eventually(() => again.reviews.length === 1);

    expect(again.reviews).toEqual(['r2']);
  });

  it('tells errors of GraphQL inside the payload', async () => {
    const client = await MultipartClient.open(await gateway(), {
      query: JOINED,
      extensions: { cursor: 'AAAA' },
    });

    await eventually(() => client.ended);

    expect(client.parts.map(({ payload }) => payload?.errors?.[0]?.extensions.code)).toEqual([
      'CURSOR_INVALID',
    ]);
  });

  it('tells errors of the transport beside a null payload: expiry', async () => {
    const live = await gateway();
    const authorization = `Bearer ada all ${Date.now() / 1000 + 0.3}`;
    const client = await MultipartClient.open(live, { query: JOINED }, { authorization });

    await eventually(() => client.ended);

    expect(client.parts).toEqual([
      {
        payload: null,
        errors: [
          {
            message: 'The token has expired.',
            extensions: { code: 'UNAUTHENTICATED', retryable: true },
          },
        ],
      },
    ]);
  });

  it('tells a shutdown as a transport error that may be retried', async () => {
    const live = await startLiveGateway();
    const client = await MultipartClient.open(live, { query: JOINED });
    await eventually(() => live.reviews.streams === 1);

    await live.subscriptions.drain();
    await eventually(() => client.ended);

    expect(client.parts[0]?.payload).toBeNull();
    expect(client.parts[0]?.errors?.[0]?.extensions).toEqual({
      code: 'SERVER_SHUTTING_DOWN',
      retryable: true,
    });
    await live.close();
  });

  it.each([
    [APOLLO_CLIENT_ACCEPT, true],
    ['multipart/mixed; boundary="-"; subscriptionSpec="1.0"', true],
    ['multipart/mixed;deferSpec=20220824', false],
    ['multipart/mixed;subscriptionSpec=1.01', false],
    ['application/json', false],
    [undefined, false],
  ])('reads Accept %s as %s', (accept, wanted) => {
    expect(wantsMultipart({ headers: { accept } } as never)).toBe(wanted);
  });
});
