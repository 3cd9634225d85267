import type DataLoader from 'dataloader';
import type { BaseContext } from '../../kernel/subgraph.ts';
import type { AdjustStock } from '../application/adjust-stock.ts';
import type { MoveListing, ReviewListing, UpdateListing } from '../application/change-listing.ts';
import type { CreateListing } from '../application/create-listing.ts';
import type { HoldStock } from '../application/hold-stock.ts';
import type { Page } from '../application/ports.ts';
import type { ReadListings } from '../application/read-listings.ts';
import type { ReleaseStock } from '../application/release-stock.ts';
import type { SetStockThreshold } from '../application/set-stock-threshold.ts';
import type { SnapshotListings } from '../application/snapshot-listings.ts';
import type { UpdateVariant } from '../application/update-variant.ts';
import type { Listing } from '../domain/listing.ts';
import type { StockLevel } from '../domain/stock.ts';
import type { Variant } from '../domain/variant.ts';

/** A page of one seller's listings. */
export interface SellerPage {
  readonly sellerId: string;
  readonly page: Page;
}

export interface CatalogContext extends BaseContext {
  readonly useCases: {
    readonly createListing: CreateListing;
    readonly updateListing: UpdateListing;
    readonly moveListing: MoveListing;
    readonly reviewListing: ReviewListing;
    readonly updateVariant: UpdateVariant;
    readonly adjustStock: AdjustStock;
    readonly setStockThreshold: SetStockThreshold;
    readonly holdStock: HoldStock;
    readonly releaseStock: ReleaseStock;
    readonly snapshotListings: SnapshotListings;
    readonly readListings: ReadListings;
  };
  readonly loaders: {
    readonly listing: DataLoader<string, Listing | null>;
    readonly variant: DataLoader<string, Variant | null>;
    readonly variantsOf: DataLoader<string, Variant[]>;
    readonly level: DataLoader<string, StockLevel | null>;
    readonly pageOf: DataLoader<SellerPage, readonly Listing[], string>;
  };
}
