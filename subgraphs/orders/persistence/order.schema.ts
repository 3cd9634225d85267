import { BigIntType, EntitySchema } from '@mikro-orm/core';
import { Money } from '../../kernel/money.ts';
import { CancelRequest } from '../domain/cancel-request.ts';
import { Case } from '../domain/case.ts';
import { Order } from '../domain/order.ts';
import { OrderItem } from '../domain/order-item.ts';
import { Return } from '../domain/return.ts';
import { Shipment } from '../domain/shipment.ts';

const text = { type: 'text' } as const;
const textOrNull = { type: 'text', nullable: true } as const;
const time = { type: 'Date', columnType: 'timestamptz' } as const;
const timeOrNull = { ...time, nullable: true } as const;
const integer = { type: 'integer' } as const;
const flag = { type: 'boolean' } as const;
const json = { type: 'json' } as const;
const id = { ...text, primary: true } as const;
const minorOrNull = { type: new BigIntType('bigint'), nullable: true } as const;
const money = (prefix: string) =>
  ({ kind: 'embedded', entity: () => Money, prefix, object: false }) as const;

function entity<T>(cls: unknown, tableName: string, properties: object): EntitySchema<T> {
  return new EntitySchema<T>({ class: cls as never, tableName, properties } as never);
}

export const OrderSchema = entity<Order>(Order, 'order', {
  id,
  paymentRequestId: text,
  paymentId: text,
  conversationId: textOrNull,
  origin: text,
  buyerId: text,
  sellerId: text,
  status: text,
  total: money('total_'),
  shipping: money('shipping_'),
  refunded: money('refunded_'),
  refundOwed: money('refund_owed_'),
  isDisputed: flag,
  onHoldUntil: timeOrNull,
  isOnHold: flag,
  shipBy: time,
  autoCancelAt: time,
  capturedAt: time,
  returnWindowDays: integer,
  isFinalSale: flag,
  lastSentAt: timeOrNull,
  lastMarkedSentAt: timeOrNull,
  deliveredAt: timeOrNull,
  completedAt: timeOrNull,
  returnsEndAt: timeOrNull,
  hasCancelRequest: flag,
  openReturns: integer,
  openCases: integer,
  payoutStatus: textOrNull,
  payoutReleaseAt: timeOrNull,
  payoutReasons: json,
  version: integer,
});

export const OrderItemSchema = entity<OrderItem>(OrderItem, 'order_item', {
  id,
  orderId: text,
  position: integer,
  lineId: text,
  listingId: textOrNull,
  variantId: textOrNull,
  title: text,
  description: text,
  unitPrice: money('unit_price_'),
  quantity: integer,
  open: integer,
  sent: integer,
  delivered: integer,
  cancelled: integer,
  returned: integer,
  deliveredAt: timeOrNull,
});

export const ShipmentSchema = entity<Shipment>(Shipment, 'shipment', {
  id,
  orderId: text,
  status: text,
  carrier: textOrNull,
  trackingNumber: textOrNull,
  sentAt: time,
  markedSentAt: time,
  statusAt: time,
  deliveredAt: timeOrNull,
  items: json,
});

export const CancelRequestSchema = entity<CancelRequest>(CancelRequest, 'cancel_request', {
  id,
  orderId: text,
  status: text,
  reason: text,
  note: textOrNull,
  requestedAt: time,
  answerBy: time,
  answeredAt: timeOrNull,
});

export const ReturnSchema = entity<Return>(Return, 'return', {
  id,
  orderId: text,
  orderItemId: text,
  quantity: integer,
  status: text,
  reason: text,
  note: textOrNull,
  declineReason: textOrNull,
  requestedAt: time,
  dueAt: timeOrNull,
  carrier: textOrNull,
  trackingNumber: textOrNull,
  goodQuantity: integer,
  damagedQuantity: integer,
  refundMinor: minorOrNull,
  changedAt: time,
});

export const CaseSchema = entity<Case>(Case, 'case', {
  id,
  orderId: text,
  status: text,
  reason: text,
  openedAt: time,
  dueAt: timeOrNull,
  decidedFor: textOrNull,
  decision: textOrNull,
  refundMinor: minorOrNull,
  changedAt: time,
});
