import type { PublishedEvent } from '../../kernel/events/envelope.ts';
import type { Dispute } from '../domain/dispute.ts';
import type { Payment } from '../domain/payment.ts';
import { requestTopic } from './published.ts';

/** See schema/events/payments.dispute-changed.v1.json. Nothing of the evidence is in it. */
export function publishedDispute(
  dispute: Dispute,
  payment: Payment,
  isPaymentDisputed: boolean,
  occurredAt: Date,
): PublishedEvent {
  const { id: disputeId, status, stage, reason, outcome, amount, lost, dueAt } = dispute;
  return {
    type: 'payments.dispute-changed',
    schemaVersion: 1,
    aggregateId: disputeId,
    occurredAt,
    payload: {
      disputeId,
      paymentId: payment.id,
      paymentRequestId: payment.requestId,
      buyerId: payment.buyerId,
      sellerId: payment.sellerId,
      status,
      stage,
      reason,
      outcome,
      amount: amount.toJSON(),
      lost: lost.toJSON(),
      dueAt: dueAt?.toISOString() ?? null,
      isEvidenceProvided: dispute.evidenceProvidedAt !== null,
      // Whether any dispute of this payment is still open, and all that went back so far.
      isPaymentDisputed,
      refundedTotal: payment.refundedTotal.toJSON(),
    },
    topics: [requestTopic(payment.requestId)],
  };
}
