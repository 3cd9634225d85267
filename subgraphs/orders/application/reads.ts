import type { Page } from '../../kernel/graphql/connection.ts';
import type { CancelRequest } from '../domain/cancel-request.ts';
import type { Case } from '../domain/case.ts';
import type { Order } from '../domain/order.ts';
import type { OrderItem } from '../domain/order-item.ts';
import type { Return } from '../domain/return.ts';
import type { Shipment } from '../domain/shipment.ts';

export interface TimelineRow {
  readonly id: string;
  readonly orderId: string;
  readonly kind: string;
  readonly actorKind: string;
  readonly principal: string;
  readonly fromStatus: string | null;
  readonly toStatus: string;
  readonly subjectId: string | null;
  readonly reason: string | null;
  readonly at: Date;
}

export interface CarrierEventRow {
  readonly shipmentId: string;
  readonly status: string;
  readonly occurredAt: Date;
}

export interface CaseMessageRow {
  readonly caseId: string;
  readonly author: string;
  readonly text: string;
  readonly at: Date;
}

export interface NotificationRow {
  readonly id: string;
  readonly recipientId: string;
  readonly kind: string;
  readonly side: string;
  readonly orderId: string;
  readonly at: Date;
  readonly readAt: Date | null;
  /** ISO text with microseconds: half of the sort key. */
  readonly key: string;
}

export interface OrderListing {
  readonly by: 'BUYER' | 'SELLER' | 'CONVERSATION';
  readonly id: string;
  readonly statuses: readonly string[] | null;
  readonly page: Page;
}

/** Batched reads: one statement whatever the number of ids. Who may see the rows is the loaders' to ask. */
export interface OrderReads {
  orders(ids: readonly string[]): Promise<Order[]>;
  orderIdsOfRequests(
    paymentRequestIds: readonly string[],
  ): Promise<{ paymentRequestId: string; id: string }[]>;
  list(listing: OrderListing): Promise<{ id: string; key: string }[]>;
  items(orderIds: readonly string[]): Promise<OrderItem[]>;
  shipments(ids: readonly string[]): Promise<Shipment[]>;
  shipmentsOf(orderIds: readonly string[]): Promise<Shipment[]>;
  carrierEvents(shipmentIds: readonly string[]): Promise<CarrierEventRow[]>;
  cancelRequestsOf(orderIds: readonly string[]): Promise<CancelRequest[]>;
  returns(ids: readonly string[]): Promise<Return[]>;
  returnsOf(orderIds: readonly string[]): Promise<Return[]>;
  cases(ids: readonly string[]): Promise<Case[]>;
  casesOf(orderIds: readonly string[]): Promise<Case[]>;
  caseMessages(caseIds: readonly string[]): Promise<CaseMessageRow[]>;
  timeline(orderId: string, page: Page): Promise<TimelineRow[]>;
  notifications(recipientId: string, unreadOnly: boolean, page: Page): Promise<NotificationRow[]>;
  /** Orders of a seller that are neither completed nor cancelled, or have something open. */
  openOrdersOf(sellerId: string): Promise<number>;
  unreadNotifications(recipientId: string): Promise<number>;
  /** Marks these, or all, of the recipient's as read. Returns how many were unread. */
  markNotificationsRead(
    recipientId: string,
    ids: readonly string[] | null,
    now: Date,
  ): Promise<number>;
  addressVisibleDays(): Promise<number>;
  recordAccess(
    principal: string,
    what: string,
    orderIds: readonly string[],
    at: Date,
  ): Promise<void>;
}
