import DataLoader from 'dataloader';
import type { Actor } from '../../kernel/policy.ts';
import type { ReadListings } from '../application/read-listings.ts';
import type { CatalogContext } from './context.ts';

/** Batched reads for one actor; they live as long as one operation. */
export function createLoaders(read: ReadListings, actor: Actor): CatalogContext['loaders'] {
  return {
    listing: new DataLoader((ids) => read.listings(ids, actor)),
    variant: new DataLoader((ids) => read.variants(ids, actor)),
    variantsOf: new DataLoader((listingIds) => read.variantsOf(listingIds)),
    level: new DataLoader((ids) => read.levels(ids)),
  };
}
