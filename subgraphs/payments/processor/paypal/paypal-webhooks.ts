import { z } from 'zod';
import {
  type ProcessorEvent,
  ProcessorRefused,
  type ProcessorWebhook,
} from '../../application/processor.port.ts';
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

/** Larger pages are fewer calls; PayPal names no limit, and answers with fewer where it has one. */
const EVENTS_PAGE_SIZE = 100;

const webhookSchema = z.object({
  id: z.string(),
  url: z.string(),
  event_types: z.array(z.object({ name: z.string() })).default([]),
});
const eventsSchema = z.object({
  events: z.array(z.looseObject({ id: z.string(), event_type: z.string() })).default([]),
  links: z.array(z.object({ rel: z.string(), href: z.string() })).default([]),
});
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

export interface RegisteredWebhook {
  readonly id: string;
  readonly url: string;
  readonly eventTypes: readonly string[];
}

export async function listWebhooks(client: PayPalClient): Promise<RegisteredWebhook[]> {
  const answer = await client.call(
    { operation: 'webhooks.list', method: 'GET', path: '/v1/notifications/webhooks' },
    listSchema,
  );
  return (answer?.webhooks ?? []).map(({ id, url, event_types: types }) => ({
    id,
    url,
    eventTypes: types.map(({ name }) => name),
  }));
}

async function findWebhook(client: PayPalClient, url: string): Promise<string | null> {
  return (await listWebhooks(client)).find((webhook) => webhook.url === url)?.id ?? null;
}

/** What PayPal says that it told in that time, newest first, of the types that are listened to. */
export async function webhookEventsBetween(
  client: PayPalClient,
  since: Date,
  until: Date,
): Promise<ProcessorWebhook[]> {
  const query = new URLSearchParams({
    page_size: String(EVENTS_PAGE_SIZE),
    start_time: since.toISOString(),
    end_time: until.toISOString(),
  });
  const events = new Map<string, ProcessorWebhook>();
  let path: string | null = `/v1/notifications/webhooks-events?${query}`;
  while (path !== null) {
    const page: z.infer<typeof eventsSchema> | null = await client.call(
      { operation: 'webhooks.events', method: 'GET', path },
      eventsSchema,
    );
    const before = events.size;
    for (const event of page?.events ?? []) {
      const { id: eventId, event_type: eventType } = event;
      events.set(eventId, { eventId, eventType, rawBody: Buffer.from(JSON.stringify(event)) });
    }
    // A page without anything new would be asked for for ever.
    const next: string | undefined = page?.links.find(({ rel }) => rel === 'next')?.href;
    path = next !== undefined && events.size > before ? pathOf(next) : null;
  }
  return [...events.values()].filter(({ eventType }) =>
    EVENT_TYPES.some((one) => one === eventType),
  );
}

/** Links lead to PayPal's own host; calls go to the configured one. */
function pathOf(href: string): string {
  const { pathname, search } = new URL(href, 'https://api-m.paypal.com');
  return `${pathname}${search}`;
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
