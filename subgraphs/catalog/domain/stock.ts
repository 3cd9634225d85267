/** How many units of one inventory item there are, and what they are promised to. */
export interface StockLevel {
  readonly inventoryItemId: string;
  readonly onHand: number;
  /** Paid for and not yet sent. */
  readonly allocated: number;
  /** Kept for buyers who are paying. */
  readonly held: number;
  /** Units never offered, for sales elsewhere. */
  readonly threshold: number;
}

/** Units that another buyer can still get. Zero, never less, when a threshold was raised later. */
export function saleableUnits(level: StockLevel): number {
  return Math.max(0, unpromisedUnits(level) - level.threshold);
}

/** Units neither held nor allocated: the most that can leave the shelf otherwise. */
export function unpromisedUnits(level: StockLevel): number {
  return level.onHand - level.allocated - level.held;
}

export type StockMovementKind =
  | 'ADJUSTED'
  | 'HELD'
  | 'RELEASED'
  | 'EXPIRED'
  | 'ALLOCATED'
  | 'SOLD'
  | 'CANCELLED'
  | 'RESTOCKED'
  | 'WRITTEN_OFF';

/** One change of a level. Movements are only ever added: their sum is the level. */
export interface StockMovement {
  readonly inventoryItemId: string;
  readonly kind: StockMovementKind;
  readonly onHand: number;
  readonly allocated: number;
  readonly held: number;
  /** What it was for: a payment request, a listing, or the seller's own adjustment. */
  readonly reference: string;
  readonly reason: string | null;
}

/** The movement that each kind of event makes, for so many units. */
export const MOVEMENT_OF: Readonly<
  Record<
    Exclude<StockMovementKind, 'ADJUSTED'>,
    { readonly onHand: number; readonly allocated: number; readonly held: number }
  >
> = {
  HELD: { onHand: 0, allocated: 0, held: 1 },
  RELEASED: { onHand: 0, allocated: 0, held: -1 },
  EXPIRED: { onHand: 0, allocated: 0, held: -1 },
  ALLOCATED: { onHand: 0, allocated: 1, held: -1 },
  SOLD: { onHand: -1, allocated: -1, held: 0 },
  CANCELLED: { onHand: 0, allocated: -1, held: 0 },
  RESTOCKED: { onHand: 1, allocated: 0, held: 0 },
  WRITTEN_OFF: { onHand: -1, allocated: 0, held: 0 },
};

export function movement(
  kind: keyof typeof MOVEMENT_OF,
  inventoryItemId: string,
  units: number,
  reference: string,
): StockMovement {
  const { onHand, allocated, held } = MOVEMENT_OF[kind];
  return {
    inventoryItemId,
    kind,
    // 0 * -1 would be -0, which is another value to a test and to JSON.
    onHand: onHand * units || 0,
    allocated: allocated * units || 0,
    held: held * units || 0,
    reference,
    reason: null,
  };
}

/** A line of a hold or of a sale: so many of a variant, and the units of stock that takes. */
export interface StockLine {
  readonly variantId: string;
  readonly quantity: number;
  readonly inventoryItemId: string;
  readonly units: number;
}

/**
 * Units needed, summed per inventory item: two lines that sell from the same stock must both fit.
 * Checking line by line would let each pass on units that only one of them can have.
 */
export function unitsByItem(lines: readonly StockLine[]): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const line of lines) {
    units.set(line.inventoryItemId, (units.get(line.inventoryItemId) ?? 0) + line.units);
  }
  return units;
}

/** Inventory items that cannot serve what is asked of them. */
export function shortItems(
  lines: readonly StockLine[],
  levels: ReadonlyMap<string, StockLevel>,
): ReadonlySet<string> {
  const short = new Set<string>();
  for (const [itemId, units] of unitsByItem(lines)) {
    const level = levels.get(itemId);
    if (!level || saleableUnits(level) < units) short.add(itemId);
  }
  return short;
}
