import type { PublishedEvent } from '../../kernel/events/envelope.ts';
import type { CatalogEvent } from '../domain/listing.events.ts';

// The wire form; see schema/events/catalog.*.json.
export function published(event: CatalogEvent): PublishedEvent {
  switch (event.type) {
    case 'listing.changed': {
      const { listingId, sellerId, status, occurredAt } = event;
      return {
        type: 'catalog.listing-changed',
        schemaVersion: 1,
        aggregateId: listingId,
        occurredAt,
        payload: { listingId, sellerId, status },
      };
    }
    case 'stock.conversion-failed': {
      const { paymentRequestId, paymentId, sellerId, occurredAt } = event;
      return {
        type: 'catalog.stock-conversion-failed',
        schemaVersion: 1,
        aggregateId: `stock:${paymentRequestId}`,
        occurredAt,
        payload: { paymentRequestId, paymentId, sellerId },
      };
    }
  }
}
