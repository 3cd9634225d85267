import type { Call, Reply, Route, Sim } from './api.ts';
import { iso, link, preferred } from './api.ts';
import { PayPalError } from './errors.ts';
import { exponentOf, formatAmount, parseAmount } from './money.ts';
import type { Amount, SimCapture, SimRefund } from './store.ts';

// Payments v2. PayPal remembers a request id 45 days here.
const MEMORY_HOURS = 45 * 24;
const REFUND_WINDOW_DAYS = 180;
const DAY_MS = 86_400_000;

export const paymentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v2/payments/captures/:id',
    operation: 'captures.get',
    memoryHours: 0,
    handle: (call, sim) => ({ status: 200, body: captureJson(call.params.id ?? '', sim) }),
  },
  {
    method: 'POST',
    path: '/v2/payments/captures/:id/refund',
    operation: 'captures.refund',
    memoryHours: MEMORY_HOURS,
    again: (first, sim) => refundJson(String(first.id), sim),
    handle: refund,
  },
  {
    method: 'GET',
    path: '/v2/payments/refunds/:id',
    operation: 'refunds.get',
    memoryHours: 0,
    handle: (call, sim) => ({ status: 200, body: refundJson(call.params.id ?? '', sim) }),
  },
];

export function captureById(id: string, sim: Sim): SimCapture {
  const capture = sim.store.state.captures.get(id);
  if (!capture) throw PayPalError.notFound();
  return capture;
}

export function refundedOf(captureId: string, sim: Sim): bigint {
  return refundsOf(captureId, sim).reduce((sum, known) => sum + known.amount.minor, 0n);
}

/** What the platform gave back of its fee: the seller bears that much less of the refunds. */
export function platformShareOf(captureId: string, sim: Sim): bigint {
  return refundsOf(captureId, sim).reduce(
    (sum, known) => sum + (known.platformFee?.minor ?? 0n),
    0n,
  );
}

function refundsOf(captureId: string, sim: Sim): readonly SimRefund[] {
  return [...sim.store.state.refunds.values()].filter(
    (known) => known.captureId === captureId && known.status !== 'FAILED',
  );
}

function refund(call: Call, sim: Sim): Reply {
  const capture = captureById(call.params.id ?? '', sim);
  const amount = refundable(call, capture, sim);
  const platformFee = platformShare(call, capture, amount, sim);
  checkFunds(capture, amount, sim);
  const note = typeof call.body.note_to_payer === 'string' ? call.body.note_to_payer : null;
  if (note && note.length > 255)
    throw PayPalError.invalid('INVALID_STRING_LENGTH', '/note_to_payer');
  const isPending = sim.faults.strike('captures.refund', ['pending']) !== null;
  const now = sim.store.now();
  const id = sim.newId();
  sim.store.state.refunds.set(id, {
    id,
    captureId: capture.id,
    amount,
    platformFee,
    isAfterPayout: capture.payoutId !== null,
    note,
    createdAt: now,
    status: isPending ? 'PENDING' : 'COMPLETED',
  });
  followRefunds(capture, sim);
  sim.store.append(isPending ? 'refund.pending' : 'refund.completed', id, {
    captureId: capture.id,
    amount,
  });
  sim.webhooks.publish(
    isPending ? 'PAYMENT.REFUND.PENDING' : 'PAYMENT.CAPTURE.REFUNDED',
    refundJson(id, sim),
  );
  return { status: 201, body: preferred(call, refundJson(id, sim)) };
}

function followRefunds(capture: SimCapture, sim: Sim): void {
  const refunded = refundedOf(capture.id, sim);
  const isWhole = refunded === capture.amount.minor;
  capture.status = isWhole ? 'REFUNDED' : refunded > 0n ? 'PARTIALLY_REFUNDED' : 'COMPLETED';
  capture.updatedAt = sim.store.now();
}

/** The bank behind a pending refund has answered. */
export function decideRefund(id: string, status: unknown, sim: Sim) {
  const known = sim.store.state.refunds.get(id);
  if (!known) throw PayPalError.notFound();
  if (known.status !== 'PENDING') throw PayPalError.unprocessable('REFUND_NOT_ALLOWED');
  if (status !== 'COMPLETED' && status !== 'FAILED')
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/status');
  known.status = status;
  const { captureId, amount } = known;
  followRefunds(captureById(captureId, sim), sim);
  sim.store.append(`refund.${status.toLowerCase()}`, id, { captureId, amount });
  sim.webhooks.publish(
    status === 'COMPLETED' ? 'PAYMENT.CAPTURE.REFUNDED' : 'PAYMENT.REFUND.FAILED',
    refundJson(id, sim),
  );
  return refundJson(id, sim);
}

/** What this refund gives back: what was asked for, or all that is left. */
function refundable(call: Call, capture: SimCapture, sim: Sim): Amount {
  if (capture.status === 'PENDING') throw PayPalError.unprocessable('PENDING_CAPTURE');
  if (capture.status === 'DECLINED') throw PayPalError.unprocessable('REFUND_NOT_ALLOWED');
  if (sim.store.now() - capture.createdAt > REFUND_WINDOW_DAYS * DAY_MS)
    throw PayPalError.unprocessable('REFUND_TIME_LIMIT_EXCEEDED');
  const left = capture.amount.minor - refundedOf(capture.id, sim);
  if (left === 0n) throw PayPalError.unprocessable('CAPTURE_FULLY_REFUNDED');
  const { currency } = capture.amount;
  const amount =
    call.body.amount === undefined ? { minor: left, currency } : asked(call.body.amount, '/amount');
  if (amount.currency !== currency)
    throw PayPalError.unprocessable('REFUND_CAPTURE_CURRENCY_MISMATCH');
  if (amount.minor <= 0n)
    throw PayPalError.unprocessable('CANNOT_BE_ZERO_OR_NEGATIVE', '/amount/value');
  if (amount.minor > left)
    throw PayPalError.unprocessable('REFUND_AMOUNT_EXCEEDED', '/amount/value');
  const isDisputed = [...sim.store.state.disputes.values()].some(
    (known) => known.captureId === capture.id && known.status !== 'RESOLVED',
  );
  if (isDisputed && amount.minor < capture.amount.minor)
    throw PayPalError.unprocessable('TRANSACTION_DISPUTED');
  return amount;
}

function asked(json: unknown, field: string): Amount {
  const { currency_code, value } = json as { currency_code?: string; value?: string };
  if (exponentOf(currency_code ?? '') === 0 && String(value).includes('.'))
    throw PayPalError.unprocessable('DECIMALS_NOT_SUPPORTED', `${field}/value`);
  return parseAmount(json, field);
}

/** The platform gives back no more of its fee than it took, nor more than the refund. */
function platformShare(call: Call, capture: SimCapture, amount: Amount, sim: Sim): Amount | null {
  const instruction = call.body.payment_instruction as
    | { platform_fees?: readonly { amount?: unknown }[] }
    | undefined;
  const fee = instruction?.platform_fees?.[0]?.amount;
  if (fee === undefined) return null;
  const share = asked(fee, '/payment_instruction/platform_fees/0/amount');
  if (
    share.minor + platformShareOf(capture.id, sim) > (capture.platformFee?.minor ?? 0n) ||
    share.minor > amount.minor
  )
    throw PayPalError.unprocessable('PLATFORM_FEE_EXCEEDED');
  return share;
}

/** Before the payout the held money pays the refund; after it the seller's balance must. */
function checkFunds(capture: SimCapture, amount: Amount, sim: Sim): void {
  const isPaidOut = capture.payoutId !== null;
  if (isPaidOut && balanceOf(capture.payee, capture.amount.currency, sim) < amount.minor)
    throw PayPalError.unprocessable('REFUND_FAILED_INSUFFICIENT_FUNDS');
}

/** A seller's balance here: what was paid out, less what was refunded after it or taken to a bank. */
export function balanceOf(merchantId: string, currency: string, sim: Sim): bigint {
  const { payouts, refunds, captures, merchants } = sim.store.state;
  const isOurs = (amount: Amount) => amount.currency === currency;
  let balance = 0n;
  for (const payout of payouts.values())
    if (payout.status === 'SUCCESS' && payout.payee === merchantId && isOurs(payout.amount))
      balance += payout.amount.minor;
  for (const known of refunds.values()) {
    if (!known.isAfterPayout || !isOurs(known.amount)) continue;
    if (captures.get(known.captureId)?.payee === merchantId)
      balance -= known.amount.minor - (known.platformFee?.minor ?? 0n);
  }
  for (const known of refunds.values()) {
    if (!known.isRestored || !isOurs(known.amount)) continue;
    if (captures.get(known.captureId)?.payee === merchantId) balance += known.amount.minor;
  }
  for (const merchant of merchants.values())
    if (merchant.merchantId === merchantId) balance -= merchant.withdrawn[currency] ?? 0n;
  return balance;
}

export function captureJson(id: string, sim: Sim) {
  const capture = captureById(id, sim);
  const net = {
    minor: capture.amount.minor - capture.fee.minor - (capture.platformFee?.minor ?? 0n),
    currency: capture.amount.currency,
  };
  return {
    id,
    status: capture.status,
    ...(capture.pendingReason ? { status_details: { reason: capture.pendingReason } } : {}),
    ...(capture.responseCode
      ? { processor_response: { response_code: capture.responseCode } }
      : {}),
    amount: formatAmount(capture.amount),
    final_capture: true,
    disbursement_mode: capture.isDelayed ? 'DELAYED' : 'INSTANT',
    seller_protection: {
      status: 'ELIGIBLE',
      dispute_categories: ['ITEM_NOT_RECEIVED', 'UNAUTHORIZED_TRANSACTION'],
    },
    ...(capture.status === 'PENDING' || capture.status === 'DECLINED'
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
    update_time: iso(capture.updatedAt),
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
      ...(known.platformFee
        ? { platform_fees: [{ amount: formatAmount(known.platformFee) }] }
        : {}),
      net_amount: formatAmount({
        minor: known.amount.minor - (known.platformFee?.minor ?? 0n),
        currency: known.amount.currency,
      }),
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
