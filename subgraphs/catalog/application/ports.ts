import type { Allocation } from '../domain/allocation.ts';
import type { CatalogEvent } from '../domain/listing.events.ts';
import type { Listing } from '../domain/listing.ts';
import type { ListingPolicy } from '../domain/listing-limits.ts';
import type { StockLevel, StockMovement } from '../domain/stock.ts';
import type { StockHold } from '../domain/stock-hold.ts';
import type { Variant } from '../domain/variant.ts';

export interface CatalogTransaction {
  now(): Promise<Date>;
  policy(): Promise<ListingPolicy>;
  lockListing(id: string): Promise<Listing | null>;
  addListing(listing: Listing): void;
  variantsOf(listingId: string): Promise<readonly Variant[]>;
  addVariant(variant: Variant): void;
  addInventoryItem(id: string): Promise<void>;
  variants(ids: readonly string[]): Promise<readonly Variant[]>;
  /** Locked in the order of their ids, so that two buyers of two items never wait for each other. */
  lockLevels(inventoryItemIds: readonly string[]): Promise<ReadonlyMap<string, StockLevel>>;
  setThreshold(inventoryItemId: string, threshold: number): Promise<void>;
  /** Changes the levels and adds the movements; a level that would go negative is refused by the database. */
  move(movements: readonly StockMovement[]): Promise<void>;
  /** The newest hold of this reference. The reference itself is locked: nobody else can hold for it. */
  lockLastHold(reference: string): Promise<StockHold | null>;
  saveHold(hold: StockHold): Promise<void>;
  lockAllocationsOfOrder(orderId: string): Promise<readonly Allocation[]>;
  lockAllocationsOfPayment(paymentId: string): Promise<readonly Allocation[]>;
  saveAllocation(allocation: Allocation): Promise<void>;
  record(event: CatalogEvent): Promise<void>;
}

export interface Page {
  readonly first: number;
  readonly after: readonly string[] | null;
}

/** Whose listings, and whether only what is on sale. */
export interface SellerFilter {
  readonly sellerId: string;
  readonly activeOnly: boolean;
}

export interface CatalogStore {
  transact<T>(work: (tx: CatalogTransaction) => Promise<T>): Promise<T>;
  listings(ids: readonly string[]): Promise<readonly Listing[]>;
  variantsOfListings(listingIds: readonly string[]): Promise<readonly Variant[]>;
  variants(ids: readonly string[]): Promise<readonly Variant[]>;
  levels(inventoryItemIds: readonly string[]): Promise<ReadonlyMap<string, StockLevel>>;
  /** Newest first, one more than asked for where there is more. */
  listingPage(
    filter: { readonly sellerId: string | null; readonly activeOnly: boolean },
    page: Page,
  ): Promise<readonly Listing[]>;
  /** The same page of each of these sellers, by seller; those that have nothing are left out. */
  listingPagesOf(
    sellers: readonly SellerFilter[],
    page: Page,
  ): Promise<ReadonlyMap<string, readonly Listing[]>>;
  overdueHolds(now: Date, limit: number): Promise<readonly string[]>;
}

/** One effect per (principal, operation, key); see the kernel's IdempotencyKeys. */
export interface IdempotencyPort {
  once<T>(
    call: {
      readonly principal: string;
      readonly operation: string;
      readonly key: string;
      readonly request: unknown;
    },
    work: () => Promise<T>,
  ): Promise<{ response: T; replayed: boolean }>;
}
