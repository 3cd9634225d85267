import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import type { ListingChanged } from '../domain/listing.events.ts';
import { mayManageListing, maySeeListing } from '../domain/listing.policy.ts';
import type { Listing, ListingText } from '../domain/listing.ts';
import type { ListingPolicy } from '../domain/listing-limits.ts';
import { prohibitedTermsIn } from '../domain/prohibited-terms.ts';
import type { CatalogStore } from './ports.ts';

type Change = (
  listing: Listing,
  now: Date,
  policy: ListingPolicy,
  variantTitles: readonly string[],
) => ListingChanged;

const REASON_MAX = 500;

/** One listing, one step of its life, by whoever may take it. */
async function changeListing(
  store: CatalogStore,
  actor: Actor,
  listingId: string,
  may: (actor: Actor, listing: Listing) => boolean,
  change: Change,
): Promise<Listing> {
  return store.transact(async (tx) => {
    const listing = isId('listing', listingId) ? await tx.lockListing(listingId) : null;
    if (listing === null || !maySeeListing(actor, listing))
      throw new NotFound('listing', ['listingId']);
    if (!may(actor, listing)) throw new NotAllowed('change this listing');
    const titles = (await tx.variantsOf(listing.id)).flatMap(({ title }) => title ?? []);
    await tx.record(change(listing, await tx.now(), await tx.policy(), titles));
    return listing;
  });
}

const isSupport = (actor: Actor) => actor.kind === 'support';

/** The seller's steps: publish, pause, resume, archive, appeal. */
export class MoveListing {
  constructor(private readonly store: CatalogStore) {}

  execute(command: {
    readonly actor: Actor;
    readonly listingId: string;
    readonly step: 'PUBLISH' | 'PAUSE' | 'RESUME' | 'ARCHIVE' | 'APPEAL';
  }): Promise<Listing> {
    return changeListing(
      this.store,
      command.actor,
      command.listingId,
      mayManageListing,
      (listing, now, policy, variantTitles) => {
        switch (command.step) {
          case 'PUBLISH':
            return listing.publish(
              prohibitedTermsIn(
                [listing.title, listing.description, ...variantTitles],
                policy.prohibitedTerms,
              ),
              now,
            );
          case 'PAUSE':
            return listing.pause(now);
          case 'RESUME':
            return listing.resume(now);
          case 'ARCHIVE':
            return listing.archive(now);
          case 'APPEAL':
            return listing.appeal(now);
        }
      },
    );
  }
}

/** New text and terms from now on; requests already sent keep what they showed. */
export class UpdateListing {
  constructor(private readonly store: CatalogStore) {}

  execute(command: {
    readonly actor: Actor;
    readonly listingId: string;
    readonly text: Partial<ListingText>;
  }): Promise<Listing> {
    return changeListing(
      this.store,
      command.actor,
      command.listingId,
      mayManageListing,
      (listing, now, policy, variantTitles) =>
        listing.edit(
          command.text,
          variantTitles,
          (texts) => prohibitedTermsIn(texts, policy.prohibitedTerms),
          now,
        ),
    );
  }
}

/** Support's decision about a listing that waits for review, or is on sale. */
export class ReviewListing {
  constructor(private readonly store: CatalogStore) {}

  execute(command: {
    readonly actor: Actor;
    readonly listingId: string;
    readonly decision: 'APPROVE' | 'REMOVE';
    readonly reason: string | null;
  }): Promise<Listing> {
    return changeListing(
      this.store,
      command.actor,
      command.listingId,
      isSupport,
      (listing, now) => {
        if (command.decision === 'APPROVE') return listing.approve(now);
        return listing.remove(
          checkedText(command.reason ?? '', { path: ['reason'], maxCodePoints: REASON_MAX }),
          now,
        );
      },
    );
  }
}
