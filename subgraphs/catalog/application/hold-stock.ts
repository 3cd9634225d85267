import { after } from '../../kernel/clock.ts';
import { isId, type NewId } from '../../kernel/ids.ts';
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
  readonly lines: readonly ListingSnapshot[];
}

/** Keeps units for a buyer who is paying: all lines or none. The same hold again is kept longer. */
export class HoldStock {
  constructor(
    private readonly store: CatalogStore,
    private readonly snapshots: SnapshotListings,
    private readonly newId: NewId,
  ) {}

  async execute(command: HoldStockCommand): Promise<HoldStockResult> {
    const known = command.lines.filter(
      (line) => isId('variant', line.variantId) && line.quantity > 0,
    );
    const refusedVariantIds = await this.store.transact((tx) => this.hold(tx, command, known));
    const lines = await this.snapshots.execute(known.map((line) => line.variantId));
    return { isHeld: refusedVariantIds.length === 0, refusedVariantIds, lines };
  }

  private async hold(
    tx: CatalogTransaction,
    command: HoldStockCommand,
    known: HoldStockCommand['lines'],
  ): Promise<string[]> {
    if (known.length !== command.lines.length) return command.lines.map((line) => line.variantId);
    const lines = await stockLines(tx, known);
    const now = await tx.now();
    const expiresAt = after(now, command.holdSeconds * 1_000);
    const live = await tx.lockLiveHold(command.reference);
    if (live?.isFor(lines)) {
      live.extendTo(expiresAt);
      await tx.saveHold(live);
      return [];
    }
    const levels = await tx.lockLevels(lines.map((line) => line.inventoryItemId));
    if (live) {
      await tx.move(live.release());
      await tx.saveHold(live);
    }
    // Summed per inventory item: two lines of one stock must both fit.
    const fresh = live ? await tx.lockLevels(lines.map((line) => line.inventoryItemId)) : levels;
    const short = shortItems(lines, fresh);
    const served = new Map(lines.map((line) => [line.variantId, line.inventoryItemId]));
    const refused = known
      .map((line) => line.variantId)
      .filter((variantId) => short.has(served.get(variantId) ?? '') || !served.has(variantId));
    if (refused.length > 0) return refused;
    const { hold, movements } = StockHold.take(
      this.newId('stockHold'),
      command.reference,
      lines,
      expiresAt,
    );
    await tx.saveHold(hold);
    await tx.move(movements);
    return [];
  }
}

/** Lines with the units of stock they take; an unknown variant is left out. */
export async function stockLines(
  tx: CatalogTransaction,
  asked: readonly { readonly variantId: string; readonly quantity: number }[],
): Promise<StockLine[]> {
  const variants = new Map(
    (await tx.variants(asked.map((line) => line.variantId))).map((variant) => [
      variant.id,
      variant,
    ]),
  );
  return asked.flatMap(({ variantId, quantity }) => {
    const variant = variants.get(variantId);
    return variant
      ? [
          {
            variantId,
            quantity,
            inventoryItemId: variant.inventoryItemId,
            units: quantity * variant.unitsPerSale,
          },
        ]
      : [];
  });
}
