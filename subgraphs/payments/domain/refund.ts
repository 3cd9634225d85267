import { after, MINUTE_MS } from '../../kernel/clock.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Money } from '../../kernel/money.ts';
import { step } from '../../kernel/state-machine.ts';
import { REFUND_TRANSITIONS, type RefundStatus } from './refund.states.ts';

export class RefundExceedsPayment extends DomainError {
  constructor(left: Money) {
    super(
      'REFUND_EXCEEDS_PAYMENT',
      `At most ${left.toString()} of this payment can still be refunded.`,
      { path: ['amount'] },
    );
  }
}

export class RefundNotPositive extends DomainError {
  constructor() {
    super('AMOUNT_NOT_POSITIVE', 'The amount must be greater than zero.', { path: ['amount'] });
  }
}

export class RefundNotEscalated extends DomainError {
  constructor(status: RefundStatus) {
    super('REFUND_NOT_ESCALATED', 'Only a refund that was left to a person can be tried again.', {
      path: ['refundId'],
      currentState: status,
      allowedActions: ['ESCALATED'],
    });
  }
}

/** After this many refusals a person decides; earlier ones can be a passing state of the processor. */
const ATTEMPTS_MAX = 8;
/** The processor's refusal of a part of what is disputed. */
const DISPUTE_OPEN = 'TRANSACTION_DISPUTED';
/** Longer keeps a buyer waiting after the dispute; shorter asks the processor more often. */
const DISPUTE_RETRY_MS = 15 * MINUTE_MS;
/** Why a cancelled refund was not carried out. */
const TAKEN_BY_DISPUTE = 'TAKEN_BY_DISPUTE';

/** Money on its way back to a buyer. The amount is set aside when it is decided, so refunds never exceed the capture. */
export class Refund {
  private constructor(
    readonly id: string,
    readonly paymentId: string,
    readonly sellerId: string,
    readonly captureId: string,
    readonly amount: Money,
    readonly reason: string,
    readonly requestedBy: string,
    readonly createdAt: Date,
    readonly status: RefundStatus,
    readonly processorRefundId: string | null,
    readonly failureCode: string | null,
    readonly attempts: number,
    readonly nextAttemptAt: Date,
    readonly completedAt: Date | null,
    /** The part of the amount that the platform bears out of its fee. */
    readonly platformFeeShare: Money,
    /** The return it is for, and the case that decided it. */
    readonly returnId: string | null,
    readonly caseId: string | null,
    /** The processor's last refund for it that ended as failed: another try is another refund there. */
    readonly failedRefundId: string | null,
  ) {}

  static approve(
    id: string,
    of: Pick<
      Refund,
      | 'paymentId'
      | 'sellerId'
      | 'captureId'
      | 'amount'
      | 'reason'
      | 'requestedBy'
      | 'platformFeeShare'
      | 'returnId'
      | 'caseId'
    >,
    now: Date,
  ): Refund {
    return new Refund(
      id,
      of.paymentId,
      of.sellerId,
      of.captureId,
      of.amount,
      of.reason,
      of.requestedBy,
      now,
      'APPROVED',
      null,
      null,
      0,
      now,
      null,
      of.platformFeeShare,
      of.returnId,
      of.caseId,
      null,
    );
  }

  submit(now: Date): void {
    if (this.status === 'SUBMITTED' || this.status === 'PENDING') return;
    this.become({
      status: this.next('SUBMITTED'),
      attempts: this.attempts + 1,
      nextAttemptAt: after(now, MINUTE_MS),
    });
  }

  pend(processorRefundId: string, now: Date): void {
    if (this.status !== 'PENDING') this.become({ status: this.next('PENDING') });
    this.become({ processorRefundId, nextAttemptAt: after(now, MINUTE_MS) });
  }

  complete(processorRefundId: string, now: Date): void {
    this.become({ status: this.next('COMPLETED'), processorRefundId, completedAt: now });
  }

  /**
   * Refused for certain. Tried again with growing waits, then left to a person; but what is refused
   * only while a dispute is open is nobody's task, and waits for its end. `endedAs` is the processor's
   * refund that came to nothing, where there was one.
   */
  fail(code: string, now: Date, endedAs: string | null = null): void {
    // The processor shows what ended as failed for ever, under its id and under its request id.
    if (endedAs !== null) this.become({ processorRefundId: null, failedRefundId: endedAs });
    if (code === DISPUTE_OPEN) {
      const attempts = this.attempts - 1;
      const nextAttemptAt = after(now, DISPUTE_RETRY_MS);
      this.become({ status: this.next('FAILED'), failureCode: code, attempts, nextAttemptAt });
      return;
    }
    this.become({
      status: this.next('FAILED'),
      failureCode: code,
      nextAttemptAt: after(now, MINUTE_MS * 2 ** this.attempts),
    });
    if (this.attempts >= ATTEMPTS_MAX) this.become({ status: this.next('ESCALATED') });
  }

  /** A person has mended what the processor refused it for: it is asked once more. */
  retry(now: Date): void {
    if (this.status !== 'ESCALATED') throw new RefundNotEscalated(this.status);
    this.submit(now);
    this.become({ nextAttemptAt: now });
  }

  /** A dispute that was lost gave its money back. */
  cancel(): void {
    this.become({ status: this.next('CANCELLED'), failureCode: TAKEN_BY_DISPUTE });
  }

  isOpen(): boolean {
    return this.status !== 'COMPLETED' && this.status !== 'CANCELLED';
  }

  /** Certain that the processor gave nothing back for it: never asked, or refused each time. */
  isUnsent(): boolean {
    return REFUND_TRANSITIONS[this.status].includes('CANCELLED');
  }

  private next(to: RefundStatus): RefundStatus {
    return step('The refund', REFUND_TRANSITIONS, this.status, to);
  }

  private become(
    change: Partial<
      Pick<
        Refund,
        | 'status'
        | 'processorRefundId'
        | 'failedRefundId'
        | 'failureCode'
        | 'attempts'
        | 'nextAttemptAt'
        | 'completedAt'
      >
    >,
  ): void {
    Object.assign(this, change);
  }
}
