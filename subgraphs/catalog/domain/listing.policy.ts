import { type Actor, actsForSeller } from '../../kernel/policy.ts';

interface OfSeller {
  readonly sellerId: string;
}

/** The seller, or a partner the seller was granted to. */
export function mayManageListing(actor: Actor, listing: OfSeller): boolean {
  return actsForSeller(actor, listing.sellerId);
}

/** Buyers see what is for sale; its owner and support see all. */
export function maySeeListing(
  actor: Actor,
  listing: OfSeller & { readonly status: string },
): boolean {
  return listing.status === 'ACTIVE' || maySeeEverythingOf(actor, listing);
}

/** Stock counts, review reasons and unsold states are nobody else's business. */
export function maySeeEverythingOf(actor: Actor, listing: OfSeller): boolean {
  return mayManageListing(actor, listing) || actor.kind === 'support' || actor.kind === 'system';
}
