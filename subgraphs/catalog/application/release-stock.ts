import type { CatalogStore } from './ports.ts';

/** Gives held units back. Nothing held under this reference is nothing to do. */
export class ReleaseStock {
  constructor(private readonly store: CatalogStore) {}

  execute(reference: string): Promise<boolean> {
    return this.store.transact(async (tx) => {
      const hold = await tx.lockLastHold(reference);
      if (hold?.status !== 'HELD') return false;
      await tx.lockLevels(hold.lines.map((line) => line.inventoryItemId));
      await tx.move(hold.release());
      await tx.saveHold(hold);
      return true;
    });
  }
}
