import type { EntityManager } from '@mikro-orm/postgresql';
import type { Outbox } from '../../kernel/events/outbox.ts';
import { type NewId, userIdOfSeller } from '../../kernel/ids.ts';
import { lockRow } from '../../kernel/persistence/lock-row.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import { principalOf } from '../../kernel/policy.ts';
import type {
  CarrierEvent,
  CaseMessage,
  Deed,
  DueKind,
  OrderPolicy,
  OrdersStore,
  OrdersTransaction,
} from '../application/ports.ts';
import { CancelRequest } from '../domain/cancel-request.ts';
import { Case } from '../domain/case.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import { noticesOf } from '../domain/order.notices.ts';
import { Order } from '../domain/order.ts';
import { OrderItem } from '../domain/order-item.ts';
import { Return } from '../domain/return.ts';
import type { CarrierWord } from '../domain/shipment.states.ts';
import { Shipment } from '../domain/shipment.ts';
import { published } from '../events/published.ts';

/** What has come due, oldest first. Each row is locked and asked again before anything is done. */
const DUE: Readonly<Record<DueKind, string>> = {
  HOLD_OVER: `select id from "order" where is_on_hold and on_hold_until <= ? order by on_hold_until`,
  NEVER_SENT: `select o.id from "order" o
    where o.status in ('ON_HOLD', 'AWAITING_SHIPMENT', 'PARTIALLY_SENT') and o.auto_cancel_at <= ?
    order by o.auto_cancel_at`,
  COMPLETABLE: `select id from "order"
    where status in ('SENT', 'DELIVERED') and returns_end_at <= ? and not is_disputed
      and payout_status in ('RELEASED', 'AUTO_DISBURSED', 'RETURNED')
      and not has_cancel_request and open_returns = 0 and open_cases = 0
    order by returns_end_at`,
  CANCEL_REQUEST: `select order_id as id from cancel_request
    where status = 'REQUESTED' and answer_by <= ? order by answer_by`,
  RETURN_UNANSWERED: `select id from "return" where status = 'REQUESTED' and due_at <= ? order by due_at`,
  RETURN_UNSENT: `select id from "return" where status = 'APPROVED' and due_at <= ? order by due_at`,
  CASE: `select id from "case" where status <> 'CLOSED' and due_at <= ? order by due_at`,
};

export class OrderStore implements OrdersStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly newId: NewId,
  ) {}

  transact<T>(work: (tx: OrdersTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) => work(new Transaction(em, this.outbox, this.newId)));
  }

  async due(kind: DueKind, now: Date, limit: number): Promise<readonly string[]> {
    const rows = await this.transactions
      .reader()
      .execute<{ id: string }[]>(`${DUE[kind]} limit ?`, [now, limit]);
    return rows.map((row) => row.id);
  }
}

class Transaction implements OrdersTransaction {
  constructor(
    private readonly em: EntityManager,
    private readonly outbox: Outbox,
    private readonly newId: NewId,
  ) {}

  lockOrder(id: string): Promise<Order | null> {
    return this.lock({ id });
  }

  lockOrderOfPayment(paymentId: string): Promise<Order | null> {
    return this.lock({ paymentId });
  }

  async hasOrderOfRequest(paymentRequestId: string): Promise<boolean> {
    const rows = await this.em.execute<unknown[]>(
      'select 1 from "order" where payment_request_id = ?',
      [paymentRequestId],
    );
    return rows.length > 0;
  }

  async addOrder(order: Order): Promise<void> {
    this.em.persist(order as never);
    await this.em.flush();
    for (const item of order.items) this.em.persist(item as never);
    await this.em.flush();
  }

  shipment(id: string): Promise<Shipment | null> {
    return this.one(Shipment, { id });
  }

  shipmentsOf(orderId: string): Promise<readonly Shipment[]> {
    return this.many(Shipment, { orderId }, { markedSentAt: 'asc', id: 'asc' });
  }

  /** The latest parcel with this number: carriers use numbers again after a while. */
  async shipmentByTracking(trackingNumber: string): Promise<Shipment | null> {
    const [latest] = await this.many<Shipment>(
      Shipment,
      { trackingNumber, status: { $ne: 'VOIDED' } },
      { markedSentAt: 'desc' },
    );
    return latest ?? null;
  }

  async addCarrierEvent(event: CarrierEvent): Promise<boolean> {
    const { source, carrierEventId, shipmentId, status, occurredAt, receivedAt } = event;
    const fresh = await this.em.execute<unknown[]>(
      `insert into carrier_event (source, carrier_event_id, shipment_id, status, occurred_at, received_at)
       values (?, ?, ?, ?, ?, ?) on conflict do nothing returning 1`,
      [source, carrierEventId, shipmentId, status, occurredAt, receivedAt],
    );
    return fresh.length > 0;
  }

  async carrierWords(shipmentId: string): Promise<readonly CarrierWord[]> {
    const rows = await this.em.execute<{ status: CarrierWord['status']; at: string }[]>(
      `select status, to_json(occurred_at) #>> '{}' as at from carrier_event where shipment_id = ?`,
      [shipmentId],
    );
    return rows.map(({ status, at }) => ({ status, occurredAt: new Date(at) }));
  }

  openCancelRequest(orderId: string): Promise<CancelRequest | null> {
    return this.one(CancelRequest, { orderId, status: 'REQUESTED' });
  }

  return(id: string): Promise<Return | null> {
    return this.one(Return, { id });
  }

  returnsOf(orderId: string): Promise<readonly Return[]> {
    return this.many(Return, { orderId }, { requestedAt: 'asc', id: 'asc' });
  }

  case(id: string): Promise<Case | null> {
    return this.one(Case, { id });
  }

  casesOf(orderId: string): Promise<readonly Case[]> {
    return this.many(Case, { orderId }, { openedAt: 'asc', id: 'asc' });
  }

  async addCaseMessage({ caseId, author, text, at }: CaseMessage): Promise<void> {
    await this.em.execute(
      'insert into case_message (case_id, author, text, at) values (?, ?, ?, ?)',
      [caseId, author, text, at],
    );
  }

  add(row: Shipment | CancelRequest | Return | Case): void {
    this.em.persist(row as never);
  }

  async isStockGone(paymentRequestId: string): Promise<boolean> {
    const rows = await this.em.execute<unknown[]>(
      'select 1 from stock_gone where payment_request_id = ?',
      [paymentRequestId],
    );
    return rows.length > 0;
  }

  async noteStockGone(paymentRequestId: string): Promise<void> {
    await this.em.execute(
      'insert into stock_gone (payment_request_id) values (?) on conflict do nothing',
      [paymentRequestId],
    );
  }

  async policy(): Promise<OrderPolicy> {
    const [row] = await this.em.execute<OrderPolicy[]>(
      `select chat_hold_minutes as "chatHoldMinutes", checkout_hold_minutes as "checkoutHoldMinutes",
              auto_cancel_days as "autoCancelDays", answer_business_days as "answerBusinessDays",
              return_send_days as "returnSendDays", address_visible_days as "addressVisibleDays"
       from order_policy`,
    );
    if (!row) throw new Error('the order policy is missing');
    return row;
  }

  async record(
    order: Order,
    before: string | null,
    events: readonly OrderEvent[],
    deed: Deed,
  ): Promise<void> {
    await this.em.flush();
    for (const event of events) {
      await this.addToTimeline(order, before, event, deed);
      await this.notify(order, event);
    }
    await this.outbox.append(events.map((event) => published(event)));
  }

  private async addToTimeline(
    order: Order,
    before: string | null,
    event: OrderEvent,
    { actor, reason }: Deed,
  ): Promise<void> {
    const told = timelineKind(event);
    if (told === null) return;
    await this.em.execute(
      `insert into timeline (order_id, kind, actor_kind, principal, from_status, to_status, subject_id, reason, at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        ...[order.id, told.kind, actor.kind.toUpperCase(), principalOf(actor), before],
        ...[order.status, told.subjectId, reason, event.occurredAt],
      ],
    );
  }

  private async notify(order: Order, event: OrderEvent): Promise<void> {
    for (const { recipient, kind, key } of noticesOf(event, order.version)) {
      const recipientId = recipient === 'BUYER' ? order.buyerId : userIdOfSeller(order.sellerId);
      await this.em.execute(
        `insert into notification (id, recipient_id, channel, kind, side, order_id, transition_key, at)
         values (?, ?, 'IN_APP', ?, ?, ?, ?, ?) on conflict do nothing`,
        [this.newId('notification'), recipientId, kind, recipient, order.id, key, event.occurredAt],
      );
    }
  }

  // The order's row is the lock of everything that belongs to it.
  private async lock(where: Readonly<Record<string, string>>): Promise<Order | null> {
    const order = await lockRow(this.em, Order, where);
    if (!order) return null;
    order.attach(await this.many<OrderItem>(OrderItem, { orderId: order.id }, { position: 'asc' }));
    return order;
  }

  private one<T>(entity: unknown, where: object): Promise<T | null> {
    return this.em.findOne(entity as never, where as never, { refresh: true }) as never;
  }

  private many<T>(entity: unknown, where: object, orderBy: object): Promise<T[]> {
    return this.em.find(entity as never, where as never, {
      orderBy: orderBy as never,
      refresh: true,
    }) as never;
  }
}

/** What of an event is history that people read; what is between subgraphs alone is not. */
function timelineKind(event: OrderEvent): { kind: string; subjectId: string | null } | null {
  switch (event.type) {
    case 'order-placed':
    case 'order-cancelled':
    case 'order-completed':
      return { kind: event.type.toUpperCase().replaceAll('-', '_'), subjectId: null };
    case 'shipment-sent':
    case 'shipment-voided':
      return {
        kind: event.type.toUpperCase().replaceAll('-', '_'),
        subjectId: event.payload.shipmentId,
      };
    case 'shipment-updated':
      return { kind: `SHIPMENT_${event.payload.status}`, subjectId: event.payload.shipmentId };
    case 'return-received':
      return { kind: 'RETURN_RECEIVED', subjectId: event.payload.returnId };
    case 'order-updated':
      return { kind: event.payload.change, subjectId: event.payload.subjectId };
    default:
      return null;
  }
}
