import type {
  CatalogStore,
  CatalogTransaction,
} from '../../../subgraphs/catalog/application/ports.ts';
import type { Allocation } from '../../../subgraphs/catalog/domain/allocation.ts';
import { Allocation as StoredAllocation } from '../../../subgraphs/catalog/domain/allocation.ts';
import type { Listing } from '../../../subgraphs/catalog/domain/listing.ts';
import type { StockLevel, StockMovement } from '../../../subgraphs/catalog/domain/stock.ts';
import { StockHold } from '../../../subgraphs/catalog/domain/stock-hold.ts';
import type { Variant } from '../../../subgraphs/catalog/domain/variant.ts';
import { published } from '../../../subgraphs/catalog/events/published.ts';
import type { Outbox } from '../../../subgraphs/kernel/events/outbox.ts';
import type { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import type { SimClock } from '../storage.ts';
import type { MemorySession } from './database.ts';
import { copyOf, type TableSpec } from './tables.ts';

export interface MovementRow extends StockMovement {
  readonly id: string;
}

const allocationKey = (row: Allocation) => `${row.reference}/${row.variantId}`;

/** The tables of the catalog's migrations, with the constraints that a schedule can meet. */
export const CATALOG_TABLES = [
  { name: 'listing', keyOf: (row: Listing) => row.id },
  { name: 'variant', keyOf: (row: Variant) => row.id },
  {
    name: 'inventory_item',
    keyOf: (row: StockLevel) => row.inventoryItemId,
    refusal: ({ onHand, allocated, held }: StockLevel) =>
      onHand < 0 || allocated < 0 || held < 0 || onHand < allocated + held
        ? 'more promised than there is'
        : null,
  },
  { name: 'stock_movement', keyOf: (row: MovementRow) => row.id },
  {
    name: 'stock_hold',
    keyOf: (row: StockHold) => row.id,
    uniques: [(row: StockHold) => (row.status === 'HELD' ? row.reference : null)],
  },
  {
    name: 'allocation',
    keyOf: allocationKey,
    refusal: ({ quantities: q }: Allocation) =>
      q.sold + q.released > q.ordered || q.restocked + q.writtenOff > q.sold
        ? 'units do not add up'
        : null,
  },
] as unknown as readonly TableSpec<never>[];

export class MemoryCatalogStore implements CatalogStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: SimClock,
  ) {}

  transact<T>(work: (tx: CatalogTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) => work(this.transaction(em as unknown as MemorySession)));
  }

  async listings(ids: readonly string[]): Promise<Listing[]> {
    return (await this.fresh('find listings')).entities<Listing>('listing', ({ id }) =>
      ids.includes(id),
    );
  }

  async variantsOfListings(listingIds: readonly string[]): Promise<Variant[]> {
    return (await this.fresh('find variants')).entities<Variant>('variant', ({ listingId }) =>
      listingIds.includes(listingId),
    );
  }

  async variants(ids: readonly string[]): Promise<Variant[]> {
    return (await this.fresh('find variants')).entities<Variant>('variant', ({ id }) =>
      ids.includes(id),
    );
  }

  async levels(ids: readonly string[]): Promise<ReadonlyMap<string, StockLevel>> {
    return levels(await this.fresh('read levels'), ids);
  }

  async listingPage(): Promise<Listing[]> {
    return (await this.fresh('list listings')).entities<Listing>('listing', () => true);
  }

  async listingPagesOf(): Promise<ReadonlyMap<string, readonly Listing[]>> {
    const listings = await this.listingPage();
    return Map.groupBy(listings, ({ sellerId }) => sellerId);
  }

  async overdueHolds(now: Date, limit: number): Promise<string[]> {
    const session = await this.fresh('look for overdue holds');
    return [...session.rowsOf<StockHold>('stock_hold')]
      .filter((hold) => hold.status === 'HELD' && hold.expiresAt <= now)
      .slice(0, limit)
      .map((hold) => hold.reference);
  }

  private async fresh(label: string): Promise<MemorySession> {
    const session = this.transactions.reader() as unknown as MemorySession;
    await session.pause(label);
    return session;
  }

  private transaction(session: MemorySession): CatalogTransaction {
    return {
      now: () => this.clock.fromDatabase(),
      policy: async () => ({ priceMaxByCurrency: new Map(), prohibitedTerms: [] }),
      lockListing: (id) => session.lockedEntity<Listing>('listing', id),
      addListing: (listing) => session.add('listing', listing),
      variantsOf: (listingId) =>
        session.entities<Variant>('variant', (row) => row.listingId === listingId),
      addVariant: (variant) => session.add('variant', variant),
      addInventoryItem: (id) =>
        session.put<StockLevel>('inventory_item', {
          ...{ inventoryItemId: id, onHand: 0, allocated: 0, held: 0, threshold: 0 },
        }),
      variants: (ids) => session.entities<Variant>('variant', ({ id }) => ids.includes(id)),
      lockLevels: async (ids) => {
        // In the order of their ids, as the statement that locks them says.
        for (const id of [...new Set(ids)].sort()) await session.lock(`inventory_item/${id}`);
        return levels(session, ids);
      },
      setThreshold: async (id, threshold) => {
        await session.lock(`inventory_item/${id}`);
        const level = session.row<StockLevel>('inventory_item', id);
        if (level) await session.put<StockLevel>('inventory_item', { ...level, threshold });
      },
      move: (movements) => move(session, movements),
      lockLastHold: (reference) => lockLastHold(session, reference),
      saveHold: async (hold) => {
        await session.lock(`stock_hold/${hold.id}`);
        await session.put('stock_hold', copyOf(hold));
      },
      lockAllocationsOfOrder: (orderId) =>
        lockAllocations(session, (row) => row.orderId === orderId),
      lockAllocationsOfPayment: (paymentId) =>
        lockAllocations(session, (row) => row.paymentId === paymentId),
      saveAllocation: async (allocation) => {
        await session.lock(`allocation/${allocationKey(allocation)}`);
        await session.put('allocation', copyOf(allocation));
      },
      record: (event) => this.outbox.append([published(event)]),
    };
  }
}

function levels(session: MemorySession, ids: readonly string[]): Map<string, StockLevel> {
  const found = new Map<string, StockLevel>();
  for (const id of ids) {
    const level = session.row<StockLevel>('inventory_item', id);
    if (level) found.set(id, level);
  }
  return found;
}

async function move(session: MemorySession, movements: readonly StockMovement[]): Promise<void> {
  for (const movement of movements) {
    const { inventoryItemId } = movement;
    await session.lock(`inventory_item/${inventoryItemId}`);
    const level = session.row<StockLevel>('inventory_item', inventoryItemId);
    if (!level) continue;
    await session.put<StockLevel>('inventory_item', {
      ...level,
      onHand: level.onHand + movement.onHand,
      allocated: level.allocated + movement.allocated,
      held: level.held + movement.held,
    });
    const id = String(session.database.server.newRowId());
    session.write('stock_movement', id, { ...movement, id });
  }
}

async function lockLastHold(session: MemorySession, reference: string): Promise<StockHold | null> {
  await session.lock(`hold/${reference}`);
  let last: StockHold | null = null;
  for (const row of session.rowsOf<StockHold>('stock_hold'))
    if (row.reference === reference && (last === null || row.id > last.id)) last = row;
  if (last === null) return null;
  await session.lock(`stock_hold/${last.id}`);
  return StockHold.stored(session.row<StockHold>('stock_hold', last.id) ?? last);
}

async function lockAllocations(
  session: MemorySession,
  isWanted: (row: Allocation) => boolean,
): Promise<Allocation[]> {
  const found: Allocation[] = [];
  const keys = [...session.rowsOf<Allocation>('allocation')].filter(isWanted).map(allocationKey);
  await session.pause('look for allocations');
  for (const key of keys.sort()) {
    await session.lock(`allocation/${key}`);
    const row = session.row<Allocation>('allocation', key);
    if (row) found.push(StoredAllocation.of(row, row.quantities, row.orderId));
  }
  return found;
}
