import { after, afterBusinessDays, DAY_MS } from '../../kernel/clock.ts';
import type { Money } from '../../kernel/money.ts';
import { step } from '../../kernel/state-machine.ts';
import { CASE_TRANSITIONS, type CaseStatus } from './after-sale.states.ts';
import { AppealPeriodEnded, CaseTooEarly } from './order.errors.ts';
import type { Order } from './order.ts';

export type CaseReason =
  | 'NOT_RECEIVED'
  | 'NOT_AS_DESCRIBED'
  | 'DAMAGED'
  | 'POLICY_NOT_FOLLOWED'
  | 'UNAUTHORISED'
  | 'OTHER';

/** Both sides may appeal a decision for so long. */
export const APPEAL_DAYS = 10;
/** A buyer who says nothing for so long has no more to say; longer keeps the seller's pay frozen. */
const BUYER_ANSWER_DAYS = 10;

/** A buyer's call for help with one order, and protection of the purchase. */
export class Case {
  private constructor(
    readonly id: string,
    readonly orderId: string,
    readonly status: CaseStatus,
    readonly reason: CaseReason,
    readonly openedAt: Date,
    /** When the present wait ends by itself, or null. */
    readonly dueAt: Date | null,
    readonly decidedFor: 'BUYER' | 'SELLER' | null,
    readonly decision: string | null,
    readonly refundMinor: bigint | null,
    readonly changedAt: Date,
  ) {}

  static open(
    order: Order,
    asked: {
      readonly id: string;
      readonly reason: CaseReason;
      readonly answerBusinessDays: number;
      readonly now: Date;
    },
  ): Case {
    const { id, reason, answerBusinessDays, now } = asked;
    const isUnsent = order.lastMarkedSentAt === null;
    if (reason === 'NOT_RECEIVED' && isUnsent && now <= order.shipBy) throw new CaseTooEarly();
    const answerBy = afterBusinessDays(now, answerBusinessDays);
    return new Case(id, order.id, 'SELLER_TURN', reason, now, answerBy, null, null, null, now);
  }

  /** While it is, the seller's pay waits. */
  get isOpen(): boolean {
    return this.status !== 'CLOSED' && this.status !== 'DECIDED';
  }

  answered(by: 'BUYER' | 'SELLER', answerBusinessDays: number, now: Date): void {
    const next = by === 'SELLER' ? 'BUYER_TURN' : 'SELLER_TURN';
    const dueAt =
      by === 'SELLER'
        ? after(now, BUYER_ANSWER_DAYS * DAY_MS)
        : afterBusinessDays(now, answerBusinessDays);
    this.move(next, now, { dueAt });
  }

  escalate(now: Date): void {
    this.move('ESCALATED', now, { dueAt: null });
  }

  /** The second decision, after an appeal, is the last. */
  decide(
    outcome: {
      readonly for: 'BUYER' | 'SELLER';
      readonly why: string;
      readonly refund: Money | null;
    },
    now: Date,
  ): void {
    const isLast = this.status === 'APPEALED';
    this.move(isLast ? 'CLOSED' : 'DECIDED', now, {
      decidedFor: outcome.for,
      decision: outcome.why,
      refundMinor: outcome.refund?.amountMinor ?? this.refundMinor,
      dueAt: isLast ? null : after(now, APPEAL_DAYS * DAY_MS),
    });
  }

  appeal(now: Date): void {
    if (this.status === 'DECIDED' && this.dueAt !== null && now > this.dueAt)
      throw new AppealPeriodEnded();
    this.move('APPEALED', now, { dueAt: null });
  }

  close(now: Date): void {
    this.move('CLOSED', now, { dueAt: null });
  }

  private move(
    to: CaseStatus,
    now: Date,
    change: Partial<Pick<Case, 'dueAt' | 'decidedFor' | 'decision' | 'refundMinor'>>,
  ): void {
    const status = step(`Case ${this.id}`, CASE_TRANSITIONS, this.status, to);
    Object.assign(this, change, { status, changedAt: now });
  }
}
