import type { Call, Reply, Route, Sim } from './api.ts';
import { iso, link } from './api.ts';
import { PayPalError } from './errors.ts';
import { formatAmount, parseAmount, processorFee } from './money.ts';
import { captureJson } from './payments.ts';
import type { SimOrder } from './store.ts';

// Orders v2. PayPal remembers a request id six hours here.
const MEMORY_HOURS = 6;

interface PurchaseUnit {
  readonly reference_id?: string;
  readonly custom_id?: string;
  readonly invoice_id?: string;
  readonly amount?: { readonly breakdown?: Readonly<Record<string, unknown>> };
  readonly items?: readonly { readonly quantity?: string; readonly unit_amount?: unknown }[];
  readonly payee?: { readonly merchant_id?: string };
  readonly payment_instruction?: {
    readonly disbursement_mode?: string;
    readonly platform_fees?: readonly { readonly amount?: unknown }[];
  };
  readonly shipping?: unknown;
}

export const orderRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v2/checkout/orders',
    operation: 'orders.create',
    memoryHours: MEMORY_HOURS,
    handle: create,
  },
  {
    method: 'GET',
    path: '/v2/checkout/orders/:id',
    operation: 'orders.get',
    memoryHours: 0,
    handle: get,
  },
  {
    method: 'POST',
    path: '/v2/checkout/orders/:id/capture',
    operation: 'orders.capture',
    memoryHours: MEMORY_HOURS,
    handle: capture,
  },
  {
    method: 'POST',
    path: '/v2/checkout/orders/:id/track',
    operation: 'orders.track',
    memoryHours: MEMORY_HOURS,
    handle: track,
  },
];

function create(call: Call, sim: Sim): Reply {
  if (call.body.intent !== 'CAPTURE')
    throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/intent');
  const units = call.body.purchase_units as PurchaseUnit[] | undefined;
  const unit = units?.[0];
  if (!unit || units.length !== 1)
    throw PayPalError.invalid('INVALID_ARRAY_MIN_ITEMS', '/purchase_units');
  const amount = parseAmount(unit.amount, "/purchase_units/@reference_id=='default'/amount");
  if (amount.minor <= 0n)
    throw PayPalError.unprocessable('CANNOT_BE_ZERO_OR_NEGATIVE', '/purchase_units/0/amount/value');
  checkBreakdown(unit, amount.minor, amount.currency);
  const payee = unit.payee?.merchant_id;
  const merchant = [...sim.store.state.merchants.values()].find(
    (candidate) => candidate.merchantId === payee,
  );
  if (!payee || !merchant?.isComplete)
    throw PayPalError.unprocessable('PAYEE_ACCOUNT_INVALID', '/purchase_units/0/payee');
  const fee = unit.payment_instruction?.platform_fees?.[0]?.amount;
  const platformFee =
    fee === undefined
      ? null
      : parseAmount(fee, '/purchase_units/0/payment_instruction/platform_fees/0/amount');
  if (platformFee && platformFee.minor > amount.minor)
    throw PayPalError.unprocessable('INVALID_PLATFORM_FEES_AMOUNT');
  const duplicate =
    unit.invoice_id &&
    [...sim.store.state.captures.values()].some(
      (known) => known.invoiceId === unit.invoice_id && known.payee === payee,
    );
  if (duplicate)
    throw PayPalError.unprocessable('DUPLICATE_INVOICE_ID', '/purchase_units/0/invoice_id');
  const vaultId = vaultIdOf(call.body.payment_source);
  if (vaultId !== null && !sim.store.state.paymentTokens.has(vaultId))
    throw PayPalError.unprocessable('TOKEN_ID_NOT_FOUND', '/payment_source/token/id');
  const order: SimOrder = {
    id: sim.newId(),
    createdAt: sim.store.now(),
    status: vaultId === null ? 'PAYER_ACTION_REQUIRED' : 'APPROVED',
    amount,
    payee,
    referenceId: unit.reference_id ?? 'default',
    customId: unit.custom_id ?? null,
    invoiceId: unit.invoice_id ?? null,
    isDelayed: unit.payment_instruction?.disbursement_mode === 'DELAYED',
    platformFee,
    vaultId,
    shipping: unit.shipping ?? null,
    captureId: null,
    trackers: [],
  };
  sim.store.state.orders.set(order.id, order);
  return { status: 201, body: orderJson(order, sim) };
}

function get(call: Call, sim: Sim): Reply {
  return { status: 200, body: orderJson(orderOf(call, sim), sim) };
}

function capture(call: Call, sim: Sim): Reply {
  const order = orderOf(call, sim);
  const mocked = mockedIssue(call);
  if (mocked) throw PayPalError.unprocessable(mocked);
  if (order.captureId !== null) throw PayPalError.unprocessable('ORDER_ALREADY_CAPTURED');
  if (order.status !== 'APPROVED') throw PayPalError.unprocessable('ORDER_NOT_APPROVED');
  if (order.vaultId !== null && !sim.store.state.paymentTokens.has(order.vaultId))
    throw PayPalError.unprocessable('INSTRUMENT_DECLINED');
  const decline = sim.faults.strike('orders.capture', ['decline']);
  if (decline) throw PayPalError.unprocessable(decline.code ?? 'INSTRUMENT_DECLINED');
  const isPending = sim.faults.strike('orders.capture', ['pending']) !== null;
  const id = sim.newId();
  sim.store.state.captures.set(id, {
    id,
    orderId: order.id,
    payee: order.payee,
    amount: order.amount,
    fee: processorFee(order.amount),
    platformFee: order.platformFee,
    customId: order.customId,
    invoiceId: order.invoiceId,
    createdAt: sim.store.now(),
    status: isPending ? 'PENDING' : 'COMPLETED',
    pendingReason: isPending ? 'PENDING_REVIEW' : null,
    isDelayed: order.isDelayed,
    payoutId: null,
  });
  order.captureId = id;
  order.status = 'COMPLETED';
  sim.store.append(isPending ? 'capture.pending' : 'capture.completed', id, {
    orderId: order.id,
    amount: order.amount,
    payee: order.payee,
    invoiceId: order.invoiceId,
    customId: order.customId,
  });
  sim.webhooks.publish(
    isPending ? 'PAYMENT.CAPTURE.PENDING' : 'PAYMENT.CAPTURE.COMPLETED',
    captureJson(id, sim),
  );
  return { status: 201, body: orderJson(order, sim) };
}

function track(call: Call, sim: Sim): Reply {
  const order = orderOf(call, sim);
  const known =
    order.captureId === null ? undefined : sim.store.state.captures.get(order.captureId);
  if (known?.id !== call.body.capture_id)
    throw PayPalError.unprocessable('CAPTURE_ID_NOT_FOUND', '/capture_id');
  if (known?.status !== 'COMPLETED')
    throw PayPalError.unprocessable('CAPTURE_STATUS_NOT_VALID', '/capture_id');
  const number = String(call.body.tracking_number ?? '');
  if (number.length > 64)
    throw PayPalError.invalid('INVALID_STRING_MAX_LENGTH', '/tracking_number');
  order.trackers.push(number);
  return { status: 201, body: orderJson(order, sim) };
}

function orderOf(call: Call, sim: Sim): SimOrder {
  const order = sim.store.state.orders.get(call.params.id ?? '');
  if (!order) throw PayPalError.notFound();
  return order;
}

/** A saved instrument by `token`, or by `vault_id` inside its own kind. */
function vaultIdOf(source: unknown): string | null {
  const { token, card, paypal } = (source ?? {}) as Record<
    string,
    { id?: string; vault_id?: string } | undefined
  >;
  return token?.id ?? card?.vault_id ?? paypal?.vault_id ?? null;
}

function mockedIssue(call: Call): string | null {
  const header = call.headers['paypal-mock-response'];
  if (!header) return null;
  const { mock_application_codes: code } = JSON.parse(header) as {
    mock_application_codes?: string;
  };
  return code ?? null;
}

function checkBreakdown(unit: PurchaseUnit, total: bigint, currency: string): void {
  const breakdown = unit.amount?.breakdown;
  if (!breakdown) return;
  const part = (name: string) =>
    breakdown[name] === undefined
      ? 0n
      : parseAmount(breakdown[name], `/amount/breakdown/${name}`).minor;
  for (const value of Object.values(breakdown)) {
    if ((value as { currency_code?: string }).currency_code !== currency)
      throw PayPalError.unprocessable('CURRENCY_NOT_SUPPORTED');
  }
  const sum =
    part('item_total') +
    part('tax_total') +
    part('shipping') +
    part('handling') +
    part('insurance') -
    part('shipping_discount') -
    part('discount');
  if (sum !== total)
    throw PayPalError.unprocessable('AMOUNT_MISMATCH', '/purchase_units/0/amount/value');
  if (unit.items && breakdown.item_total !== undefined) {
    const items = unit.items.reduce(
      (all, item) =>
        all +
        parseAmount(item.unit_amount, '/items/unit_amount').minor * BigInt(item.quantity ?? '0'),
      0n,
    );
    if (items !== part('item_total'))
      throw PayPalError.unprocessable('ITEM_TOTAL_MISMATCH', '/purchase_units/0/items');
  }
}

function orderJson(order: SimOrder, sim: Sim) {
  const path = `/v2/checkout/orders/${order.id}`;
  return {
    id: order.id,
    intent: 'CAPTURE',
    status: order.status,
    create_time: iso(order.createdAt),
    purchase_units: [
      {
        reference_id: order.referenceId,
        amount: formatAmount(order.amount),
        payee: { merchant_id: order.payee },
        ...(order.customId ? { custom_id: order.customId } : {}),
        ...(order.invoiceId ? { invoice_id: order.invoiceId } : {}),
        payment_instruction: {
          disbursement_mode: order.isDelayed ? 'DELAYED' : 'INSTANT',
          ...(order.platformFee
            ? { platform_fees: [{ amount: formatAmount(order.platformFee) }] }
            : {}),
        },
        ...(order.captureId ? { payments: { captures: [captureJson(order.captureId, sim)] } } : {}),
      },
    ],
    links: [
      link(sim, 'self', path),
      ...(order.status === 'APPROVED' ? [link(sim, 'capture', `${path}/capture`, 'POST')] : []),
    ],
  };
}
