import type { OrdersContext } from './context.ts';
import { toCase, toOrder, toReturn, toShipment } from './order.mapping.ts';
import { refusals } from './user-errors.ts';

type Work = (context: OrdersContext) => Promise<string>;

/**
 * Runs a use case that answers with an id, and reads what it changed. Loaders know nothing older:
 * mutations run one after the other, and each clears what the one before has read.
 */
async function done(context: OrdersContext, work: Work) {
  const answer = await refusals(() => work(context));
  for (const loader of Object.values(context.loaders)) loader.clearAll();
  return answer;
}

export async function orderPayload(context: OrdersContext, work: Work) {
  const { result, userErrors } = await done(context, work);
  const row = result === null ? null : await context.loaders.order.load(result);
  return { order: row && toOrder(row), userErrors: userErrors as never };
}

export async function shipmentPayload(context: OrdersContext, work: Work) {
  const { result, userErrors } = await done(context, work);
  const row = result === null ? null : await context.loaders.shipment.load(result);
  return { shipment: row && toShipment(row), userErrors: userErrors as never };
}

export async function sentPayload(context: OrdersContext, work: Work) {
  const { shipment, userErrors } = await shipmentPayload(context, work);
  const order = shipment && (await context.loaders.order.load(shipment.row.orderId));
  return { order: order && toOrder(order), shipment, userErrors };
}

export async function returnPayload(context: OrdersContext, work: Work) {
  const { result, userErrors } = await done(context, work);
  const row = result === null ? null : await context.loaders.return.load(result);
  const order = row && (await context.loaders.order.load(row.orderId));
  const shown = row && order ? toReturn(row, order.total.currency) : null;
  return { return: shown, userErrors: userErrors as never };
}

export async function casePayload(context: OrdersContext, work: Work) {
  const { result, userErrors } = await done(context, work);
  const row = result === null ? null : await context.loaders.case.load(result);
  const order = row && (await context.loaders.order.load(row.orderId));
  const shown = row && order ? toCase(row, order.total.currency) : null;
  return { case: shown, userErrors: userErrors as never };
}
