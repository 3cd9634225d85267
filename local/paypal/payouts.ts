import type { Call, Reply, Route, Sim } from './api.ts';
import { link } from './api.ts';
import { PayPalError } from './errors.ts';
import { formatAmount } from './money.ts';
import { captureById, platformShareOf, refundedOf } from './payments.ts';
import type { SimCapture, SimPayout } from './store.ts';

// Referenced payouts: how held money reaches a seller. PayPal remembers a request id three days here.
const MEMORY_HOURS = 3 * 24;
const AUTOMATIC_DISBURSEMENT_DAYS = 28;
const DAY_MS = 86_400_000;

export const payoutRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/payments/referenced-payouts-items',
    operation: 'payouts.create',
    memoryHours: MEMORY_HOURS,
    again: (first, sim) => payoutJson(payoutById(String(first.item_id), sim), sim),
    handle: release,
  },
  {
    method: 'GET',
    path: '/v1/payments/referenced-payouts-items/:id',
    operation: 'payouts.get',
    memoryHours: 0,
    handle: (call, sim) => ({
      status: 200,
      body: payoutJson(payoutById(call.params.id ?? '', sim), sim),
    }),
  },
];

/** Once and whole: there is no amount, and a second try is refused. */
function release(call: Call, sim: Sim): Reply {
  if (call.body.reference_type !== 'TRANSACTION_ID')
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/reference_type');
  const capture = captureById(String(call.body.reference_id ?? ''), sim);
  if (!capture.isDelayed) throw PayPalError.unprocessable('REFERENCE_NOT_DELAYED_DISBURSEMENT');
  if (capture.payoutId !== null)
    throw PayPalError.unprocessable('PAYOUT_ALREADY_COMPLETED_FOR_REFERENCE', '/reference_id');
  if (capture.status === 'PENDING') throw PayPalError.unprocessable('PENDING_CAPTURE');
  if (capture.status === 'DECLINED') throw PayPalError.unprocessable('CAPTURE_STATUS_NOT_VALID');
  if (capture.status === 'REFUNDED') throw PayPalError.unprocessable('CAPTURE_FULLY_REFUNDED');
  const isFailed = sim.faults.strike('payouts.create', ['decline']) !== null;
  const payout = isFailed ? failedPayout(capture, sim) : payOut(capture, 'REQUESTED', sim);
  return { status: 201, body: payoutJson(payout, sim) };
}

function payoutById(id: string, sim: Sim): SimPayout {
  const payout = sim.store.state.payouts.get(id);
  if (!payout) throw PayPalError.notFound();
  return payout;
}

function newPayout(
  capture: SimCapture,
  { cause, status }: Pick<SimPayout, 'cause' | 'status'>,
  sim: Sim,
): SimPayout {
  const net =
    capture.amount.minor -
    capture.fee.minor -
    (capture.platformFee?.minor ?? 0n) -
    refundedOf(capture.id, sim) +
    platformShareOf(capture.id, sim);
  const payout: SimPayout = {
    id: sim.newId(),
    captureId: capture.id,
    payee: capture.payee,
    amount: { minor: net < 0n ? 0n : net, currency: capture.amount.currency },
    createdAt: sim.store.now(),
    cause,
    status,
  };
  sim.store.state.payouts.set(payout.id, payout);
  return payout;
}

/** It reached nobody: the money is still held, and a later payout may take it. */
function failedPayout(capture: SimCapture, sim: Sim): SimPayout {
  const payout = newPayout(capture, { cause: 'REQUESTED', status: 'FAILED' }, sim);
  sim.store.append('payout.failed', payout.id, { captureId: capture.id, amount: payout.amount });
  sim.webhooks.publish('PAYMENT.REFERENCED-PAYOUT-ITEM.FAILED', payoutJson(payout, sim));
  return payout;
}

function payOut(capture: SimCapture, cause: SimPayout['cause'], sim: Sim): SimPayout {
  const payout = newPayout(capture, { cause, status: 'SUCCESS' }, sim);
  // Taken out again, because it may have been found by a walk over all of them.
  captureById(capture.id, sim).payoutId = payout.id;
  sim.store.append('payout.completed', payout.id, {
    captureId: capture.id,
    amount: payout.amount,
    cause,
  });
  sim.webhooks.publish('PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED', payoutJson(payout, sim));
  return payout;
}

/** PayPal pays out by itself 28 days after the capture; called whenever the clock may have passed it. */
export function disburseAutomatically(sim: Sim): number {
  const due = [...sim.store.state.captures.values()].filter(
    (capture) =>
      capture.isDelayed &&
      capture.payoutId === null &&
      (capture.status === 'COMPLETED' || capture.status === 'PARTIALLY_REFUNDED') &&
      sim.store.now() - capture.createdAt >= AUTOMATIC_DISBURSEMENT_DAYS * DAY_MS,
  );
  for (const capture of due) payOut(capture, 'AUTOMATIC', sim);
  return due.length;
}

function payoutJson(payout: SimPayout, sim: Sim) {
  return {
    item_id: payout.id,
    processing_state: { status: payout.status },
    reference_id: payout.captureId,
    reference_type: 'TRANSACTION_ID',
    payout_amount: formatAmount(payout.amount),
    payout_destination: payout.payee,
    payout_transaction_id: payout.id,
    links: [link(sim, 'self', `/v1/payments/referenced-payouts-items/${payout.id}`)],
  };
}
