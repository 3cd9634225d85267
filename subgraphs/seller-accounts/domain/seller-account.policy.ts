import { type Actor, actsForSeller, isMember } from '../../kernel/policy.ts';

/** Its owner, a partner it was granted to, support, and the system. The public sees Seller instead. */
export function maySeeAccount(actor: Actor, account: { readonly id: string }): boolean {
  return actsForSeller(actor, account.id) || actor.kind === 'support' || actor.kind === 'system';
}

export function mayManageAccount(actor: Actor, account: { readonly userId: string }): boolean {
  return isMember(actor, account.userId);
}

/** The rollout and the restrictions are decided by support staff. */
export function mayGovernSellers(actor: Actor): boolean {
  return actor.kind === 'support';
}
