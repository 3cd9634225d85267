import { after, DAY_MS, HOUR_MS, MINUTE_MS } from '../../kernel/clock.ts';
import { Money } from '../../kernel/money.ts';
import { step } from '../../kernel/state-machine.ts';
import {
  DISPUTE_TRANSITIONS,
  type DisputeStatus,
  OPEN_DISPUTE_STATUSES,
} from './dispute.states.ts';
import type { Payment } from './payment.ts';

export type DisputeStage = 'INQUIRY' | 'CHARGEBACK';
export type DisputeOutcome = 'WON' | 'LOST';

/** What the processor says of a dispute now. */
export interface DisputeFacts {
  readonly processorDisputeId: string;
  readonly status: DisputeStatus;
  readonly stage: DisputeStage;
  readonly reason: string;
  readonly amount: Money;
  readonly dueAt: Date | null;
  /** For the seller: WON lets the money go on. Null while it is undecided. */
  readonly outcome: DisputeOutcome | null;
  /** What the buyer got back; null while undecided or where the processor does not say. */
  readonly refunded: Money | null;
  readonly canProvideEvidence: boolean;
  /** When the processor last changed it: an older word than the stored one is dropped. */
  readonly updatedAt: Date | null;
}

/** Policy data; see the table dispute_policy. */
export interface DisputePolicy {
  /** Evidence goes out this long before it is due, if nothing decisive was there earlier. */
  readonly evidenceLeadHours: number;
  readonly appealDays: number;
  /** What a lost chargeback costs its seller besides the money; zero charges nothing. */
  readonly chargebackFee: Money;
}

/** Longer leaves a missed webhook unnoticed; shorter asks the processor more often. */
const READ_EVERY_MS = 15 * MINUTE_MS;
/** Evidence whose sending is in doubt is looked at again this much later. */
const EVIDENCE_RETRY_MS = 5 * MINUTE_MS;

/** A buyer's complaint about one payment at the processor: seen by both parties, answered once. */
export class Dispute {
  private constructor(
    readonly id: string,
    readonly processorDisputeId: string,
    readonly paymentId: string,
    readonly buyerId: string,
    readonly sellerId: string,
    readonly amount: Money,
    readonly openedAt: Date,
    readonly status: DisputeStatus,
    readonly stage: DisputeStage,
    /** The processor's word for it, for example MERCHANDISE_OR_SERVICE_NOT_RECEIVED. */
    readonly reason: string,
    readonly dueAt: Date | null,
    readonly outcome: DisputeOutcome | null,
    /** What the buyer got back by it; zero unless it was lost. */
    readonly lost: Money,
    readonly canProvideEvidence: boolean,
    readonly evidenceBegunAt: Date | null,
    readonly evidenceProvidedAt: Date | null,
    readonly nextEvidenceAt: Date | null,
    readonly resolvedAt: Date | null,
    readonly processorUpdatedAt: Date | null,
    readonly nextReadAt: Date | null,
    readonly version: number,
  ) {}

  static open(
    id: string,
    payment: Pick<Payment, 'id' | 'buyerId' | 'sellerId'>,
    facts: DisputeFacts,
    now: Date,
  ): Dispute {
    return new Dispute(
      id,
      facts.processorDisputeId,
      payment.id,
      payment.buyerId,
      payment.sellerId,
      facts.amount,
      now,
      // One that is first read when it is over takes the same road as any other.
      facts.status === 'RESOLVED' ? 'UNDER_REVIEW' : facts.status,
      facts.stage,
      facts.reason,
      facts.dueAt,
      null,
      Money.zero(facts.amount.currency),
      facts.canProvideEvidence,
      null,
      null,
      null,
      null,
      null,
      after(now, READ_EVERY_MS),
      1,
    );
  }

  /** Takes over what the processor says; false when it is nothing new, or older than what is known. */
  learn(facts: DisputeFacts, now: Date): boolean {
    this.become({ nextReadAt: this.isOpen() ? after(now, READ_EVERY_MS) : null }, false);
    if (this.status === 'FINAL' || this.isOlder(facts)) return false;
    // Decided another way since: the appeal between the two was never heard of.
    const isOther = (facts.outcome ?? 'LOST') !== this.outcome;
    if (this.status === 'RESOLVED' && facts.status === 'RESOLVED' && isOther)
      this.become({ status: this.next('APPEALED') });
    const status = this.statusAfter(facts);
    if (status === null) return false;
    const { stage, dueAt, canProvideEvidence, outcome } = facts;
    const isDecided = status === 'RESOLVED' || (status === 'FINAL' && this.status === 'APPEALED');
    const isNew =
      status !== this.status ||
      stage !== this.stage ||
      dueAt?.getTime() !== this.dueAt?.getTime() ||
      canProvideEvidence !== this.canProvideEvidence;
    this.become({ processorUpdatedAt: facts.updatedAt ?? this.processorUpdatedAt }, false);
    if (!isNew) return false;
    this.become({
      status: status === this.status ? status : this.next(status),
      stage,
      dueAt,
      canProvideEvidence,
      ...(isDecided
        ? { outcome: outcome ?? 'LOST', resolvedAt: now, canProvideEvidence: false }
        : {}),
      // An appeal is read again too: nothing was to be read while it was decided.
      nextReadAt: isDecided ? null : after(now, READ_EVERY_MS),
    });
    return true;
  }

  /** What of a lost dispute went back to the buyer; named once, when it is booked. */
  lose(amount: Money): void {
    this.become({ lost: this.lost.plus(amount) }, false);
  }

  /** True when evidence should go out now: something decisive is there, or time runs out. */
  isEvidenceDue(hasProof: boolean, policy: DisputePolicy, now: Date): boolean {
    if (!this.mayProvideEvidence(now)) return false;
    const lead = after(now, policy.evidenceLeadHours * HOUR_MS);
    return hasProof || this.dueAt === null || this.dueAt <= lead;
  }

  mayProvideEvidence(now: Date): boolean {
    return (
      this.status === 'WAITING_SELLER' &&
      this.canProvideEvidence &&
      this.evidenceProvidedAt === null &&
      (this.nextEvidenceAt === null || this.nextEvidenceAt <= now)
    );
  }

  /** Committed before the processor is asked, so that two workers never send it side by side. */
  beginEvidence(now: Date): void {
    this.become(
      {
        evidenceBegunAt: this.evidenceBegunAt ?? now,
        nextEvidenceAt: after(now, EVIDENCE_RETRY_MS),
      },
      false,
    );
  }

  evidenceProvided(now: Date): void {
    this.become({ evidenceProvidedAt: now, nextEvidenceAt: null, canProvideEvidence: false });
  }

  isOpen(): boolean {
    return OPEN_DISPUTE_STATUSES.includes(this.status);
  }

  /** The time to appeal is over: nothing of it can change any more. */
  close(policy: DisputePolicy, now: Date): boolean {
    if (this.status !== 'RESOLVED' || this.resolvedAt === null) return false;
    if (after(this.resolvedAt, policy.appealDays * DAY_MS) > now) return false;
    this.become({ status: this.next('FINAL') });
    return true;
  }

  private isOlder({ updatedAt }: DisputeFacts): boolean {
    const known = this.processorUpdatedAt;
    return updatedAt !== null && known !== null && updatedAt < known;
  }

  /** Null for a step that is none. Anything after RESOLVED is an appeal, and its end is final. */
  private statusAfter({ status }: DisputeFacts): DisputeStatus | null {
    if (this.status === 'RESOLVED') return status === 'RESOLVED' ? null : 'APPEALED';
    if (this.status === 'APPEALED') return status === 'RESOLVED' ? 'FINAL' : 'APPEALED';
    if (status === this.status) return status;
    return DISPUTE_TRANSITIONS[this.status].includes(status) ? status : null;
  }

  private next(to: DisputeStatus): DisputeStatus {
    return step('The dispute', DISPUTE_TRANSITIONS, this.status, to);
  }

  private become(
    change: Partial<
      Pick<
        Dispute,
        | 'status'
        | 'stage'
        | 'dueAt'
        | 'outcome'
        | 'lost'
        | 'canProvideEvidence'
        | 'evidenceBegunAt'
        | 'evidenceProvidedAt'
        | 'nextEvidenceAt'
        | 'resolvedAt'
        | 'processorUpdatedAt'
        | 'nextReadAt'
      >
    >,
    isNews = true,
  ): void {
    Object.assign(this, change, isNews ? { version: this.version + 1 } : {});
  }
}
