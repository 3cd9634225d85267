import type { CatalogStore } from '../../subgraphs/catalog/application/ports.ts';
import type { Allocation } from '../../subgraphs/catalog/domain/allocation.ts';
import type { StockLevel, StockMovement } from '../../subgraphs/catalog/domain/stock.ts';
import type { StockHold } from '../../subgraphs/catalog/domain/stock-hold.ts';
import type { Outbox } from '../../subgraphs/kernel/events/outbox.ts';
import type { EventTransport } from '../../subgraphs/kernel/events/transport.ts';
import type { IdempotencyKeys } from '../../subgraphs/kernel/persistence/idempotency.ts';
import type { Transactions } from '../../subgraphs/kernel/persistence/transaction.ts';
import type { OrdersStore } from '../../subgraphs/orders/application/ports.ts';
import type { CancelRequest } from '../../subgraphs/orders/domain/cancel-request.ts';
import type { Case } from '../../subgraphs/orders/domain/case.ts';
import type { Order } from '../../subgraphs/orders/domain/order.ts';
import type { OrderItem } from '../../subgraphs/orders/domain/order-item.ts';
import type { Return } from '../../subgraphs/orders/domain/return.ts';
import type { Shipment } from '../../subgraphs/orders/domain/shipment.ts';
import type {
  BackstopStore,
  MoneyAlarm,
} from '../../subgraphs/payments/application/backstop.ports.ts';
import type { DisputesStore } from '../../subgraphs/payments/application/dispute.ports.ts';
import type { MoneyStore } from '../../subgraphs/payments/application/money.ports.ts';
import type { PaymentsStore } from '../../subgraphs/payments/application/ports.ts';
import type { Disbursement } from '../../subgraphs/payments/domain/disbursement.ts';
import type { Dispute } from '../../subgraphs/payments/domain/dispute.ts';
import type { Entry } from '../../subgraphs/payments/domain/ledger/entry.ts';
import type { Payment } from '../../subgraphs/payments/domain/payment.ts';
import type { PaymentAttempt } from '../../subgraphs/payments/domain/payment-attempt.ts';
import type { PaymentRequest } from '../../subgraphs/payments/domain/payment-request.ts';
import type { Refund } from '../../subgraphs/payments/domain/refund.ts';
import type { Scheduler, SimProcess } from './scheduler.ts';

/** The schedule's clock: the database's and every process's. */
export class SimClock {
  constructor(private readonly scheduler: Scheduler) {}

  now(): Date {
    return new Date(this.scheduler.nowMs);
  }

  async fromDatabase(): Promise<Date> {
    return this.now();
  }
}

/** What the kernel gives a subgraph's process. */
export interface Ground {
  readonly transactions: Transactions;
  /** Those of the relay. */
  readonly relayed: Transactions;
  readonly outbox: Outbox;
  readonly idempotency: IdempotencyKeys;
  readonly transport: EventTransport;
}

export interface PaymentsGround extends Ground {
  readonly requests: PaymentsStore;
  readonly money: MoneyStore;
  readonly disputes: DisputesStore;
  readonly backstop: BackstopStore;
}

export interface OrdersGround extends Ground {
  readonly orders: OrdersStore;
}

export interface CatalogGround extends Ground {
  readonly catalog: CatalogStore;
}

/** Where a schedule's state lives: in memory, or in PostgreSQL. */
export interface Storage {
  payments(process: SimProcess): PaymentsGround;
  orders(process: SimProcess): OrdersGround;
  catalog(process: SimProcess): CatalogGround;
  /** The process is gone: what it had not committed is not there. */
  killed(process: SimProcess): void;
  /** The process does not answer: the server ends what it had open, and tells it when it asks again. */
  cutOff(process: SimProcess): void;
  /** All rows as they are committed now. */
  rows(): Promise<Rows>;
  /** What somebody needs to know to act on it, as it is committed now; the whole of `rows` costs too much for that. */
  requestOf(requestId: string): Promise<PaymentRequest | null>;
  paymentOf(requestId: string): Promise<Payment | null>;
  orderOf(requestId: string): Promise<OrderRows | null>;
  /** Grows with what was committed, as of the last look: while it does, there is more to do. */
  readonly commits: number;
  /** Looks at what was committed, and at which jobs may have work. */
  look(): Promise<void>;
  /** False when this job would surely find nothing: it is then not started, which saves time. */
  mayHaveWork(job: string): boolean;
  /** False when no event waits to be sent or taken by this process. */
  mayHaveEvents(process: SimProcess): boolean;
}

/** One order with what belongs to it, oldest first. */
export interface OrderRows {
  readonly order: Order;
  readonly items: readonly OrderItem[];
  readonly shipments: readonly Shipment[];
  readonly returns: readonly Return[];
  readonly cases: readonly Case[];
}

/** What the kernel's tables of one subgraph say. */
export interface SubgraphRows {
  readonly name: string;
  readonly outbox: readonly {
    readonly eventId: string;
    readonly type: string;
    readonly aggregateId: string;
    readonly aggregateVersion: number;
  }[];
  readonly received: ReadonlySet<string>;
  readonly parked: readonly {
    readonly eventId: string;
    readonly type: string;
    readonly error: string;
  }[];
}

/** Every row that an oracle reads. */
export interface Rows {
  readonly requests: readonly PaymentRequest[];
  readonly attempts: readonly PaymentAttempt[];
  readonly payments: readonly Payment[];
  readonly disbursements: readonly Disbursement[];
  readonly refunds: readonly Refund[];
  readonly disputes: readonly Dispute[];
  readonly entries: readonly Entry[];
  readonly alarms: readonly Pick<MoneyAlarm, 'paymentId' | 'kind'>[];
  readonly webhooks: readonly {
    readonly eventId: string;
    readonly state: string;
    readonly error: string | null;
  }[];
  readonly orders: readonly Order[];
  readonly items: readonly OrderItem[];
  readonly shipments: readonly Shipment[];
  readonly returns: readonly Return[];
  readonly cases: readonly Case[];
  readonly cancelRequests: readonly CancelRequest[];
  readonly levels: readonly StockLevel[];
  readonly movements: readonly StockMovement[];
  readonly holds: readonly StockHold[];
  readonly allocations: readonly Allocation[];
  readonly subgraphs: readonly SubgraphRows[];
}
