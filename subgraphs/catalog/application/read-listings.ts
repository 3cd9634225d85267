import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { maySeeEverythingOf, maySeeListing } from '../domain/listing.policy.ts';
import type { Listing } from '../domain/listing.ts';
import type { StockLevel } from '../domain/stock.ts';
import type { Variant } from '../domain/variant.ts';
import type { CatalogStore, Page } from './ports.ts';

/** Reads for one actor: what the actor may not see is not there. */
export class ReadListings {
  constructor(private readonly store: CatalogStore) {}

  async listings(ids: readonly string[], actor: Actor): Promise<(Listing | null)[]> {
    const known = ids.filter((id) => isId('listing', id));
    const found = new Map(
      (known.length > 0 ? await this.store.listings(known) : []).map((listing) => [
        listing.id,
        listing,
      ]),
    );
    return ids.map((id) => {
      const listing = found.get(id);
      return listing && maySeeListing(actor, listing) ? listing : null;
    });
  }

  async variantsOf(listingIds: readonly string[]): Promise<Variant[][]> {
    const variants = await this.store.variantsOfListings(listingIds);
    return listingIds.map((id) => variants.filter((variant) => variant.listingId === id));
  }

  /** A variant follows its listing: seen with it, hidden with it. */
  async variants(ids: readonly string[], actor: Actor): Promise<(Variant | null)[]> {
    const known = ids.filter((id) => isId('variant', id));
    const found = new Map(
      (known.length > 0 ? await this.store.variants(known) : []).map((variant) => [
        variant.id,
        variant,
      ]),
    );
    const listingIds = [...new Set([...found.values()].map((variant) => variant.listingId))];
    const visible = new Set(
      (await this.listings(listingIds, actor)).flatMap((listing) => (listing ? [listing.id] : [])),
    );
    return ids.map((id) => {
      const variant = found.get(id);
      return variant && visible.has(variant.listingId) ? variant : null;
    });
  }

  async levels(inventoryItemIds: readonly string[]): Promise<(StockLevel | null)[]> {
    const levels = await this.store.levels(inventoryItemIds);
    return inventoryItemIds.map((id) => levels.get(id) ?? null);
  }

  /** Everything for the seller's own eyes, what is on sale for everybody else's. */
  page(sellerId: string | null, actor: Actor, page: Page): Promise<readonly Listing[]> {
    if (sellerId !== null && !isId('seller', sellerId)) return Promise.resolve([]);
    const activeOnly = sellerId === null || !maySeeEverythingOf(actor, { sellerId });
    return this.store.listingPage({ sellerId, activeOnly }, page);
  }

  /** The same page of several sellers, in their order. */
  async pagesOf(
    sellerIds: readonly string[],
    actor: Actor,
    page: Page,
  ): Promise<(readonly Listing[])[]> {
    const sellers = sellerIds
      .filter((id) => isId('seller', id))
      .map((sellerId) => ({ sellerId, activeOnly: !maySeeEverythingOf(actor, { sellerId }) }));
    const pages =
      sellers.length > 0 ? await this.store.listingPagesOf(sellers, page) : new Map<string, []>();
    return sellerIds.map((id) => pages.get(id) ?? []);
  }
}
