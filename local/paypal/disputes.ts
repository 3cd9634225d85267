import type { Call, Reply, Route, Sim } from './api.ts';
import { iso, link } from './api.ts';
import { PayPalError } from './errors.ts';
import { formatAmount } from './money.ts';
import { captureById, refundedOf } from './payments.ts';
import type { Amount, SimDispute } from './store.ts';

const ANSWER_DAYS = 10;
const DAY_MS = 86_400_000;

export const disputeRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/customer/disputes',
    operation: 'disputes.list',
    memoryHours: 0,
    handle: list,
  },
  {
    method: 'GET',
    path: '/v1/customer/disputes/:id',
    operation: 'disputes.get',
    memoryHours: 0,
    handle: get,
  },
  {
    method: 'POST',
    path: '/v1/customer/disputes/:id/provide-evidence',
    operation: 'disputes.evidence',
    memoryHours: 0,
    handle: provideEvidence,
  },
  {
    method: 'POST',
    path: '/v1/customer/disputes/:id/accept-claim',
    operation: 'disputes.accept',
    memoryHours: 0,
    handle: acceptClaim,
  },
  {
    method: 'POST',
    path: '/v1/customer/disputes/:id/adjudicate',
    operation: 'disputes.adjudicate',
    memoryHours: 0,
    handle: adjudicate,
  },
];

/** A payer complains; called from administration. */
export function openDispute(captureId: string, reason: string, sim: Sim): SimDispute {
  const capture = sim.store.state.captures.get(captureId);
  if (!capture) throw PayPalError.notFound();
  const dispute: SimDispute = {
    id: `PP-D-${sim.newId().slice(0, 6)}`,
    captureId,
    reason,
    amount: capture.amount,
    createdAt: sim.store.now(),
    updatedAt: sim.store.now(),
    status: 'WAITING_FOR_SELLER_RESPONSE',
    outcome: null,
    evidence: [],
  };
  sim.store.state.disputes.set(dispute.id, dispute);
  sim.webhooks.publish('CUSTOMER.DISPUTE.CREATED', disputeJson(dispute, sim));
  return dispute;
}

function disputeOf(call: Call, sim: Sim): SimDispute {
  const dispute = sim.store.state.disputes.get(call.params.id ?? '');
  if (!dispute) throw PayPalError.notFound();
  return dispute;
}

/** The list shows less of a dispute than its own page, and leaves out `items` when there are none. */
function list(call: Call, sim: Sim): Reply {
  const transaction = call.query.get('disputed_transaction_id');
  const items = [...sim.store.state.disputes.values()]
    .filter((dispute) => !transaction || dispute.captureId === transaction)
    .map((dispute) => {
      const { disputed_transactions, dispute_outcome, ...shown } = disputeJson(dispute, sim);
      return { ...shown, dispute_state: stateOf(dispute), links: shown.links.slice(0, 1) };
    });
  const self = link(sim, 'self', `/v1/customer/disputes?${call.query}`);
  return { status: 200, body: { ...(items.length > 0 ? { items } : {}), links: [self] } };
}

function get(call: Call, sim: Sim): Reply {
  return { status: 200, body: disputeJson(disputeOf(call, sim), sim) };
}

function provideEvidence(call: Call, sim: Sim): Reply {
  const dispute = disputeOf(call, sim);
  const evidences = call.body.evidences as readonly { evidence_type?: string }[] | undefined;
  if (!Array.isArray(evidences) || evidences.length === 0)
    throw PayPalError.invalid('MISSING_REQUIRED_PARAMETER', '/evidences');
  if (dispute.status !== 'WAITING_FOR_SELLER_RESPONSE') throw notNow();
  dispute.evidence.push(...evidences);
  become(dispute, 'UNDER_REVIEW', sim);
  sim.webhooks.publish('CUSTOMER.DISPUTE.UPDATED', disputeJson(dispute, sim));
  return changed(dispute, sim);
}

function acceptClaim(call: Call, sim: Sim): Reply {
  const dispute = disputeOf(call, sim);
  if (dispute.status !== 'WAITING_FOR_SELLER_RESPONSE') throw notNow();
  return resolve(dispute, 'RESOLVED_BUYER_FAVOUR', sim);
}

/** PayPal's decision, which its sandbox lets a developer take once the evidence is in. */
function adjudicate(call: Call, sim: Sim): Reply {
  const outcome = call.body.adjudication_outcome;
  if (outcome !== 'BUYER_FAVOR' && outcome !== 'SELLER_FAVOR')
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/adjudication_outcome');
  const dispute = disputeOf(call, sim);
  if (dispute.status !== 'UNDER_REVIEW') throw notNow();
  const isForBuyer = outcome === 'BUYER_FAVOR';
  return resolve(dispute, isForBuyer ? 'RESOLVED_BUYER_FAVOUR' : 'RESOLVED_SELLER_FAVOUR', sim);
}

/** One of the two does not take the decision as it is; called from administration. */
export function reopenDispute(id: string, sim: Sim): SimDispute {
  const dispute = sim.store.state.disputes.get(id);
  if (!dispute) throw PayPalError.notFound();
  if (dispute.status !== 'RESOLVED') throw notNow();
  become(dispute, 'UNDER_REVIEW', sim);
  dispute.outcome = null;
  sim.webhooks.publish('CUSTOMER.DISPUTE.UPDATED', disputeJson(dispute, sim));
  return dispute;
}

/** A seller who is silent past the day loses; called whenever the clock may have passed it. */
export function lapseDisputes(sim: Sim): number {
  const due = [...sim.store.state.disputes.values()].filter(
    (dispute) =>
      dispute.status === 'WAITING_FOR_SELLER_RESPONSE' &&
      sim.store.now() >= dispute.createdAt + ANSWER_DAYS * DAY_MS,
  );
  for (const { id } of due) {
    const dispute = sim.store.state.disputes.get(id);
    if (dispute) resolve(dispute, 'RESOLVED_BUYER_FAVOUR', sim);
  }
  return due.length;
}

function resolve(dispute: SimDispute, outcome: string, sim: Sim): Reply {
  become(dispute, 'RESOLVED', sim);
  dispute.outcome = outcome;
  const { id, captureId } = dispute;
  const amount = outcome === 'RESOLVED_BUYER_FAVOUR' ? reverse(dispute, sim) : dispute.amount;
  if (outcome !== 'RESOLVED_BUYER_FAVOUR') restore(dispute, sim);
  dispute.reversed = amount;
  sim.store.append('dispute.resolved', id, { captureId, outcome, amount });
  sim.webhooks.publish('CUSTOMER.DISPUTE.RESOLVED', disputeJson(dispute, sim));
  return changed(dispute, sim);
}

/** What is left of the payment goes back to the payer, out of held money or the seller's balance. */
function reverse(dispute: SimDispute, sim: Sim): Amount {
  const capture = captureById(dispute.captureId, sim);
  const left = capture.amount.minor - refundedOf(capture.id, sim);
  const isMore = dispute.amount.minor > left;
  const minor = isMore ? left : dispute.amount.minor;
  const amount = { minor, currency: capture.amount.currency };
  if (minor === 0n) return amount;
  const id = sim.newId();
  sim.store.state.refunds.set(id, {
    id,
    captureId: capture.id,
    amount,
    platformFee: null,
    isAfterPayout: capture.payoutId !== null,
    note: null,
    createdAt: sim.store.now(),
    isReversal: true,
    status: 'COMPLETED',
  });
  dispute.reversalId = id;
  capture.status = minor === left ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  capture.updatedAt = sim.store.now();
  return amount;
}

/** A decision for the buyer did not stand: the payer keeps the money, and PayPal gives the seller theirs. */
function restore(dispute: SimDispute, sim: Sim): void {
  const { reversalId } = dispute;
  const reversal = reversalId === undefined ? undefined : sim.store.state.refunds.get(reversalId);
  if (!reversal || reversal.isRestored) return;
  reversal.isRestored = true;
  const { captureId, amount } = reversal;
  sim.store.append('dispute.restored', dispute.id, { captureId, amount });
}

function become(dispute: SimDispute, status: SimDispute['status'], sim: Sim): void {
  dispute.status = status;
  dispute.updatedAt = sim.store.now();
}

function notNow(): PayPalError {
  return PayPalError.unprocessable('ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE');
}

function changed(dispute: SimDispute, sim: Sim): Reply {
  const self = link(sim, 'self', `/v1/customer/disputes/${dispute.id}`);
  return { status: 200, body: { links: [self] } };
}

export function disputeJson(dispute: SimDispute, sim: Sim) {
  const path = `/v1/customer/disputes/${dispute.id}`;
  const canAnswer = dispute.status === 'WAITING_FOR_SELLER_RESPONSE';
  return {
    dispute_id: dispute.id,
    create_time: iso(dispute.createdAt),
    update_time: iso(dispute.updatedAt),
    disputed_transactions: [
      { seller_transaction_id: dispute.captureId, gross_amount: formatAmount(dispute.amount) },
    ],
    reason: dispute.reason,
    status: dispute.status,
    dispute_amount: formatAmount(dispute.amount),
    ...(dispute.outcome
      ? {
          dispute_outcome: {
            outcome_code: dispute.outcome,
            ...(dispute.outcome === 'RESOLVED_BUYER_FAVOUR'
              ? { amount_refunded: formatAmount(dispute.reversed ?? dispute.amount) }
              : {}),
          },
        }
      : {}),
    dispute_life_cycle_stage: 'CHARGEBACK',
    dispute_channel: 'INTERNAL',
    seller_response_due_date: iso(dispute.createdAt + ANSWER_DAYS * DAY_MS),
    links: [
      link(sim, 'self', path),
      ...(canAnswer
        ? [
            link(sim, 'provide_evidence', `${path}/provide-evidence`, 'POST'),
            link(sim, 'accept_claim', `${path}/accept-claim`, 'POST'),
          ]
        : []),
    ],
  };
}

function stateOf({ status }: SimDispute) {
  if (status === 'RESOLVED') return 'RESOLVED';
  return status === 'UNDER_REVIEW' ? 'UNDER_PAYPAL_REVIEW' : 'REQUIRED_ACTION';
}
