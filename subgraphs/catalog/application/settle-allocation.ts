import type { Allocation } from '../domain/allocation.ts';
import type { StockMovement } from '../domain/stock.ts';
import type { CatalogStore, CatalogTransaction } from './ports.ts';

export type Quantities = ReadonlyMap<string, number>;

/** Follows an order: units leave with a shipment, and come back with a cancellation or a return. */
export class SettleAllocation {
  constructor(private readonly store: CatalogStore) {}

  /** `quantities` by variant; units of no listing are nobody's stock. */
  sell(paymentId: string, orderId: string, quantities: Quantities): Promise<void> {
    return this.store.transact(async (tx) => {
      const allocations = await tx.lockAllocationsOfPayment(paymentId);
      await settle(tx, allocations, (allocation) =>
        allocation.sell(quantities.get(allocation.variantId) ?? 0, orderId),
      );
    });
  }

  cancel(paymentId: string, quantities: Quantities, restock: boolean): Promise<void> {
    return this.store.transact(async (tx) => {
      const allocations = await tx.lockAllocationsOfPayment(paymentId);
      await settle(tx, allocations, (allocation) =>
        allocation.cancel(quantities.get(allocation.variantId) ?? 0, restock),
      );
    });
  }

  /** Throws when the order never took this variant from here: the event is parked for a person. */
  takeBack(returned: {
    readonly orderId: string;
    readonly variantId: string;
    readonly good: number;
    readonly damaged: number;
  }): Promise<void> {
    return this.store.transact(async (tx) => {
      const { orderId, variantId, good, damaged } = returned;
      const allocations = (await tx.lockAllocationsOfOrder(orderId)).filter(
        (allocation) => allocation.variantId === variantId,
      );
      if (allocations.length === 0) throw new Error(`${orderId} took nothing of ${variantId}`);
      await settle(tx, allocations, (allocation) => allocation.takeBack(good, damaged));
    });
  }
}

// All levels are locked before the first one changes, in the order of their ids.
async function settle(
  tx: CatalogTransaction,
  allocations: readonly Allocation[],
  move: (allocation: Allocation) => readonly StockMovement[],
): Promise<void> {
  await tx.lockLevels(allocations.map((allocation) => allocation.inventoryItemId));
  for (const allocation of allocations) {
    await tx.move(move(allocation));
    await tx.saveAllocation(allocation);
  }
}
