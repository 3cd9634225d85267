import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import { mayGovernSellers } from '../domain/seller-account.policy.ts';
import type { SellerAccount, SellerTier } from '../domain/seller-account.ts';
import type { SellersStore } from './ports.ts';

export type Governing =
  | { readonly action: 'RESTRICT' | 'SUSPEND' | 'REJECT'; readonly reason: string }
  | { readonly action: 'REINSTATE' | 'CLEAR_REVIEW' }
  | { readonly action: 'SET_TIER'; readonly tier: SellerTier };

const REASON_MAX = 500;

/** Support's decisions about one account. Nothing here touches orders that are already open. */
export class GovernSeller {
  constructor(private readonly store: SellersStore) {}

  execute(command: {
    readonly actor: Actor;
    readonly sellerId: string;
    readonly decision: Governing;
  }): Promise<SellerAccount> {
    const { actor, sellerId, decision } = command;
    if (!mayGovernSellers(actor)) throw new NotAllowed('decide about seller accounts');
    return this.store.transact(async (tx) => {
      const account = isId('seller', sellerId) ? await tx.lockAccount(sellerId) : null;
      if (account === null) throw new NotFound('seller account', ['sellerId']);
      const now = await tx.now();
      switch (decision.action) {
        case 'RESTRICT':
          await tx.record(account.restrict(reasonOf(decision), now));
          break;
        case 'SUSPEND':
          await tx.record(account.suspend(reasonOf(decision), now));
          break;
        case 'REJECT':
          await tx.record(account.reject(reasonOf(decision), now));
          break;
        case 'CLEAR_REVIEW':
          account.clearReview(now);
          break;
        case 'REINSTATE':
          await tx.record(account.reinstate(now));
          break;
        case 'SET_TIER':
          await tx.record(account.promote(decision.tier, now));
          break;
      }
      return account;
    });
  }
}

function reasonOf({ reason }: { readonly reason: string }): string {
  return checkedText(reason, { path: ['reason'], maxCodePoints: REASON_MAX });
}
