import type { Call, Reply, Route, Sim } from './api.ts';
import { iso, link } from './api.ts';
import { PayPalError } from './errors.ts';
import { formatAmount } from './money.ts';
import type { SimDispute } from './store.ts';

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

function list(call: Call, sim: Sim): Reply {
  const transaction = call.query.get('disputed_transaction_id');
  const items = [...sim.store.state.disputes.values()].filter(
    (dispute) => !transaction || dispute.captureId === transaction,
  );
  return {
    status: 200,
    body: { items: items.map((dispute) => disputeJson(dispute, sim)), links: [] },
  };
}

function get(call: Call, sim: Sim): Reply {
  return { status: 200, body: disputeJson(disputeOf(call, sim), sim) };
}

function provideEvidence(call: Call, sim: Sim): Reply {
  const dispute = disputeOf(call, sim);
  if (dispute.status !== 'WAITING_FOR_SELLER_RESPONSE')
    throw PayPalError.unprocessable('ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE');
  dispute.evidence.push(call.body.evidences ?? call.body);
  dispute.status = 'UNDER_REVIEW';
  sim.webhooks.publish('CUSTOMER.DISPUTE.UPDATED', disputeJson(dispute, sim));
  return {
    status: 200,
    body: { links: [link(sim, 'self', `/v1/customer/disputes/${dispute.id}`)] },
  };
}

function acceptClaim(call: Call, sim: Sim): Reply {
  return resolve(disputeOf(call, sim), 'RESOLVED_BUYER_FAVOUR', sim);
}

function adjudicate(call: Call, sim: Sim): Reply {
  const outcome = call.body.adjudication_outcome;
  if (outcome !== 'BUYER_FAVOR' && outcome !== 'SELLER_FAVOR')
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/adjudication_outcome');
  return resolve(
    disputeOf(call, sim),
    outcome === 'BUYER_FAVOR' ? 'RESOLVED_BUYER_FAVOUR' : 'RESOLVED_SELLER_FAVOUR',
    sim,
  );
}

function resolve(dispute: SimDispute, outcome: string, sim: Sim): Reply {
  if (dispute.status === 'RESOLVED')
    throw PayPalError.unprocessable('ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE');
  dispute.status = 'RESOLVED';
  dispute.outcome = outcome;
  sim.store.append('dispute.resolved', dispute.id, { captureId: dispute.captureId, outcome });
  sim.webhooks.publish('CUSTOMER.DISPUTE.RESOLVED', disputeJson(dispute, sim));
  return {
    status: 200,
    body: { links: [link(sim, 'self', `/v1/customer/disputes/${dispute.id}`)] },
  };
}

export function disputeJson(dispute: SimDispute, sim: Sim) {
  const path = `/v1/customer/disputes/${dispute.id}`;
  const canAnswer = dispute.status === 'WAITING_FOR_SELLER_RESPONSE';
  return {
    dispute_id: dispute.id,
    create_time: iso(dispute.createdAt),
    update_time: iso(dispute.createdAt),
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
            amount_refunded: formatAmount(dispute.amount),
          },
        }
      : {}),
    dispute_life_cycle_stage: 'CHARGEBACK',
    dispute_channel: 'EXTERNAL',
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
