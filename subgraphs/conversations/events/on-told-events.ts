import { z } from 'zod';
import type { EventHandler } from '../../kernel/events/consumer.ts';
import type { EventEnvelope } from '../../kernel/events/envelope.ts';
import type { RememberTrade, TellInThread } from '../application/tell-in-thread.ts';
import { TOLD_EVENTS, TOLD_SHIPMENT_STATUSES, type Told } from '../domain/notices.ts';

const payloadSchema = z.object({
  conversationId: z.string().nullable(),
  paymentRequestId: z.string().optional(),
  orderId: z.string().optional(),
  shipmentId: z.string().optional(),
});

/** What payments and orders tell is appended to the thread it belongs to, once per event. */
export function onToldEvents(useCases: {
  readonly tellInThread: TellInThread;
  readonly rememberTrade: RememberTrade;
}): EventHandler[] {
  const told = Object.entries(TOLD_EVENTS)
    .filter(([type]) => type !== 'orders.order-placed')
    .map(([type, news]) => handler(type, (event) => tell(useCases.tellInThread, event, news)));
  return [...told, onOrderPlaced(useCases), onShipmentUpdated(useCases)];
}

function onOrderPlaced(useCases: {
  readonly tellInThread: TellInThread;
  readonly rememberTrade: RememberTrade;
}): EventHandler {
  const trade = z.object({ orderId: z.string(), buyerId: z.string(), sellerId: z.string() });
  return handler('orders.order-placed', async (event) => {
    await useCases.rememberTrade.execute(trade.parse(event.payload));
    const news = TOLD_EVENTS['orders.order-placed'];
    if (news) await tell(useCases.tellInThread, event, news);
  });
}

function onShipmentUpdated(useCases: { readonly tellInThread: TellInThread }): EventHandler {
  const status = z.object({ status: z.string() });
  return handler('orders.shipment-updated', async (event) => {
    const news = TOLD_SHIPMENT_STATUSES[status.parse(event.payload).status];
    if (news) await tell(useCases.tellInThread, event, news);
  });
}

function handler(type: string, handle: (event: EventEnvelope) => Promise<void>): EventHandler {
  return { type, schemaVersions: [1], handle };
}

async function tell(tellInThread: TellInThread, event: EventEnvelope, told: Told): Promise<void> {
  const payload = payloadSchema.parse(event.payload);
  const cardId = {
    PaymentRequest: payload.paymentRequestId,
    Order: payload.orderId,
    Shipment: payload.shipmentId,
    Listing: undefined,
  }[told.cardType];
  // A checkout has no thread to tell it in.
  if (payload.conversationId === null || cardId === undefined) return;
  await tellInThread.execute({
    told,
    conversationId: payload.conversationId,
    cardId,
    sourceKey: `${event.type}:${event.aggregateId}:${event.aggregateVersion}`,
  });
}
