import type { Onboarding, SellersStore } from './ports.ts';

const BATCH_MAX = 50;

/** Told of an account that could not be read; it is tried again in its turn. */
export type OnReadFailed = (sellerId: string, error: unknown) => void;

/** Refers submitted applications, and reads what the processor says of every account it keeps. */
export class ReadProcessorStanding {
  constructor(
    private readonly store: SellersStore,
    private readonly onboarding: Onboarding,
    private readonly onFailed: OnReadFailed,
  ) {}

  /** One account that cannot be read must not keep the others from being read. */
  async execute(): Promise<void> {
    const now = await this.store.transact((tx) => tx.now());
    for (const id of await this.store.takeAccountsToRead(now, BATCH_MAX)) {
      try {
        await this.one(id);
      } catch (error) {
        this.onFailed(id, error);
      }
    }
  }

  async one(id: string): Promise<void> {
    const [account] = await this.store.accounts([id]);
    if (!account || account.isUnderReview) return;
    if (account.status === 'SUBMITTED') {
      const by = 'system:onboarding';
      const identity = await this.store.openIdentity(id, by, 'refer the seller to the processor');
      const { onboardingUrl } = await this.onboarding.refer(account, identity);
      await this.store.transact(async (tx) => {
        const locked = await tx.lockAccount(id);
        if (locked?.status === 'SUBMITTED')
          await tx.record(locked.beginVerifying(onboardingUrl, await tx.now()));
      });
    }
    const standing = await this.onboarding.standing(account.trackingId);
    if (standing === null) return;
    await this.store.transact(async (tx) => {
      const locked = await tx.lockAccount(id);
      const event = locked?.learnStanding(standing, await tx.now());
      if (event) await tx.record(event);
      if (locked?.status === 'ACTIVE') await tx.eraseIdentity(id);
    });
  }
}
