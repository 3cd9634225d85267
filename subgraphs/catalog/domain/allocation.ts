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
  ) {}

  static of(
    place: Pick<
      Allocation,
      'reference' | 'paymentId' | 'variantId' | 'inventoryItemId' | 'unitsPerSale'
    >,
    quantities: AllocationQuantities,
  ): Allocation {
    const { reference, paymentId, variantId, inventoryItemId, unitsPerSale } = place;
    return new Allocation(
      reference,
      paymentId,
      variantId,
      inventoryItemId,
      unitsPerSale,
      quantities,
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
  sell(quantity: number): StockMovement[] {
    const count = this.step('ALLOCATED', 'SOLD', Math.min(quantity, this.allocated));
    this.become({ sold: this.quantities.sold + count });
    return this.moved('SOLD', count);
  }

  /**
   * Cancelled. What still waits is free again, what was sent comes back. With `restock` it can be
   * sold again; without, it leaves the books as damaged or missing.
   */
  cancel(quantity: number, restock: boolean): StockMovement[] {
    const waiting = this.step('ALLOCATED', 'RELEASED', Math.min(quantity, this.allocated));
    const back = Math.min(quantity - waiting, this.away);
    this.step('SOLD', restock ? 'RESTOCKED' : 'WRITTEN_OFF', back);
    const { released, restocked, writtenOff } = this.quantities;
    this.become({
      released: released + waiting,
      restocked: restock ? restocked + back : restocked,
      writtenOff: restock ? writtenOff : writtenOff + back,
    });
    // Sent units left the level when they were sold: written off, they change nothing more.
    return [
      ...this.moved('CANCELLED', waiting),
      ...(restock ? this.moved('RESTOCKED', back) : this.moved('WRITTEN_OFF', waiting)),
    ];
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

  private become(change: Partial<Omit<AllocationQuantities, 'ordered'>>): void {
    Object.assign(this, { quantities: { ...this.quantities, ...change } });
  }
}
