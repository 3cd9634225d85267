import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { sellerIdOf } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { NotAllowListed, RegionNotEnabled } from '../domain/seller-account.errors.ts';
import type { SellerAccount } from '../domain/seller-account.ts';
import type { SellersStore } from './ports.ts';
import type { ReadProcessorStanding } from './read-processor-standing.ts';

/** Hands the application to the processor. What it answers is read by ReadProcessorStanding. */
export class SubmitSellerApplication {
  constructor(
    private readonly store: SellersStore,
    private readonly read: ReadProcessorStanding,
  ) {}

  async execute(command: {
    readonly actor: Actor;
    readonly hasConsented: boolean;
  }): Promise<SellerAccount> {
    const { actor } = command;
    if (actor.kind !== 'member') throw new NotAllowed('submit an application');
    const id = sellerIdOf(actor.userId);
    await this.store.transact(async (tx) => {
      const account = await tx.lockAccount(id);
      if (account === null) throw new NotFound('seller account');
      const now = await tx.now();
      if (!(await tx.isRegionEnabled(account.region, now)))
        throw new RegionNotEnabled(account.region);
      if (!(await tx.isAllowListed(actor.userId, now))) throw new NotAllowListed();
      account.submit(command.hasConsented, await tx.isKnownPerson(id), now);
      await tx.markRead(id, now);
    });
    // Submitted is committed. If the processor does not answer now, the timer refers it again.
    await this.read.one(id).catch(() => {});
    const [account] = await this.store.accounts([id]);
    if (!account) throw new NotFound('seller account');
    return account;
  }
}
