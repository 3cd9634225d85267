import type { Call, Reply, Route, Sim } from './api.ts';
import { openDispute } from './disputes.ts';
import { PayPalError } from './errors.ts';
import type { Fault, FaultKind } from './faults.ts';
import { captureJson, disburseAutomatically } from './payments.ts';

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
  { method: 'POST', path: '/simulator/disputes', operation: null, memoryHours: 0, handle: dispute },
  {
    method: 'POST',
    path: '/simulator/captures/:id/decide',
    operation: null,
    memoryHours: 0,
    handle: decideCapture,
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
  const asked = call.body as Partial<Fault>;
  const { operation = '*', kind, times = 1, probability = 1, delayMs = 500, code = null } = asked;
  if (kind === undefined || !KINDS.includes(kind))
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/kind');
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

/** Ends a PENDING capture: {"status":"COMPLETED"} or {"status":"DECLINED"}. */
function decideCapture(call: Call, sim: Sim): Reply {
  const capture = sim.store.state.captures.get(call.params.id ?? '');
  if (!capture) throw PayPalError.notFound();
  const { status } = call.body as { status?: string };
  if (capture.status !== 'PENDING') throw PayPalError.unprocessable('CAPTURE_STATUS_NOT_VALID');
  if (status !== 'COMPLETED' && status !== 'DECLINED')
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/status');
  capture.status = status;
  capture.pendingReason = null;
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
