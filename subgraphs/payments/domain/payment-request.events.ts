import type { PaymentRequest } from './payment-request.ts';

/** What can happen to a request; `payments.payment-request-<what>` on the wire. */
export type PaymentRequestChange =
  | 'sent'
  | 'viewed'
  | 'paying'
  | 'pending'
  | 'attempt-declined'
  | 'declined-by-buyer'
  | 'withdrawn'
  | 'expired'
  | 'superseded'
  | 'paid';

export interface PaymentRequestEvent {
  readonly type: 'payment-request-changed';
  readonly change: PaymentRequestChange;
  readonly request: PaymentRequest;
  /** Why, in a stable code, where it applies. */
  readonly reason: string | null;
  readonly occurredAt: Date;
}
