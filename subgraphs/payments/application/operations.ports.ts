import type { Money } from '../../kernel/money.ts';
import type { Finding } from '../domain/finding.ts';
import type { PaymentAttempt } from '../domain/payment-attempt.ts';

/** Money that moved by our own books: what the processor should have, too. */
export interface OwnMovement {
  /** The processor's id. */
  readonly id: string;
  readonly kind: 'CAPTURE' | 'REFUND' | 'RELEASE';
  readonly amount: Money;
  readonly captureId: string;
  readonly paymentId: string;
  readonly at: Date;
}

export interface OpenFinding extends Finding {
  readonly id: string;
  readonly openedAt: Date;
}

export interface HistoryEntry {
  readonly at: Date;
  /** request, attempt, payment, ledger, disbursement, refund, dispute, event, webhook or operator. */
  readonly source: string;
  readonly text: string;
  /** Our id, or the processor's; never personal data. */
  readonly reference: string;
}

export interface OperatorAction {
  readonly principal: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string;
}

export interface OperationsTransaction {
  now(): Promise<Date>;
  /** Opens what is not open yet; returns those. */
  open(findings: readonly Finding[], now: Date): Promise<readonly OpenFinding[]>;
  /** False when it is not open. */
  close(findingId: string, resolution: string, now: Date): Promise<boolean>;
  audit(action: OperatorAction, now: Date): Promise<void>;
  /** Gives stored webhooks to their handler again; parked ones when `eventId` is null. */
  replayWebhooks(eventId: string | null): Promise<number>;
  /** Keeps a webhook that is not worked on yet from its handler; false when there is none such. */
  parkWebhook(eventId: string): Promise<boolean>;
}

/** What reconciliation needs of an attempt. */
export type OwnAttempt = Pick<PaymentAttempt, 'id' | 'status' | 'payeeMerchantId'>;

export interface OperationsStore {
  transact<T>(work: (tx: OperationsTransaction) => Promise<T>): Promise<T>;
  ownMovements(since: Date, until: Date): Promise<readonly OwnMovement[]>;
  /** Captures whose money went back by a lost dispute: the processor lists that as a refund, too. */
  captureIdsReturnedByDispute(captureIds: readonly string[]): Promise<ReadonlySet<string>>;
  attempt(attemptId: string): Promise<OwnAttempt | null>;
  /** Everything that has waited for the processor since before `before`, and all that was refused. */
  waiting(before: Date): Promise<readonly Finding[]>;
  openFindings(limit: number): Promise<readonly OpenFinding[]>;
  /** The request of a request, payment, order, attempt, capture or refund id; null for anything else. */
  requestOf(reference: string): Promise<string | null>;
  history(requestId: string): Promise<readonly HistoryEntry[]>;
}
