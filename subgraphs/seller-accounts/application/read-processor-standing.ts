import type { Onboarding, SellersStore } from './ports.ts';

const BATCH_MAX = 50;

/** Refers submitted applications, and reads what the processor says of all that are not closed. */
export class ReadProcessorStanding {
  constructor(
    private readonly store: SellersStore,
    private readonly onboarding: Onboarding,
  ) {}

  async execute(): Promise<void> {
    for (const id of await this.store.accountsToRead(BATCH_MAX)) await this.one(id);
  }

  async one(id: string): Promise<void> {
    const [account] = await this.store.accounts([id]);
    if (account?.status === 'SUBMITTED') {
      const identity = await this.store.openIdentity(
        id,
        'system:onboarding',
        'refer the seller to the processor',
      );
      const { onboardingUrl } = await this.onboarding.refer(account, identity);
      await this.store.transact(async (tx) => {
        const locked = await tx.lockAccount(id);
        if (locked?.status === 'SUBMITTED')
          await tx.record(locked.beginVerifying(onboardingUrl, await tx.now()));
      });
    }
    const standing = await this.onboarding.standing(id);
    if (standing === null) return;
    await this.store.transact(async (tx) => {
      const locked = await tx.lockAccount(id);
      const event = locked?.learnStanding(standing, await tx.now());
      if (event) await tx.record(event);
    });
  }
}
