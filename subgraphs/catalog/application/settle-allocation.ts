import type { CatalogStore } from './ports.ts';

/** Follows an order: units leave with a shipment, and come back with a cancellation. */
export class SettleAllocation {
  constructor(private readonly store: CatalogStore) {}

  /** `quantities` by variant; units of no listing are nobody's stock. */
  sell(paymentId: string, quantities: ReadonlyMap<string, number>): Promise<void> {
    return this.store.transact(async (tx) => {
      for (const allocation of await tx.lockAllocationsOfPayment(paymentId)) {
        const quantity = quantities.get(allocation.variantId) ?? 0;
        const movements = quantity > 0 ? allocation.sell(quantity) : [];
        await tx.lockLevels(movements.map((movement) => movement.inventoryItemId));
        await tx.move(movements);
        await tx.saveAllocation(allocation);
      }
    });
  }

  cancel(
    paymentId: string,
    quantities: ReadonlyMap<string, number>,
    restock: boolean,
  ): Promise<void> {
    return this.store.transact(async (tx) => {
      for (const allocation of await tx.lockAllocationsOfPayment(paymentId)) {
        const quantity = quantities.get(allocation.variantId) ?? 0;
        const movements = quantity > 0 ? allocation.cancel(quantity, restock) : [];
        await tx.lockLevels(movements.map((movement) => movement.inventoryItemId));
        await tx.move(movements);
        await tx.saveAllocation(allocation);
      }
    });
  }
}
