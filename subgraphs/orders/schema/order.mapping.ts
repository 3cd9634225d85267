import { Money } from '../../kernel/money.ts';
import type { NotificationRow } from '../application/reads.ts';
import type { Case } from '../domain/case.ts';
import type { Order } from '../domain/order.ts';
import type { OrderItem } from '../domain/order-item.ts';
import type { Return } from '../domain/return.ts';
import type { Shipment } from '../domain/shipment.ts';
import type {
  CaseType,
  NotificationType,
  OrderItemType,
  OrderType,
  ReturnType,
  ShipmentType,
} from './order.types.ts';

export function toOrder(row: Order): OrderType {
  const { id, status, origin, paymentState, afterSale, total, shipping, refunded } = row;
  return {
    ...{ row, id, status, origin, paymentState, afterSale, total, shipping, refunded },
    refundable: row.refundable,
    placedAt: row.capturedAt,
    onHoldUntil: row.onHoldUntil,
    shipBy: row.shipBy,
    autoCancelAt: row.autoCancelAt,
    deliveredAt: row.deliveredAt,
    completedAt: row.completedAt,
    returnsEndAt: row.returnsEndAt,
    isFinalSale: row.isFinalSale,
    buyer: { id: row.buyerId },
    seller: { id: row.sellerId },
    conversation: row.conversationId === null ? null : { id: row.conversationId },
    paymentRequest: { id: row.paymentRequestId },
    payment: { id: row.paymentId },
  };
}

export function toItem(row: OrderItem): OrderItemType {
  const { id, title, description, unitPrice, quantity, deliveredAt } = row;
  return {
    ...{ row, id, title, description, unitPrice, quantity, deliveredAt },
    lineTotal: Money.of(row.valueOf(quantity), unitPrice.currency),
    openQuantity: row.open,
    sentQuantity: row.sent,
    deliveredQuantity: row.delivered,
    cancelledQuantity: row.cancelled,
    returnedQuantity: row.returned,
    listing: row.listingId === null ? null : { id: row.listingId },
    variant: row.variantId === null ? null : { id: row.variantId },
  };
}

export function toShipment(row: Shipment): ShipmentType {
  const { id, status, carrier, trackingNumber, sentAt, markedSentAt, statusAt, deliveredAt } = row;
  return {
    ...{ row, id, status, carrier, trackingNumber, sentAt, markedSentAt, statusAt, deliveredAt },
  };
}

/** `currency` is the order's: a return and a case keep minor units alone. */
export function toReturn(row: Return, currency: string): ReturnType {
  const { id, status, reason, note, declineReason, quantity, requestedAt, dueAt } = row;
  return {
    ...{ row, id, status, reason, note, declineReason, quantity, requestedAt, dueAt },
    goodQuantity: row.goodQuantity,
    damagedQuantity: row.damagedQuantity,
    refundAmount: row.refundMinor === null ? null : Money.of(row.refundMinor, currency),
    carrier: row.carrier,
    trackingNumber: row.trackingNumber,
  };
}

export function toCase(row: Case, currency: string): CaseType {
  const { id, status, reason, openedAt, dueAt, decidedFor, decision } = row;
  return {
    ...{ row, id, status, reason, openedAt, dueAt, decidedFor, decision },
    refundAmount: row.refundMinor === null ? null : Money.of(row.refundMinor, currency),
  };
}

export function toNotification(row: NotificationRow): NotificationType {
  const { id, kind, side, at, readAt } = row;
  return { row, id, kind, side, at, readAt };
}
