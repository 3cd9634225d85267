import type { EntityManager } from '@mikro-orm/postgresql';
import type { Outbox } from '../../kernel/events/outbox.ts';
import { Money } from '../../kernel/money.ts';
import type { DatabaseClock } from '../../kernel/persistence/database-clock.ts';
import { lockRow } from '../../kernel/persistence/lock-row.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import { HELD } from '../../kernel/persistence/transaction-client.ts';
import type { CatalogStore, CatalogTransaction, Page, SellerFilter } from '../application/ports.ts';
import { Allocation } from '../domain/allocation.ts';
import { Listing } from '../domain/listing.ts';
import type { ListingPolicy } from '../domain/listing-limits.ts';
import type { StockLevel, StockLine, StockMovement } from '../domain/stock.ts';
import type { StockHoldStatus } from '../domain/stock-hold.states.ts';
import { StockHold } from '../domain/stock-hold.ts';
import { Variant } from '../domain/variant.ts';
import { published } from '../events/published.ts';

interface HoldRow {
  readonly id: string;
  readonly reference: string;
  readonly lines: StockLine[];
  readonly status: StockHoldStatus;
  readonly expires_at: string | Date;
}

interface LevelRow {
  readonly id: string;
  readonly on_hand: number;
  readonly allocated: number;
  readonly held: number;
  readonly threshold: number;
}

interface AllocationRow {
  readonly reference: string;
  readonly payment_id: string;
  readonly variant_id: string;
  readonly inventory_item_id: string;
  readonly units_per_sale: number;
  readonly ordered: number;
  readonly sold: number;
  readonly released: number;
  readonly restocked: number;
  readonly written_off: number;
  readonly order_id: string | null;
}

/** Every row lock of the catalog is taken here: listing, then hold, then stock levels by id. */
export class StoredCatalog implements CatalogStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: DatabaseClock,
  ) {}

  transact<T>(work: (tx: CatalogTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) => work(this.transaction(em)));
  }

  listings(ids: readonly string[]): Promise<Listing[]> {
    return this.transactions.reader().find(Listing, { id: { $in: [...ids] } });
  }

  variantsOfListings(listingIds: readonly string[]): Promise<Variant[]> {
    return this.transactions
      .reader()
      .find(
        Variant,
        { listingId: { $in: [...listingIds] } },
        { orderBy: [{ listingId: 'asc' }, { position: 'asc' }] },
      );
  }

  variants(ids: readonly string[]): Promise<Variant[]> {
    return this.transactions.reader().find(Variant, { id: { $in: [...ids] } });
  }

  levels(inventoryItemIds: readonly string[]): Promise<ReadonlyMap<string, StockLevel>> {
    return levels(this.transactions.reader(), inventoryItemIds, false);
  }

  listingPage(
    filter: { readonly sellerId: string | null; readonly activeOnly: boolean },
    { first, after }: Page,
  ): Promise<Listing[]> {
    const [createdAt, id] = after ?? [];
    return this.transactions.reader().find(
      Listing,
      {
        ...(filter.sellerId === null ? {} : { sellerId: filter.sellerId }),
        ...(filter.activeOnly ? { status: 'ACTIVE' } : {}),
        ...(createdAt !== undefined && id !== undefined
          ? {
              $or: [
                { createdAt: { $lt: new Date(createdAt) } },
                { createdAt: new Date(createdAt), id: { $lt: id } },
              ],
            }
          : {}),
      },
      { orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], limit: first + 1 },
    );
  }

  async listingPagesOf(
    sellers: readonly SellerFilter[],
    { first, after }: Page,
  ): Promise<ReadonlyMap<string, readonly Listing[]>> {
    const [createdAt = null, id = null] = after ?? [];
    const em = this.transactions.reader();
    const rows = await em.execute<{ id: string }[]>(
      `select page.id from jsonb_to_recordset(?::jsonb) as seller ("sellerId" text, "activeOnly" boolean)
       cross join lateral (
         select listing.id from listing
         where listing.seller_id = seller."sellerId"
           and (not seller."activeOnly" or listing.status = 'ACTIVE')
           and (?::timestamptz is null or (listing.created_at, listing.id) < (?::timestamptz, ?))
         order by listing.created_at desc, listing.id desc limit ?
       ) as page`,
      [JSON.stringify(sellers), createdAt, createdAt, id, first + 1],
    );
    if (rows.length === 0) return new Map();
    const listings = await em.find(
      Listing,
      { id: { $in: rows.map((row) => row.id) } },
      { orderBy: [{ createdAt: 'desc' }, { id: 'desc' }] },
    );
    return Map.groupBy(listings, ({ sellerId }) => sellerId);
  }

  async overdueHolds(now: Date, limit: number): Promise<string[]> {
    const rows = await this.transactions
      .reader()
      .execute<{ reference: string }[]>(
        `select reference from stock_hold where status = 'HELD' and expires_at <= ? order by expires_at limit ?`,
        [now, limit],
      );
    return rows.map((row) => row.reference);
  }

  private transaction(em: EntityManager): CatalogTransaction {
    return {
      now: () => this.clock.fromDatabase(),
      policy: () => policy(em),
      lockListing: (id) => lockRow(em, Listing, { id }),
      addListing: (listing) => void em.persist(listing),
      variantsOf: (listingId) => em.find(Variant, { listingId }, { orderBy: { position: 'asc' } }),
      addVariant: (variant) => void em.persist(variant),
      addInventoryItem: async (id) => {
        await em.execute(
          'insert into inventory_item (id, on_hand, allocated, held) values (?, 0, 0, 0)',
          [id],
        );
      },
      variants: (ids) => em.find(Variant, { id: { $in: [...ids] } }),
      lockLevels: (ids) => levels(em, ids, true),
      setThreshold: async (id, threshold) => {
        await em.execute('update inventory_item set threshold = ? where id = ?', [threshold, id]);
      },
      move: (movements) => move(em, movements),
      lockLastHold: (reference) => lockLastHold(em, reference),
      saveHold: (hold) => saveHold(em, hold),
      lockAllocationsOfOrder: (orderId) => lockAllocations(em, 'order_id', orderId),
      lockAllocationsOfPayment: (paymentId) => lockAllocations(em, 'payment_id', paymentId),
      saveAllocation: (allocation) => saveAllocation(em, allocation),
      record: (event) => this.outbox.append([published(event)]),
    };
  }
}

async function policy(em: EntityManager): Promise<ListingPolicy> {
  const limits = await em.execute<{ currency: string; most: string }[]>(
    'select currency, most_minor::text as most from price_limit',
  );
  const terms = await em.execute<{ term: string }[]>('select term from prohibited_term');
  return {
    priceMaxByCurrency: new Map(
      limits.map(({ currency, most }) => [currency, Money.of(BigInt(most), currency)]),
    ),
    prohibitedTerms: terms.map((row) => row.term),
  };
}

async function levels(
  em: EntityManager,
  ids: readonly string[],
  lock: boolean,
): Promise<ReadonlyMap<string, StockLevel>> {
  const rows =
    ids.length === 0
      ? []
      : await em.execute<LevelRow[]>(
          `select id, on_hand, allocated, held, threshold from inventory_item
           where id in (select jsonb_array_elements_text(?::jsonb)) order by id ${lock ? 'for update' : ''}`,
          [JSON.stringify(ids)],
        );
  return new Map(
    rows.map(({ id, on_hand, allocated, held, threshold }) => [
      id,
      { inventoryItemId: id, onHand: on_hand, allocated, held, threshold },
    ]),
  );
}

async function move(em: EntityManager, movements: readonly StockMovement[]): Promise<void> {
  for (const { inventoryItemId, kind, onHand, allocated, held, reference, reason } of movements) {
    await em.execute(
      `${HELD}with level as (
         update inventory_item set on_hand = on_hand + ?, allocated = allocated + ?, held = held + ? where id = ? returning id
       )
       insert into stock_movement (inventory_item_id, kind, on_hand, allocated, held, reference, reason)
       select id, ?, ?, ?, ?, ?, ? from level`,
      [onHand, allocated, held, inventoryItemId, kind, onHand, allocated, held, reference, reason],
    );
  }
}

async function lockLastHold(em: EntityManager, reference: string): Promise<StockHold | null> {
  // A row that does not exist yet cannot be locked: two first holds of one reference queue here.
  await em.execute(`${HELD}select pg_advisory_xact_lock(hashtextextended(?, 0))`, [
    `hold:${reference}`,
  ]);
  const [row] = await em.execute<HoldRow[]>(
    'select id, reference, lines, status, expires_at from stock_hold where reference = ? order by id desc limit 1 for update',
    [reference],
  );
  return row ? StockHold.stored({ ...row, expiresAt: new Date(row.expires_at) }) : null;
}

async function saveHold(em: EntityManager, hold: StockHold): Promise<void> {
  await em.execute(
    `insert into stock_hold (id, reference, lines, status, expires_at) values (?, ?, ?::jsonb, ?, ?)
     on conflict (id) do update set status = excluded.status, expires_at = excluded.expires_at`,
    [hold.id, hold.reference, JSON.stringify(hold.lines), hold.status, hold.expiresAt],
  );
}

async function lockAllocations(
  em: EntityManager,
  column: 'payment_id' | 'order_id',
  id: string,
): Promise<Allocation[]> {
  const rows = await em.execute<AllocationRow[]>(
    `select * from allocation where ${column} = ? order by reference, variant_id for update`,
    [id],
  );
  return rows.map((row) =>
    Allocation.of(
      {
        reference: row.reference,
        paymentId: row.payment_id,
        variantId: row.variant_id,
        inventoryItemId: row.inventory_item_id,
        unitsPerSale: row.units_per_sale,
      },
      {
        ordered: row.ordered,
        sold: row.sold,
        released: row.released,
        restocked: row.restocked,
        writtenOff: row.written_off,
      },
      row.order_id,
    ),
  );
}

async function saveAllocation(em: EntityManager, allocation: Allocation): Promise<void> {
  const { reference, paymentId, variantId, inventoryItemId, unitsPerSale, orderId } = allocation;
  const { ordered, sold, released, restocked, writtenOff } = allocation.quantities;
  await em.execute(
    `insert into allocation (reference, payment_id, variant_id, inventory_item_id, units_per_sale, ordered, sold, released, restocked, written_off, order_id)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (reference, variant_id) do update
     set sold = excluded.sold, released = excluded.released, restocked = excluded.restocked,
         written_off = excluded.written_off, order_id = excluded.order_id`,
    [
      reference,
      paymentId,
      variantId,
      inventoryItemId,
      unitsPerSale,
      ordered,
      sold,
      released,
      restocked,
      writtenOff,
      orderId,
    ],
  );
}
