import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { selfSignedCertificate } from '../../../../../local/paypal/certificate.ts';
import type { WebhookHeaders } from '../../../../../subgraphs/payments/application/processor.port.ts';
import { eventOf } from '../../../../../subgraphs/payments/processor/paypal/paypal-webhooks.ts';
import {
  isChainTrusted,
  WebhookVerifier,
} from '../../../../../subgraphs/payments/processor/paypal/webhook-verifier.ts';
import { type Sandbox, startSandbox } from '../../../../local/paypal/support/sandbox.ts';

interface Received {
  readonly headers: WebhookHeaders;
  readonly body: Buffer;
}

let sandbox: Sandbox;
let webhookId: string;
let received: Received[] = [];
/** What our endpoint answers; a webhook that is refused is sent again. */
let answerStatus = 200;
let requestsToStranger = 0;
let strangerUrl: string;
const endings: (() => void)[] = [];

async function listen(handle: (message: Received) => number): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const headers = request.headers as Record<string, string | undefined>;
    response.writeHead(handle({ headers, body: Buffer.concat(chunks) })).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  sandbox = await startSandbox();
  const url = await listen((message) => {
    received.push(message);
    return answerStatus;
  });
  strangerUrl = await listen(() => {
    requestsToStranger += 1;
    return 200;
  });
  webhookId = await sandbox.processor.registerWebhook(`${url}/webhooks/paypal`);
});
afterAll(async () => {
  for (const end of endings) end();
  await sandbox.close();
});
beforeEach(() => {
  received = [];
  answerStatus = 200;
});

/** Has an event happen and resolves to what reached us. */
async function happen(eventType: string, count = 1): Promise<Received> {
  await sandbox.client.call(
    {
      operation: 'webhooks.simulate',
      method: 'POST',
      path: '/v1/notifications/simulate-event',
      body: { event_type: eventType, resource: { id: 'CAP1', note: 'नमस्ते' } },
    },
    z.unknown(),
  );
  return arrived(count);
}

async function arrived(count: number): Promise<Received> {
  const deadline = Date.now() + 5_000;
  while (received.length < count && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10));
  const last = received.at(-1);
  if (received.length < count || !last) throw new Error(`only ${received.length} arrived`);
  return last;
}

const verifier = (id = webhookId) =>
  new WebhookVerifier({ webhookId: id, simulatorOrigin: sandbox.simulator.url });

describe('a webhook', () => {
  it('is taken when the signature is good, over the bytes as they came', async () => {
    const { headers, body } = await happen('PAYMENT.CAPTURE.COMPLETED');

    expect(await verifier().refusal(headers, body)).toBeNull();
    expect(eventOf(body)).toMatchObject({
      eventType: 'PAYMENT.CAPTURE.COMPLETED',
      captureId: 'CAP1',
      refundId: null,
    });
    // The same content written another way is another message.
    const rewritten = Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1));
    expect(await verifier().refusal(headers, rewritten)).toBe('SIGNATURE_DOES_NOT_MATCH');
  });

  it('is refused when it was altered, meant for another, or signed by a stranger', async () => {
    const { headers, body } = await happen('PAYMENT.CAPTURE.COMPLETED');
    const altered = Buffer.from(body.toString().replace('CAP1', 'CAP2'));
    await sandbox.fault({ operation: '*', kind: 'forge-webhook' });
    const forged = await happen('PAYMENT.CAPTURE.COMPLETED', 2);

    expect(await verifier().refusal(headers, altered)).toBe('SIGNATURE_DOES_NOT_MATCH');
    expect(await verifier('WH-OTHER').refusal(headers, body)).toBe('SIGNATURE_DOES_NOT_MATCH');
    expect(await verifier().refusal(forged.headers, forged.body)).toBe('SIGNATURE_DOES_NOT_MATCH');
    const later = { ...headers, 'paypal-transmission-time': '2031-01-01T00:00:00Z' };
    expect(await verifier().refusal(later, body)).toBe('SIGNATURE_DOES_NOT_MATCH');
  });

  it.each([
    'paypal-transmission-id',
    'paypal-transmission-time',
    'paypal-transmission-sig',
    'paypal-cert-url',
  ])('is refused without %s', async (name) => {
    const { headers, body } = await happen('PAYMENT.CAPTURE.COMPLETED');

    const refusal = await verifier().refusal({ ...headers, [name]: undefined }, body);

    expect(refusal).toBe('MISSING_SIGNATURE_HEADERS');
  });

  it('is refused with an algorithm of its sender', async () => {
    const { headers, body } = await happen('PAYMENT.CAPTURE.COMPLETED');

    const refusal = await verifier().refusal({ ...headers, 'paypal-auth-algo': 'none' }, body);

    expect(refusal).toBe('ALGORITHM_NOT_ALLOWED');
  });

  it('makes no call to a host that is not on the list', async () => {
    const { headers, body } = await happen('PAYMENT.CAPTURE.COMPLETED');
    const strangers = [
      `${strangerUrl}/cert`,
      `http://api.paypal.com@${new URL(strangerUrl).host}/cert`,
      'http://api.paypal.com/v1/notifications/certs/CERT',
      'https://api.paypal.com:8443/cert',
      'https://api.paypal.com.evil.example/cert',
      'https://evilpaypal.com/cert',
      'https://user@api.paypal.com/cert',
      'file:///etc/passwd',
      'not a url',
    ];

    const refusals = [];
    for (const certUrl of strangers)
      refusals.push(await verifier().refusal({ ...headers, 'paypal-cert-url': certUrl }, body));

    expect(new Set(refusals)).toEqual(new Set(['CERTIFICATE_HOST_NOT_ALLOWED']));
    expect(requestsToStranger).toBe(0);
  });

  it('does not take the simulator for PayPal where none is configured', async () => {
    const { headers, body } = await happen('PAYMENT.CAPTURE.COMPLETED');

    const strict = new WebhookVerifier({ webhookId, simulatorOrigin: null });

    expect(await strict.refusal(headers, body)).toBe('CERTIFICATE_HOST_NOT_ALLOWED');
  });

  it('is no event when its body is none', () => {
    expect(() => eventOf(Buffer.from('{"id":"WH-1"}'))).toThrow();
    expect(() => eventOf(Buffer.from('hello'))).toThrow();
  });
});

describe('the deliveries of the simulator', () => {
  it('repeat what was not acknowledged, with the same event, on its own clock', async () => {
    answerStatus = 503;
    const first = await happen('PAYMENT.CAPTURE.PENDING');
    answerStatus = 200;
    await sandbox.moveClock(3_000);

    const second = await arrived(2);

    expect(eventOf(second.body)).toEqual(eventOf(first.body));
    expect(await verifier().refusal(second.headers, second.body)).toBeNull();
  });

  it('can be doubled and dropped', async () => {
    await sandbox.fault({ operation: '*', kind: 'duplicate-webhook' });
    await happen('PAYMENT.CAPTURE.COMPLETED', 3);
    expect(new Set(received.map(({ body }) => eventOf(body).eventId)).size).toBe(1);

    received = [];
    await sandbox.fault({ operation: '*', kind: 'drop-webhook' });
    await happen('PAYMENT.CAPTURE.REFUNDED', 0).catch(() => {});
    await happen('PAYMENT.CAPTURE.DENIED');
    expect(received.map(({ body }) => eventOf(body).eventType)).toEqual(['PAYMENT.CAPTURE.DENIED']);
  });
});

describe('isChainTrusted', () => {
  const now = new Date('2030-06-01T00:00:00Z');
  const make = (name: string) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return selfSignedCertificate(privateKey, name, now);
  };

  it('takes a certificate for PayPal from a root it trusts, in its time', () => {
    const pem = make('messageverificationcerts.paypal.com');
    const chain = [new X509Certificate(pem)];

    expect(isChainTrusted(chain, now.getTime(), [pem])).toBe(true);
    expect(
      isChainTrusted(chain, now.getTime(), [make('messageverificationcerts.paypal.com')]),
    ).toBe(false);
    expect(isChainTrusted(chain, now.getTime())).toBe(false);
    expect(isChainTrusted(chain, Date.parse('2036-01-01'), [pem])).toBe(false);
    expect(isChainTrusted(chain, Date.parse('2030-05-01'), [pem])).toBe(false);
    expect(isChainTrusted([], now.getTime(), [pem])).toBe(false);
  });

  it.each(['paypal.com.evil.example', 'evilpaypal.com', 'example.com'])(
    'does not take one for %s',
    (name) => {
      const pem = make(name);

      expect(isChainTrusted([new X509Certificate(pem)], now.getTime(), [pem])).toBe(false);
    },
  );
});
