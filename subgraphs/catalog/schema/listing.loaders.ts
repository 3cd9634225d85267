import DataLoader from 'dataloader';
import type { Actor } from '../../kernel/policy.ts';
import type { Page } from '../application/ports.ts';
import type { ReadListings } from '../application/read-listings.ts';
import type { Listing } from '../domain/listing.ts';
import type { CatalogContext, SellerPage } from './context.ts';

/** Batched reads for one actor; they live as long as one operation. */
export function createLoaders(read: ReadListings, actor: Actor): CatalogContext['loaders'] {
  return {
    listing: new DataLoader((ids) => read.listings(ids, actor)),
    variant: new DataLoader((ids) => read.variants(ids, actor)),
    variantsOf: new DataLoader((listingIds) => read.variantsOf(listingIds)),
    level: new DataLoader((ids) => read.levels(ids)),
    pageOf: new DataLoader((asked) => pagesOf(read, actor, asked), {
      cacheKeyFn: ({ sellerId, page }) => `${sellerId} ${pageKey(page)}`,
    }),
  };
}

/** One read for each page that is asked for, however many sellers it is asked of. */
async function pagesOf(
  read: ReadListings,
  actor: Actor,
  asked: readonly SellerPage[],
): Promise<(readonly Listing[])[]> {
  const found = new Map<SellerPage, readonly Listing[]>();
  const groups = Map.groupBy(asked, ({ page }) => pageKey(page));
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const ids = group.map(({ sellerId }) => sellerId);
      const pages = await read.pagesOf(ids, actor, group[0]!.page);
      for (const [index, each] of group.entries()) found.set(each, pages[index]!);
    }),
  );
  return asked.map((each) => found.get(each)!);
}

function pageKey({ first, after }: Page): string {
  return JSON.stringify([first, after]);
}
