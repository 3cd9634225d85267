import { EntitySchema } from '@mikro-orm/core';
import { Money } from '../../kernel/money.ts';
import { Dispute } from '../domain/dispute.ts';

const money = (prefix: string) => ({
  kind: 'embedded',
  entity: () => Money as never,
  prefix: `${prefix}_`,
});
const text = (fieldName: string, nullable = false) => ({ type: 'text', fieldName, nullable });
const time = (fieldName: string, nullable = false) => ({ type: 'Date', fieldName, nullable });

export const DisputeSchema = new EntitySchema<Dispute>({
  class: Dispute as never,
  tableName: 'dispute',
  properties: {
    id: { type: 'text', primary: true },
    processorDisputeId: text('processor_dispute_id'),
    paymentId: text('payment_id'),
    buyerId: text('buyer_id'),
    sellerId: text('seller_id'),
    amount: money('amount'),
    openedAt: time('opened_at'),
    status: text('status'),
    stage: text('stage'),
    reason: text('reason'),
    dueAt: time('due_at', true),
    outcome: text('outcome', true),
    lost: money('lost'),
    canProvideEvidence: { type: 'boolean', fieldName: 'can_provide_evidence' },
    evidenceBegunAt: time('evidence_begun_at', true),
    evidenceProvidedAt: time('evidence_provided_at', true),
    nextEvidenceAt: time('next_evidence_at', true),
    resolvedAt: time('resolved_at', true),
    processorUpdatedAt: time('processor_updated_at', true),
    nextReadAt: time('next_read_at', true),
    version: { type: 'integer' },
  },
} as never);
