import type { PublishedEvent } from '../../kernel/events/envelope.ts';
import type { DisbursementChanged } from '../domain/disbursement.ts';
import type { Payment } from '../domain/payment.ts';
import type { Refund } from '../domain/refund.ts';
import { requestTopic } from './published.ts';

// Money after the capture, on the wire. See schema/events/payments.*.json.

export function publishedDisbursement({
  disbursement,
  occurredAt,
}: DisbursementChanged): PublishedEvent {
  const { paymentId, requestId, sellerId, status, releaseAt, net, reasons } = disbursement;
  return {
    type: 'payments.disbursement-changed',
    schemaVersion: 1,
    aggregateId: disbursement.id,
    occurredAt,
    payload: {
      paymentId,
      paymentRequestId: requestId,
      sellerId,
      status,
      releaseAt: releaseAt?.toISOString() ?? null,
      amount: net.toJSON(),
      reasons,
    },
  };
}

export function publishedRefund(payment: Payment, refund: Refund): PublishedEvent {
  return {
    type: 'payments.payment-refunded',
    schemaVersion: 1,
    aggregateId: payment.id,
    occurredAt: refund.completedAt ?? refund.createdAt,
    payload: {
      paymentId: payment.id,
      paymentRequestId: payment.requestId,
      refundId: refund.id,
      buyerId: payment.buyerId,
      sellerId: payment.sellerId,
      amount: refund.amount.toJSON(),
      refundedTotal: payment.refundedTotal.toJSON(),
      capturedTotal: payment.amount.toJSON(),
      isFullyRefunded: payment.refundable.isZero(),
      reason: refund.reason,
      returnId: refund.returnId,
      caseId: refund.caseId,
    },
    topics: [requestTopic(payment.requestId)],
  };
}

export function publishedRefundFailed(payment: Payment, refund: Refund): PublishedEvent {
  return {
    type: 'payments.refund-failed',
    schemaVersion: 1,
    aggregateId: refund.id,
    occurredAt: refund.createdAt,
    payload: {
      paymentId: refund.paymentId,
      refundId: refund.id,
      buyerId: payment.buyerId,
      sellerId: payment.sellerId,
      amount: refund.amount.toJSON(),
      returnId: refund.returnId,
      caseId: refund.caseId,
      code: refund.failureCode ?? 'UNKNOWN',
    },
  };
}

export function publishedRefundCancelled(
  payment: Payment,
  refund: Refund,
  isSettled: boolean,
  occurredAt: Date,
): PublishedEvent {
  return {
    type: 'payments.refund-cancelled',
    schemaVersion: 1,
    aggregateId: refund.id,
    occurredAt,
    payload: {
      paymentId: refund.paymentId,
      refundId: refund.id,
      buyerId: payment.buyerId,
      sellerId: payment.sellerId,
      amount: refund.amount.toJSON(),
      refundedTotal: payment.refundedTotal.toJSON(),
      isSettled,
      returnId: refund.returnId,
      caseId: refund.caseId,
      code: refund.failureCode ?? 'UNKNOWN',
    },
  };
}
