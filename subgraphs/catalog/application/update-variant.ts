import { NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Money } from '../../kernel/money.ts';
import type { Actor } from '../../kernel/policy.ts';
import { mayManageListing } from '../domain/listing.policy.ts';
import { prohibitedTermsIn } from '../domain/prohibited-terms.ts';
import type { Variant } from '../domain/variant.ts';
import type { CatalogStore } from './ports.ts';

/** A new price, name or availability of one choice. Requests already sent keep their snapshot. */
export class UpdateVariant {
  constructor(private readonly store: CatalogStore) {}

  execute(command: {
    readonly actor: Actor;
    readonly variantId: string;
    readonly title: string | null;
    readonly price: Money | null;
    readonly isOffered: boolean | null;
  }): Promise<Variant> {
    const { actor, variantId, ...change } = command;
    return this.store.transact(async (tx) => {
      const [variant] = isId('variant', variantId) ? await tx.variants([variantId]) : [];
      const listing = variant ? await tx.lockListing(variant.listingId) : null;
      if (!variant || listing === null || !mayManageListing(actor, listing))
        throw new NotFound('variant', ['variantId']);
      const policy = await tx.policy();
      // A new name is text like any other: it may send the listing back to review.
      const titles = change.title === null ? [] : [change.title];
      const prohibitedIn = (texts: readonly string[]) =>
        prohibitedTermsIn(texts, policy.prohibitedTerms);
      const changed = listing.edit({}, titles, prohibitedIn, await tx.now());
      variant.edit(change, policy, []);
      await tx.record(changed);
      return variant;
    });
  }
}
