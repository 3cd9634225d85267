import { isId } from '../../kernel/ids.ts';
import type { Money } from '../../kernel/money.ts';
import { saleableUnits } from '../domain/stock.ts';
import { lineTitle } from '../domain/variant.ts';
import type { CatalogStore } from './ports.ts';

/** What a variant is at this moment: what a payment request shows and promises. */
export interface ListingSnapshot {
  readonly variantId: string;
  readonly listingId: string;
  readonly sellerId: string;
  readonly title: string;
  readonly description: string;
  readonly unitPrice: Money;
  /** On sale, whether or not any is left: stock is the hold's question. */
  readonly isSaleable: boolean;
  readonly listingStatus: string;
  readonly saleableQuantity: number;
  readonly returnWindowDays: number;
  readonly isFinalSale: boolean;
  readonly handlingBusinessDays: number;
}

/** Snapshots of variants, in the order asked; unknown ones are left out. */
export class SnapshotListings {
  constructor(private readonly store: CatalogStore) {}

  async execute(variantIds: readonly string[]): Promise<ListingSnapshot[]> {
    const known = variantIds.filter((id) => isId('variant', id));
    const variants = new Map(
      (await this.store.variants(known)).map((variant) => [variant.id, variant]),
    );
    const listings = new Map(
      (
        await this.store.listings([
          ...new Set([...variants.values()].map((variant) => variant.listingId)),
        ])
      ).map((listing) => [listing.id, listing]),
    );
    const levels = await this.store.levels(
      [...variants.values()].map((variant) => variant.inventoryItemId),
    );
    return known.flatMap((id) => {
      const variant = variants.get(id);
      const listing = variant && listings.get(variant.listingId);
      const level = variant && levels.get(variant.inventoryItemId);
      if (!variant || !listing || !level) return [];
      return [
        {
          variantId: variant.id,
          listingId: listing.id,
          sellerId: listing.sellerId,
          title: lineTitle(listing.title, variant.title),
          description: listing.description,
          unitPrice: variant.price,
          isSaleable: listing.status === 'ACTIVE' && variant.isOffered,
          listingStatus: listing.status,
          saleableQuantity: Math.floor(saleableUnits(level) / variant.unitsPerSale),
          returnWindowDays: listing.returnWindowDays,
          isFinalSale: listing.isFinalSale,
          handlingBusinessDays: listing.handlingBusinessDays,
        },
      ];
    });
  }
}
