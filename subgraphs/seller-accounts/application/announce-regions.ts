import type { SellersStore } from './ports.ts';

/** One transaction takes this many sellers; more hold their locks longer. */
const BATCH_MAX = 100;

/**
 * Tells everybody who listens that a region was opened or closed, seller by seller, when its rule
 * takes effect: at once or at the moment it names. A crash goes on where it stopped.
 */
export class AnnounceRegions {
  constructor(private readonly store: SellersStore) {}

  async runDue(): Promise<void> {
    const now = await this.store.transact((tx) => tx.now());
    for (const rule of await this.store.regionsToAnnounce(now)) {
      for (let told = BATCH_MAX; told === BATCH_MAX; ) {
        told = await this.store.transact(async (tx) => {
          const accounts = await tx.nextToTell(rule, BATCH_MAX);
          const occurredAt = await tx.now();
          for (const account of accounts)
            await tx.record({ type: 'seller-standing-changed', account, occurredAt });
          return accounts.length;
        });
      }
    }
  }
}
