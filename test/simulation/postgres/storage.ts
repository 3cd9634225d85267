import { Allocation } from '../../../subgraphs/catalog/domain/allocation.ts';
import { StockHold } from '../../../subgraphs/catalog/domain/stock-hold.ts';
import { StoredCatalog } from '../../../subgraphs/catalog/persistence/catalog.store.ts';
import { Outbox } from '../../../subgraphs/kernel/events/outbox.ts';
import { Money } from '../../../subgraphs/kernel/money.ts';
import type { DatabaseClock } from '../../../subgraphs/kernel/persistence/database-clock.ts';
import { IdempotencyKeys } from '../../../subgraphs/kernel/persistence/idempotency.ts';
import { CancelRequest } from '../../../subgraphs/orders/domain/cancel-request.ts';
import { Case } from '../../../subgraphs/orders/domain/case.ts';
import { Order } from '../../../subgraphs/orders/domain/order.ts';
import { OrderItem } from '../../../subgraphs/orders/domain/order-item.ts';
import { Return } from '../../../subgraphs/orders/domain/return.ts';
import { Shipment } from '../../../subgraphs/orders/domain/shipment.ts';
import { OrderStore } from '../../../subgraphs/orders/persistence/order.store.ts';
import { Disbursement } from '../../../subgraphs/payments/domain/disbursement.ts';
import { Dispute } from '../../../subgraphs/payments/domain/dispute.ts';
import { Payment } from '../../../subgraphs/payments/domain/payment.ts';
import { PaymentAttempt } from '../../../subgraphs/payments/domain/payment-attempt.ts';
import { PaymentRequest } from '../../../subgraphs/payments/domain/payment-request.ts';
import { Refund } from '../../../subgraphs/payments/domain/refund.ts';
import { StoredBackstop } from '../../../subgraphs/payments/persistence/backstop.store.ts';
import { StoredDisputes } from '../../../subgraphs/payments/persistence/dispute.store.ts';
import { StoredMoney } from '../../../subgraphs/payments/persistence/money.store.ts';
import { PaymentStore } from '../../../subgraphs/payments/persistence/payment.store.ts';
import type { SimBus } from '../bus.ts';
import type { Faults } from '../faults.ts';
import type { Scheduler, SimProcess } from '../scheduler.ts';
import {
  type CatalogGround,
  type Ground,
  type OrderRows,
  type OrdersGround,
  type PaymentsGround,
  type Rows,
  SimClock,
  type Storage,
} from '../storage.ts';
import type { SimulationDatabase } from './simulation-database.ts';
import { RelayTransactions, TrackedTransactions, UnderWay, Unrelayed } from './tracked.ts';

type Name = 'payments' | 'orders' | 'catalog';

interface Look extends Record<Name, string | null> {
  readonly commits: string;
}

/** Where each job finds its work, whatever the time. */
const WORK: Readonly<Record<string, string>> = {
  'release-due': `payments.disbursement where status in ('SCHEDULED', 'RELEASING')`,
  'carry-out-refunds': `payments.refund where status not in ('COMPLETED', 'ESCALATED', 'CANCELLED')`,
  'expire-payment-requests': `payments.payment_request where status = 'SENT'`,
  'reconcile-attempts': `payments.payment_attempt where status not in ('CAPTURED', 'DECLINED', 'CANCELED')`,
  'follow-disputes': `payments.dispute where status <> 'FINAL'`,
  'watch-backstop': `payments.disbursement where status not in ('RELEASED', 'RETURNED', 'AUTO_DISBURSED')`,
  'process-webhooks': `payments.webhook_event where state = 'RECEIVED'`,
  'release-holds': `orders."order" where status = 'ON_HOLD'`,
  'cancel-never-sent': `orders."order" where status in ('ON_HOLD', 'AWAITING_SHIPMENT', 'PARTIALLY_SENT')`,
  'complete-orders': `orders."order" where status in ('SENT', 'DELIVERED')`,
  'lapse-cancel-requests': `orders.cancel_request where status = 'REQUESTED'`,
  'approve-unanswered-returns': `orders."return" where status = 'REQUESTED'`,
  'lapse-unsent-returns': `orders."return" where status = 'APPROVED'`,
  'move-silent-cases': `orders."case" where status <> 'CLOSED'`,
  'expire-stock-holds': `catalog.stock_hold where status = 'HELD'`,
};
const SUBGRAPHS: readonly Name[] = ['payments', 'orders', 'catalog'];
const LOOK = `select ${Object.entries(WORK)
  .map(([job, from]) => `exists(select 1 from ${from}) as "${job}"`)
  .join(', ')},
  ${SUBGRAPHS.map((name) => `(select position from ${name}.inbox_cursor where consumer = '${name}') as "${name}"`).join(', ')},
  (select count(*) from payments.outbox) + (select count(*) from orders.outbox) + (select count(*) from catalog.outbox)
  + (select count(*) from payments.inbox) + (select count(*) from orders.inbox) + (select count(*) from catalog.inbox)
  + (select coalesce(sum(attempts), 0) from payments.refund) + (select count(*) + coalesce(sum(attempts), 0) from payments.webhook_event)
  + (select count(*) from catalog.stock_movement) as commits`;

/** The real stores, outbox and inboxes on PostgreSQL; the schedule's clock, bus and ids. */
export class PostgresStorage implements Storage {
  private readonly underWay = new UnderWay();
  private readonly unrelayed: Readonly<Record<Name, Unrelayed>> = {
    payments: new Unrelayed(),
    orders: new Unrelayed(),
    catalog: new Unrelayed(),
  };
  private readonly clock: DatabaseClock;
  commits = 0;
  private open: Readonly<Record<string, boolean>> = {};
  private readonly nameOf = new Map<SimProcess, Name>();
  /** How far each subgraph has read the bus, or less far. */
  private positions: Readonly<Record<Name, string | null>> = {
    payments: null,
    orders: null,
    catalog: null,
  };
  private made = 0;

  constructor(
    private readonly database: SimulationDatabase,
    scheduler: Scheduler,
    private readonly faults: Faults,
    private readonly bus: SimBus,
  ) {
    this.clock = new SimClock(scheduler) as unknown as DatabaseClock;
    scheduler.outside = () => this.underWay.isOver();
    // A step inside a transaction would leave it open; there are none but at the bus.
    bus.isStepped = false;
  }

  payments(process: SimProcess): PaymentsGround {
    const ground = this.ground('payments', process);
    const { transactions, outbox } = ground;
    const money = new StoredMoney(transactions, outbox, this.clock);
    return {
      ...ground,
      requests: new PaymentStore(transactions, outbox, this.clock),
      money,
      disputes: new StoredDisputes(transactions, outbox, money),
      backstop: new StoredBackstop(transactions, money),
    };
  }

  orders(process: SimProcess): OrdersGround {
    const ground = this.ground('orders', process);
    const { transactions, outbox } = ground;
    const newId = (kind: string) => {
      this.made += 1;
      return `${kind.slice(0, 3)}_${process.name}_${this.made}`;
    };
    return { ...ground, orders: new OrderStore(transactions, outbox, newId) };
  }

  catalog(process: SimProcess): CatalogGround {
    const ground = this.ground('catalog', process);
    const { transactions, outbox } = ground;
    return { ...ground, catalog: new StoredCatalog(transactions, outbox, this.clock) };
  }

  killed(): void {
    // Nobody stands inside a transaction when a process is killed here: test/chaos kills real ones.
  }

  cutOff(): void {
    // Nor does anybody stand still there.
  }

  async look(): Promise<void> {
    const [row] = await this.database.query<Look>(LOOK);
    if (!row) throw new Error('a look has one row');
    const { commits, payments, orders, catalog, ...open } = row;
    this.open = open as unknown as Record<string, boolean>;
    this.positions = { payments, orders, catalog };
    this.commits = Number(commits);
  }

  mayHaveWork(job: string): boolean {
    return this.open[job] ?? true;
  }

  mayHaveEvents(process: SimProcess): boolean {
    const name = this.nameOf.get(process);
    if (!name || !this.unrelayed[name].isNothing) return true;
    return this.bus.mayHaveNew(process, this.positions[name]);
  }

  requestOf(requestId: string): Promise<PaymentRequest | null> {
    const em = this.database.databases.payments.em.fork();
    return this.underWay.during(() => em.findOne(PaymentRequest, { id: requestId }));
  }

  paymentOf(requestId: string): Promise<Payment | null> {
    const em = this.database.databases.payments.em.fork();
    return this.underWay.during(() => em.findOne(Payment, { requestId }));
  }

  orderOf(requestId: string): Promise<OrderRows | null> {
    const em = this.database.databases.orders.em.fork();
    return this.underWay.during(async () => {
      const order = await em.findOne(Order, { paymentRequestId: requestId });
      if (!order) return null;
      const where = { orderId: order.id };
      // Ids are numbered as they are made.
      const orderBy = { id: 'asc' } as const;
      return {
        order,
        items: await em.find(OrderItem, where, { orderBy }),
        shipments: await em.find(Shipment, where, { orderBy }),
        returns: await em.find(Return, where, { orderBy }),
        cases: await em.find(Case, where, { orderBy }),
      };
    });
  }

  rows(): Promise<Rows> {
    return this.underWay.during(() => this.allRows());
  }

  private async allRows(): Promise<Rows> {
    const { payments, orders } = this.database.databases;
    const [ofPayments, ofOrders] = [payments.em.fork(), orders.em.fork()];
    const all = <T>(em: typeof ofPayments, entity: unknown): Promise<T[]> =>
      em.find(entity as never, {} as never) as never;
    const query = this.database.query.bind(this.database);
    return {
      requests: await all<PaymentRequest>(ofPayments, PaymentRequest),
      attempts: await all<PaymentAttempt>(ofPayments, PaymentAttempt),
      payments: await all<Payment>(ofPayments, Payment),
      disbursements: await all<Disbursement>(ofPayments, Disbursement),
      refunds: await all<Refund>(ofPayments, Refund),
      disputes: await all<Dispute>(ofPayments, Dispute),
      entries: (
        await query<{
          reference: string;
          debit: never;
          credit: never;
          minor: string;
          currency: string;
        }>(
          'select reference, debit, credit, amount_minor::text as minor, currency from payments.ledger_entry order by id',
        )
      ).map(({ minor, currency, ...entry }) => ({
        ...entry,
        amount: Money.of(BigInt(minor), currency),
      })),
      alarms: await query('select payment_id as "paymentId", kind from payments.money_alarm'),
      webhooks: await query(
        'select event_id as "eventId", state, last_error as error from payments.webhook_event',
      ),
      orders: await all<Order>(ofOrders, Order),
      items: await all<OrderItem>(ofOrders, OrderItem),
      shipments: await all<Shipment>(ofOrders, Shipment),
      returns: await all<Return>(ofOrders, Return),
      cases: await all<Case>(ofOrders, Case),
      cancelRequests: await all<CancelRequest>(ofOrders, CancelRequest),
      levels: await query(
        'select id as "inventoryItemId", on_hand as "onHand", allocated, held, threshold from catalog.inventory_item',
      ),
      movements: await query(
        'select inventory_item_id as "inventoryItemId", kind, on_hand as "onHand", allocated, held, reference, reason from catalog.stock_movement order by id',
      ),
      holds: (
        await query<ConstructorParameters<typeof Map>[0] & Parameters<typeof StockHold.stored>[0]>(
          'select id, reference, lines, status, expires_at as "expiresAt" from catalog.stock_hold',
        )
      ).map((row) => StockHold.stored(row)),
      allocations: (
        await query<
          Parameters<typeof Allocation.of>[0] &
            Parameters<typeof Allocation.of>[1] & { orderId: string | null }
        >(
          `select reference, payment_id as "paymentId", variant_id as "variantId", inventory_item_id as "inventoryItemId",
                  units_per_sale as "unitsPerSale", ordered, sold, released, restocked, written_off as "writtenOff", order_id as "orderId"
           from catalog.allocation`,
        )
      ).map((row) => Allocation.of(row, row, row.orderId)),
      subgraphs: await Promise.all(
        (['payments', 'orders', 'catalog'] as const).map(async (name) => ({
          name,
          outbox: await query<Rows['subgraphs'][number]['outbox'][number]>(
            `select event_id as "eventId", type, aggregate_id as "aggregateId", aggregate_version::int as "aggregateVersion" from ${name}.outbox`,
          ),
          received: new Set(
            (await query<{ id: string }>(`select event_id as id from ${name}.inbox`)).map(
              ({ id }) => id,
            ),
          ),
          parked: await query<Rows['subgraphs'][number]['parked'][number]>(
            `select event_id as "eventId", envelope->>'type' as type, error from ${name}.parked_event`,
          ),
        })),
      ),
    };
  }

  private ground(name: Name, process: SimProcess): Ground {
    this.nameOf.set(process, name);
    const database = this.database.databases[name];
    const given = [database, this.underWay, this.faults, this.unrelayed[name]] as const;
    const transactions = new TrackedTransactions(...given);
    return {
      transactions,
      relayed: new RelayTransactions(...given),
      outbox: new Outbox(transactions),
      idempotency: new IdempotencyKeys(transactions),
      transport: this.bus.for(process),
    };
  }
}
