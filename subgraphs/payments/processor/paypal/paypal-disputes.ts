import { z } from 'zod';
import type { PaymentProcessor, ProcessorDispute } from '../../application/processor.port.ts';
import { evidenceCarrier } from './carriers.ts';
import { type DisputeAnswer, disputeSchema } from './paypal-answers.ts';
import type { PayPalClient } from './paypal-client.ts';

const STATUSES: readonly ProcessorDispute['status'][] = [
  'OPEN',
  'WAITING_FOR_BUYER_RESPONSE',
  'WAITING_FOR_SELLER_RESPONSE',
  'UNDER_REVIEW',
  'RESOLVED',
];
/** PayPal's limit for the notes of one piece of evidence. */
const NOTES_MAX = 2_000;
const PAGE_SIZE = 50;

const listSchema = z.object({ items: z.array(z.object({ dispute_id: z.string() })).default([]) });
const anySchema = z.unknown();

/** The list leaves out what a decision needs, so each one is read. A capture seldom has two. */
export async function listDisputes(
  client: PayPalClient,
  captureId: string,
): Promise<readonly ProcessorDispute[]> {
  const query = new URLSearchParams({
    disputed_transaction_id: captureId,
    page_size: String(PAGE_SIZE),
  });
  const found = await client.call(
    { operation: 'disputes.list', method: 'GET', path: `/v1/customer/disputes?${query}` },
    listSchema,
  );
  const disputes = await Promise.all(
    (found?.items ?? []).map((item) => getDispute(client, item.dispute_id)),
  );
  return disputes.filter((dispute) => dispute !== null);
}

export async function getDispute(
  client: PayPalClient,
  disputeId: string,
): Promise<ProcessorDispute | null> {
  const answer = await client.call(
    {
      operation: 'disputes.get',
      method: 'GET',
      path: `/v1/customer/disputes/${encodeURIComponent(disputeId)}`,
    },
    disputeSchema,
  );
  return answer && toDispute(answer);
}

/** Sent once: a repeat would be refused, because the first ended the time for evidence. */
export async function provideEvidence(
  client: PayPalClient,
  disputeId: string,
  evidence: Parameters<PaymentProcessor['provideEvidence']>[1],
): Promise<void> {
  const { notes, trackingNumber, carrier } = evidence;
  const tracking = trackingNumber
    ? {
        evidence_type: 'PROOF_OF_FULFILLMENT',
        evidence_info: {
          tracking_info: [{ ...evidenceCarrier(carrier), tracking_number: trackingNumber }],
        },
      }
    : { evidence_type: 'OTHER' };
  await client.call(
    {
      operation: 'disputes.evidence',
      method: 'POST',
      path: `/v1/customer/disputes/${encodeURIComponent(disputeId)}/provide-evidence`,
      form: { evidences: [{ ...tracking, notes: cut(notes) }] },
    },
    anySchema,
  );
}

export async function acceptClaim(
  client: PayPalClient,
  disputeId: string,
  note: string,
): Promise<void> {
  await client.call(
    {
      operation: 'disputes.accept',
      method: 'POST',
      path: `/v1/customer/disputes/${encodeURIComponent(disputeId)}/accept-claim`,
      form: { note: cut(note), accept_claim_type: 'REFUND' },
    },
    anySchema,
  );
}

function toDispute(answer: DisputeAnswer): ProcessorDispute {
  const outcome = answer.dispute_outcome?.outcome_code;
  return {
    disputeId: answer.dispute_id,
    captureId: answer.disputed_transactions?.[0]?.seller_transaction_id ?? '',
    status: STATUSES.find((known) => known === answer.status) ?? 'OTHER',
    reason: answer.reason,
    amount: answer.dispute_amount,
    dueAt: answer.seller_response_due_date ? new Date(answer.seller_response_due_date) : null,
    wonBySeller: answer.status === 'RESOLVED' ? SELLER_WINS.has(outcome ?? '') : null,
    // Everything after the inquiry is a bank's claim: chargeback, pre-arbitration, arbitration.
    stage: (answer.dispute_life_cycle_stage ?? 'INQUIRY') === 'INQUIRY' ? 'INQUIRY' : 'CHARGEBACK',
    refunded: answer.dispute_outcome?.amount_refunded ?? null,
    updatedAt: answer.update_time ? new Date(answer.update_time) : null,
    canProvideEvidence: answer.links?.some((link) => link.rel === 'provide_evidence') ?? false,
  };
}

const SELLER_WINS = new Set(['RESOLVED_SELLER_FAVOUR', 'CANCELED_BY_BUYER', 'DENIED']);

function cut(text: string): string {
  return [...text].slice(0, NOTES_MAX).join('');
}
