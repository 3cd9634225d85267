import type { Call, Reply, Route, Sim } from './api.ts';
import { iso, link, preferred } from './api.ts';
import { checkBreakdown, type PurchaseUnit } from './breakdown.ts';
import { PayPalError } from './errors.ts';
import { exponentOf, formatAmount, parseAmount, processorFee } from './money.ts';
import { captureJson } from './payments.ts';
import type { SimCapture, SimOrder } from './store.ts';

// Orders v2. PayPal remembers a request id six hours here.
const MEMORY_HOURS = 6;

const again = (first: Record<string, unknown>, sim: Sim) =>
  orderJson(orderById(String(first.id), sim), sim);

export const orderRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v2/checkout/orders',
    operation: 'orders.create',
    memoryHours: MEMORY_HOURS,
    again,
    handle: create,
  },
  {
    method: 'GET',
    path: '/v2/checkout/orders/:id',
    operation: 'orders.get',
    memoryHours: 0,
    handle: (call, sim) => ({ status: 200, body: orderJson(orderOf(call, sim), sim) }),
  },
  {
    method: 'POST',
    path: '/v2/checkout/orders/:id/confirm-payment-source',
    operation: 'orders.confirm',
    memoryHours: 0,
    handle: confirm,
  },
  {
    method: 'POST',
    path: '/v2/checkout/orders/:id/capture',
    operation: 'orders.capture',
    memoryHours: MEMORY_HOURS,
    again,
    handle: capture,
  },
];

/** An order moves no money until it is captured, or until it is created with a saved instrument. */
function create(call: Call, sim: Sim): Reply {
  if (call.body.intent !== 'CAPTURE')
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/intent');
  const units = call.body.purchase_units as PurchaseUnit[] | undefined;
  if (!Array.isArray(units) || units[0] === undefined)
    throw PayPalError.invalid('INVALID_ARRAY_MIN_ITEMS', '/purchase_units');
  if (units.length > 1) throw PayPalError.invalid('INVALID_ARRAY_MAX_ITEMS', '/purchase_units');
  const isPaid = call.body.payment_source !== undefined;
  if (isPaid && !call.headers['paypal-request-id'])
    throw PayPalError.invalid('PAYPAL_REQUEST_ID_REQUIRED');
  const order = newOrder(units[0], sim);
  const vaultId = isPaid ? instrumentOf(call, sim) : null;
  sim.store.state.orders.set(order.id, order);
  if (vaultId !== null) {
    order.vaultId = vaultId;
    take(order, call, sim);
  }
  return { status: 201, body: preferred(call, orderJson(order, sim)) };
}

function newOrder(unit: PurchaseUnit, sim: Sim): SimOrder {
  const at = '/purchase_units/0';
  const amount = orderAmount(unit.amount, `${at}/amount`);
  checkBreakdown(unit, amount.minor, amount.currency);
  for (const name of ['custom_id', 'invoice_id'] as const) {
    const value = unit[name];
    if (value !== undefined && (typeof value !== 'string' || value === '' || value.length > 127))
      throw PayPalError.invalid('INVALID_STRING_LENGTH', `${at}/${name}`);
  }
  const payee = unit.payee?.merchant_id ?? '';
  const merchant = [...sim.store.state.merchants.values()].find(
    (candidate) => candidate.merchantId === payee,
  );
  if (!merchant?.isComplete || merchant.isRevoked)
    throw PayPalError.unprocessable('PAYEE_ACCOUNT_INVALID', `${at}/payee`);
  const fee = unit.payment_instruction?.platform_fees?.[0]?.amount;
  const platformFee = fee === undefined ? null : orderAmount(fee, `${at}/payment_instruction`);
  if (platformFee && platformFee.minor > amount.minor)
    throw PayPalError.unprocessable('INVALID_PLATFORM_FEES_AMOUNT');
  const now = sim.store.now();
  return {
    id: sim.newId(),
    createdAt: now,
    updatedAt: now,
    status: 'CREATED',
    intent: 'CAPTURE',
    amount,
    breakdown: unit.amount?.breakdown ?? null,
    items: unit.items ?? null,
    payee,
    referenceId: unit.reference_id ?? 'default',
    customId: unit.custom_id ?? null,
    invoiceId: unit.invoice_id ?? null,
    isDelayed: unit.payment_instruction?.disbursement_mode === 'DELAYED',
    platformFee,
    vaultId: null,
    shipping: unit.shipping ?? null,
    captureId: null,
    trackers: [],
  };
}

/** More than zero, and with no more decimals than the currency has. */
export function orderAmount(json: unknown, field: string) {
  const { currency_code, value } = (json ?? {}) as { currency_code?: string; value?: string };
  if (exponentOf(currency_code ?? '') === 0 && String(value).includes('.'))
    throw PayPalError.unprocessable('DECIMAL_PRECISION', `${field}/value`);
  const amount = parseAmount(json, field);
  if (amount.minor <= 0n)
    throw PayPalError.unprocessable('CANNOT_BE_ZERO_OR_NEGATIVE', `${field}/value`);
  return amount;
}

/** The payer's saved instrument, named by its kind and its id in the vault. */
function instrumentOf(call: Call, sim: Sim): string {
  const source = (call.body.payment_source ?? {}) as Record<
    string,
    { vault_id?: string } | undefined
  >;
  const vaultId = source.card?.vault_id ?? source.paypal?.vault_id;
  if (vaultId === undefined)
    throw PayPalError.invalid('MISSING_REQUIRED_PARAMETER', '/payment_source');
  const kind = source.card ? 'card' : 'paypal';
  const saved = sim.store.state.paymentTokens.get(vaultId);
  if (saved && saved.kind !== kind)
    throw PayPalError.unprocessable(
      'MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE',
      `/payment_source/${kind}/vault_id`,
    );
  return vaultId;
}

function confirm(call: Call, sim: Sim): Reply {
  const order = orderOf(call, sim);
  if (order.captureId !== null) throw PayPalError.unprocessable('ORDER_ALREADY_CAPTURED');
  order.vaultId = instrumentOf(call, sim);
  order.status = 'APPROVED';
  order.updatedAt = sim.store.now();
  return { status: 200, body: preferred(call, orderJson(order, sim)) };
}

function capture(call: Call, sim: Sim): Reply {
  const order = orderOf(call, sim);
  if (order.captureId !== null) throw PayPalError.unprocessable('ORDER_ALREADY_CAPTURED');
  if (order.intent !== 'CAPTURE') throw PayPalError.unprocessable('ACTION_DOES_NOT_MATCH_INTENT');
  if (call.body.payment_source !== undefined) order.vaultId = instrumentOf(call, sim);
  else if (order.status !== 'APPROVED') throw PayPalError.unprocessable('ORDER_NOT_APPROVED');
  take(order, call, sim);
  return { status: 201, body: preferred(call, orderJson(order, sim)) };
}

/** Takes the money, or refuses with PayPal's issue and leaves the order as it was. */
function take(order: SimOrder, call: Call, sim: Sim): void {
  const { state } = sim.store;
  const isDuplicate = [...state.captures.values()].some(
    (known) =>
      order.invoiceId !== null &&
      known.invoiceId === order.invoiceId &&
      known.payee === order.payee &&
      known.status !== 'DECLINED',
  );
  if (isDuplicate)
    throw PayPalError.unprocessable('DUPLICATE_INVOICE_ID', '/purchase_units/0/invoice_id');
  if (order.vaultId === null || !state.paymentTokens.has(order.vaultId))
    throw PayPalError.unprocessable('TOKEN_ID_NOT_FOUND', '/payment_source');
  const operation = call.path.endsWith('/capture') ? 'orders.capture' : 'orders.create';
  const decline = sim.faults.strike(operation, ['decline']);
  // Four characters are the card processor's code: such a capture exists, and is declined.
  const responseCode = /^[0-9A-Z]{4}$/.test(decline?.code ?? '') ? (decline?.code ?? null) : null;
  if (decline && responseCode === null)
    throw PayPalError.unprocessable(decline.code ?? 'INSTRUMENT_DECLINED');
  const isPending = sim.faults.strike(operation, ['pending']) !== null;
  const status = responseCode ? 'DECLINED' : isPending ? 'PENDING' : 'COMPLETED';
  const made = newCapture(order, status, responseCode, sim);
  state.captures.set(made.id, made);
  order.captureId = made.id;
  order.status = 'COMPLETED';
  order.updatedAt = made.createdAt;
  sim.store.append(`capture.${status.toLowerCase()}`, made.id, {
    orderId: order.id,
    amount: order.amount,
    payee: order.payee,
    invoiceId: order.invoiceId,
    customId: order.customId,
  });
  sim.webhooks.publish(`PAYMENT.CAPTURE.${status}`, captureJson(made.id, sim));
}

function newCapture(
  order: SimOrder,
  status: SimCapture['status'],
  responseCode: string | null,
  sim: Sim,
): SimCapture {
  const now = sim.store.now();
  return {
    id: sim.newId(),
    orderId: order.id,
    payee: order.payee,
    amount: order.amount,
    fee: processorFee(order.amount),
    platformFee: order.platformFee,
    customId: order.customId,
    invoiceId: order.invoiceId,
    createdAt: now,
    updatedAt: now,
    status,
    pendingReason: status === 'PENDING' ? 'PENDING_REVIEW' : null,
    responseCode,
    isDelayed: order.isDelayed,
    payoutId: null,
  };
}

export function orderOf(call: Call, sim: Sim): SimOrder {
  return orderById(call.params.id ?? '', sim);
}

function orderById(id: string, sim: Sim): SimOrder {
  const order = sim.store.state.orders.get(id);
  if (!order) throw PayPalError.notFound();
  return order;
}

export function orderJson(order: SimOrder, sim: Sim) {
  const path = `/v2/checkout/orders/${order.id}`;
  const isOpen = order.captureId === null;
  return {
    id: order.id,
    intent: order.intent,
    status: order.status,
    create_time: iso(order.createdAt),
    update_time: iso(order.updatedAt),
    ...(order.vaultId ? { payment_source: paymentSourceJson(order.vaultId, sim) } : {}),
    purchase_units: [purchaseUnitJson(order, sim)],
    links: [
      link(sim, 'self', path),
      ...(isOpen
        ? [link(sim, 'update', path, 'PATCH'), link(sim, 'capture', `${path}/capture`, 'POST')]
        : []),
    ],
  };
}

function paymentSourceJson(vaultId: string, sim: Sim) {
  const saved = sim.store.state.paymentTokens.get(vaultId);
  if (saved?.kind === 'paypal')
    return { paypal: { email_address: `payer-${saved.lastFour}@example.com` } };
  return { card: saved ? { brand: saved.brand, last_digits: saved.lastFour } : {} };
}

function purchaseUnitJson(order: SimOrder, sim: Sim) {
  const fee = order.platformFee;
  return {
    reference_id: order.referenceId,
    amount: {
      ...formatAmount(order.amount),
      ...(order.breakdown ? { breakdown: order.breakdown } : {}),
    },
    payee: { merchant_id: order.payee },
    ...(order.customId ? { custom_id: order.customId } : {}),
    ...(order.invoiceId ? { invoice_id: order.invoiceId } : {}),
    payment_instruction: {
      disbursement_mode: order.isDelayed ? 'DELAYED' : 'INSTANT',
      ...(fee ? { platform_fees: [{ amount: formatAmount(fee) }] } : {}),
    },
    ...(order.items ? { items: order.items } : {}),
    ...(order.shipping ? { shipping: shippingJson(order) } : {}),
    ...(order.captureId ? { payments: { captures: [capturePart(order.captureId, sim)] } } : {}),
  };
}

/** Inside an order a capture does not name its order again. */
function capturePart(captureId: string, sim: Sim) {
  const { supplementary_data, ...part } = captureJson(captureId, sim);
  return part;
}

function shippingJson(order: SimOrder) {
  const trackers = order.trackers.map((tracker) => ({
    id: tracker.id,
    status: tracker.status,
    create_time: iso(tracker.createdAt),
    update_time: iso(tracker.createdAt),
  }));
  return { ...(order.shipping as object), ...(trackers.length > 0 ? { trackers } : {}) };
}
