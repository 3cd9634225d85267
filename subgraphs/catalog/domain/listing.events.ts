import type { ListingStatus } from './listing.states.ts';

/** A listing's state, text, terms or prices are not what they were. */
export interface ListingChanged {
  readonly type: 'listing.changed';
  readonly listingId: string;
  readonly sellerId: string;
  readonly status: ListingStatus;
  readonly occurredAt: Date;
}

/** A buyer paid for units that are gone: the payment must be returned. */
export interface StockConversionFailed {
  readonly type: 'stock.conversion-failed';
  readonly paymentRequestId: string;
  readonly paymentId: string;
  readonly sellerId: string;
  readonly occurredAt: Date;
}

export type CatalogEvent = ListingChanged | StockConversionFailed;
