import type { Disbursement } from '../domain/disbursement.ts';
import type { MoneyTransaction } from './money.ports.ts';

/** Days after the capture; the processor pays by itself at 28. Policy data: see backstop_policy. */
export interface BackstopPolicy {
  readonly alarmDays: number;
  readonly hardStopDays: number;
  readonly automaticDays: number;
}

export type AlarmKind =
  /** Money is neither paid nor returned and the processor will soon pay it by itself. */
  | 'UNSETTLED_NEAR_DEADLINE'
  /** It was never sent: everything left was refunded before the processor could pay it. */
  | 'NEVER_SENT_REFUNDED'
  /** It was sent and something still holds it: a person decides, or the processor pays. */
  | 'DECISION_OVERDUE'
  /** The processor paid by itself. */
  | 'PAID_BY_PROCESSOR';

export interface MoneyAlarm {
  readonly paymentId: string;
  readonly sellerId: string;
  readonly kind: AlarmKind;
  readonly raisedAt: Date;
  /** Why the money waited, when it was raised. */
  readonly reasons: readonly string[];
  /** When the money was paid or returned after all; null while it is not. */
  readonly settledAt: Date | null;
}

export interface BackstopTransaction extends MoneyTransaction {
  /** False when this alarm was raised before: each is raised once per payment. */
  addAlarm(alarm: Omit<MoneyAlarm, 'settledAt'>): Promise<boolean>;
}

export interface BackstopStore {
  transact<T>(work: (tx: BackstopTransaction) => Promise<T>): Promise<T>;
  policy(): Promise<BackstopPolicy>;
  /** Captured before then, neither paid out nor returned; the oldest first. */
  unsettled(capturedBefore: Date, limit: number): Promise<readonly Disbursement[]>;
  /** Marks alarms whose money is settled now. */
  settleAlarms(now: Date): Promise<void>;
  /** Newest first; `isSettled` null for both. */
  alarms(isSettled: boolean | null, limit: number): Promise<readonly MoneyAlarm[]>;
}

/** Where operators hear of it at once. */
export interface AlarmBell {
  ring(alarm: Omit<MoneyAlarm, 'settledAt'>): void;
}
