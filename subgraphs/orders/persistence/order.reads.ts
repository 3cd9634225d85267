import type { Page } from '../../kernel/graphql/connection.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type {
  CarrierEventRow,
  CaseMessageRow,
  NotificationRow,
  OrderListing,
  OrderReads,
  TimelineRow,
} from '../application/reads.ts';
import { CancelRequest } from '../domain/cancel-request.ts';
import { Case } from '../domain/case.ts';
import { Order } from '../domain/order.ts';
import { OrderItem } from '../domain/order-item.ts';
import { Return } from '../domain/return.ts';
import { Shipment } from '../domain/shipment.ts';

const ISO_MICROSECONDS = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;
const IDS = 'any(array(select jsonb_array_elements_text(?::jsonb)))';

export class OrderQueries implements OrderReads {
  constructor(private readonly transactions: Transactions) {}

  orders(ids: readonly string[]): Promise<Order[]> {
    return this.find(Order, { id: { $in: ids } });
  }

  orderIdsOfRequests(paymentRequestIds: readonly string[]) {
    return this.sql<{ paymentRequestId: string; id: string }>(
      `select payment_request_id as "paymentRequestId", id from "order" where payment_request_id = ${IDS}`,
      [JSON.stringify(paymentRequestIds)],
    );
  }

  list({ by, id, statuses, page }: OrderListing): Promise<{ id: string; key: string }[]> {
    const column = { BUYER: 'buyer_id', SELLER: 'seller_id', CONVERSATION: 'conversation_id' }[by];
    const [at, last] = keyOf(page);
    return this.sql(
      `select id, to_char(captured_at at time zone 'UTC', ${ISO_MICROSECONDS}) as key from "order"
       where ${column} = ? and (?::jsonb is null or status = ${IDS})
         and (?::timestamptz is null or (captured_at, id) < (?::timestamptz, ?::text))
       order by captured_at desc, id desc limit ?`,
      [
        ...[id, statuses && JSON.stringify(statuses), JSON.stringify(statuses ?? [])],
        ...[at, at, last, page.first + 1],
      ],
    );
  }

  items(orderIds: readonly string[]): Promise<OrderItem[]> {
    return this.find(OrderItem, { orderId: { $in: orderIds } }, { position: 'asc' });
  }

  shipments(ids: readonly string[]): Promise<Shipment[]> {
    return this.find(Shipment, { id: { $in: ids } });
  }

  shipmentsOf(orderIds: readonly string[]): Promise<Shipment[]> {
    return this.find(Shipment, { orderId: { $in: orderIds } }, { markedSentAt: 'asc', id: 'asc' });
  }

  carrierEvents(shipmentIds: readonly string[]): Promise<CarrierEventRow[]> {
    return this.sql(
      `select shipment_id as "shipmentId", status, occurred_at as "occurredAt" from carrier_event
       where shipment_id = ${IDS} order by occurred_at, id`,
      [JSON.stringify(shipmentIds)],
    );
  }

  cancelRequestsOf(orderIds: readonly string[]): Promise<CancelRequest[]> {
    return this.find(CancelRequest, { orderId: { $in: orderIds } }, { requestedAt: 'asc' });
  }

  returns(ids: readonly string[]): Promise<Return[]> {
    return this.find(Return, { id: { $in: ids } });
  }

  returnsOf(orderIds: readonly string[]): Promise<Return[]> {
    return this.find(Return, { orderId: { $in: orderIds } }, { requestedAt: 'asc', id: 'asc' });
  }

  cases(ids: readonly string[]): Promise<Case[]> {
    return this.find(Case, { id: { $in: ids } });
  }

  casesOf(orderIds: readonly string[]): Promise<Case[]> {
    return this.find(Case, { orderId: { $in: orderIds } }, { openedAt: 'asc', id: 'asc' });
  }

  caseMessages(caseIds: readonly string[]): Promise<CaseMessageRow[]> {
    return this.sql(
      `select case_id as "caseId", author, text, at from case_message where case_id = ${IDS} order by id`,
      [JSON.stringify(caseIds)],
    );
  }

  timeline(orderId: string, { first, after }: Page): Promise<TimelineRow[]> {
    const last = /^\d{1,18}$/.test(after?.[0] ?? '') ? after?.[0] : '0';
    return this.sql(
      `select id::text, order_id as "orderId", kind, actor_kind as "actorKind", principal, from_status as "fromStatus",
              to_status as "toStatus", subject_id as "subjectId", reason, at
       from timeline where order_id = ? and timeline.id > ?::bigint order by timeline.id limit ?`,
      [orderId, last, first + 1],
    );
  }

  notifications(recipientId: string, unreadOnly: boolean, page: Page): Promise<NotificationRow[]> {
    const [at, last] = keyOf(page);
    return this.sql(
      `select id, recipient_id as "recipientId", kind, side, order_id as "orderId", at, read_at as "readAt",
              to_char(at at time zone 'UTC', ${ISO_MICROSECONDS}) as key
       from notification
       where recipient_id = ? and (not ?::boolean or read_at is null)
         and (?::timestamptz is null or (at, id) < (?::timestamptz, ?::text))
       order by notification.at desc, notification.id desc limit ?`,
      [recipientId, unreadOnly, at, at, last, page.first + 1],
    );
  }

  async openOrdersOf(sellerId: string): Promise<number> {
    const [row] = await this.sql<{ open: number }>(
      `select count(*)::int as open from "order" where seller_id = ?
       and (status not in ('COMPLETED', 'CANCELLED') or open_returns > 0 or open_cases > 0)`,
      [sellerId],
    );
    return row?.open ?? 0;
  }

  async unreadNotifications(recipientId: string): Promise<number> {
    const [row] = await this.sql<{ unread: number }>(
      'select count(*)::int as unread from notification where recipient_id = ? and read_at is null',
      [recipientId],
    );
    return row?.unread ?? 0;
  }

  async markNotificationsRead(
    recipientId: string,
    ids: readonly string[] | null,
    now: Date,
  ): Promise<number> {
    const marked = await this.sql<unknown>(
      `update notification set read_at = ?
       where recipient_id = ? and read_at is null and (?::jsonb is null or id = ${IDS}) returning 1`,
      [now, recipientId, ids && JSON.stringify(ids), JSON.stringify(ids ?? [])],
    );
    return marked.length;
  }

  async addressVisibleDays(): Promise<number> {
    const [row] = await this.sql<{ days: number }>(
      'select address_visible_days as days from order_policy',
      [],
    );
    return row?.days ?? 0;
  }

  async recordAccess(
    principal: string,
    what: string,
    orderIds: readonly string[],
    at: Date,
  ): Promise<void> {
    if (orderIds.length === 0) return;
    await this.sql(
      `insert into access_log (principal, what, order_id, at)
       select ?, ?, jsonb_array_elements_text(?::jsonb), ?::timestamptz`,
      [principal, what, JSON.stringify(orderIds), at],
    );
  }

  private sql<Row>(statement: string, values: readonly unknown[]): Promise<Row[]> {
    return this.transactions.reader().execute<Row[]>(statement, [...values]);
  }

  private find<T>(entity: unknown, where: object, orderBy: object = {}): Promise<T[]> {
    return this.transactions
      .reader()
      .find(entity as never, where as never, { orderBy: orderBy as never }) as never;
  }
}

/** The key of the last row already seen; one that is no time at all has nothing after it. */
function keyOf({ after }: Page): [at: string | null, id: string | null] {
  if (after === null) return [null, null];
  const [at = '', id = ''] = after;
  return [Number.isNaN(Date.parse(at)) ? '-infinity' : at, id];
}
