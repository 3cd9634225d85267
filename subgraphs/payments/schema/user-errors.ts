import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { UserErrorFields } from '../../kernel/graphql/shared-types.ts';

/** Every refusal of this subgraph, in order of precedence. A code that is not here is a defect. */
const CODES = {
  NOT_FOUND: 'There is no such thing, or it is not yours to know of.',
  NOT_ALLOWED: 'You may see this and still not do this to it.',
  IDEMPOTENCY_KEY_INVALID: 'The idempotency key is empty, too long or not printable.',
  IDEMPOTENCY_KEY_REUSED: 'The idempotency key was used with other input.',
  IN_PROGRESS: 'The same request is still being worked on; repeat it with the same key.',
  SELLER_CANNOT_REQUEST: 'The seller account cannot take payments now.',
  REGION_NOT_SUPPORTED:
    'The seller account or the shipping address is outside the supported regions.',
  CONVERSATION_BLOCKED: 'The conversation is blocked or frozen.',
  CONVERSATION_NOT_ACTIVE: 'The seller has not answered in this conversation yet.',
  PAYMENT_IN_FLIGHT: 'A payment succeeded or is pending, so the request cannot be changed.',
  ILLEGAL_TRANSITION: 'The present state does not allow this; see currentState and allowedActions.',
  OFFER_CHANGED: 'What the buyer approved is not what is offered now.',
  LISTING_NOT_AVAILABLE: 'The item is not on sale by this seller.',
  OUT_OF_STOCK: 'Not enough is left; nothing was charged.',
  LINES_INVALID: 'The lines are empty, too many, or have a quantity out of range.',
  TEXT_EMPTY: 'A required text is empty.',
  TEXT_TOO_LONG: 'A text is longer than allowed.',
  TEXT_NOT_STORABLE: 'A text holds a NUL or half a surrogate pair.',
  CURRENCY_UNKNOWN: 'The currency is not known.',
  CURRENCY_NOT_SUPPORTED: 'The currency is not supported here.',
  AMOUNT_NOT_POSITIVE: 'The amount must be greater than zero.',
  AMOUNT_NEGATIVE: 'The amount must not be negative.',
  REFUND_EXCEEDS_PAYMENT: 'More than what is left of the payment cannot be refunded.',
  DISPUTE_NOT_OPEN: 'PayPal waits for no answer to this dispute any more; see currentState.',
  TOTAL_MISMATCH: 'The lines do not add up to the expected total.',
  EXPIRY_OUT_OF_RANGE: 'The time until expiry is out of range.',
  REQUEST_LIMIT_EXCEEDED: 'The request is larger than a single request may be.',
  WEEKLY_LIMIT_EXCEEDED: 'The requests sent in the rolling window would exceed their limit.',
  ADDRESS_INVALID: 'The shipping address is not usable.',
  CONSENT_REQUIRED: 'Saving a payment method needs the consent of its buyer.',
  SETUP_NOT_APPROVED: 'The buyer has not approved the payment method yet.',
  PAYMENT_METHOD_NOT_FOUND: 'There is no such usable payment method.',
  PAYMENT_DECLINED: 'The payment was declined; see advice. Nothing was charged.',
  PAYMENT_NOT_TAKEN:
    'The payment came to nothing: PayPal was read, and no money was taken. Nothing was charged, and the key stays used: pay again with a new one.',
  FINDING_NOT_OPEN: 'There is no such open finding.',
  REFUND_NOT_ESCALATED: 'The refund does not wait for a person; see currentState.',
  PAYOUT_OVER: 'The payout is over: there is nothing to hold or to let go.',
  SINCE_OUT_OF_RANGE: 'The time to compare from is in the future or too long ago.',
  TEMPORARILY_UNAVAILABLE:
    'A part of the system is not answering; the same call can succeed later.',
} as const;

export type PaymentErrorCode = keyof typeof CODES;

export const PAYMENT_ERROR_CODES = Object.fromEntries(
  Object.keys(CODES).map((code) => [code, code]),
) as {
  readonly [code in PaymentErrorCode]: code;
};

registerEnumType(PAYMENT_ERROR_CODES, {
  name: 'PaymentErrorCode',
  description: 'Why payments refused something, in order of precedence.',
  valuesConfig: Object.fromEntries(
    Object.entries(CODES).map(([code, description]) => [code, { description }]),
  ),
});

@ObjectType('PaymentUserError', {
  description: 'A refusal by payments that the caller can act on. Nothing was changed or charged.',
})
export class PaymentUserError extends UserErrorFields {
  @Field(() => PAYMENT_ERROR_CODES, { description: 'A stable code to decide by.' })
  readonly code!: PaymentErrorCode;
}
