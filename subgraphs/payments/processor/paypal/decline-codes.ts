import type { DeclineAdvice } from '../../domain/payment-attempt.ts';

/** PayPal's issues of a refused order or capture, and what the buyer can do. */
export const ISSUE_ADVICE: Readonly<Record<string, DeclineAdvice>> = {
  INSTRUMENT_DECLINED: 'USE_OTHER',
  CARD_EXPIRED: 'USE_OTHER',
  REFERENCED_CARD_EXPIRED: 'USE_OTHER',
  CARD_BRAND_NOT_SUPPORTED: 'USE_OTHER',
  PAYER_CANNOT_PAY: 'USE_OTHER',
  REDIRECT_PAYER_FOR_ALTERNATE_FUNDING: 'USE_OTHER',
  TOKEN_ID_NOT_FOUND: 'USE_OTHER',
  TOKEN_EXPIRED: 'USE_OTHER',
  AGREEMENT_ALREADY_CANCELLED: 'USE_OTHER',
  BILLING_AGREEMENT_NOT_FOUND: 'USE_OTHER',
  PAYMENT_SOURCE_CANNOT_BE_USED: 'USE_OTHER',
  PAYMENT_SOURCE_NOT_SUPPORTED: 'USE_OTHER',
  PAYMENT_SOURCE_INFO_CANNOT_BE_VERIFIED: 'USE_OTHER',
  PAYMENT_SOURCE_DECLINED_BY_PROCESSOR: 'USE_OTHER',
  MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE: 'USE_OTHER',
  DOMESTIC_TRANSACTION_REQUIRED: 'USE_OTHER',
  TRANSACTION_LIMIT_EXCEEDED: 'USE_OTHER',
  PAYER_ACTION_REQUIRED: 'RETRY_SAME',
  ORDER_NOT_APPROVED: 'RETRY_SAME',
  SHIPPING_ADDRESS_INVALID: 'RETRY_SAME',
  POSTAL_CODE_REQUIRED: 'RETRY_SAME',
  CITY_REQUIRED: 'RETRY_SAME',
  MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED: 'STOP',
  PAYER_ACCOUNT_RESTRICTED: 'STOP',
  PAYER_ACCOUNT_LOCKED_OR_CLOSED: 'STOP',
  COMPLIANCE_VIOLATION: 'STOP',
  TRANSACTION_REFUSED: 'STOP',
  TRANSACTION_BLOCKED_BY_PAYEE: 'STOP',
  PAYEE_BLOCKED_TRANSACTION: 'STOP',
  PAYEE_ACCOUNT_INVALID: 'CONTACT_SUPPORT',
  PAYEE_ACCOUNT_RESTRICTED: 'CONTACT_SUPPORT',
  PAYEE_ACCOUNT_LOCKED_OR_CLOSED: 'CONTACT_SUPPORT',
  PAYEE_NOT_ENABLED_FOR_CARD_PROCESSING: 'CONTACT_SUPPORT',
  TRANSACTION_RECEIVING_LIMIT_EXCEEDED: 'CONTACT_SUPPORT',
};

/** The card processor's answers, behind a capture that PayPal calls DECLINED or FAILED. */
export const RESPONSE_ADVICE: Readonly<Record<string, DeclineAdvice>> = {
  '5100': 'USE_OTHER', // declined, no reason given
  '5110': 'USE_OTHER', // security code
  '5120': 'USE_OTHER', // insufficient funds
  '5135': 'USE_OTHER', // PIN tries exceeded
  '5140': 'USE_OTHER', // card closed
  '5170': 'USE_OTHER', // billing address
  '5180': 'USE_OTHER', // invalid or restricted card
  '5400': 'USE_OTHER', // expired
  '5700': 'USE_OTHER', // not permitted for this card
  '5910': 'USE_OTHER', // issuer not available, not to be tried again
  '5930': 'USE_OTHER', // card not activated
  '5950': 'USE_OTHER', // account was updated
  '6300': 'USE_OTHER', // account not on file
  '7710': 'USE_OTHER', // authentication failed
  '5920': 'RETRY_SAME', // issuer not available, may be tried again
  '8000': 'RETRY_SAME', // processor's system error
  '8110': 'RETRY_SAME', // line between processor and issuer
  '8220': 'RETRY_SAME', // system not available
  '9100': 'RETRY_SAME', // declined, please retry
  '5150': 'STOP', // pick up card
  '5160': 'STOP', // unauthorised user
  '5200': 'STOP', // duplicate: it may have been paid already
  '9500': 'STOP', // suspected fraud
  '9510': 'STOP', // security violation
  '9520': 'STOP', // lost or stolen
  '9530': 'STOP', // hold, call centre
  '9540': 'STOP', // refused card
};

/** A code that is not listed is refused for certain, and nobody should press again blindly. */
export function adviceOf(issue: string): DeclineAdvice {
  return ISSUE_ADVICE[issue] ?? 'CONTACT_SUPPORT';
}

/** A declined capture without a code that is listed: this instrument did not work, another may. */
export function adviceOfResponse(code: string | undefined): DeclineAdvice {
  return (code === undefined ? undefined : RESPONSE_ADVICE[code]) ?? 'USE_OTHER';
}
