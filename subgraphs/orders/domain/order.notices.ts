import type { OrderChange, OrderEvent } from './order.events.ts';

export type NotificationKind =
  | 'ORDER_PLACED'
  | 'NEW_ORDER'
  | 'SHIPMENT_SENT'
  | 'SHIPMENT_IN_TRANSIT'
  | 'SHIPMENT_OUT_FOR_DELIVERY'
  | 'SHIPMENT_EXCEPTION'
  | 'SHIPMENT_LOST'
  | 'SHIPMENT_RETURNED_TO_SENDER'
  | 'SHIPMENT_DELIVERED'
  | 'SHIPMENT_VOIDED'
  | 'ORDER_CANCELLED'
  | 'ORDER_COMPLETED'
  | OrderChange;

export interface Notice {
  readonly recipient: 'BUYER' | 'SELLER';
  readonly kind: NotificationKind;
  /** Names the transition: one notice per recipient and channel comes of it, ever. */
  readonly key: string;
}

type Recipient = Notice['recipient'];

/** Who hears of a change. Carrier steps and the seller's money are nobody else's news. */
const RECIPIENTS: Readonly<Record<OrderChange, readonly Recipient[]>> = {
  // From now on there is something to send.
  HOLD_RELEASED: ['SELLER'],
  CANCEL_REQUESTED: ['SELLER'],
  CANCEL_REQUEST_DECLINED: ['BUYER'],
  CANCEL_REQUEST_LAPSED: ['BUYER'],
  RETURN_REQUESTED: ['SELLER'],
  RETURN_APPROVED: ['BUYER'],
  RETURN_DECLINED: ['BUYER'],
  RETURN_SENT: ['SELLER'],
  RETURN_REFUNDED: ['BUYER', 'SELLER'],
  RETURN_LAPSED: ['BUYER', 'SELLER'],
  CASE_OPENED: ['SELLER'],
  CASE_ANSWERED: ['BUYER', 'SELLER'],
  CASE_ESCALATED: ['BUYER', 'SELLER'],
  CASE_DECIDED: ['BUYER', 'SELLER'],
  CASE_APPEALED: ['BUYER', 'SELLER'],
  CASE_CLOSED: ['BUYER', 'SELLER'],
  PAYMENT_REFUNDED: ['BUYER'],
  REFUND_FAILED: ['BUYER', 'SELLER'],
  PAYMENT_DISPUTED: ['SELLER'],
  DISPUTE_ENDED: ['BUYER', 'SELLER'],
  PAYOUT_CHANGED: ['SELLER'],
};

/** What people are told of an event. `version` is the order's, so that each change has a name. */
export function noticesOf(event: OrderEvent, version: number): Notice[] {
  const both = (kind: NotificationKind, key: string): Notice[] => [
    { recipient: 'BUYER', kind, key },
    { recipient: 'SELLER', kind, key },
  ];
  switch (event.type) {
    case 'order-placed':
      return [
        { recipient: 'BUYER', kind: 'ORDER_PLACED', key: `${event.order.orderId}:placed` },
        { recipient: 'SELLER', kind: 'NEW_ORDER', key: `${event.order.orderId}:placed` },
      ];
    case 'shipment-sent':
      return [
        { recipient: 'BUYER', kind: 'SHIPMENT_SENT', key: `${event.payload.shipmentId}:SENT` },
      ];
    case 'shipment-updated': {
      const kind = `SHIPMENT_${event.payload.status}` as NotificationKind;
      const key = `${event.payload.shipmentId}:${event.payload.status}:${version}`;
      return kind === 'SHIPMENT_DELIVERED' ? both(kind, key) : [{ recipient: 'BUYER', kind, key }];
    }
    case 'shipment-voided':
      return [
        { recipient: 'BUYER', kind: 'SHIPMENT_VOIDED', key: `${event.payload.shipmentId}:VOIDED` },
      ];
    case 'order-cancelled':
      return both('ORDER_CANCELLED', `${event.order.orderId}:cancelled:${version}`);
    case 'order-completed':
      return both('ORDER_COMPLETED', `${event.order.orderId}:completed`);
    case 'order-updated': {
      const { change, subjectId } = event.payload;
      const key = `${subjectId ?? event.order.orderId}:${change}:${version}`;
      return RECIPIENTS[change].map((recipient) => ({ recipient, kind: change, key }));
    }
    default:
      // Between subgraphs only: the people are told of what caused it.
      return [];
  }
}
