import type { Call, Reply, Route, Sim } from './api.ts';
import { lapseDisputes, openDispute, reopenDispute } from './disputes.ts';
import { PayPalError } from './errors.ts';
import type { Fault, FaultKind } from './faults.ts';
import { balanceOf, captureById, captureJson, decideRefund } from './payments.ts';
import { disburseAutomatically } from './payouts.ts';

// What PayPal has no call for: the clock, faults on demand, complaints of payers, and the log that a
// reconciler is compared with. Open, because the simulator listens on the loopback address only.

export const adminRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/simulator/log',
    operation: null,
    memoryHours: 0,
    handle: (_call, sim) => ({ status: 200, body: { entries: sim.store.log } }),
  },
  { method: 'GET', path: '/simulator/state', operation: null, memoryHours: 0, handle: state },
  { method: 'POST', path: '/simulator/clock', operation: null, memoryHours: 0, handle: moveClock },
  { method: 'POST', path: '/simulator/faults', operation: null, memoryHours: 0, handle: addFault },
  {
    method: 'DELETE',
    path: '/simulator/faults',
    operation: null,
    memoryHours: 0,
    handle: clearFaults,
  },
  {
    method: 'GET',
    path: '/simulator/disputes/:id',
    operation: null,
    memoryHours: 0,
    handle: disputeRecord,
  },
  { method: 'POST', path: '/simulator/disputes', operation: null, memoryHours: 0, handle: dispute },
  {
    method: 'POST',
    path: '/simulator/disputes/:id/reopen',
    operation: null,
    memoryHours: 0,
    handle: (call, sim) => ({
      status: 200,
      body: { dispute_id: reopenDispute(call.params.id ?? '', sim).id },
    }),
  },
  {
    method: 'POST',
    path: '/simulator/merchants/:id/withdraw',
    operation: null,
    memoryHours: 0,
    handle: withdraw,
  },
  {
    method: 'POST',
    path: '/simulator/merchants/:id/revoke',
    operation: null,
    memoryHours: 0,
    handle: revoke,
  },
  {
    method: 'POST',
    path: '/simulator/captures/:id/decide',
    operation: null,
    memoryHours: 0,
    handle: decideCapture,
  },
  {
    method: 'POST',
    path: '/simulator/refunds/:id/decide',
    operation: null,
    memoryHours: 0,
    handle: (call, sim) => ({
      status: 200,
      body: decideRefund(call.params.id ?? '', call.body.status, sim),
    }),
  },
];

function state(_call: Call, sim: Sim): Reply {
  const { orders, captures, refunds, payouts, paymentTokens, merchants, disputes } =
    sim.store.state;
  return {
    status: 200,
    body: {
      now: new Date(sim.store.now()).toISOString(),
      orders: orders.size,
      captures: captures.size,
      refunds: refunds.size,
      payouts: payouts.size,
      paymentTokens: paymentTokens.size,
      merchants: merchants.size,
      disputes: disputes.size,
      faults: sim.faults.list(),
      webhooksWaiting: sim.webhooks.pending(),
    },
  };
}

function moveClock(call: Call, sim: Sim): Reply {
  const { advanceMs } = call.body as { advanceMs?: unknown };
  if (!Number.isInteger(advanceMs) || (advanceMs as number) < 0)
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/advanceMs');
  sim.store.state.clockShiftMs += advanceMs as number;
  disburseAutomatically(sim);
  lapseDisputes(sim);
  return { status: 200, body: { now: new Date(sim.store.now()).toISOString() } };
}

const KINDS: readonly FaultKind[] = [
  'timeout-before',
  'timeout-after',
  'http-5xx',
  'http-5xx-after',
  '429',
  'reset',
  'reset-after',
  'delay',
  'pending',
  'decline',
  'duplicate-webhook',
  'reorder-webhooks',
  'drop-webhook',
  'forge-webhook',
];

function addFault(call: Call, sim: Sim): Reply {
  const asked = call.body as Partial<Fault> & { readonly seed?: number };
  const { operation = '*', kind, times = 1, probability = 1, delayMs = 500, code = null } = asked;
  if (kind === undefined || !KINDS.includes(kind))
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/kind');
  if (!Number.isInteger(times) || times < 1)
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/times');
  if (typeof probability !== 'number' || !(probability > 0 && probability <= 1))
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/probability');
  if (asked.seed !== undefined) sim.faults.reseed(asked.seed);
  sim.faults.add({ operation, kind, times, probability, delayMs, code });
  return { status: 201, body: { faults: sim.faults.list() } };
}

function clearFaults(_call: Call, sim: Sim): Reply {
  sim.faults.clear();
  return { status: 204, body: null };
}

function dispute(call: Call, sim: Sim): Reply {
  const { captureId, reason = 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED' } = call.body as {
    captureId?: string;
    reason?: string;
  };
  return { status: 201, body: { dispute_id: openDispute(String(captureId), reason, sim).id } };
}

/** What was given as evidence; PayPal shows it to nobody but its own people. */
function disputeRecord(call: Call, sim: Sim): Reply {
  const found = sim.store.state.disputes.get(call.params.id ?? '');
  if (!found) throw PayPalError.notFound();
  const { id, status, outcome, evidence } = found;
  return { status: 200, body: { dispute_id: id, status, outcome, evidence } };
}

function merchantOf(call: Call, sim: Sim) {
  const found = [...sim.store.state.merchants.values()].find(
    (merchant) => merchant.merchantId === call.params.id,
  );
  const merchant = found && sim.store.state.merchants.get(found.trackingId);
  if (!merchant) throw PayPalError.notFound();
  return merchant;
}

/** A seller takes the whole balance to a bank, so that a refund after a payout finds nothing. */
function withdraw(call: Call, sim: Sim): Reply {
  const merchant = merchantOf(call, sim);
  const { currency = 'USD' } = call.body as { currency?: string };
  const balance = balanceOf(merchant.merchantId, currency, sim);
  merchant.withdrawn[currency] = (merchant.withdrawn[currency] ?? 0n) + balance;
  return { status: 200, body: { withdrawnMinor: balance.toString(), currency } };
}

/** A seller takes back what was granted to the platform. */
function revoke(call: Call, sim: Sim): Reply {
  const merchant = merchantOf(call, sim);
  merchant.isRevoked = true;
  const { merchantId: merchant_id, trackingId: tracking_id } = merchant;
  sim.webhooks.publish('MERCHANT.PARTNER-CONSENT.REVOKED', { merchant_id, tracking_id });
  return { status: 200, body: { merchant_id, tracking_id } };
}

/** Ends a PENDING capture: {"status":"COMPLETED"} or {"status":"DECLINED"}. */
function decideCapture(call: Call, sim: Sim): Reply {
  const capture = captureById(call.params.id ?? '', sim);
  const { status } = call.body as { status?: string };
  if (capture.status !== 'PENDING') throw PayPalError.unprocessable('CAPTURE_STATUS_NOT_VALID');
  if (status !== 'COMPLETED' && status !== 'DECLINED')
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/status');
  capture.status = status;
  capture.pendingReason = null;
  capture.updatedAt = sim.store.now();
  sim.store.append(`capture.${status.toLowerCase()}`, capture.id, {
    orderId: capture.orderId,
    amount: capture.amount,
    payee: capture.payee,
    invoiceId: capture.invoiceId,
  });
  sim.webhooks.publish(
    `PAYMENT.CAPTURE.${status === 'COMPLETED' ? 'COMPLETED' : 'DENIED'}`,
    captureJson(capture.id, sim),
  );
  return { status: 200, body: captureJson(capture.id, sim) };
}
