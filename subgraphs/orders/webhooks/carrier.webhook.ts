import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../kernel/clock.ts';
import type { CarrierInbox } from '../application/ports.ts';
import { carrierWordSchema } from '../application/receive-carrier-webhook.ts';

/** Carriers send one small event at a time. */
const BODY_BYTES_MAX = 16_384;

/**
 * `POST /webhooks/carrier`, signed: `carrier-signature: sha256=<hex HMAC of the raw body>`. Verified
 * before it is read, stored under the carrier's event id, answered, and only then worked on.
 */
export function carrierWebhook(given: {
  readonly secret: string;
  readonly inbox: CarrierInbox;
  readonly clock: Clock;
  readonly process: () => Promise<void>;
}): (app: FastifyInstance) => void {
  return (app) => {
    app.post('/webhooks/carrier', { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
      const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
      if (!isSigned(body, String(request.headers['carrier-signature'] ?? ''), given.secret))
        return reply.code(401).send({ error: 'the signature is missing or wrong' });
      const word = carrierWordSchema.safeParse(jsonOf(body));
      if (!word.success) return reply.code(400).send({ error: 'this is not a carrier event' });
      const { eventId } = word.data;
      const receivedAt = given.clock.now();
      const fresh = await given.inbox.store({ eventId, body: body.toString('utf8'), receivedAt });
      if (fresh) await given.process();
      return reply.code(200).send({ isKnown: !fresh });
    });
  };
}

function isSigned(body: Buffer, signature: string, secret: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
