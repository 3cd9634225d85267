import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CircuitBreaker } from '../../../gateway/execution/circuit-breaker.ts';
import { coalescingReads } from '../../../gateway/execution/coalescing.ts';
import {
  type HttpTransportOptions,
  httpTransport,
} from '../../../gateway/execution/http-transport.ts';
import { signRequest } from '../../../gateway/execution/request-signing.ts';
import type { RequestContext, SubgraphRequest, SubgraphTransport } from '../../../gateway/types.ts';
import { contextFor } from '../support/federation.ts';

interface Received {
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

const open: { server: Server; transport: SubgraphTransport }[] = [];

afterEach(async () => {
  for (const { server, transport } of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await transport.close().catch(() => undefined);
  }
});

/** A subgraph that answers as told, and a way to it. */
async function subgraph(
  answer: (response: ServerResponse, call: number) => void,
  options: Partial<HttpTransportOptions> = {},
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ body, headers: request.headers });
      answer(response, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  const transport = httpTransport({
    urlOf: () => url,
    queryTimeoutMs: 200,
    mutationTimeoutMs: 400,
    ...options,
  });
  open.push({ server, transport });
  return { received, transport, url };
}

const request = (overrides: Partial<SubgraphRequest> = {}): SubgraphRequest => ({
  serviceName: 'a',
  query: '{x}',
  operationName: null,
  variablesJson: '{}',
  kind: 'query',
  ...overrides,
});

const ok = (response: ServerResponse): void => {
  response.setHeader('content-type', 'application/json');
  response.end('{"data":{"x":1}}');
};

const status =
  (code: number, type = 'text/html') =>
  (response: ServerResponse) => {
    response.writeHead(code, { 'content-type': type }).end('<html>10.0.0.7</html>');
  };

describe('a subgraph call', () => {
  it('sends a GraphQL request and resolves to the text of the answer', async () => {
    const { transport, received } = await subgraph(ok);

    const text = await transport.execute(
      request({ query: 'query Q($a:Int){x}', operationName: 'Q', variablesJson: '{"a":1}' }),
      contextFor(),
    );

    expect(text).toBe('{"data":{"x":1}}');
    expect(JSON.parse(received[0]!.body)).toEqual({
      query: 'query Q($a:Int){x}',
      operationName: 'Q',
      variables: { a: 1 },
    });
    expect(received[0]!.headers['x-request-id']).toBe('request-1');
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    ['HTML with status 500', status(500), 'SUBGRAPH_RESPONSE_INVALID'],
    ['HTML with status 404', status(404), 'SUBGRAPH_RESPONSE_INVALID'],
    ['status 503, twice', status(503), 'SUBGRAPH_UNAVAILABLE'],
    ['a closed socket, twice', (response) => response.destroy(), 'SUBGRAPH_UNAVAILABLE'],
    [
      'half an answer',
      (response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"data":');
        setTimeout(() => response.destroy(), 10);
      },
      'SUBGRAPH_UNAVAILABLE',
    ],
    ['silence', () => undefined, 'SUBGRAPH_TIMEOUT'],
    [
      'an endless answer',
      (response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(timer));
      },
      'SUBGRAPH_TIMEOUT',
    ],
    [
      'an answer over the limit',
      (response) => response.end('x'.repeat(3_000_000)),
      'SUBGRAPH_RESPONSE_TOO_LARGE',
    ],
  ])('ends with a typed failure on %s', async (_case, answer, code) => {
    // Only where the end of the time is what is looked for, it is short.
    const queryTimeoutMs = code === 'SUBGRAPH_TIMEOUT' ? 200 : 10_000;
    const { transport } = await subgraph(answer, { queryTimeoutMs });

    await expect(transport.execute(request(), contextFor())).rejects.toMatchObject({ code });
  });

  it('takes GraphQL errors sent with an error status', async () => {
    const { transport } = await subgraph((response) => {
      response.writeHead(400, { 'content-type': 'application/graphql-response+json' });
      response.end('{"errors":[{"message":"no"}]}');
    });

    expect(await transport.execute(request(), contextFor())).toBe('{"errors":[{"message":"no"}]}');
  });

  it.each([502, 503, 504])('repeats a read once after %d', async (code) => {
    const { transport, received } = await subgraph((response, call) =>
      call === 1 ? status(code)(response) : ok(response),
    );

    expect(await transport.execute(request(), contextFor())).toBe('{"data":{"x":1}}');
    expect(received).toHaveLength(2);
  });

  it('never repeats a mutation', async () => {
    const { transport, received } = await subgraph(status(503));

    await expect(
      transport.execute(request({ kind: 'mutation' }), contextFor()),
    ).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
    });
    expect(received).toHaveLength(1);
  });

  it('never repeats what timed out', async () => {
    const { transport, received } = await subgraph(() => undefined);

    await expect(transport.execute(request(), contextFor())).rejects.toMatchObject({
      code: 'SUBGRAPH_TIMEOUT',
    });
    expect(received).toHaveLength(1);
  });

  it('ends when the request it is part of must', async () => {
    const { transport } = await subgraph(() => undefined, { queryTimeoutMs: 30_000 });
    const started = performance.now();

    await expect(
      transport.execute(request(), contextFor(null, { deadline: Date.now() + 100 })),
    ).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('is cancelled at the subgraph when the client goes away', async () => {
    let closed: (() => void) | undefined;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { transport, received } = await subgraph(
      (response) => response.on('close', () => closed?.()),
      {
        queryTimeoutMs: 30_000,
      },
    );
    const client = new AbortController();
    const call = transport.execute(request(), contextFor(null, { signal: client.signal }));
    const failed = expect(call).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' });
    while (received.length === 0) await delay(5);

    client.abort();

    await failed;
    await gone;
    expect(received).toHaveLength(1);
  });

  it('passes on the headers it was told to, and none of our own', async () => {
    const { transport, received } = await subgraph(ok, {
      propagateHeaders: ['Accept-Language', 'parley-actor'],
    });

    await transport.execute(
      request(),
      contextFor(null, {
        headers: { 'accept-language': 'de', 'parley-actor': 'forged', cookie: 'c' },
      }),
    );

    expect(received[0]!.headers['accept-language']).toBe('de');
    expect(received[0]!.headers['parley-actor']).toBeUndefined();
    expect(received[0]!.headers['parley-signature']).toBeUndefined();
    expect(received[0]!.headers.cookie).toBeUndefined();
  });

  it('is signed over method, path, body, time, nonce and claims', async () => {
    const { transport, received } = await subgraph(ok, {
      signingKeys: new Map([['a', { keyId: 'k1', secret: 'secret' }]]),
    });
    const claims = { iss: 'i', sub: 's', kind: 'member' };

    await transport.execute(request(), contextFor(claims));

    const { headers, body } = received[0]!;
    const actor = headers['parley-actor'] as string;
    const [, t, n, s] = /^v1;kid=k1;t=(\d+);n=([\w-]{22});s=([\w-]{43})$/.exec(
      headers['parley-signature'] as string,
    )!;
    const hash = createHash('sha256').update(body).digest('hex');
    const expected = createHmac('sha256', 'secret')
      .update(`v1\nPOST\n/graphql\n${hash}\n${t}\n${n}\n${actor}`)
      .digest('base64url');
    expect(s).toBe(expected);
    expect(JSON.parse(Buffer.from(actor, 'base64url').toString())).toEqual(claims);
  });

  it('says by its signature that nobody is signed in', () => {
    const headers = signRequest({ keyId: 'k', secret: 's' }, 'POST', '/', '', null, 1);

    expect(Buffer.from(headers['parley-actor'], 'base64url').toString()).toBe('null');
  });
});

describe('the breaker', () => {
  it('stops calling a dead subgraph, tries one call after a pause, and closes again', async () => {
    let dead = true;
    const { transport, received } = await subgraph(
      (response) => (dead ? status(503)(response) : ok(response)),
      {
        breaker: { failuresMax: 2, pauseMs: 100, pauseMaxMs: 100 },
      },
    );
    const call = () => transport.execute(request({ kind: 'mutation' }), contextFor());
    await expect(call()).rejects.toBeDefined();
    await expect(call()).rejects.toBeDefined();

    await expect(call()).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
    expect(received).toHaveLength(2);

    dead = false;
    await delay(120);
    expect(await call()).toBe('{"data":{"x":1}}');
    expect(await call()).toBe('{"data":{"x":1}}');
    expect(received).toHaveLength(4);
  });

  it('lets a single call through when half open, and waits longer after each failure', () => {
    let now = 0;
    const breaker = new CircuitBreaker(
      { failuresMax: 1, pauseMs: 100, pauseMaxMs: 250 },
      () => now,
    );
    breaker.failed();
    now = 100;

    expect(breaker.admit()).toBe(true);
    expect(breaker.admit()).toBe(false);
    breaker.failed();
    now = 299;
    expect(breaker.admit()).toBe(false);
    now = 300;
    expect(breaker.admit()).toBe(true);
    breaker.failed();
    now = 550;
    expect(breaker.admit()).toBe(true);
  });

  it('does not count answers that are merely wrong', async () => {
    const { transport, received } = await subgraph(status(500), {
      breaker: { failuresMax: 1, pauseMs: 10_000, pauseMaxMs: 10_000 },
    });
    await expect(transport.execute(request(), contextFor())).rejects.toBeDefined();
    await expect(transport.execute(request(), contextFor())).rejects.toBeDefined();

    expect(received).toHaveLength(2);
  });
});

describe('identical reads in flight', () => {
  async function slow() {
    const graph = await subgraph((response) => setTimeout(() => ok(response), 50), {
      queryTimeoutMs: 5_000,
    });
    return { ...graph, shared: coalescingReads(graph.transport, ['accept-language']) };
  }

  it('are sent once for one caller', async () => {
    const { shared, received } = await slow();

    const answers = await Promise.all([1, 2, 3].map(() => shared.execute(request(), contextFor())));

    expect(answers).toEqual(Array.from({ length: 3 }, () => '{"data":{"x":1}}'));
    expect(received).toHaveLength(1);
    await shared.execute(request(), contextFor());
    expect(received).toHaveLength(2);
  });

  it.each<[string, Partial<SubgraphRequest>, RequestContext]>([
    ['another caller', {}, contextFor({ iss: 'i', sub: 'other', kind: 'member' })],
    ['other variables', { variablesJson: '{"a":2}' }, contextFor()],
    ['another query', { query: '{y}' }, contextFor()],
    ['another propagated header', {}, contextFor(null, { headers: { 'accept-language': 'fr' } })],
    ['a mutation', { kind: 'mutation' }, contextFor()],
  ])('are not shared with %s', async (_case, overrides, context) => {
    const { shared, received } = await slow();

    await Promise.all([
      shared.execute(request(), contextFor()),
      shared.execute(request(overrides), context),
    ]);

    expect(received).toHaveLength(2);
  });

  it('go on while one client remains, and end with the last', async () => {
    const { shared } = await slow();
    const [first, second] = [new AbortController(), new AbortController()];
    const call = (signal: AbortSignal) => shared.execute(request(), contextFor(null, { signal }));
    const answers = Promise.all([call(first.signal), call(second.signal)]);
    first.abort();
    expect(await answers).toHaveLength(2);

    const third = new AbortController();
    const alone = call(third.signal);
    third.abort();
    await expect(alone).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' });
  });
});
