import { registerEnumType } from 'type-graphql';
import { statesOf, type Transitions } from '../../kernel/state-machine.ts';
import {
  CANCEL_REQUEST_TRANSITIONS,
  CASE_TRANSITIONS,
  RETURN_TRANSITIONS,
} from '../domain/after-sale.states.ts';
import { ORDER_TRANSITIONS } from '../domain/order.states.ts';
import { SHIPMENT_TRANSITIONS } from '../domain/shipment.states.ts';

/** An enum whose every value says what it means. */
function enumOf<V extends string>(
  name: string,
  description: string,
  values: Readonly<Record<V, string>>,
): Readonly<Record<V, V>> {
  const keys = Object.keys(values) as V[];
  const members = Object.fromEntries(keys.map((key) => [key, key])) as Record<V, V>;
  const valuesConfig = Object.fromEntries(
    keys.map((key) => [key, { description: values[key] }]),
  ) as Record<V, { description: string }>;
  registerEnumType(members, { name, description, valuesConfig });
  return members;
}

/** Built from a transition table, so that the schema knows every state and no other. */
function statusEnum<S extends string>(
  name: string,
  description: string,
  table: Transitions<S>,
  meanings: Readonly<Record<S, string>>,
): Readonly<Record<S, S>> {
  const entries = statesOf(table).map((state) => [state, meanings[state]]);
  return enumOf(name, description, Object.fromEntries(entries) as Record<S, string>);
}

export const OrderStatusEnum = statusEnum(
  'OrderStatus',
  'The headline of an order, derived from its payment, its items and what is open after the sale.',
  ORDER_TRANSITIONS,
  {
    ON_HOLD: 'The buyer may still think again; nothing can be sent.',
    AWAITING_SHIPMENT: 'The seller is to send it.',
    PARTIALLY_SENT: 'Some units are on their way, others are still to be sent.',
    SENT: 'Nothing is left to send, and something has not arrived.',
    DELIVERED: 'Everything that was sent has arrived.',
    COMPLETED: 'The seller is paid and nothing can be returned any more.',
    CANCELLED: 'Nothing will be sent; the buyer is refunded.',
  },
);

export const ShipmentStatusEnum = statusEnum(
  'ShipmentStatus',
  'Where a parcel is, by the furthest word of the carrier.',
  SHIPMENT_TRANSITIONS,
  {
    SENT: 'The seller says it left; no carrier has seen it yet.',
    IN_TRANSIT: 'The carrier has it.',
    OUT_FOR_DELIVERY: 'It comes today.',
    EXCEPTION: 'The carrier met a problem.',
    LOST: 'The carrier does not know where it is.',
    RETURNED_TO_SENDER: 'It went back to the seller.',
    DELIVERED: 'It arrived.',
    VOIDED: 'The seller took back the mark.',
  },
);

export const CarrierStatusEnum = enumOf('CarrierStatus', 'What a carrier can say of a parcel.', {
  IN_TRANSIT: 'The carrier has it.',
  OUT_FOR_DELIVERY: 'It comes today.',
  EXCEPTION: 'The carrier met a problem.',
  LOST: 'The carrier does not know where it is.',
  RETURNED_TO_SENDER: 'It went back to the seller.',
  DELIVERED: 'It arrived.',
});

export const OrderPaymentState = enumOf(
  'OrderPaymentState',
  'How the payment of an order stands, without a word on how it was paid.',
  {
    PENDING: 'Neither paid nor failed yet.',
    PAID: 'Paid in full.',
    PARTIALLY_REFUNDED: 'Part of it was given back.',
    REFUNDED: 'All of it was given back.',
    DISPUTED: 'The buyer disputes it with their bank or the processor.',
  },
);

export const AfterSaleState = enumOf('AfterSaleState', 'What is open after the sale.', {
  NONE: 'Nothing.',
  CANCEL_REQUESTED: 'The buyer asks to cancel what was sent.',
  RETURN_OPEN: 'Something is on its way back, or is asked to be.',
  CASE_OPEN: 'The buyer asked for help.',
});

export const OrderOrigin = enumOf('OrderOrigin', 'Where an order comes from.', {
  CHAT: 'A payment request in a conversation.',
  CHECKOUT: 'The checkout of a listing.',
});

export const CancelReason = enumOf('CancelReason', 'Why an order is cancelled.', {
  CHANGED_MIND: 'The buyer no longer wants it.',
  ORDERED_BY_MISTAKE: 'The buyer did not mean to.',
  TAKES_TOO_LONG: 'It was not sent in time.',
  OUT_OF_STOCK: 'The seller no longer has it.',
  CANNOT_SHIP: 'The seller cannot send it there.',
  PRICING_ERROR: 'The price was wrong.',
  SUSPECTED_FRAUD: 'The payment or the buyer looks false.',
  OTHER: 'Something else, said in the note.',
});

export const CancelRequestStatusEnum = statusEnum(
  'CancelRequestStatus',
  'How a request to cancel stands.',
  CANCEL_REQUEST_TRANSITIONS,
  {
    REQUESTED: 'The seller is to answer.',
    ACCEPTED: 'The seller agreed; the buyer is refunded.',
    DECLINED: 'The seller declined.',
    LAPSED: 'The seller did not answer in time.',
  },
);

export const ReturnStatusEnum = statusEnum(
  'ReturnStatus',
  'How a return stands.',
  RETURN_TRANSITIONS,
  {
    REQUESTED: 'The seller is to answer; without an answer it is approved.',
    APPROVED: 'The buyer is to send it back.',
    DECLINED: 'The seller declined, with a reason.',
    IN_TRANSIT: 'It is on its way back.',
    RECEIVED: 'The seller has it; the buyer is to be refunded.',
    REFUNDED: 'The buyer has the money back.',
    LAPSED: 'It was never sent back.',
  },
);

export const ReturnReason = enumOf('ReturnReason', 'Why something goes back.', {
  CHANGED_MIND: 'The buyer no longer wants it.',
  NOT_AS_DESCRIBED: 'It is not what was described.',
  DAMAGED: 'It came damaged.',
  WRONG_ITEM: 'It is something else.',
  DOES_NOT_FIT: 'It does not fit.',
  OTHER: 'Something else, said in the note.',
});

export const ReturnDeclineReason = enumOf(
  'ReturnDeclineReason',
  'Why a seller declines a return.',
  {
    FINAL_SALE: 'It was sold as a final sale.',
    RETURN_PERIOD_ENDED: 'It comes too late.',
    OTHER: 'Something else; the buyer can open a case.',
  },
);

export const CaseStatusEnum = statusEnum('CaseStatus', 'How a case stands.', CASE_TRANSITIONS, {
  SELLER_TURN: 'The seller is to answer, within two business days.',
  BUYER_TURN: 'The buyer is to answer, within ten days.',
  ESCALATED: 'Support is to decide.',
  DECIDED: 'Support has decided; the other side may appeal for ten days.',
  APPEALED: 'Support is to decide once more.',
  CLOSED: 'It is over.',
});

export const CaseReasonEnum = enumOf('CaseReason', 'What is wrong with an order.', {
  NOT_RECEIVED: 'It did not come.',
  NOT_AS_DESCRIBED: 'It is not what was described.',
  DAMAGED: 'It came damaged.',
  POLICY_NOT_FOLLOWED: 'The seller did not keep to what was agreed.',
  UNAUTHORISED: 'The buyer did not buy it.',
  OTHER: 'Something else.',
});

export const CaseSide = enumOf('CaseSide', 'For whom a case is decided.', {
  BUYER: 'For the buyer, with a refund.',
  SELLER: 'For the seller.',
});

export const CaseAuthor = enumOf('CaseAuthor', 'Who wrote in a case.', {
  BUYER: 'The buyer.',
  SELLER: 'The seller.',
  SUPPORT: 'Support.',
});

const CHANGES = {
  HOLD_RELEASED: 'The time to think again is over; there is something to send.',
  CANCEL_REQUESTED: 'The buyer asks to cancel what was sent.',
  CANCEL_REQUEST_DECLINED: 'The seller declined to cancel.',
  CANCEL_REQUEST_LAPSED: 'The seller did not answer a request to cancel.',
  RETURN_REQUESTED: 'The buyer wants to return something.',
  RETURN_APPROVED: 'A return was approved.',
  RETURN_DECLINED: 'A return was declined.',
  RETURN_SENT: 'A return is on its way.',
  RETURN_REFUNDED: 'A return was refunded.',
  RETURN_LAPSED: 'A return was never sent.',
  CASE_OPENED: 'The buyer asked for help.',
  CASE_ANSWERED: 'Somebody answered a case.',
  CASE_ESCALATED: 'Support is to decide a case.',
  CASE_DECIDED: 'Support decided a case.',
  CASE_APPEALED: 'A decision is appealed.',
  CASE_CLOSED: 'A case is over.',
  PAYMENT_REFUNDED: 'Money was given back.',
  REFUND_FAILED: 'A refund could not be made; a person is looking at it.',
  PAYMENT_DISPUTED: 'The buyer disputes the payment.',
  DISPUTE_ENDED: 'A dispute is over.',
  PAYOUT_CHANGED: "The seller's pay moved.",
  SHIPMENT_SENT: 'The seller marked units as sent.',
  SHIPMENT_IN_TRANSIT: 'The carrier has a parcel.',
  SHIPMENT_OUT_FOR_DELIVERY: 'A parcel comes today.',
  SHIPMENT_EXCEPTION: 'The carrier met a problem.',
  SHIPMENT_LOST: 'The carrier lost a parcel.',
  SHIPMENT_RETURNED_TO_SENDER: 'A parcel went back to the seller.',
  SHIPMENT_DELIVERED: 'A parcel arrived.',
  SHIPMENT_VOIDED: 'The seller took back a mark.',
  ORDER_PLACED: 'The order was placed.',
  ORDER_CANCELLED: 'All or part of the order was cancelled.',
  ORDER_COMPLETED: 'The order is complete.',
} as const;

export const OrderEventKind = enumOf('OrderEventKind', 'What happened to an order.', {
  ...CHANGES,
  RETURN_RECEIVED: 'The seller has a return.',
});

export const NotificationKindEnum = enumOf('NotificationKind', 'What a notification tells.', {
  ...CHANGES,
  NEW_ORDER: 'Somebody bought from you.',
});

export const OrderActorKind = enumOf('OrderActorKind', 'Who did something to an order.', {
  MEMBER: 'The buyer or the seller.',
  PARTNER: 'A partner acting for the seller.',
  SUPPORT: 'Support.',
  SYSTEM: 'A timer, the processor, a carrier or another part of the system.',
  ANONYMOUS: 'Nobody known.',
});

export const NotificationSide = enumOf('NotificationSide', 'As whom one is notified.', {
  BUYER: 'As the buyer.',
  SELLER: 'As the seller.',
});

export const PayoutStatus = enumOf('OrderPayoutStatus', "Where the seller's pay for an order is.", {
  HELD: 'Waiting until everything is sent.',
  SCHEDULED: 'To be released on a known date.',
  FROZEN: 'Waiting until something that is open has ended.',
  RELEASING: 'On its way.',
  RELEASED: 'Paid to the seller.',
  RETURNED: 'Given back to the buyer.',
  FAILED: 'The release failed and is tried again.',
  AUTO_DISBURSED: 'Paid to the seller by the processor itself.',
});

export const OrderErrorCode = enumOf(
  'OrderErrorCode',
  'Why an order mutation was refused, in order of precedence.',
  {
    TEXT_NOT_STORABLE: 'The text holds a NUL or half a surrogate pair.',
    TEXT_EMPTY: 'The text is blank.',
    TEXT_TOO_LONG: 'The text is over its limit.',
    TRACKING_INVALID: 'The tracking number is no tracking number.',
    IDEMPOTENCY_KEY_INVALID: 'The key is not 1 to 255 printable ASCII characters.',
    IDEMPOTENCY_KEY_REUSED: 'The key was used with other input.',
    IN_PROGRESS: 'The same call is still running; repeat it.',
    NOT_FOUND: 'There is no such thing, or it is none of yours.',
    NOT_ALLOWED: 'You may see it and still not do this.',
    ILLEGAL_TRANSITION: 'The present state does not allow this.',
    PAYMENT_NOT_CAPTURED: 'The payment does not stand, so nothing may be sent.',
    CANCEL_NEEDS_REQUEST: 'Something was sent; the seller has to agree.',
    QUANTITY_INVALID: 'The quantity is not between one and what is there.',
    SENT_AT_INVALID: 'The moment of sending is before the payment or in the future.',
    SHIPMENT_ALREADY_SCANNED: 'The carrier has the parcel.',
    PAYOUT_ALREADY_RELEASED: 'The seller was paid already.',
    ALREADY_OPEN: 'There is one open already.',
    FINAL_SALE: 'It was sold as a final sale.',
    RETURN_PERIOD_ENDED: 'The time to return it is over.',
    CASE_TOO_EARLY: 'The seller still has time.',
    AMOUNT_INVALID: 'The amount is not between one minor unit and what is left.',
    APPEAL_PERIOD_ENDED: 'The time to appeal is over.',
    TEMPORARILY_UNAVAILABLE: 'Another part of the system did not answer; repeat the same call.',
  },
);
