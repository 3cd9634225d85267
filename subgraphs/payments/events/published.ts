import type { PublishedEvent } from '../../kernel/events/envelope.ts';
import type { Payment } from '../domain/payment.ts';
import type { PaymentRequestEvent } from '../domain/payment-request.events.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';
import { lineTotal } from '../domain/request-line.ts';

// Domain events on the wire: the only place that knows their shape. See schema/events/.

/** Live streams: of one request for its two parties. */
export const requestTopic = (requestId: string) => `payment-request:${requestId}`;

export function publishedRequestEvent({
  change,
  request,
  reason,
  occurredAt,
}: PaymentRequestEvent): PublishedEvent {
  return {
    type: `payments.payment-request-${change}`,
    schemaVersion: 1,
    aggregateId: request.id,
    occurredAt,
    payload: {
      paymentRequestId: request.id,
      conversationId: request.conversationId,
      origin: request.origin,
      buyerId: request.buyerId,
      sellerId: request.sellerId,
      total: request.total.toJSON(),
      version: request.version,
      reason,
    },
    topics: [requestTopic(request.id)],
  };
}

export function publishedCapture(payment: Payment, request: PaymentRequest): PublishedEvent {
  return {
    type: 'payments.payment-captured',
    schemaVersion: 1,
    aggregateId: payment.id,
    occurredAt: payment.capturedAt,
    payload: {
      paymentId: payment.id,
      paymentRequestId: request.id,
      conversationId: request.conversationId,
      origin: request.origin,
      buyerId: request.buyerId,
      sellerId: request.sellerId,
      total: payment.amount.toJSON(),
      shipping: request.shipping.toJSON(),
      lines: request.lines.map((line) => ({
        lineId: line.lineId,
        listingId: line.listingId,
        variantId: line.variantId,
        title: line.title,
        description: line.description,
        unitPrice: line.unitPrice.toJSON(),
        quantity: line.quantity,
        lineTotal: lineTotal(line).toJSON(),
      })),
      capturedAt: payment.capturedAt.toISOString(),
      terms: request.terms,
    },
  };
}
