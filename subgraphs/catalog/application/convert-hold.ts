import { after } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import { Allocation } from '../domain/allocation.ts';
import { type StockLine, shortItems } from '../domain/stock.ts';
import { StockHold } from '../domain/stock-hold.ts';
import { stockLines } from './hold-stock.ts';
import type { CatalogStore, CatalogTransaction } from './ports.ts';

export interface ConvertHoldCommand {
  readonly paymentId: string;
  readonly paymentRequestId: string;
  readonly sellerId: string;
  readonly lines: readonly { readonly variantId: string; readonly quantity: number }[];
}

/**
 * The money was captured, so the held units are sold. A hold that ran out meanwhile is taken anew;
 * when nothing is left, the failure is announced and the buyer gets the money back.
 */
export class ConvertHold {
  constructor(
    private readonly store: CatalogStore,
    private readonly newId: NewId,
  ) {}

  execute(command: ConvertHoldCommand): Promise<void> {
    if (command.lines.length === 0) return Promise.resolve();
    return this.store.transact(async (tx) => {
      const last = await tx.lockLastHold(command.paymentRequestId);
      // One request is paid for once, whoever tells of it again.
      if (last?.status === 'CONVERTED') return;
      const hold = last?.status === 'HELD' ? last : await this.takeAnew(tx, command);
      if (hold === null) {
        const { paymentRequestId, paymentId, sellerId } = command;
        await tx.record({
          type: 'stock.conversion-failed',
          paymentRequestId,
          paymentId,
          sellerId,
          occurredAt: await tx.now(),
        });
        return;
      }
      await tx.lockLevels(hold.lines.map((line) => line.inventoryItemId));
      await tx.move(hold.convert());
      await tx.saveHold(hold);
      for (const line of merged(hold.lines)) await tx.saveAllocation(allocationOf(command, line));
    });
  }

  private async takeAnew(
    tx: CatalogTransaction,
    command: ConvertHoldCommand,
  ): Promise<StockHold | null> {
    const lines = await stockLines(tx, command.lines);
    const levels = await tx.lockLevels(lines.map((line) => line.inventoryItemId));
    if (lines.length !== command.lines.length || shortItems(lines, levels).size > 0) return null;
    const { hold, movements } = StockHold.take(
      this.newId('stockHold'),
      command.paymentRequestId,
      lines,
      after(await tx.now(), 1),
    );
    await tx.saveHold(hold);
    await tx.move(movements);
    return hold;
  }
}

/** Two lines of one variant are one allocation of both. */
function merged(lines: readonly StockLine[]): StockLine[] {
  const byVariant = new Map<string, StockLine>();
  for (const line of lines) {
    const known = byVariant.get(line.variantId);
    byVariant.set(
      line.variantId,
      known
        ? { ...known, quantity: known.quantity + line.quantity, units: known.units + line.units }
        : line,
    );
  }
  return [...byVariant.values()];
}

function allocationOf(
  { paymentRequestId: reference, paymentId }: ConvertHoldCommand,
  line: StockLine,
): Allocation {
  const { variantId, inventoryItemId, quantity, units } = line;
  return Allocation.of(
    { reference, paymentId, variantId, inventoryItemId, unitsPerSale: units / quantity },
    { ordered: quantity, sold: 0, released: 0, restocked: 0, writtenOff: 0 },
  );
}
