import { after, afterBusinessDays, DAY_MS, MINUTE_MS } from '../../kernel/clock.ts';
import { Money } from '../../kernel/money.ts';
import { step } from '../../kernel/state-machine.ts';
import { DISBURSEMENT_TRANSITIONS, type DisbursementStatus } from './disbursement.states.ts';
import type { Payment } from './payment.ts';

/** Why money waits. Each is shown to the seller in words. */
export type HoldReason =
  | 'CANCEL_REQUESTED'
  | 'RETURN_OPEN'
  | 'CASE_OPEN'
  | 'DISPUTE_OPEN'
  | 'REFUND_PENDING'
  | 'SELLER_RESTRICTED'
  | 'RISK_REVIEW'
  /** A shipment was voided while the money was being paid: if that fails, nothing is due any more. */
  | 'SENDING_REOPENED';

/** Business days from the last shipment, sent and marked, until the seller is paid. */
export const RELEASE_BUSINESS_DAYS: Readonly<Record<'NEW' | 'ESTABLISHED', number>> = {
  NEW: 5,
  ESTABLISHED: 3,
};

/** A payout whose answer was lost is asked for again this soon, then half as often each time. */
const ASK_AGAIN_MS = 5_000;
const ASKS_TO_MAX = 6;
/** Longer keeps a seller's page wrong for longer; shorter searches a month of movements too often. */
const ASK_AGAIN_MAX_MS = 5 * MINUTE_MS;
/** So long after a capture the processor pays by itself, and not before. */
export const AUTOMATIC_DAYS = 28;
/** Clocks differ. */
const MARGIN_DAYS = 1;

export interface DisbursementChanged {
  readonly type: 'disbursement-changed';
  readonly disbursement: Disbursement;
  readonly occurredAt: Date;
}

/** What a seller gets of one capture, and when. Released once and whole. */
export class Disbursement {
  private constructor(
    readonly id: string,
    readonly paymentId: string,
    readonly requestId: string,
    readonly sellerId: string,
    readonly captureId: string,
    /** Captured less the fees of processor and platform less refunds; what a release pays. */
    readonly net: Money,
    /** By the processor's clock where that is earlier: it pays by itself so long after its own time. */
    readonly capturedAt: Date,
    readonly status: DisbursementStatus,
    readonly reasons: readonly HoldReason[],
    /** When every item was sent and marked; null while something is still to be sent. */
    readonly fullySentAt: Date | null,
    readonly releaseAt: Date | null,
    /** The processor's id of the payout that is under way, or was made. */
    readonly releaseId: string | null,
    readonly releasedAt: Date | null,
    /** The part of a release that settled what the seller owed; zero before it. */
    readonly netted: Money,
    /** How often the processor was asked about this payout without saying how it ended. */
    readonly asks: number,
    /** When it is asked again; null: at once. */
    readonly nextAskAt: Date | null,
    /** The processor's last payout that ended as failed, for certain: the next one is another. */
    readonly failedReleaseId: string | null,
  ) {}

  static hold(id: string, payment: Payment, takenAt: Date | null = null): Disbursement {
    const isKnownLate = takenAt !== null && takenAt < payment.capturedAt;
    return new Disbursement(
      id,
      payment.id,
      payment.requestId,
      payment.sellerId,
      payment.captureId,
      payment.net,
      isKnownLate ? takenAt : payment.capturedAt,
      'HELD',
      [],
      null,
      null,
      null,
      null,
      Money.zero(payment.amount.currency),
      0,
      null,
      null,
    );
  }

  /** Every item is sent and marked: the clock starts at the later of the two. */
  schedule(
    sentAt: Date,
    markedSentAt: Date,
    tier: 'NEW' | 'ESTABLISHED',
    now: Date,
  ): DisbursementChanged | null {
    if (this.isOver()) return null;
    if (this.status === 'RELEASING') return this.setReason('SENDING_REOPENED', false, now);
    const fullySentAt = sentAt > markedSentAt ? sentAt : markedSentAt;
    const releaseAt = afterBusinessDays(fullySentAt, RELEASE_BUSINESS_DAYS[tier]);
    const status =
      this.reasons.length > 0
        ? this.status
        : this.status === 'HELD'
          ? this.next('SCHEDULED')
          : this.status;
    return this.become({ fullySentAt, releaseAt, status }, now);
  }

  /** A shipment was voided: something is to be sent again, so nothing is due. */
  unschedule(now: Date): DisbursementChanged | null {
    if (this.isOver()) return null;
    if (this.status === 'RELEASING') return this.setReason('SENDING_REOPENED', true, now);
    return this.become(
      {
        fullySentAt: null,
        releaseAt: null,
        status: this.status === 'SCHEDULED' ? this.next('HELD') : this.status,
      },
      now,
    );
  }

  /** Adds or takes away one reason to wait. The last one gone, it is due again, never in the past unseen. */
  setReason(reason: HoldReason, isOpen: boolean, now: Date): DisbursementChanged | null {
    if (this.isOver() || this.reasons.includes(reason) === isOpen) return null;
    const reasons = isOpen
      ? [...this.reasons, reason]
      : this.reasons.filter((known) => known !== reason);
    // What is being paid cannot be stopped; if the processor refuses it, the reason holds it then.
    if (this.status === 'RELEASING') return this.become({ reasons }, now);
    if (reasons.length > 0) {
      return this.become(
        { reasons, status: this.status === 'FROZEN' ? 'FROZEN' : this.next('FROZEN') },
        now,
      );
    }
    const status = this.next(this.releaseAt === null ? 'HELD' : 'SCHEDULED');
    const releaseAt = this.releaseAt !== null && this.releaseAt < now ? now : this.releaseAt;
    return this.become({ reasons, status, releaseAt }, now);
  }

  isDueAt(now: Date): boolean {
    return (
      this.status === 'SCHEDULED' &&
      this.releaseAt !== null &&
      this.releaseAt <= now &&
      this.reasons.length === 0
    );
  }

  beginRelease(now: Date): DisbursementChanged {
    return this.become({ status: this.next('RELEASING'), asks: 0, nextAskAt: null }, now);
  }

  /**
   * The processor did not say how it ended: it is asked again, at longer and longer intervals, because
   * what it lists may come hours later. `releaseId` is the processor's, once it has begun.
   */
  awaitRelease(releaseId: string | null, now: Date): void {
    const waitMs = Math.min(ASK_AGAIN_MS * 2 ** Math.min(this.asks, ASKS_TO_MAX), ASK_AGAIN_MAX_MS);
    const nextAskAt = after(now, waitMs);
    this.become({ releaseId: releaseId ?? this.releaseId, asks: this.asks + 1, nextAskAt }, now);
  }

  /** `netted` of it settles what the seller owed. */
  markReleased(releaseId: string, netted: Money, now: Date): DisbursementChanged {
    return this.become(
      { status: this.next('RELEASED'), reasons: [], releaseId, netted, releasedAt: now },
      now,
    );
  }

  /**
   * Refused by the processor, or begun there and failed, as `failedReleaseId`: tried again at `retryAt`,
   * unless a reason to wait came up meanwhile.
   */
  failRelease(
    retryAt: Date,
    now: Date,
    failedReleaseId: string | null = null,
  ): DisbursementChanged {
    this.become(
      {
        status: this.next('FAILED'),
        releaseId: null,
        failedReleaseId: failedReleaseId ?? this.failedReleaseId,
      },
      now,
    );
    const isReopened = this.reasons.includes('SENDING_REOPENED');
    const reasons = this.reasons.filter((reason) => reason !== 'SENDING_REOPENED');
    const due = isReopened ? 'HELD' : 'SCHEDULED';
    const status = this.next(reasons.length > 0 ? 'FROZEN' : due);
    return this.become(
      isReopened
        ? { status, reasons, fullySentAt: null, releaseAt: null }
        : { status, releaseAt: retryAt },
      now,
    );
  }

  /** The processor paid by itself, 28 days after the capture: an incident, and the end. */
  markAutoDisbursed(releaseId: string, netted: Money, now: Date): DisbursementChanged {
    return this.become(
      { status: this.next('AUTO_DISBURSED'), reasons: [], releaseId, netted, releasedAt: now },
      now,
    );
  }

  /** Part or all of it went back to the buyer; what is left, never below zero, is what will be paid. */
  reduce(amount: Money, isWhole: boolean, now: Date): DisbursementChanged | null {
    if (this.isOver()) return null;
    const left = this.net.minus(amount);
    const net = left.isNegative() || isWhole ? Money.zero(left.currency) : left;
    return this.become(
      isWhole ? { net, status: this.next('RETURNED'), reasons: [], releaseAt: null } : { net },
      now,
    );
  }

  isReleased(): boolean {
    return this.status === 'RELEASED' || this.status === 'AUTO_DISBURSED';
  }

  /** Paid or returned: nothing about it changes any more. */
  isOver(): boolean {
    return this.isReleased() || this.status === 'RETURNED';
  }

  /** The processor may have paid it by itself, and we not know it yet. */
  mayBePaidByProcessor(now: Date): boolean {
    const days = AUTOMATIC_DAYS - MARGIN_DAYS;
    return !this.isOver() && after(this.capturedAt, days * DAY_MS) <= now;
  }

  private next(to: DisbursementStatus): DisbursementStatus {
    return step('The payout', DISBURSEMENT_TRANSITIONS, this.status, to);
  }

  private become(
    change: Partial<
      Pick<
        Disbursement,
        | 'status'
        | 'reasons'
        | 'fullySentAt'
        | 'releaseAt'
        | 'releaseId'
        | 'releasedAt'
        | 'net'
        | 'netted'
        | 'asks'
        | 'failedReleaseId'
        | 'nextAskAt'
      >
    >,
    now: Date,
  ): DisbursementChanged {
    Object.assign(this, change);
    return { type: 'disbursement-changed', disbursement: this, occurredAt: now };
  }
}

/** The reason in the seller's words, with what releases the money. */
export const REASON_TEXT: Readonly<Record<HoldReason, string>> = {
  CANCEL_REQUESTED: 'The buyer asked to cancel. Answer the request to go on.',
  RETURN_OPEN: 'A return is open. It goes on when the return is settled.',
  CASE_OPEN: 'The buyer asked for help. It goes on when the case is decided.',
  DISPUTE_OPEN:
    'The buyer disputes the payment with PayPal. It goes on when the dispute is decided.',
  REFUND_PENDING: 'A refund is on its way.',
  SELLER_RESTRICTED: 'Your account is restricted; see your seller account.',
  RISK_REVIEW: 'This payment is being reviewed.',
  SENDING_REOPENED: 'A shipment was voided. Send the goods and mark them as sent.',
};
