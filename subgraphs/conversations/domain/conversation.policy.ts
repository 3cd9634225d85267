import { type Actor, actsForSeller, isMember } from '../../kernel/policy.ts';

export type Side = 'BUYER' | 'SELLER';

interface Pair {
  readonly buyerId: string;
  readonly sellerId: string;
}

/** The side on which the actor stands, or null when the conversation is none of theirs. */
export function sideOf(actor: Actor, pair: Pair): Side | null {
  if (isMember(actor, pair.buyerId)) return 'BUYER';
  return actsForSeller(actor, pair.sellerId) ? 'SELLER' : null;
}

/** Its two sides, and support, whose every look is recorded. */
export function maySeeConversation(actor: Actor, pair: Pair): boolean {
  return sideOf(actor, pair) !== null || actor.kind === 'support';
}

export function mayWrite(actor: Actor, pair: Pair): boolean {
  return sideOf(actor, pair) !== null;
}

export function mayFreeze(actor: Actor): boolean {
  return actor.kind === 'support';
}

/** A buyer's name is for the buyer, for sellers who have a conversation or an order with them, and for support. */
export function maySeeBuyer(
  actor: Actor,
  buyer: { readonly buyerId: string; readonly knownToSellers: readonly string[] },
): boolean {
  if (isMember(actor, buyer.buyerId) || actor.kind === 'support') return true;
  return buyer.knownToSellers.some((sellerId) => actsForSeller(actor, sellerId));
}
