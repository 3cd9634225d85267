import type { Call, Reply, Route, Sim } from './api.ts';
import { iso, link } from './api.ts';
import { PayPalError } from './errors.ts';
import { formatAmount, parseAmount } from './money.ts';
import type { Amount, SimCapture, SimPayout } from './store.ts';

// Payments v2 and referenced payouts. PayPal remembers a request id 45 days here.
const MEMORY_HOURS = 45 * 24;
const AUTOMATIC_DISBURSEMENT_DAYS = 28;
const REFUND_WINDOW_DAYS = 180;
const DAY_MS = 86_400_000;

export const paymentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v2/payments/captures/:id',
    operation: 'captures.get',
    memoryHours: 0,
    handle: getCapture,
  },
  {
    method: 'POST',
    path: '/v2/payments/captures/:id/refund',
    operation: 'captures.refund',
    memoryHours: MEMORY_HOURS,
    handle: refund,
  },
  {
    method: 'GET',
    path: '/v2/payments/refunds/:id',
    operation: 'refunds.get',
    memoryHours: 0,
    handle: getRefund,
  },
  {
    method: 'POST',
    path: '/v1/payments/referenced-payouts-items',
    operation: 'payouts.create',
    memoryHours: MEMORY_HOURS,
    handle: release,
  },
  {
    method: 'GET',
    path: '/v1/payments/referenced-payouts-items/:id',
    operation: 'payouts.get',
    memoryHours: 0,
    handle: getRelease,
  },
  {
    method: 'GET',
    path: '/v1/reporting/transactions',
    operation: 'reporting.transactions',
    memoryHours: 0,
    handle: transactions,
  },
];

function captureOf(id: string, sim: Sim): SimCapture {
  const capture = sim.store.state.captures.get(id);
  if (!capture) throw PayPalError.notFound();
  return capture;
}

function getCapture(call: Call, sim: Sim): Reply {
  return { status: 200, body: captureJson(captureOf(call.params.id ?? '', sim).id, sim) };
}

export function refundedOf(captureId: string, sim: Sim): bigint {
  return [...sim.store.state.refunds.values()]
    .filter((known) => known.captureId === captureId && known.status !== 'FAILED')
    .reduce((sum, known) => sum + known.amount.minor, 0n);
}

function refund(call: Call, sim: Sim): Reply {
  const capture = captureOf(call.params.id ?? '', sim);
  if (capture.status === 'PENDING') throw PayPalError.unprocessable('PENDING_CAPTURE');
  if (sim.store.now() - capture.createdAt > REFUND_WINDOW_DAYS * DAY_MS)
    throw PayPalError.unprocessable('REFUND_TIME_LIMIT_EXCEEDED');
  const dispute = [...sim.store.state.disputes.values()].find(
    (known) => known.captureId === capture.id && known.status !== 'RESOLVED',
  );
  if (dispute) throw PayPalError.unprocessable('TRANSACTION_DISPUTED');
  const left = capture.amount.minor - refundedOf(capture.id, sim);
  if (left === 0n) throw PayPalError.unprocessable('CAPTURE_FULLY_REFUNDED');
  const amount: Amount =
    call.body.amount === undefined
      ? { minor: left, currency: capture.amount.currency }
      : parseAmount(call.body.amount, '/amount');
  if (amount.currency !== capture.amount.currency)
    throw PayPalError.unprocessable('REFUND_CURRENCY_MISMATCH');
  if (amount.minor <= 0n)
    throw PayPalError.unprocessable('CANNOT_BE_ZERO_OR_NEGATIVE', '/amount/value');
  if (amount.minor > left)
    throw PayPalError.unprocessable('REFUND_AMOUNT_EXCEEDED', '/amount/value');
  const note = typeof call.body.note_to_payer === 'string' ? call.body.note_to_payer : null;
  if (note && note.length > 255)
    throw PayPalError.invalid('INVALID_STRING_MAX_LENGTH', '/note_to_payer');
  const isPending = sim.faults.strike('captures.refund', ['pending']) !== null;
  const id = sim.newId();
  sim.store.state.refunds.set(id, {
    id,
    captureId: capture.id,
    amount,
    note,
    createdAt: sim.store.now(),
    status: isPending ? 'PENDING' : 'COMPLETED',
  });
  capture.status = amount.minor === left ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  sim.store.append('refund.completed', id, { captureId: capture.id, amount });
  sim.webhooks.publish('PAYMENT.CAPTURE.REFUNDED', refundJson(id, sim));
  return { status: 201, body: refundJson(id, sim) };
}

function getRefund(call: Call, sim: Sim): Reply {
  const id = call.params.id ?? '';
  if (!sim.store.state.refunds.has(id)) throw PayPalError.notFound();
  return { status: 200, body: refundJson(id, sim) };
}

/** Once and whole: there is no amount, and a second try is refused with the first one's number. */
function release(call: Call, sim: Sim): Reply {
  if (call.body.reference_type !== 'TRANSACTION_ID')
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/reference_type');
  const capture = captureOf(String(call.body.reference_id ?? ''), sim);
  if (!capture.isDelayed) throw PayPalError.unprocessable('REFERENCE_NOT_DELAYED_DISBURSEMENT');
  if (capture.status === 'PENDING') throw PayPalError.unprocessable('PENDING_CAPTURE');
  if (capture.status === 'REFUNDED') throw PayPalError.unprocessable('CAPTURE_FULLY_REFUNDED');
  if (capture.payoutId !== null)
    throw PayPalError.unprocessable('PAYOUT_ALREADY_COMPLETED_FOR_REFERENCE', '/reference_id');
  const payout = payOut(capture, 'REQUESTED', sim);
  return { status: 201, body: payoutJson(payout, sim) };
}

function getRelease(call: Call, sim: Sim): Reply {
  const payout = sim.store.state.payouts.get(call.params.id ?? '');
  if (!payout) throw PayPalError.notFound();
  return { status: 200, body: payoutJson(payout, sim) };
}

function payOut(capture: SimCapture, cause: SimPayout['cause'], sim: Sim): SimPayout {
  const net =
    capture.amount.minor -
    capture.fee.minor -
    (capture.platformFee?.minor ?? 0n) -
    refundedOf(capture.id, sim);
  const payout: SimPayout = {
    id: sim.newId(),
    captureId: capture.id,
    amount: { minor: net < 0n ? 0n : net, currency: capture.amount.currency },
    createdAt: sim.store.now(),
    cause,
    status: 'SUCCESS',
  };
  sim.store.state.payouts.set(payout.id, payout);
  capture.payoutId = payout.id;
  sim.store.append('payout.completed', payout.id, {
    captureId: capture.id,
    amount: payout.amount,
    cause,
  });
  sim.webhooks.publish('PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED', payoutJson(payout, sim));
  return payout;
}

/** PayPal pays out by itself 28 days after the capture; called whenever the clock may have passed it. */
export function disburseAutomatically(sim: Sim): void {
  for (const capture of sim.store.state.captures.values()) {
    const due = sim.store.now() - capture.createdAt >= AUTOMATIC_DISBURSEMENT_DAYS * DAY_MS;
    if (
      due &&
      capture.isDelayed &&
      capture.payoutId === null &&
      (capture.status === 'COMPLETED' || capture.status === 'PARTIALLY_REFUNDED')
    ) {
      payOut(capture, 'AUTOMATIC', sim);
    }
  }
}

function transactions(call: Call, sim: Sim): Reply {
  const since = Date.parse(call.query.get('start_date') ?? '') || 0;
  const until = Date.parse(call.query.get('end_date') ?? '') || Number.POSITIVE_INFINITY;
  const inRange = (at: number) => at >= since && at <= until;
  const entry = (
    id: string,
    code: string,
    amount: Amount,
    at: number,
    reference: string | null,
    invoice: string | null,
  ) => ({
    transaction_info: {
      transaction_id: id,
      transaction_event_code: code,
      transaction_initiation_date: iso(at),
      transaction_amount: formatAmount(amount),
      transaction_status: 'S',
      ...(reference ? { paypal_reference_id: reference } : {}),
      ...(invoice ? { invoice_id: invoice } : {}),
    },
  });
  const { captures, refunds, payouts } = sim.store.state;
  return {
    status: 200,
    body: {
      transaction_details: [
        ...[...captures.values()]
          .filter((known) => inRange(known.createdAt) && known.status !== 'PENDING')
          .map((known) =>
            entry(known.id, 'T0006', known.amount, known.createdAt, known.orderId, known.invoiceId),
          ),
        ...[...refunds.values()]
          .filter((known) => inRange(known.createdAt))
          .map((known) =>
            entry(known.id, 'T1107', known.amount, known.createdAt, known.captureId, null),
          ),
        ...[...payouts.values()]
          .filter((known) => inRange(known.createdAt))
          .map((known) =>
            entry(known.id, 'T2105', known.amount, known.createdAt, known.captureId, null),
          ),
      ],
      page: 1,
      total_pages: 1,
    },
  };
}

export function captureJson(id: string, sim: Sim) {
  const capture = captureOf(id, sim);
  const net = {
    minor: capture.amount.minor - capture.fee.minor - (capture.platformFee?.minor ?? 0n),
    currency: capture.amount.currency,
  };
  return {
    id,
    status: capture.status,
    ...(capture.pendingReason ? { status_details: { reason: capture.pendingReason } } : {}),
    amount: formatAmount(capture.amount),
    final_capture: true,
    disbursement_mode: capture.isDelayed ? 'DELAYED' : 'INSTANT',
    seller_protection: {
      status: 'ELIGIBLE',
      dispute_categories: ['ITEM_NOT_RECEIVED', 'UNAUTHORIZED_TRANSACTION'],
    },
    ...(capture.status === 'PENDING'
      ? {}
      : {
          seller_receivable_breakdown: {
            gross_amount: formatAmount(capture.amount),
            paypal_fee: formatAmount(capture.fee),
            ...(capture.platformFee
              ? { platform_fees: [{ amount: formatAmount(capture.platformFee) }] }
              : {}),
            net_amount: formatAmount(net),
          },
        }),
    ...(capture.customId ? { custom_id: capture.customId } : {}),
    ...(capture.invoiceId ? { invoice_id: capture.invoiceId } : {}),
    supplementary_data: { related_ids: { order_id: capture.orderId } },
    create_time: iso(capture.createdAt),
    update_time: iso(capture.createdAt),
    links: [
      link(sim, 'self', `/v2/payments/captures/${id}`),
      link(sim, 'refund', `/v2/payments/captures/${id}/refund`, 'POST'),
    ],
  };
}

export function refundJson(id: string, sim: Sim) {
  const known = sim.store.state.refunds.get(id);
  if (!known) throw PayPalError.notFound();
  return {
    id,
    status: known.status,
    amount: formatAmount(known.amount),
    ...(known.note ? { note_to_payer: known.note } : {}),
    seller_payable_breakdown: {
      gross_amount: formatAmount(known.amount),
      paypal_fee: formatAmount({ minor: 0n, currency: known.amount.currency }),
      net_amount: formatAmount(known.amount),
      total_refunded_amount: formatAmount({
        minor: refundedOf(known.captureId, sim),
        currency: known.amount.currency,
      }),
    },
    create_time: iso(known.createdAt),
    update_time: iso(known.createdAt),
    links: [
      link(sim, 'self', `/v2/payments/refunds/${id}`),
      link(sim, 'up', `/v2/payments/captures/${known.captureId}`),
    ],
  };
}

function payoutJson(payout: SimPayout, sim: Sim) {
  return {
    item_id: payout.id,
    processing_state: { status: payout.status },
    reference_id: payout.captureId,
    reference_type: 'TRANSACTION_ID',
    payout_amount: formatAmount(payout.amount),
    payout_transaction_id: payout.id,
    links: [link(sim, 'self', `/v1/payments/referenced-payouts-items/${payout.id}`)],
  };
}
