import { step } from '../../kernel/state-machine.ts';
import { ALLOCATION_TRANSITIONS, type AllocationState } from './allocation.states.ts';
import { movement, type StockMovement } from './stock.ts';

export interface AllocationQuantities {
  /** Ordered and paid for; never changes. */
  readonly ordered: number;
  readonly sold: number;
  readonly released: number;
  readonly restocked: number;
  readonly writtenOff: number;
}

/** Units of one variant that one payment bought, counted by where they are in their life. */
export class Allocation {
  private constructor(
    /** The payment request that sold them. */
    readonly reference: string,
    readonly paymentId: string,
    readonly variantId: string,
    readonly inventoryItemId: string,
    readonly unitsPerSale: number,
    readonly quantities: AllocationQuantities,
    /** The order they were sent for; null until the first of them was sent. */
    readonly orderId: string | null,
  ) {}

  static of(
    place: Pick<
      Allocation,
      'reference' | 'paymentId' | 'variantId' | 'inventoryItemId' | 'unitsPerSale'
    >,
    quantities: AllocationQuantities,
    orderId: string | null = null,
  ): Allocation {
    const { reference, paymentId, variantId, inventoryItemId, unitsPerSale } = place;
    return new Allocation(
      reference,
      paymentId,
      variantId,
      inventoryItemId,
      unitsPerSale,
      quantities,
      orderId,
    );
  }

  /** How many still wait on the shelf to be sent. */
  get allocated(): number {
    return this.quantities.ordered - this.quantities.sold - this.quantities.released;
  }

  /** How many have been sent and have not come back. */
  get away(): number {
    return this.quantities.sold - this.quantities.restocked - this.quantities.writtenOff;
  }

  /** Sent to the buyer. Takes at most what still waits: being told twice sends nothing twice. */
  sell(quantity: number, orderId: string): StockMovement[] {
    const count = this.step('ALLOCATED', 'SOLD', Math.min(quantity, this.allocated));
    this.become({ orderId, quantities: { sold: this.quantities.sold + count } });
    return this.moved('SOLD', count);
  }

  /**
   * Cancelled. What still waits is free again, what was sent comes back. With `restock` it can be
   * sold again; without, it leaves the books as damaged or missing.
   */
  cancel(quantity: number, restock: boolean): StockMovement[] {
    const waiting = this.step('ALLOCATED', 'RELEASED', Math.min(quantity, this.allocated));
    this.become({ quantities: { released: this.quantities.released + waiting } });
    const back = quantity - waiting;
    return [
      ...this.moved('CANCELLED', waiting),
      // Units that were never sent are still in the level: unsellable, they must leave it.
      ...(restock ? [] : this.moved('WRITTEN_OFF', waiting)),
      ...this.takeBack(restock ? back : 0, restock ? 0 : back),
    ];
  }

  /** The buyer sent units back. Only good ones can be sold again; damaged ones stay off the books. */
  takeBack(good: number, damaged: number): StockMovement[] {
    const restocked = this.step('SOLD', 'RESTOCKED', Math.min(good, this.away));
    const writtenOff = this.step('SOLD', 'WRITTEN_OFF', Math.min(damaged, this.away - restocked));
    this.become({
      quantities: {
        restocked: this.quantities.restocked + restocked,
        writtenOff: this.quantities.writtenOff + writtenOff,
      },
    });
    return this.moved('RESTOCKED', restocked);
  }

  private moved(
    kind: 'SOLD' | 'CANCELLED' | 'RESTOCKED' | 'WRITTEN_OFF',
    quantity: number,
  ): StockMovement[] {
    if (quantity === 0) return [];
    return [movement(kind, this.inventoryItemId, quantity * this.unitsPerSale, this.reference)];
  }

  private step(from: AllocationState, to: AllocationState, quantity: number): number {
    step(`Allocation of ${this.variantId}`, ALLOCATION_TRANSITIONS, from, to);
    return quantity;
  }

  private become(change: {
    readonly orderId?: string;
    readonly quantities: Partial<Omit<AllocationQuantities, 'ordered'>>;
  }): void {
    const quantities = { ...this.quantities, ...change.quantities };
    Object.assign(this, { quantities, orderId: change.orderId ?? this.orderId });
  }
}
