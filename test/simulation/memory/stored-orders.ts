import type { Outbox } from '../../../subgraphs/kernel/events/outbox.ts';
import type { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import type {
  CarrierEvent,
  Deed,
  DueKind,
  OrderPolicy,
  OrdersStore,
  OrdersTransaction,
} from '../../../subgraphs/orders/application/ports.ts';
import { CancelRequest } from '../../../subgraphs/orders/domain/cancel-request.ts';
import { Case } from '../../../subgraphs/orders/domain/case.ts';
import type { OrderEvent } from '../../../subgraphs/orders/domain/order.events.ts';
import type { Order } from '../../../subgraphs/orders/domain/order.ts';
import type { OrderItem } from '../../../subgraphs/orders/domain/order-item.ts';
import { Return } from '../../../subgraphs/orders/domain/return.ts';
import { Shipment } from '../../../subgraphs/orders/domain/shipment.ts';
import { published } from '../../../subgraphs/orders/events/published.ts';
import type { MemorySession } from './database.ts';
import type { TableSpec } from './tables.ts';

const carrierKey = (event: CarrierEvent) => `${event.source}/${event.carrierEventId}`;

/** The tables of orders' 0001-create-order.ts that change what happens; not its timeline and notices. */
export const ORDER_TABLES = [
  {
    name: 'order',
    keyOf: (row: Order) => row.id,
    uniques: [(row: Order) => row.paymentRequestId, (row: Order) => row.paymentId],
    refusal: (row: Order) =>
      row.refunded.exceeds(row.total) || row.refundOwed.exceeds(row.total)
        ? 'refunded more than was paid'
        : null,
  },
  {
    name: 'order_item',
    keyOf: (row: OrderItem) => row.id,
    refusal: (row: OrderItem) => {
      const places = [row.open, row.sent, row.delivered, row.cancelled, row.returned];
      if (places.some((units) => units < 0)) return 'units below zero';
      return places.reduce((sum, units) => sum + units, 0) === row.quantity
        ? null
        : 'units do not add up';
    },
  },
  { name: 'shipment', keyOf: (row: Shipment) => row.id },
  { name: 'carrier_event', keyOf: carrierKey },
  {
    name: 'cancel_request',
    keyOf: (row: CancelRequest) => row.id,
    uniques: [(row: CancelRequest) => (row.status === 'REQUESTED' ? row.orderId : null)],
  },
  { name: 'return', keyOf: (row: Return) => row.id },
  {
    name: 'case',
    keyOf: (row: Case) => row.id,
    uniques: [(row: Case) => (row.status === 'CLOSED' ? null : row.orderId)],
  },
  { name: 'stock_gone', keyOf: (row: { id: string }) => row.id },
] as unknown as readonly TableSpec<never>[];

const POLICY: OrderPolicy = {
  chatHoldMinutes: 0,
  checkoutHoldMinutes: 30,
  autoCancelDays: 21,
  answerBusinessDays: 2,
  returnSendDays: 14,
  addressVisibleDays: 30,
};

const UNSENT = ['ON_HOLD', 'AWAITING_SHIPMENT', 'PARTIALLY_SENT'];
const PAID_OUT = ['RELEASED', 'AUTO_DISBURSED', 'RETURNED'];

export class MemoryOrderStore implements OrdersStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
  ) {}

  transact<T>(work: (tx: OrdersTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) =>
      work(new Transaction(em as unknown as MemorySession, this.outbox)),
    );
  }

  async due(kind: DueKind, now: Date, limit: number): Promise<readonly string[]> {
    const session = this.transactions.reader() as unknown as MemorySession;
    await session.pause(`look for ${kind}`);
    return dueIds(session, kind, now).slice(0, limit);
  }
}

function dueIds(session: MemorySession, kind: DueKind, now: Date): string[] {
  const isOver = (at: Date | null) => at !== null && at <= now;
  const ids = <R extends { id: string }>(table: string, isDue: (row: R) => boolean) => {
    const found: string[] = [];
    for (const row of session.rowsOf<R>(table)) if (isDue(row)) found.push(row.id);
    return found;
  };
  switch (kind) {
    case 'HOLD_OVER':
      return ids<Order>('order', (row) => row.isOnHold && isOver(row.onHoldUntil));
    case 'NEVER_SENT':
      return ids<Order>('order', (row) => UNSENT.includes(row.status) && isOver(row.autoCancelAt));
    case 'COMPLETABLE':
      return ids<Order>(
        'order',
        (row) =>
          (row.status === 'SENT' || row.status === 'DELIVERED') &&
          isOver(row.returnsEndAt) &&
          !row.isDisputed &&
          PAID_OUT.includes(row.payoutStatus ?? '') &&
          !row.hasCancelRequest &&
          row.openReturns === 0 &&
          row.openCases === 0,
      );
    case 'CANCEL_REQUEST':
      return [...session.rowsOf<CancelRequest>('cancel_request')]
        .filter((row) => row.status === 'REQUESTED' && row.answerBy <= now)
        .map((row) => row.orderId);
    case 'RETURN_UNANSWERED':
      return ids<Return>('return', (row) => row.status === 'REQUESTED' && isOver(row.dueAt));
    case 'RETURN_UNSENT':
      return ids<Return>('return', (row) => row.status === 'APPROVED' && isOver(row.dueAt));
    case 'CASE':
      return ids<Case>('case', (row) => row.status !== 'CLOSED' && isOver(row.dueAt));
  }
}

class Transaction implements OrdersTransaction {
  constructor(
    private readonly session: MemorySession,
    private readonly outbox: Outbox,
  ) {}

  lockOrder(id: string): Promise<Order | null> {
    return this.lock((row) => row.id === id);
  }

  lockOrderOfPayment(paymentId: string): Promise<Order | null> {
    return this.lock((row) => row.paymentId === paymentId);
  }

  async hasOrderOfRequest(paymentRequestId: string): Promise<boolean> {
    for (const row of this.session.rowsOf<Order>('order'))
      if (row.paymentRequestId === paymentRequestId) return true;
    return false;
  }

  async addOrder(order: Order): Promise<void> {
    this.session.add('order', order);
    await this.session.flush();
    for (const item of order.items) this.session.add('order_item', item);
    await this.session.flush();
  }

  async shipment(id: string): Promise<Shipment | null> {
    await this.session.pause('find shipment');
    return this.session.entity<Shipment>('shipment', id, false);
  }

  shipmentsOf(orderId: string): Promise<readonly Shipment[]> {
    return this.session.entities<Shipment>('shipment', (row) => row.orderId === orderId);
  }

  async shipmentByTracking(trackingNumber: string): Promise<Shipment | null> {
    const found = await this.session.entities<Shipment>(
      'shipment',
      (row) => row.trackingNumber === trackingNumber && row.status !== 'VOIDED',
    );
    return found.at(-1) ?? null;
  }

  async addCarrierEvent(event: CarrierEvent): Promise<boolean> {
    const key = carrierKey(event);
    await this.session.lock(`carrier_event/${key}`);
    if (this.session.row('carrier_event', key)) return false;
    this.session.write('carrier_event', key, { ...event });
    return true;
  }

  async carrierWords(shipmentId: string) {
    return [...this.session.rowsOf<CarrierEvent>('carrier_event')].filter(
      (word) => word.shipmentId === shipmentId,
    );
  }

  async openCancelRequest(orderId: string): Promise<CancelRequest | null> {
    const [found] = await this.session.entities<CancelRequest>(
      'cancel_request',
      (row) => row.orderId === orderId && row.status === 'REQUESTED',
    );
    return found ?? null;
  }

  async return(id: string): Promise<Return | null> {
    await this.session.pause('find return');
    return this.session.entity<Return>('return', id);
  }

  returnsOf(orderId: string): Promise<readonly Return[]> {
    return this.session.entities<Return>('return', (row) => row.orderId === orderId);
  }

  async case(id: string): Promise<Case | null> {
    await this.session.pause('find case');
    return this.session.entity<Case>('case', id);
  }

  casesOf(orderId: string): Promise<readonly Case[]> {
    return this.session.entities<Case>('case', (row) => row.orderId === orderId);
  }

  async addCaseMessage(): Promise<void> {}

  add(row: Shipment | CancelRequest | Return | Case): void {
    this.session.add(tableOf(row), row);
  }

  async isStockGone(paymentRequestId: string): Promise<boolean> {
    await this.session.pause('is stock gone');
    return this.session.row('stock_gone', paymentRequestId) !== null;
  }

  async noteStockGone(paymentRequestId: string): Promise<void> {
    await this.session.lock(`stock_gone/${paymentRequestId}`);
    if (this.session.row('stock_gone', paymentRequestId)) return;
    this.session.write('stock_gone', paymentRequestId, { id: paymentRequestId });
  }

  async policy(): Promise<OrderPolicy> {
    return POLICY;
  }

  async record(
    _order: Order,
    _before: string | null,
    events: readonly OrderEvent[],
    _deed: Deed,
  ): Promise<void> {
    await this.session.flush();
    await this.outbox.append(events.map((event) => published(event)));
  }

  // The order's row is the lock of everything that belongs to it.
  private async lock(isWanted: (row: Order) => boolean): Promise<Order | null> {
    let id: string | null = null;
    await this.session.pause('look for an order');
    for (const row of this.session.rowsOf<Order>('order')) if (isWanted(row)) id = row.id;
    const order = id === null ? null : await this.session.lockedEntity<Order>('order', id);
    if (!order) return null;
    const items = await this.session.entities<OrderItem>(
      'order_item',
      (row) => row.orderId === order.id,
    );
    order.attach(items.sort((a, b) => a.position - b.position));
    return order;
  }
}

function tableOf(row: Shipment | CancelRequest | Return | Case): string {
  if (row instanceof Shipment) return 'shipment';
  if (row instanceof CancelRequest) return 'cancel_request';
  if (row instanceof Return) return 'return';
  if (row instanceof Case) return 'case';
  throw new TypeError('a row of no known table');
}
