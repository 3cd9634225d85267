import type { CatalogStore } from './ports.ts';

const BATCH_MAX = 200;

/** Ends holds whose buyers never came back; their units are for sale again. */
export class ExpireHolds {
  constructor(private readonly store: CatalogStore) {}

  async execute(): Promise<void> {
    const now = await this.store.transact((tx) => tx.now());
    for (const reference of await this.store.overdueHolds(now, BATCH_MAX)) {
      await this.store.transact(async (tx) => {
        const hold = await tx.lockLastHold(reference);
        if (!hold?.isOverdue(now)) return;
        await tx.lockLevels(hold.lines.map((line) => line.inventoryItemId));
        await tx.move(hold.expire());
        await tx.saveHold(hold);
      });
    }
  }
}
