import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { sellerIdOf } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { checkedIdentity, type Identity } from '../domain/identity.ts';
import type { SellerAccount } from '../domain/seller-account.ts';
import type { SellersStore } from './ports.ts';

/** Takes what the processor must know, seals it, and never shows it again, not even to its owner. */
export class ProvideSellerIdentity {
  constructor(private readonly store: SellersStore) {}

  execute(command: { readonly actor: Actor; readonly identity: Identity }): Promise<SellerAccount> {
    const { actor } = command;
    if (actor.kind !== 'member') throw new NotAllowed('give identity data');
    return this.store.transact(async (tx) => {
      const account = await tx.lockAccount(sellerIdOf(actor.userId));
      if (account === null) throw new NotFound('seller account');
      const now = await tx.now();
      account.provideIdentity(now);
      await tx.storeIdentity(account.id, checkedIdentity(command.identity, now));
      return account;
    });
  }
}
