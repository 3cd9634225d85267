import { NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { mayManageListing } from '../domain/listing.policy.ts';
import { checkedQuantity } from '../domain/listing-limits.ts';
import type { Variant } from '../domain/variant.ts';
import type { CatalogStore } from './ports.ts';

/**
 * Units the seller keeps back, for a shop window or another market. What is already held or sold
 * stays so: a threshold above what is left only stops new sales.
 */
export class SetStockThreshold {
  constructor(private readonly store: CatalogStore) {}

  execute(command: {
    readonly actor: Actor;
    readonly variantId: string;
    readonly threshold: number;
  }): Promise<Variant> {
    const { actor, variantId } = command;
    return this.store.transact(async (tx) => {
      const [variant] = isId('variant', variantId) ? await tx.variants([variantId]) : [];
      const listing = variant ? await tx.lockListing(variant.listingId) : null;
      if (!variant || listing === null || !mayManageListing(actor, listing))
        throw new NotFound('variant', ['variantId']);
      const threshold = checkedQuantity(command.threshold, ['threshold']);
      await tx.lockLevels([variant.inventoryItemId]);
      await tx.setThreshold(variant.inventoryItemId, threshold);
      return variant;
    });
  }
}
