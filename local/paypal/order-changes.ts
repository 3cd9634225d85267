import type { Call, Reply, Route, Sim } from './api.ts';
import { checkBreakdown, type PurchaseUnit } from './breakdown.ts';
import { PayPalError } from './errors.ts';
import { orderAmount, orderJson, orderOf } from './orders.ts';
import type { SimOrder, SimTracker } from './store.ts';

// What can still be changed about an order: its terms before the capture, its tracking after it.

export const orderChangeRoutes: readonly Route[] = [
  {
    method: 'PATCH',
    path: '/v2/checkout/orders/:id',
    operation: 'orders.patch',
    memoryHours: 0,
    handle: patch,
  },
  {
    method: 'POST',
    path: '/v2/checkout/orders/:id/track',
    operation: 'orders.track',
    memoryHours: 6,
    handle: track,
  },
  {
    method: 'PATCH',
    path: '/v2/checkout/orders/:id/trackers/:tracker',
    operation: 'orders.trackers.patch',
    memoryHours: 0,
    handle: patchTracker,
  },
];

interface Change {
  readonly op?: string;
  readonly path?: string;
  readonly value?: unknown;
}

function changesOf(call: Call): readonly Change[] {
  if (!Array.isArray(call.body)) throw PayPalError.invalid('MALFORMED_REQUEST_JSON');
  for (const change of call.body as Change[])
    if (change.op !== 'replace' && change.op !== 'add')
      throw PayPalError.invalid('INVALID_PATCH_OPERATION', '/op');
  return call.body as Change[];
}

function patch(call: Call, sim: Sim): Reply {
  const order = orderOf(call, sim);
  if (order.captureId !== null) throw PayPalError.unprocessable('ORDER_ALREADY_COMPLETED');
  for (const { path = '', value } of changesOf(call)) {
    if (path === '/intent') {
      if (value !== 'CAPTURE' && value !== 'AUTHORIZE')
        throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/value');
      order.intent = value;
      continue;
    }
    const [, reference, field] =
      /^\/purchase_units\/@reference_id=='([^']+)'\/(\w+)$/.exec(path) ?? [];
    if (field === undefined) throw PayPalError.unprocessable('INVALID_JSON_POINTER_FORMAT', path);
    if (reference !== order.referenceId)
      throw PayPalError.unprocessable('REFERENCE_ID_NOT_FOUND', path);
    change(order, field, value, path);
  }
  order.updatedAt = sim.store.now();
  return { status: 204, body: null };
}

function change(order: SimOrder, field: string, value: unknown, path: string): void {
  if (field === 'custom_id') order.customId = String(value);
  else if (field === 'invoice_id') order.invoiceId = String(value);
  else if (field === 'amount') {
    const amount = orderAmount(value, path);
    const unit = { amount: value, items: order.items ?? undefined } as PurchaseUnit;
    checkBreakdown(unit, amount.minor, amount.currency);
    order.amount = amount;
    order.breakdown = unit.amount?.breakdown ?? null;
  } else throw PayPalError.unprocessable('NOT_PATCHABLE', path);
}

function track(call: Call, sim: Sim): Reply {
  const order = orderOf(call, sim);
  const {
    capture_id: captureId,
    tracking_number: number = '',
    carrier,
  } = call.body as Record<string, string | undefined>;
  if (captureId === undefined)
    throw PayPalError.invalid('MISSING_REQUIRED_PARAMETER', '/capture_id');
  if (number.length > 64) throw PayPalError.invalid('INVALID_STRING_LENGTH', '/tracking_number');
  if (number !== '' && carrier === undefined)
    throw PayPalError.invalid('MISSING_REQUIRED_PARAMETER', '/carrier');
  const capture = sim.store.state.captures.get(captureId);
  if (capture?.orderId !== order.id)
    throw PayPalError.unprocessable('CAPTURE_ID_NOT_FOUND', '/capture_id');
  if (capture.status !== 'COMPLETED')
    throw PayPalError.unprocessable('CAPTURE_STATUS_NOT_VALID', '/capture_id');
  order.trackers.push({
    id: `${captureId}${order.trackers.length + 1}`,
    trackingNumber: number,
    carrier: carrier ?? '',
    createdAt: sim.store.now(),
    status: 'SHIPPED',
  });
  return { status: 201, body: orderJson(order, sim) };
}

function patchTracker(call: Call, sim: Sim): Reply {
  const order = orderOf(call, sim);
  const tracker = order.trackers.find((known) => known.id === call.params.tracker);
  if (!tracker) throw PayPalError.absent('TRACKER_ID_NOT_FOUND');
  for (const { path, value } of changesOf(call)) {
    if (path !== '/status') throw PayPalError.unprocessable('NOT_PATCHABLE', '/path');
    if (value !== 'SHIPPED' && value !== 'CANCELLED')
      throw PayPalError.invalid('INVALID_PARAMETER_VALUE', '/value');
    tracker.status = value as SimTracker['status'];
  }
  return { status: 204, body: null };
}
