import { step } from '../../kernel/state-machine.ts';
import { movement, type StockLine, type StockMovement } from './stock.ts';
import { STOCK_HOLD_TRANSITIONS, type StockHoldStatus } from './stock-hold.states.ts';

/** Units kept for one buyer while they pay. */
export class StockHold {
  private constructor(
    readonly id: string,
    /** What the hold is for; one live hold per reference. */
    readonly reference: string,
    readonly lines: readonly StockLine[],
    readonly status: StockHoldStatus,
    readonly expiresAt: Date,
  ) {}

  /** The caller has checked, under lock, that the units are there. */
  static take(
    id: string,
    reference: string,
    lines: readonly StockLine[],
    expiresAt: Date,
  ): { hold: StockHold; movements: StockMovement[] } {
    const hold = new StockHold(id, reference, lines, 'HELD', expiresAt);
    return { hold, movements: hold.movements('HELD') };
  }

  static stored(
    state: Pick<StockHold, 'id' | 'reference' | 'lines' | 'status' | 'expiresAt'>,
  ): StockHold {
    return new StockHold(state.id, state.reference, state.lines, state.status, state.expiresAt);
  }

  /** The buyer paid: what was held becomes theirs. */
  convert(): StockMovement[] {
    this.become({ status: this.next('CONVERTED') });
    return this.movements('ALLOCATED');
  }

  release(): StockMovement[] {
    this.become({ status: this.next('RELEASED') });
    return this.movements('RELEASED');
  }

  expire(): StockMovement[] {
    this.become({ status: this.next('EXPIRED') });
    return this.movements('EXPIRED');
  }

  /** Keeps the units longer, never shorter. */
  extendTo(expiresAt: Date): void {
    if (expiresAt > this.expiresAt) this.become({ expiresAt });
  }

  isFor(lines: readonly StockLine[]): boolean {
    return sameLines(this.lines, lines);
  }

  isOverdue(now: Date): boolean {
    return this.status === 'HELD' && this.expiresAt <= now;
  }

  private movements(kind: 'HELD' | 'ALLOCATED' | 'RELEASED' | 'EXPIRED'): StockMovement[] {
    return this.lines.map((line) =>
      movement(kind, line.inventoryItemId, line.units, this.reference),
    );
  }

  private next(to: StockHoldStatus): StockHoldStatus {
    return step(`Stock hold ${this.id}`, STOCK_HOLD_TRANSITIONS, this.status, to);
  }

  private become(change: Partial<Pick<StockHold, 'status' | 'expiresAt'>>): void {
    Object.assign(this, change);
  }
}

function sameLines(left: readonly StockLine[], right: readonly StockLine[]): boolean {
  const text = (lines: readonly StockLine[]) =>
    lines
      .map((line) => `${line.variantId} ${line.quantity} ${line.units}`)
      .sort()
      .join('\n');
  return text(left) === text(right);
}
