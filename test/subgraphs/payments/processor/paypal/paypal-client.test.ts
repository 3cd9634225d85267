import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { PayPalClient } from '../../../../../subgraphs/payments/processor/paypal/paypal-client.ts';

const close: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

/** A server that answers as told, and a client before it whose clock stands still. */
async function startWith(listener: RequestListener, nowMs: () => number = () => 0) {
  const tokens: string[] = [];
  const calls: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/v1/oauth2/token') {
      tokens.push(request.headers.authorization ?? '');
      response.end(JSON.stringify({ access_token: `t${tokens.length}`, expires_in: 3_600 }));
      return;
    }
    calls.push(`${request.method} ${request.headers['paypal-request-id'] ?? '-'}`);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { baseUrl, clientId: 'id', clientSecret: 'secret', attributionId: null };
  const client = new PayPalClient({ ...settings, timeoutMs: 150 }, nowMs);
  const stop = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    });
  close.push(() => client.close(), stop);
  return { client, tokens, calls, stop };
}

const get = { operation: 'a.get', method: 'GET', path: '/a' } as const;
const post = { operation: 'a.post', method: 'POST', path: '/a', body: {} } as const;
const idSchema = z.object({ id: z.string() });
const answer =
  (status: number, body: object): RequestListener =>
  (_request, response) =>
    response.writeHead(status).end(JSON.stringify(body));

describe('PayPalClient', () => {
  it('asks for one token in a burst, and for another shortly before it ends', async () => {
    let nowMs = 0;
    const { client, tokens } = await startWith(answer(200, { id: '1' }), () => nowMs);

    await Promise.all(Array.from({ length: 10 }, () => client.call(get, idSchema)));
    expect(tokens).toEqual([`Basic ${Buffer.from('id:secret').toString('base64')}`]);

    nowMs = 3_539_000;
    await client.call(get, idSchema);
    expect(tokens).toHaveLength(1);
    nowMs = 3_541_000;
    await client.call(get, idSchema);
    expect(tokens).toHaveLength(2);
  });

  it('takes a new token when PayPal refuses the one it has', async () => {
    const { client, tokens } = await startWith((request, response) =>
      request.headers.authorization === 'Bearer t1'
        ? response.writeHead(401).end()
        : response.end('{"id":"1"}'),
    );

    expect(await client.call(get, idSchema)).toEqual({ id: '1' });
    expect(tokens).toHaveLength(2);
  });

  it('resolves to null for what is not there, and only when reading', async () => {
    const { client } = await startWith(
      answer(404, { name: 'RESOURCE_NOT_FOUND', details: [{ issue: 'INVALID_RESOURCE_ID' }] }),
    );

    expect(await client.call(get, idSchema)).toBeNull();
    await expect(client.call({ ...post, requestId: 'r1' }, idSchema)).rejects.toMatchObject({
      name: 'ProcessorRefused',
      issue: 'INVALID_RESOURCE_ID',
    });
  });

  it('keeps the issue and the debug id of a refusal, and does not repeat it', async () => {
    const { client, calls } = await startWith(
      answer(422, { debug_id: 'f00', details: [{ issue: 'INSTRUMENT_DECLINED' }] }),
    );

    await expect(client.call({ ...post, requestId: 'r1' }, idSchema)).rejects.toMatchObject({
      operation: 'a.post',
      issue: 'INSTRUMENT_DECLINED',
      debugId: 'f00',
    });
    expect(calls).toEqual(['POST r1']);
  });

  it('repeats silence under the same request id, three times at most', async () => {
    const { client, calls } = await startWith(() => {});

    await expect(client.call({ ...post, requestId: 'r1' }, idSchema)).rejects.toMatchObject({
      name: 'ProcessorOutcomeUnknown',
    });
    expect(calls).toEqual(['POST r1', 'POST r1', 'POST r1']);
  });

  it('sends a call that PayPal does not remember once, whatever happens', async () => {
    const { client, calls } = await startWith((request) => request.destroy());

    await expect(client.call(post, idSchema)).rejects.toMatchObject({
      name: 'ProcessorOutcomeUnknown',
    });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatch(/^POST [0-9a-f-]{36}$/);
  });

  it.each([
    ['PREVIOUS_REQUEST_IN_PROGRESS', 409],
    ['ORDER_COMPLETION_IN_PROGRESS', 422],
  ])('does not take %s for a refusal: the first call is still running', async (issue, status) => {
    const { client } = await startWith(answer(status, { details: [{ issue }] }));

    await expect(client.call({ ...post, requestId: 'r1' }, idSchema)).rejects.toMatchObject({
      name: 'ProcessorOutcomeUnknown',
    });
  });

  it('is certain that nothing happened when it was turned away or could not connect', async () => {
    const { client } = await startWith(answer(429, {}));
    const { client: early, stop } = await startWith(answer(200, { id: '1' }));
    const call = { ...post, requestId: 'r1' };

    await expect(client.call(call, idSchema)).rejects.toMatchObject({
      name: 'ProcessorUnavailable',
    });
    await stop();
    await expect(early.call(call, idSchema)).rejects.toMatchObject({
      name: 'ProcessorUnavailable',
    });
  });

  it('stays UNKNOWN when silence is followed by a certain no', async () => {
    let count = 0;
    const { client } = await startWith((request, response) => {
      count += 1;
      if (count === 1) request.destroy();
      else response.writeHead(429).end();
    });

    await expect(client.call({ ...post, requestId: 'r1' }, idSchema)).rejects.toMatchObject({
      name: 'ProcessorOutcomeUnknown',
    });
  });

  it('does not believe a success that it cannot read', async () => {
    const { client } = await startWith(answer(201, { strange: true }));

    await expect(client.call({ ...post, requestId: 'r1' }, idSchema)).rejects.toMatchObject({
      name: 'ProcessorOutcomeUnknown',
    });
  });

  it('names the merchant it acts for in an unsigned assertion', async () => {
    let assertion = '';
    const { client } = await startWith((request, response) => {
      assertion = String(request.headers['paypal-auth-assertion']);
      response.end('{"id":"1"}');
    });

    await client.call({ ...post, requestId: 'r1', merchantId: 'M1' }, idSchema);

    const [header, payload, signature] = assertion.split('.');
    const read = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect([read(header), read(payload), signature]).toEqual([
      { alg: 'none' },
      { iss: 'id', payer_id: 'M1' },
      '',
    ]);
  });
});
