import type { PublishedEvent } from '../../kernel/events/envelope.ts';
import { userIdOfSeller } from '../../kernel/ids.ts';
import type { OrderEvent } from '../domain/order.events.ts';

/** Events that people see happen; the others are between subgraphs and would only repeat them. */
const LIVE: ReadonlySet<OrderEvent['type']> = new Set([
  'order-placed',
  'shipment-sent',
  'shipment-updated',
  'shipment-voided',
  'order-cancelled',
  'order-completed',
  'return-received',
  'order-updated',
]);

/** Domain event -> what other subgraphs and live clients are told. No address, no name, no free text. */
export function published(event: OrderEvent): PublishedEvent {
  const { orderId, buyerId, sellerId } = event.order;
  return {
    type: `orders.${event.type}`,
    schemaVersion: 1,
    aggregateId: orderId,
    occurredAt: event.occurredAt,
    payload: event.payload as never,
    topics: LIVE.has(event.type)
      ? [
          `order:${orderId}`,
          `buyer:${buyerId}`,
          `seller:${sellerId}`,
          // One stream for a member's both sides.
          `member:${buyerId}`,
          `member:${userIdOfSeller(sellerId)}`,
        ]
      : [],
  };
}
