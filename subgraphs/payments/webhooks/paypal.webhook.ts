import type { FastifyInstance } from 'fastify';
import type { ProcessWebhook } from '../application/process-webhook.ts';

export const PAYPAL_WEBHOOK_PATH = '/webhooks/paypal';

/** PayPal's door: 200 only for what is stored, 503 to be sent again, 401 for what PayPal did not sign. */
export function paypalWebhook(
  app: FastifyInstance,
  webhooks: ProcessWebhook,
  wake: () => void,
): void {
  app.post(PAYPAL_WEBHOOK_PATH, async (request, reply) => {
    const headers = request.headers as Record<string, string | undefined>;
    try {
      const refusal = await webhooks.receive(
        headers,
        (request.body as Buffer | undefined) ?? Buffer.alloc(0),
      );
      if (refusal !== null) return reply.code(401).send({ refused: refusal });
    } catch {
      return reply.code(503).send({ stored: false });
    }
    wake();
    return reply.code(200).send({ stored: true });
  });
}
