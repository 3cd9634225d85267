import { isId, sellerIdOf } from './ids.ts';

/** Who acts. Every use case is given one; none reads a token. */
export type Actor =
  | { readonly kind: 'anonymous' }
  /** A person. The same member can buy and, with a seller account, sell. */
  | {
      readonly kind: 'member';
      readonly userId: string;
      readonly name: string | null;
      readonly region: string | null;
    }
  /** A registered partner application. `sellerIds` are the sellers it was granted. */
  | { readonly kind: 'partner'; readonly clientId: string; readonly sellerIds: readonly string[] }
  | { readonly kind: 'support'; readonly userId: string; readonly scopes: readonly string[] }
  /** Our own: a timer, a webhook, an event, or another subgraph. */
  | { readonly kind: 'system'; readonly name: string };

export type MemberActor = Extract<Actor, { kind: 'member' }>;

/** A question about the actor alone, asked at the door. Who may touch which row is asked in the use case. */
export type DoorPolicy = (actor: Actor) => boolean;

export const anyone: DoorPolicy = () => true;
export const members: DoorPolicy = (actor) => actor.kind === 'member';
export const membersAndPartners: DoorPolicy = (actor) =>
  actor.kind === 'member' || actor.kind === 'partner';
export const supportStaff: DoorPolicy = (actor) => actor.kind === 'support';
export const signedIn: DoorPolicy = (actor) => actor.kind !== 'anonymous';
/** Other subgraphs, timers and webhooks; never a client. */
export const systemOnly: DoorPolicy = (actor) => actor.kind === 'system';

/** True when the actor acts for this seller: its owner, or a partner the seller was granted to. */
export function actsForSeller(actor: Actor, sellerId: string): boolean {
  if (actor.kind === 'member') return sellerIdOf(actor.userId) === sellerId;
  return actor.kind === 'partner' && actor.sellerIds.includes(sellerId);
}

export function isMember(actor: Actor, userId: string): boolean {
  return actor.kind === 'member' && actor.userId === userId;
}

/** One text per principal: the scope of idempotency keys, of audit rows and of loaders. */
export function principalOf(actor: Actor): string {
  switch (actor.kind) {
    case 'anonymous':
      return 'anonymous';
    case 'member':
      return actor.userId;
    case 'partner':
      return `partner:${actor.clientId}`;
    case 'support':
      return `support:${actor.userId}`;
    case 'system':
      return `system:${actor.name}`;
  }
}

export function isUserId(id: string): boolean {
  return isId('user', id);
}
