import { MINUTE_MS } from '../../kernel/clock.ts';
import type { Money } from '../../kernel/money.ts';

export type FindingKind =
  /** The processor moved money that is not in our books. */
  | 'MISSING_HERE'
  /** Our books say that money moved, and the processor knows nothing of it. */
  | 'MISSING_THERE'
  | 'AMOUNT_DIFFERS'
  /** The processor paid a seller by itself, 28 days after the capture. */
  | 'PAID_BY_ITSELF'
  /** Something has waited for an answer longer than it may. */
  | 'STUCK'
  /** Money was taken and no order came of it. */
  | 'NO_ORDER'
  /** Somebody has to decide, because every try of ours was refused. */
  | 'REFUSED';

export type FindingSubject = 'CAPTURE' | 'REFUND' | 'RELEASE' | 'ATTEMPT' | 'WEBHOOK';

/** A difference between the processor and our books, or a thing that does not go on by itself. */
export interface Finding {
  readonly kind: FindingKind;
  readonly subject: FindingSubject;
  /** The processor's id of the movement, or ours of the attempt, refund or payment. */
  readonly reference: string;
  readonly paymentId: string | null;
  readonly ours: Money | null;
  readonly theirs: Money | null;
}

/** Nothing stays pending or unknown longer than this without a finding. */
export const STUCK_AFTER_MS = 15 * MINUTE_MS;

const ACTIONS: Readonly<Record<FindingKind, string>> = {
  MISSING_HERE:
    "Look the movement up at the processor by its id. If it is a sale of ours, tell engineering; if somebody refunded or paid by hand in the processor's own pages, close the finding and say so.",
  MISSING_THERE:
    'Freeze the payout of this payment, then ask the processor with its id. Nothing may be paid or refunded until it is known.',
  AMOUNT_DIFFERS:
    'Freeze the payout of this payment and compare both amounts at the processor. Correct by a refund, never by hand in the books.',
  PAID_BY_ITSELF:
    'The seller has the money although it was not due. Check the order; a refund will be owed by the seller.',
  STUCK:
    'The processor has not said what became of it. It is asked again all the time; if it lasts for an hour, ask the processor with the reference.',
  NO_ORDER:
    'Look whether what orders were told of it is parked (npm run ops -- events parked): mend the cause and replay it. If no order can come of it, refund the payment.',
  REFUSED:
    'The processor refused every try. Read the history for its reason, mend the cause, and retry.',
};

/** What an operator is to do, in words. */
export function actionOf({ kind }: Pick<Finding, 'kind'>): string {
  return ACTIONS[kind];
}

/** At most one finding is open under one key: looking twice finds nothing new. */
export function findingKey({ kind, subject, reference }: Finding): string {
  return `${kind}:${subject}:${reference}`;
}
