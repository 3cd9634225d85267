import DataLoader from 'dataloader';
import { type IdKind, isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import type { Address } from '../application/ports.ts';
import type { ReadAddresses } from '../application/read-address.ts';
import type { CarrierEventRow, CaseMessageRow, OrderReads } from '../application/reads.ts';
import type { CancelRequest } from '../domain/cancel-request.ts';
import type { Case } from '../domain/case.ts';
import { maySeeOrder } from '../domain/order.policy.ts';
import type { Order } from '../domain/order.ts';
import type { OrderItem } from '../domain/order-item.ts';
import type { Return } from '../domain/return.ts';
import type { Shipment } from '../domain/shipment.ts';

/** Batched reads for one actor: what the actor may not see is not there. */
export interface OrderLoaders {
  readonly order: DataLoader<string, Order | null>;
  readonly orderOfRequest: DataLoader<string, Order | null>;
  readonly items: DataLoader<string, readonly OrderItem[]>;
  readonly shipment: DataLoader<string, Shipment | null>;
  readonly shipmentsOf: DataLoader<string, readonly Shipment[]>;
  readonly carrierEvents: DataLoader<string, readonly CarrierEventRow[]>;
  readonly cancelRequestsOf: DataLoader<string, readonly CancelRequest[]>;
  readonly return: DataLoader<string, Return | null>;
  readonly returnsOf: DataLoader<string, readonly Return[]>;
  readonly case: DataLoader<string, Case | null>;
  readonly casesOf: DataLoader<string, readonly Case[]>;
  readonly caseMessages: DataLoader<string, readonly CaseMessageRow[]>;
  readonly address: DataLoader<Order, Address | null>;
}

export function createLoaders(
  reads: OrderReads,
  addresses: ReadAddresses,
  actor: Actor,
): OrderLoaders {
  const order = new DataLoader<string, Order | null>(async (ids) => {
    const known = ids.filter((id) => isId('order', id));
    const rows = known.length > 0 ? await reads.orders(known) : [];
    const seen = rows.filter((row) => actor.kind === 'system' || maySeeOrder(actor, row));
    return inOrder(ids, seen, (row) => row.id);
  });
  // A part of an order is seen by whoever sees the order.
  const part = <T extends { readonly id: string; readonly orderId: string }>(
    kind: IdKind,
    read: (ids: readonly string[]) => Promise<T[]>,
  ) =>
    new DataLoader<string, T | null>(async (ids) => {
      const known = ids.filter((id) => isId(kind, id));
      const rows = known.length > 0 ? await read(known) : [];
      const around = await order.loadMany(rows.map((row) => row.orderId));
      const seen = rows.filter((_row, index) => isRow(around[index]));
      return inOrder(ids, seen, (row) => row.id);
    });
  return {
    order,
    orderOfRequest: new DataLoader(async (ids) => {
      const found = await reads.orderIdsOfRequests(ids);
      const byRequest = new Map(found.map((row) => [row.paymentRequestId, row.id]));
      return Promise.all(ids.map((id) => loadOrNull(order, byRequest.get(id))));
    }),
    items: grouped((ids) => reads.items(ids), 'orderId'),
    shipment: part('shipment', (ids) => reads.shipments(ids)),
    shipmentsOf: grouped((ids) => reads.shipmentsOf(ids), 'orderId'),
    carrierEvents: grouped((ids) => reads.carrierEvents(ids), 'shipmentId'),
    cancelRequestsOf: grouped((ids) => reads.cancelRequestsOf(ids), 'orderId'),
    return: part('return', (ids) => reads.returns(ids)),
    returnsOf: grouped((ids) => reads.returnsOf(ids), 'orderId'),
    case: part('case', (ids) => reads.cases(ids)),
    casesOf: grouped((ids) => reads.casesOf(ids), 'orderId'),
    caseMessages: grouped((ids) => reads.caseMessages(ids), 'caseId'),
    address: new DataLoader((orders) => addresses.execute(orders, actor)),
  };
}

function grouped<K extends string, T extends Readonly<Record<K, string>>>(
  read: (ids: readonly string[]) => Promise<T[]>,
  key: K,
): DataLoader<string, readonly T[]> {
  return new DataLoader(async (ids) => {
    const rows = Map.groupBy(await read(ids), (row) => row[key] as string);
    return ids.map((id) => rows.get(id) ?? []);
  });
}

async function loadOrNull<T>(
  loader: DataLoader<string, T | null>,
  id: string | undefined,
): Promise<T | null> {
  return id === undefined ? null : loader.load(id);
}

function isRow(value: unknown): boolean {
  return value !== null && value !== undefined && !(value instanceof Error);
}

function inOrder<T>(
  ids: readonly string[],
  rows: readonly T[],
  idOf: (row: T) => string,
): (T | null)[] {
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  return ids.map((id) => byId.get(id) ?? null);
}
