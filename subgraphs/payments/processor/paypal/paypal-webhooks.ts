import { z } from 'zod';
import { type ProcessorEvent, ProcessorRefused } from '../../application/processor.port.ts';
import type { PayPalClient } from './paypal-client.ts';

/** What is listened to. An event type outside this list is never sent to us. */
export const EVENT_TYPES = [
  'CHECKOUT.ORDER.APPROVED',
  'CHECKOUT.PAYMENT-APPROVAL.REVERSED',
  'PAYMENT.CAPTURE.COMPLETED',
  'PAYMENT.CAPTURE.PENDING',
  'PAYMENT.CAPTURE.DENIED',
  'PAYMENT.CAPTURE.DECLINED',
  'PAYMENT.CAPTURE.REFUNDED',
  'PAYMENT.CAPTURE.REVERSED',
  'PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED',
  'PAYMENT.REFERENCED-PAYOUT-ITEM.FAILED',
  'CUSTOMER.DISPUTE.CREATED',
  'CUSTOMER.DISPUTE.UPDATED',
  'CUSTOMER.DISPUTE.RESOLVED',
  'VAULT.PAYMENT-TOKEN.CREATED',
  'VAULT.PAYMENT-TOKEN.DELETED',
  'MERCHANT.ONBOARDING.COMPLETED',
  'MERCHANT.PARTNER-CONSENT.REVOKED',
] as const;

const webhookSchema = z.object({ id: z.string(), url: z.string() });
const listSchema = z.object({ webhooks: z.array(webhookSchema).default([]) });

/** Looked for first: PayPal refuses a second registration of one URL, and allows ten in all. */
export async function registerWebhook(client: PayPalClient, url: string): Promise<string> {
  const known = await findWebhook(client, url);
  if (known !== null) return known;
  try {
    const created = await client.call(
      {
        operation: 'webhooks.create',
        method: 'POST',
        path: '/v1/notifications/webhooks',
        body: { url, event_types: EVENT_TYPES.map((name) => ({ name })) },
      },
      webhookSchema,
    );
    if (created) return created.id;
  } catch (error) {
    // Registered by another process between the look and the call.
    if (!(error instanceof ProcessorRefused) || error.issue !== 'WEBHOOK_URL_ALREADY_EXISTS')
      throw error;
  }
  const found = await findWebhook(client, url);
  if (found === null) throw new Error('PayPal knows no webhook for our address');
  return found;
}

async function findWebhook(client: PayPalClient, url: string): Promise<string | null> {
  const answer = await client.call(
    { operation: 'webhooks.list', method: 'GET', path: '/v1/notifications/webhooks' },
    listSchema,
  );
  return answer?.webhooks.find((webhook) => webhook.url === url)?.id ?? null;
}

const eventSchema = z.object({
  id: z.string().min(1).max(255),
  event_type: z.string().min(1).max(255),
  resource: z
    .object({
      id: z.string().optional(),
      dispute_id: z.string().optional(),
      reference_id: z.string().optional(),
      supplementary_data: z
        .object({
          related_ids: z
            .object({ order_id: z.string().optional(), capture_id: z.string().optional() })
            .optional(),
        })
        .optional(),
      disputed_transactions: z
        .array(z.object({ seller_transaction_id: z.string().optional() }))
        .optional(),
      links: z.array(z.object({ rel: z.string(), href: z.string() })).optional(),
    })
    .default({}),
});

type Resource = z.infer<typeof eventSchema>['resource'];

/**
 * The ids an event is about. Amounts and states in it are not taken over: they are read afresh,
 * because events come late, twice and in any order. Throws for a body that is no event.
 */
export function eventOf(rawBody: Buffer): ProcessorEvent {
  const { id, event_type: eventType, resource } = eventSchema.parse(JSON.parse(rawBody.toString()));
  const isRefund =
    eventType === 'PAYMENT.CAPTURE.REFUNDED' || eventType.startsWith('PAYMENT.REFUND.');
  return {
    eventId: id,
    eventType,
    captureId: captureIdOf(eventType, resource, isRefund),
    refundId: isRefund ? (resource.id ?? null) : null,
    disputeId: resource.dispute_id ?? null,
    orderId:
      resource.supplementary_data?.related_ids?.order_id ??
      (eventType.startsWith('CHECKOUT.') ? (resource.id ?? null) : null),
  };
}

function captureIdOf(eventType: string, resource: Resource, isRefund: boolean): string | null {
  if (eventType.startsWith('CUSTOMER.DISPUTE.'))
    return resource.disputed_transactions?.[0]?.seller_transaction_id ?? null;
  if (eventType.startsWith('PAYMENT.REFERENCED-PAYOUT')) return resource.reference_id ?? null;
  // A refund names its capture in the link that leads up.
  if (isRefund) {
    const up = resource.links?.find((link) => link.rel === 'up')?.href;
    return up?.split('/').at(-1) ?? resource.supplementary_data?.related_ids?.capture_id ?? null;
  }
  return eventType.startsWith('PAYMENT.CAPTURE.') ? (resource.id ?? null) : null;
}
