import { after, MINUTE_MS } from '../../kernel/clock.ts';
import type { Money } from '../../kernel/money.ts';
import { step } from '../../kernel/state-machine.ts';
import {
  OPEN_ATTEMPT_STATUSES,
  PAYMENT_ATTEMPT_TRANSITIONS,
  type PaymentAttemptStatus,
} from './payment-attempt.states.ts';

/** What a buyer can do after a decline; the processor's own code stays inside. */
export type DeclineAdvice = 'RETRY_SAME' | 'USE_OTHER' | 'STOP' | 'CONTACT_SUPPORT';

/** Between two looks at one attempt: below, PayPal is asked too often; above, a buyer waits too long. */
const LOOK_MIN_MS = 10_000;
const LOOK_MAX_MS = 5 * MINUTE_MS;

/** One try to take the money of one request with one payment method. At most one is open per request. */
export class PaymentAttempt {
  private constructor(
    readonly id: string,
    readonly requestId: string,
    readonly buyerId: string,
    readonly paymentMethodId: string,
    readonly amount: Money,
    readonly payeeMerchantId: string,
    readonly sealedAddress: string,
    readonly createdAt: Date,
    readonly status: PaymentAttemptStatus,
    readonly processorOrderId: string | null,
    readonly declineCode: string | null,
    readonly advice: DeclineAdvice | null,
    readonly settledAt: Date | null,
    /** When the processor is read again for what became of it; null: as soon as anybody looks. */
    readonly nextLookAt: Date | null,
  ) {}

  /** Begins at CAPTURING: the money is asked for, by that order, as soon as this is committed. */
  static begin(
    id: string,
    of: {
      readonly requestId: string;
      readonly buyerId: string;
      readonly paymentMethodId: string;
      readonly amount: Money;
      readonly payeeMerchantId: string;
      readonly sealedAddress: string;
      readonly processorOrderId: string | null;
    },
    now: Date,
  ): PaymentAttempt {
    return new PaymentAttempt(
      id,
      of.requestId,
      of.buyerId,
      of.paymentMethodId,
      of.amount,
      of.payeeMerchantId,
      of.sealedAddress,
      now,
      'CAPTURING',
      of.processorOrderId,
      null,
      null,
      null,
      null,
    );
  }

  isOpen(): boolean {
    return OPEN_ATTEMPT_STATUSES.includes(this.status);
  }

  capture(processorOrderId: string, now: Date): void {
    this.become({ status: this.next('CAPTURED'), processorOrderId, settledAt: now });
  }

  decline(code: string, advice: DeclineAdvice, now: Date): void {
    this.become({ status: this.next('DECLINED'), declineCode: code, advice, settledAt: now });
  }

  /** The processor knows of it and has not decided. */
  hold(processorOrderId: string | null): void {
    if (this.status === 'PENDING') return;
    this.become({
      status: this.next('PENDING'),
      processorOrderId: processorOrderId ?? this.processorOrderId,
    });
  }

  /**
   * No answer came. What is known of the processor's order is kept for the reading later, and so is
   * that the processor has not decided: silence takes nothing back that it said.
   */
  loseTrack(processorOrderId: string | null): void {
    if (this.status === 'UNKNOWN' || this.status === 'PENDING') return;
    this.become({
      status: this.next('UNKNOWN'),
      processorOrderId: processorOrderId ?? this.processorOrderId,
    });
  }

  /**
   * It is undecided: looked at again when it is half as old again, so that what waits for days does
   * not keep what has just begun from being read.
   */
  lookAgain(now: Date): void {
    const age = now.getTime() - this.createdAt.getTime();
    const waitMs = Math.min(Math.max(age / 2, LOOK_MIN_MS), LOOK_MAX_MS);
    this.become({ nextLookAt: after(now, waitMs) });
  }

  /** The processor was read, and nothing had happened there. */
  cancel(now: Date): void {
    if (this.status === 'CAPTURING') this.loseTrack(null);
    this.become({ status: this.next('CANCELED'), settledAt: now });
  }

  private next(to: PaymentAttemptStatus): PaymentAttemptStatus {
    return step('The payment attempt', PAYMENT_ATTEMPT_TRANSITIONS, this.status, to);
  }

  private become(
    change: Partial<
      Pick<
        PaymentAttempt,
        'status' | 'processorOrderId' | 'declineCode' | 'advice' | 'settledAt' | 'nextLookAt'
      >
    >,
  ): void {
    Object.assign(this, change);
  }
}
