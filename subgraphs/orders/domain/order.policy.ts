import { type Actor, actsForSeller, isMember } from '../../kernel/policy.ts';

interface Parties {
  readonly buyerId: string;
  readonly sellerId: string;
}

export function isBuyer(actor: Actor, order: Parties): boolean {
  return isMember(actor, order.buyerId);
}

export function isSellerSide(actor: Actor, order: Parties): boolean {
  return actsForSeller(actor, order.sellerId);
}

/** Both sides and support. Anybody else is told that there is no such order. */
export function maySeeOrder(actor: Actor, order: Parties): boolean {
  return isBuyer(actor, order) || isSellerSide(actor, order) || actor.kind === 'support';
}

/** Sending is the seller's word alone: support cannot say it for them. */
export function maySend(actor: Actor, order: Parties): boolean {
  return isSellerSide(actor, order);
}

export function mayCancel(actor: Actor, order: Parties): boolean {
  return maySeeOrder(actor, order);
}

/** A carrier's word comes from support or from a partner the seller was granted to, never from a side. */
export function mayRecordCarrierUpdate(actor: Actor, order: Parties): boolean {
  if (actor.kind === 'support' || actor.kind === 'system') return true;
  return actor.kind === 'partner' && isSellerSide(actor, order);
}

export function mayDecideCase(actor: Actor): boolean {
  return actor.kind === 'support';
}

interface AddressBearer extends Parties {
  readonly status: string;
  readonly completedAt: Date | null;
}

/**
 * The buyer always; the seller while there is something to do with it: from the end of the hold
 * until some days after completion. A cancelled order needs no address.
 */
export function maySeeAddress(
  actor: Actor,
  order: AddressBearer,
  now: Date,
  addressVisibleMs: number,
): boolean {
  if (isBuyer(actor, order) || actor.kind === 'support') return true;
  if (!isSellerSide(actor, order)) return false;
  if (order.status === 'ON_HOLD' || order.status === 'CANCELLED') return false;
  return (
    order.completedAt === null || now.getTime() <= order.completedAt.getTime() + addressVisibleMs
  );
}
