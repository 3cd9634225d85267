import { EntitySchema } from '@mikro-orm/core';
import { Money } from '../../kernel/money.ts';
import { Disbursement } from '../domain/disbursement.ts';
import { Refund } from '../domain/refund.ts';

const money = (prefix: string) => ({
  kind: 'embedded',
  entity: () => Money as never,
  prefix: `${prefix}_`,
});
const text = (fieldName: string, nullable = false) => ({ type: 'text', fieldName, nullable });
const time = (fieldName: string, nullable = false) => ({ type: 'Date', fieldName, nullable });

export const DisbursementSchema = new EntitySchema<Disbursement>({
  class: Disbursement as never,
  tableName: 'disbursement',
  properties: {
    id: { type: 'text', primary: true },
    paymentId: text('payment_id'),
    requestId: text('request_id'),
    sellerId: text('seller_id'),
    captureId: text('capture_id'),
    net: money('net'),
    capturedAt: time('captured_at'),
    status: text('status'),
    reasons: { type: 'json' },
    fullySentAt: time('fully_sent_at', true),
    releaseAt: time('release_at', true),
    releaseId: text('release_id', true),
    releasedAt: time('released_at', true),
    netted: money('netted'),
    asks: { type: 'integer' },
    nextAskAt: time('next_ask_at', true),
    failedReleaseId: text('failed_release_id', true),
  },
} as never);

export const RefundSchema = new EntitySchema<Refund>({
  class: Refund as never,
  tableName: 'refund',
  properties: {
    id: { type: 'text', primary: true },
    paymentId: text('payment_id'),
    sellerId: text('seller_id'),
    captureId: text('capture_id'),
    amount: money('amount'),
    reason: { type: 'text' },
    requestedBy: text('requested_by'),
    createdAt: time('created_at'),
    status: { type: 'text' },
    processorRefundId: text('processor_refund_id', true),
    failureCode: text('failure_code', true),
    attempts: { type: 'integer' },
    nextAttemptAt: time('next_attempt_at'),
    completedAt: time('completed_at', true),
    platformFeeShare: money('platform_fee_share'),
    returnId: text('return_id', true),
    caseId: text('case_id', true),
    failedRefundId: text('failed_refund_id', true),
  },
} as never);
