import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { ConfirmationRequired, ObligationsOpen } from '../domain/seller-account.errors.ts';
import {
  mayGovernSellers,
  mayManageAccount,
  maySeeAccount,
} from '../domain/seller-account.policy.ts';
import type { SellerAccount } from '../domain/seller-account.ts';
import type { Obligations, SellersStore } from './ports.ts';

/**
 * Ends a seller account for good, by its owner or support: only when no order, dispute, refund, held
 * money or debt is left. The neighbours are asked outside the transaction; what is captured in that
 * very moment is still sent, paid out and refunded, because closing takes no payout right away.
 */
export class CloseSellerAccount {
  constructor(
    private readonly store: SellersStore,
    private readonly obligations: Obligations,
  ) {}

  async execute(command: {
    readonly actor: Actor;
    readonly sellerId: string;
    readonly isFinal: boolean;
  }): Promise<SellerAccount> {
    const { actor, sellerId, isFinal } = command;
    const [account] = isId('seller', sellerId) ? await this.store.accounts([sellerId]) : [];
    if (!account || !maySeeAccount(actor, account))
      throw new NotFound('seller account', ['sellerId']);
    if (!mayManageAccount(actor, account) && !mayGovernSellers(actor))
      throw new NotAllowed('close this seller account');
    account.requireClosable();
    if (!isFinal) throw new ConfirmationRequired();
    const open = await this.obligations.openOf(sellerId);
    if (open.length > 0) throw new ObligationsOpen(open);
    return this.store.transact(async (tx) => {
      const locked = await tx.lockAccount(sellerId);
      if (locked === null) throw new NotFound('seller account', ['sellerId']);
      await tx.record(locked.close(await tx.now()));
      return locked;
    });
  }
}
