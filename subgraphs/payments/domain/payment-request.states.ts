import type { Transitions } from '../../kernel/state-machine.ts';

export type PaymentRequestStatus =
  | 'SENT'
  | 'PAYING'
  | 'PENDING'
  | 'PAID'
  | 'DECLINED'
  | 'WITHDRAWN'
  | 'EXPIRED'
  | 'SUPERSEDED';

/**
 * The life of a payment request. PAYING is an attempt whose answer is awaited; PENDING is money that
 * is neither taken nor refused, and allows no opposite action. Both return to SENT when the attempt
 * is declined.
 */
export const PAYMENT_REQUEST_TRANSITIONS: Transitions<PaymentRequestStatus> = {
  SENT: ['PAYING', 'DECLINED', 'WITHDRAWN', 'EXPIRED', 'SUPERSEDED'],
  PAYING: ['PAID', 'PENDING', 'SENT'],
  PENDING: ['PAID', 'SENT'],
  PAID: [],
  DECLINED: [],
  WITHDRAWN: [],
  EXPIRED: [],
  SUPERSEDED: [],
};
