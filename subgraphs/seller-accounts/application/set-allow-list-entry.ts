import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId, sellerIdOf } from '../../kernel/ids.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { step } from '../../kernel/state-machine.ts';
import { ALLOW_LIST_TRANSITIONS, type AllowListState } from '../domain/allow-list.states.ts';
import { mayGovernSellers } from '../domain/seller-account.policy.ts';
import type { SellersStore } from './ports.ts';

/** Puts a member on the rollout's list, or changes the entry. The same state again changes nothing. */
export class SetAllowListEntry {
  constructor(private readonly store: SellersStore) {}

  execute(command: {
    readonly actor: Actor;
    readonly userId: string;
    readonly state: AllowListState;
  }): Promise<AllowListState> {
    const { actor, userId, state } = command;
    if (!mayGovernSellers(actor)) throw new NotAllowed('change the allow-list');
    if (!isId('user', userId)) throw new NotFound('member', ['userId']);
    return this.store.transact(async (tx) => {
      const current = await tx.allowListState(userId);
      if (current === state) return state;
      if (current !== null) step('The allow-list entry', ALLOW_LIST_TRANSITIONS, current, state);
      const now = await tx.now();
      await tx.setAllowListState(userId, state, principalOf(actor), now);
      const account = await tx.lockAccount(sellerIdOf(userId));
      if (account !== null)
        await tx.record({ type: 'seller-standing-changed', account, occurredAt: now });
      return state;
    });
  }
}
