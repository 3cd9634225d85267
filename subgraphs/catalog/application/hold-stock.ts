import { after } from '../../kernel/clock.ts';
import { isId, type NewId } from '../../kernel/ids.ts';
import { checkedText } from '../../kernel/text.ts';
import { checkedQuantity, QUANTITY_MAX } from '../domain/listing-limits.ts';
import { type StockLine, shortItems } from '../domain/stock.ts';
import { StockHold } from '../domain/stock-hold.ts';
import type { CatalogStore, CatalogTransaction } from './ports.ts';
import type { ListingSnapshot, SnapshotListings } from './snapshot-listings.ts';

export interface HoldStockCommand {
  readonly reference: string;
  readonly lines: readonly { readonly variantId: string; readonly quantity: number }[];
  readonly holdSeconds: number;
}

export interface HoldStockResult {
  readonly isHeld: boolean;
  readonly refusedVariantIds: readonly string[];
  /** What was on offer when this was decided: quantities are those before the hold. */
  readonly lines: readonly ListingSnapshot[];
}

/** A forgotten hold keeps others from buying for as long; much shorter, and it ends while they pay. */
const HOLD_SECONDS_MAX = 86_400;
const REFERENCE_MAX = 255;

/**
 * Keeps units for a buyer who is paying: all lines or none. The same hold again is kept longer; other
 * lines under the same reference take its place; one that was paid for stays as it is.
 */
export class HoldStock {
  constructor(
    private readonly store: CatalogStore,
    private readonly snapshots: SnapshotListings,
    private readonly newId: NewId,
  ) {}

  async execute(command: HoldStockCommand): Promise<HoldStockResult> {
    checkedText(command.reference, { path: ['reference'], maxCodePoints: REFERENCE_MAX });
    checkedQuantity(command.holdSeconds, ['holdSeconds'], 1, HOLD_SECONDS_MAX);
    for (const [index, { quantity }] of command.lines.entries())
      checkedQuantity(quantity, ['lines', String(index), 'quantity'], 1, QUANTITY_MAX);
    const { refusedVariantIds, lines } = await this.store.transact(async (tx) => {
      const last = await tx.lockLastHold(command.reference);
      const offered = await this.snapshots.execute(command.lines.map((line) => line.variantId));
      return { refusedVariantIds: await this.hold(tx, command, last, offered), lines: offered };
    });
    return { isHeld: refusedVariantIds.length === 0, refusedVariantIds, lines };
  }

  /** Resolves to the variants that cannot be had. */
  private async hold(
    tx: CatalogTransaction,
    command: HoldStockCommand,
    last: StockHold | null,
    offered: readonly ListingSnapshot[],
  ): Promise<string[]> {
    if (last?.status === 'CONVERTED') return [];
    const notForSale = notSaleable(command, offered);
    if (notForSale.length > 0) return notForSale;
    const lines = await stockLines(tx, command.lines);
    const expiresAt = after(await tx.now(), command.holdSeconds * 1_000);
    if (last?.status === 'HELD' && last.isFor(lines)) {
      last.extendTo(expiresAt);
      await tx.saveHold(last);
      return [];
    }
    if (last?.status === 'HELD') await this.giveBack(tx, last, lines);
    const levels = await tx.lockLevels(lines.map((line) => line.inventoryItemId));
    const short = shortItems(lines, levels);
    if (short.size > 0) {
      return lines.filter((line) => short.has(line.inventoryItemId)).map((line) => line.variantId);
    }
    const id = this.newId('stockHold');
    const { hold, movements } = StockHold.take(id, command.reference, lines, expiresAt);
    await tx.saveHold(hold);
    await tx.move(movements);
    return [];
  }

  // Everything that was and will be held is locked at once, in one order, before the first change.
  private async giveBack(
    tx: CatalogTransaction,
    hold: StockHold,
    next: readonly StockLine[],
  ): Promise<void> {
    await tx.lockLevels([...hold.lines, ...next].map((line) => line.inventoryItemId));
    await tx.move(hold.release());
    await tx.saveHold(hold);
  }
}

function notSaleable({ lines }: HoldStockCommand, offered: readonly ListingSnapshot[]): string[] {
  const saleable = new Set(
    offered.filter(({ isSaleable }) => isSaleable).map(({ variantId }) => variantId),
  );
  return lines.map(({ variantId }) => variantId).filter((id) => !saleable.has(id));
}

/** Lines with the units of stock they take; an unknown variant is left out. */
export async function stockLines(
  tx: CatalogTransaction,
  asked: readonly { readonly variantId: string; readonly quantity: number }[],
): Promise<StockLine[]> {
  const known = asked.map((line) => line.variantId).filter((id) => isId('variant', id));
  const variants = new Map((await tx.variants(known)).map((variant) => [variant.id, variant]));
  return asked.flatMap(({ variantId, quantity }) => {
    const variant = variants.get(variantId);
    if (!variant) return [];
    const { inventoryItemId, unitsPerSale } = variant;
    return [{ variantId, quantity, inventoryItemId, units: quantity * unitsPerSale }];
  });
}
