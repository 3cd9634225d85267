import type { Call, Reply, Route, Sim } from './api.ts';
import { iso } from './api.ts';
import { PayPalError } from './errors.ts';
import { formatAmount } from './money.ts';
import type { Amount } from './store.ts';

// Transaction search: every movement of money in a range of at most 31 days, a page at a time.
const RANGE_MS_MAX = 31 * 86_400_000;
const PAGE_SIZE_MAX = 500;
const PAGE_SIZE_DEFAULT = 100;

export const reportingRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/reporting/transactions',
    operation: 'reporting.transactions',
    memoryHours: 0,
    handle: transactions,
  },
];

interface Entry {
  readonly id: string;
  /** PayPal's event code: T0006 a payment, T1107 a refund, T1106 a reversal, T0015 a payout to a third party. */
  readonly code: 'T0006' | 'T1107' | 'T1106' | 'T0015';
  readonly amount: Amount;
  readonly at: number;
  readonly status: 'S' | 'P' | 'D';
  readonly reference: string;
  readonly invoiceId: string | null;
}

function transactions({ query }: Call, sim: Sim): Reply {
  const from = timeOf(query, 'start_date');
  const until = timeOf(query, 'end_date');
  if (until < from || until - from > RANGE_MS_MAX)
    throw PayPalError.invalid('INVALID_DATE_RANGE', '/end_date');
  const size = numberOf(query, 'page_size', PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX);
  const page = numberOf(query, 'page', 1, Number.MAX_SAFE_INTEGER);
  const found = entries(sim)
    .filter((entry) => entry.at >= from && entry.at <= until)
    .sort((one, other) => one.at - other.at);
  return {
    status: 200,
    body: {
      transaction_details: found.slice((page - 1) * size, page * size).map(entryJson),
      start_date: iso(from),
      end_date: iso(until),
      page,
      total_items: found.length,
      total_pages: Math.max(1, Math.ceil(found.length / size)),
      links: [],
    },
  };
}

function timeOf(query: URLSearchParams, name: string): number {
  const at = Date.parse(query.get(name) ?? '');
  if (Number.isNaN(at)) throw PayPalError.invalid('MISSING_REQUIRED_PARAMETER', `/${name}`);
  return at;
}

function numberOf(query: URLSearchParams, name: string, otherwise: number, max: number): number {
  const value = Number(query.get(name) ?? otherwise);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', `/${name}`);
  return value;
}

function entries(sim: Sim): Entry[] {
  const { captures, refunds, payouts } = sim.store.state;
  const statuses = { PENDING: 'P', DECLINED: 'D' } as const;
  return [
    ...[...captures.values()].map(
      ({ id, amount, createdAt: at, status, orderId, invoiceId }): Entry => ({
        id,
        code: 'T0006',
        amount,
        at,
        status: status === 'PENDING' || status === 'DECLINED' ? statuses[status] : 'S',
        reference: orderId,
        invoiceId,
      }),
    ),
    ...[...refunds.values()].map(
      ({ id, amount, createdAt: at, status, captureId, isReversal }): Entry => ({
        id,
        code: isReversal ? 'T1106' : 'T1107',
        amount: { minor: -amount.minor, currency: amount.currency },
        at,
        status: status === 'PENDING' ? 'P' : status === 'FAILED' ? 'D' : 'S',
        reference: captureId,
        invoiceId: null,
      }),
    ),
    ...[...payouts.values()].map(
      ({ id, amount, createdAt: at, captureId, status }): Entry => ({
        id,
        code: 'T0015',
        amount: { minor: -amount.minor, currency: amount.currency },
        at,
        status: status === 'FAILED' ? 'D' : 'S',
        reference: captureId,
        invoiceId: null,
      }),
    ),
  ];
}

function entryJson({ id, code, amount, at, status, reference, invoiceId }: Entry) {
  const positive = { ...amount, minor: amount.minor < 0n ? -amount.minor : amount.minor };
  const { currency_code, value } = formatAmount(positive);
  return {
    transaction_info: {
      transaction_id: id,
      transaction_event_code: code,
      transaction_initiation_date: new Date(at).toISOString(),
      transaction_updated_date: new Date(at).toISOString(),
      transaction_amount: { currency_code, value: amount.minor < 0n ? `-${value}` : value },
      transaction_status: status,
      paypal_reference_id: reference,
      ...(invoiceId ? { invoice_id: invoiceId } : {}),
    },
  };
}
