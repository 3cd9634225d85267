import type { Allocation } from '../../../subgraphs/catalog/domain/allocation.ts';
import type { StockLevel } from '../../../subgraphs/catalog/domain/stock.ts';
import type { StockHold } from '../../../subgraphs/catalog/domain/stock-hold.ts';
import { Outbox } from '../../../subgraphs/kernel/events/outbox.ts';
import { IdempotencyKeys } from '../../../subgraphs/kernel/persistence/idempotency.ts';
import { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import type { CancelRequest } from '../../../subgraphs/orders/domain/cancel-request.ts';
import type { Case } from '../../../subgraphs/orders/domain/case.ts';
import type { Order } from '../../../subgraphs/orders/domain/order.ts';
import type { OrderItem } from '../../../subgraphs/orders/domain/order-item.ts';
import type { Return } from '../../../subgraphs/orders/domain/return.ts';
import type { Shipment } from '../../../subgraphs/orders/domain/shipment.ts';
import type { MoneyAlarm } from '../../../subgraphs/payments/application/backstop.ports.ts';
import type { Disbursement } from '../../../subgraphs/payments/domain/disbursement.ts';
import type { Dispute } from '../../../subgraphs/payments/domain/dispute.ts';
import type { Entry } from '../../../subgraphs/payments/domain/ledger/entry.ts';
import type { Payment } from '../../../subgraphs/payments/domain/payment.ts';
import type { PaymentAttempt } from '../../../subgraphs/payments/domain/payment-attempt.ts';
import type { PaymentRequest } from '../../../subgraphs/payments/domain/payment-request.ts';
import type { Refund } from '../../../subgraphs/payments/domain/refund.ts';
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
  type SubgraphRows,
} from '../storage.ts';
import { MemoryDatabase, type Written } from './database.ts';
import {
  type InboxRow,
  KERNEL_TABLES,
  mayHaveToRelay,
  type OutboxRow,
  type ParkedRow,
  positionOf,
} from './kernel-statements.ts';
import { MemoryServer } from './server.ts';
import { BACKSTOP_TABLES, MemoryBackstopStore } from './stored-backstop.ts';
import { CATALOG_TABLES, MemoryCatalogStore, type MovementRow } from './stored-catalog.ts';
import { DISPUTE_TABLES, MemoryDisputeStore } from './stored-disputes.ts';
import { MemoryMoneyStore, MONEY_TABLES, type StoredWebhook } from './stored-money.ts';
import { MemoryOrderStore, ORDER_TABLES } from './stored-orders.ts';
import { MemoryPaymentStore, PAYMENT_TABLES } from './stored-payments.ts';
import type { TableSpec } from './tables.ts';

const isOneOf =
  (...statuses: string[]) =>
  (status: string) =>
    statuses.includes(status);
const isNoneOf =
  (...statuses: string[]) =>
  (status: string) =>
    !statuses.includes(status);

/** Where each job finds its work, and the states that can be work at all, whatever the time. */
const LOOKED_AT: Readonly<
  Record<
    string,
    readonly ['payments' | 'orders' | 'catalog', string, (status: string) => boolean] | undefined
  >
> = {
  'release-due': ['payments', 'disbursement', isOneOf('SCHEDULED', 'RELEASING')],
  'carry-out-refunds': ['payments', 'refund', isNoneOf('COMPLETED', 'ESCALATED', 'CANCELLED')],
  'expire-payment-requests': ['payments', 'payment_request', isOneOf('SENT')],
  'reconcile-attempts': [
    'payments',
    'payment_attempt',
    isNoneOf('CAPTURED', 'DECLINED', 'CANCELED'),
  ],
  'follow-disputes': ['payments', 'dispute', isNoneOf('FINAL')],
  'watch-backstop': [
    'payments',
    'disbursement',
    isNoneOf('RELEASED', 'RETURNED', 'AUTO_DISBURSED'),
  ],
  'process-webhooks': ['payments', 'webhook_event', isOneOf('RECEIVED')],
  'release-holds': ['orders', 'order', isOneOf('ON_HOLD')],
  'cancel-never-sent': [
    'orders',
    'order',
    isOneOf('ON_HOLD', 'AWAITING_SHIPMENT', 'PARTIALLY_SENT'),
  ],
  'complete-orders': ['orders', 'order', isOneOf('SENT', 'DELIVERED')],
  'lapse-cancel-requests': ['orders', 'cancel_request', isOneOf('REQUESTED')],
  'approve-unanswered-returns': ['orders', 'return', isOneOf('REQUESTED')],
  'lapse-unsent-returns': ['orders', 'return', isOneOf('APPROVED')],
  'move-silent-cases': ['orders', 'case', isNoneOf('CLOSED')],
  'expire-stock-holds': ['catalog', 'stock_hold', isOneOf('HELD')],
};

/** Everything in memory, stepping at every statement that can wait. */
export class MemoryStorage implements Storage {
  commits = 0;
  readonly server: MemoryServer;
  readonly databases: Readonly<Record<'payments' | 'orders' | 'catalog', MemoryDatabase>>;
  private readonly databaseOf = new Map<SimProcess, MemoryDatabase>();
  private readonly clock: SimClock;

  constructor(
    scheduler: Scheduler,
    faults: Faults,
    private readonly bus: SimBus,
  ) {
    this.server = new MemoryServer(scheduler);
    this.clock = new SimClock(scheduler);
    const fault = () => faults.next('commit');
    const make = (name: string, specs: readonly TableSpec<never>[]) =>
      new MemoryDatabase(name, this.server, fault, [...KERNEL_TABLES, ...specs]);
    this.databases = {
      payments: make('payments', [
        ...[...PAYMENT_TABLES, ...MONEY_TABLES, ...DISPUTE_TABLES, ...BACKSTOP_TABLES],
      ]),
      orders: make('orders', ORDER_TABLES),
      catalog: make('catalog', CATALOG_TABLES),
    };
  }

  payments(process: SimProcess): PaymentsGround {
    const ground = this.ground('payments', process);
    const { transactions, outbox } = ground;
    const money = new MemoryMoneyStore(transactions, outbox, this.clock);
    return {
      ...ground,
      requests: new MemoryPaymentStore(transactions, outbox, this.clock),
      money,
      disputes: new MemoryDisputeStore(transactions, outbox, money),
      backstop: new MemoryBackstopStore(transactions, money),
    };
  }

  orders(process: SimProcess): OrdersGround {
    const ground = this.ground('orders', process);
    return { ...ground, orders: new MemoryOrderStore(ground.transactions, ground.outbox) };
  }

  catalog(process: SimProcess): CatalogGround {
    const ground = this.ground('catalog', process);
    const catalog = new MemoryCatalogStore(ground.transactions, ground.outbox, this.clock);
    return { ...ground, catalog };
  }

  killed(process: SimProcess): void {
    for (const database of Object.values(this.databases)) database.rollBackAll(process);
  }

  cutOff(process: SimProcess): void {
    for (const database of Object.values(this.databases)) database.cutOff(process);
  }

  watch(told: (database: MemoryDatabase, written: readonly Written[]) => void): void {
    for (const database of Object.values(this.databases))
      database.onCommit = (written) => {
        this.commits += 1;
        told(database, written);
      };
  }

  async rows(): Promise<Rows> {
    const { payments, orders, catalog } = this.databases;
    return {
      requests: payments.rows<PaymentRequest>('payment_request'),
      attempts: payments.rows<PaymentAttempt>('payment_attempt'),
      payments: payments.rows<Payment>('payment'),
      disbursements: payments.rows<Disbursement>('disbursement'),
      refunds: payments.rows<Refund>('refund'),
      disputes: payments.rows<Dispute>('dispute'),
      entries: payments.rows<Entry>('ledger_entry'),
      alarms: payments.rows<MoneyAlarm>('money_alarm'),
      webhooks: payments.rows<StoredWebhook>('webhook_event'),
      orders: orders.rows<Order>('order'),
      items: orders.rows<OrderItem>('order_item'),
      shipments: orders.rows<Shipment>('shipment'),
      returns: orders.rows<Return>('return'),
      cases: orders.rows<Case>('case'),
      cancelRequests: orders.rows<CancelRequest>('cancel_request'),
      levels: catalog.rows<StockLevel>('inventory_item'),
      movements: catalog.rows<MovementRow>('stock_movement'),
      holds: catalog.rows<StockHold>('stock_hold'),
      allocations: catalog.rows<Allocation>('allocation'),
      subgraphs: [payments, orders, catalog].map(
        (database): SubgraphRows => ({
          name: database.name,
          outbox: database.rows<OutboxRow>('outbox').map((row) => ({
            eventId: row.event_id,
            type: row.type,
            aggregateId: row.aggregate_id,
            aggregateVersion: row.aggregate_version,
          })),
          received: new Set(database.rows<InboxRow>('inbox').map((row) => row.event_id)),
          parked: database.rows<ParkedRow>('parked_event').map((row) => ({
            ...{ eventId: row.event_id, type: row.envelope.type, error: row.error },
          })),
        }),
      ),
    };
  }

  async requestOf(requestId: string): Promise<PaymentRequest | null> {
    return (
      this.databases.payments.table<PaymentRequest>('payment_request').rows.get(requestId) ?? null
    );
  }

  async paymentOf(requestId: string): Promise<Payment | null> {
    const rows = this.databases.payments.rows<Payment>('payment');
    return rows.find((row) => row.requestId === requestId) ?? null;
  }

  async orderOf(requestId: string): Promise<OrderRows | null> {
    const { orders } = this.databases;
    const order = orders.rows<Order>('order').find((row) => row.paymentRequestId === requestId);
    if (!order) return null;
    const belongs = ({ orderId }: { readonly orderId: string }) => orderId === order.id;
    return {
      order,
      items: orders.rows<OrderItem>('order_item').filter(belongs),
      shipments: orders.rows<Shipment>('shipment').filter(belongs),
      returns: orders.rows<Return>('return').filter(belongs),
      cases: orders.rows<Case>('case').filter(belongs),
    };
  }

  async look(): Promise<void> {}

  mayHaveWork(job: string): boolean {
    const looked = LOOKED_AT[job];
    if (!looked) return true;
    const [database, table, isOpen] = looked;
    for (const row of this.databases[database].table(table).rows.values()) {
      const { status, state } = row as { status?: string; state?: string };
      if (isOpen(status ?? state ?? '')) return true;
    }
    return false;
  }

  mayHaveEvents(process: SimProcess): boolean {
    const database = this.databaseOf.get(process);
    if (!database || mayHaveToRelay(database)) return true;
    return this.bus.mayHaveNew(process, positionOf(database, database.name));
  }

  private ground(name: 'payments' | 'orders' | 'catalog', process: SimProcess): Ground {
    this.databaseOf.set(process, this.databases[name]);
    const transactions = new Transactions(this.databases[name].connectedTo(process));
    return {
      transactions,
      relayed: transactions,
      outbox: new Outbox(transactions),
      idempotency: new IdempotencyKeys(transactions),
      transport: this.bus.for(process),
    };
  }
}
