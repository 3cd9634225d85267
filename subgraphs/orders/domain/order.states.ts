import type { Transitions } from '../../kernel/state-machine.ts';

/** The headline: derived from the axes, never chosen. */
export type OrderStatus =
  | 'ON_HOLD'
  | 'AWAITING_SHIPMENT'
  | 'PARTIALLY_SENT'
  | 'SENT'
  | 'DELIVERED'
  | 'COMPLETED'
  | 'CANCELLED';

/**
 * What may follow what. The steps back from SENT and PARTIALLY_SENT are voided shipments; the steps
 * to CANCELLED from there are cancellations the seller accepted.
 */
export const ORDER_TRANSITIONS: Transitions<OrderStatus> = {
  ON_HOLD: ['AWAITING_SHIPMENT', 'CANCELLED'],
  AWAITING_SHIPMENT: ['PARTIALLY_SENT', 'SENT', 'CANCELLED'],
  PARTIALLY_SENT: ['AWAITING_SHIPMENT', 'SENT', 'DELIVERED', 'CANCELLED'],
  SENT: ['AWAITING_SHIPMENT', 'PARTIALLY_SENT', 'DELIVERED', 'COMPLETED', 'CANCELLED'],
  DELIVERED: ['COMPLETED'],
  COMPLETED: [],
  CANCELLED: [],
};

/** How many units of one item stand where; together they are what was ordered. */
export interface Quantities {
  readonly open: number;
  readonly sent: number;
  readonly delivered: number;
  readonly cancelled: number;
  readonly returned: number;
}

export interface OrderAxes {
  readonly isOnHold: boolean;
  readonly isCompleted: boolean;
  readonly items: readonly Quantities[];
}

/** The one place where the headline comes from. */
export function headlineOf({ isOnHold, isCompleted, items }: OrderAxes): OrderStatus {
  const sum = (of: keyof Quantities) => items.reduce((total, item) => total + item[of], 0);
  const [open, sent, arrived] = [sum('open'), sum('sent'), sum('delivered') + sum('returned')];
  if (open + sent + arrived === 0) return 'CANCELLED';
  if (isCompleted) return 'COMPLETED';
  if (isOnHold) return 'ON_HOLD';
  if (sent + arrived === 0) return 'AWAITING_SHIPMENT';
  if (open > 0) return 'PARTIALLY_SENT';
  return sent > 0 ? 'SENT' : 'DELIVERED';
}
