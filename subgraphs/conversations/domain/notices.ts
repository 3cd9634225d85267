import type { CardType } from './message.ts';

/** What a system message or a card tells. The client words it; the entity says how things stand now. */
export const NOTICES = {
  PAYMENT_REQUESTED: 'The seller sent a payment request.',
  PAYMENT_PENDING: 'The payment is being processed and neither paid nor failed yet.',
  PAYMENT_REQUEST_DECLINED: 'The buyer declined the payment request.',
  PAYMENT_REQUEST_WITHDRAWN: 'The seller withdrew the payment request.',
  PAYMENT_REQUEST_EXPIRED: 'The payment request was not paid in time.',
  PAYMENT_REQUEST_SUPERSEDED: 'A newer payment request replaced this one.',
  PAID: 'The buyer paid.',
  ORDER_PLACED: 'The paid request became an order.',
  SHIPMENT_SENT: 'The seller marked items as sent.',
  SHIPMENT_IN_TRANSIT: 'The carrier has the shipment.',
  SHIPMENT_OUT_FOR_DELIVERY: 'The shipment is on its last way to the buyer.',
  SHIPMENT_DELIVERED: 'The shipment was delivered.',
  SHIPMENT_EXCEPTION: 'The carrier reports a problem with the shipment.',
  SHIPMENT_LOST: 'The carrier lost the shipment.',
  SHIPMENT_RETURNED_TO_SENDER: 'The shipment went back to the seller.',
  SHIPMENT_VOIDED: 'The seller took back the mark that items were sent.',
  ORDER_CANCELLED: 'All or part of the order was cancelled; the buyer is refunded.',
} as const;

export type Notice = keyof typeof NOTICES;

export interface Told {
  readonly kind: 'SYSTEM' | 'CARD';
  readonly notice: Notice;
  readonly cardType: CardType;
}

/**
 * Events of others that are told in the thread, each exactly once. Viewing and single attempts are
 * not told: the first is nobody's news, the second is between the buyer and their bank.
 */
export const TOLD_EVENTS: Readonly<Record<string, Told>> = {
  'payments.payment-request-sent': card('PAYMENT_REQUESTED', 'PaymentRequest'),
  'payments.payment-request-pending': system('PAYMENT_PENDING', 'PaymentRequest'),
  'payments.payment-request-declined-by-buyer': system(
    'PAYMENT_REQUEST_DECLINED',
    'PaymentRequest',
  ),
  'payments.payment-request-withdrawn': system('PAYMENT_REQUEST_WITHDRAWN', 'PaymentRequest'),
  'payments.payment-request-expired': system('PAYMENT_REQUEST_EXPIRED', 'PaymentRequest'),
  'payments.payment-request-superseded': system('PAYMENT_REQUEST_SUPERSEDED', 'PaymentRequest'),
  'payments.payment-captured': system('PAID', 'PaymentRequest'),
  'orders.order-placed': card('ORDER_PLACED', 'Order'),
  'orders.shipment-sent': card('SHIPMENT_SENT', 'Shipment'),
  'orders.shipment-voided': system('SHIPMENT_VOIDED', 'Shipment'),
  'orders.order-cancelled': system('ORDER_CANCELLED', 'Order'),
};

/** Carrier news by the shipment's new status; statuses that are told otherwise are absent. */
export const TOLD_SHIPMENT_STATUSES: Readonly<Record<string, Told>> = {
  IN_TRANSIT: system('SHIPMENT_IN_TRANSIT', 'Shipment'),
  OUT_FOR_DELIVERY: system('SHIPMENT_OUT_FOR_DELIVERY', 'Shipment'),
  DELIVERED: system('SHIPMENT_DELIVERED', 'Shipment'),
  EXCEPTION: system('SHIPMENT_EXCEPTION', 'Shipment'),
  LOST: system('SHIPMENT_LOST', 'Shipment'),
  RETURNED_TO_SENDER: system('SHIPMENT_RETURNED_TO_SENDER', 'Shipment'),
};

function card(notice: Notice, cardType: CardType): Told {
  return { kind: 'CARD', notice, cardType };
}

function system(notice: Notice, cardType: CardType): Told {
  return { kind: 'SYSTEM', notice, cardType };
}
