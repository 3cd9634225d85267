import type { Money } from '../../kernel/money.ts';
import type { Disbursement, DisbursementChanged } from '../domain/disbursement.ts';
import type { LedgerAccount } from '../domain/ledger/account.ts';
import type { Entry } from '../domain/ledger/entry.ts';
import type { Payment } from '../domain/payment.ts';
import type { Refund } from '../domain/refund.ts';

/** What happens to money after it was captured needs this of storage. */
export interface MoneyTransaction {
  now(): Promise<Date>;
  /** The capture's lock: refunds and releases of one payment are decided one at a time. */
  lockPayment(id: string): Promise<Payment | null>;
  lockDisbursementOf(paymentId: string): Promise<Disbursement | null>;
  addDisbursement(disbursement: Disbursement): void;
  lockRefund(id: string): Promise<Refund | null>;
  addRefund(refund: Refund): void;
  openRefundsOf(paymentId: string): Promise<readonly Refund[]>;
  /**
   * Appends to the books at the database's time. A reference that is there already, with the same
   * content, posts nothing; with other content it throws, and nothing of the transaction stays.
   */
  post(entries: readonly Entry[]): Promise<void>;
  balanceOf(account: LedgerAccount, currency: string): Promise<Money>;
  /** What a seller owes now, never below zero; held until the commit, so that it is netted once. */
  owedBy(sellerId: string, currency: string): Promise<Money>;
  tierOf(sellerId: string): Promise<'NEW' | 'ESTABLISHED'>;
  /**
   * Whether the seller may be paid, as last told; true while nothing was told. A change of it waits
   * for this transaction, so that no money is held by what is no longer so.
   */
  mayReceivePayouts(sellerId: string): Promise<boolean>;
  setStanding(
    sellerId: string,
    canReceivePayouts: boolean,
    tier: 'NEW' | 'ESTABLISHED',
  ): Promise<void>;
  recordDisbursement(event: DisbursementChanged): Promise<void>;
  recordRefund(payment: Payment, refund: Refund): Promise<void>;
  recordRefundFailed(payment: Payment, refund: Refund): Promise<void>;
  /** `isSettled`: nothing of it is owed any more, so that what waits for it can end. */
  recordRefundCancelled(payment: Payment, refund: Refund, isSettled: boolean): Promise<void>;
}

export interface WebhookRow {
  readonly eventId: string;
  readonly rawBody: Buffer;
  readonly attempts: number;
}

/** What a seller's balance is made of. */
export interface SellerMoney {
  /** Neither paid out nor returned, newest first. */
  waitingDisbursementsOf(sellerId: string, limit: number): Promise<readonly Disbursement[]>;
  /** All that was ever paid out to the seller. */
  paidOutTo(sellerId: string, currency: string): Promise<Money>;
  balances(
    accounts: readonly LedgerAccount[],
    currency: string,
  ): Promise<ReadonlyMap<LedgerAccount, Money>>;
}

export interface MoneyStore {
  transact<T>(work: (tx: MoneyTransaction) => Promise<T>): Promise<T>;
  dueDisbursements(now: Date, limit: number): Promise<readonly string[]>;
  /** Releases whose end is not known and that are to be asked about again, longest due first. */
  releasing(limit: number, now: Date): Promise<readonly string[]>;
  /** Payments whose payout can still be held back: what is being paid may be refused yet. */
  openPaymentsOf(sellerId: string): Promise<readonly string[]>;
  dueRefunds(now: Date, limit: number): Promise<readonly string[]>;
  findRefund(id: string): Promise<Refund | null>;
  findPayment(id: string): Promise<Payment | null>;
  findPaymentByCapture(captureId: string): Promise<Payment | null>;
  findDisbursementOf(paymentId: string): Promise<Disbursement | null>;
  attemptOfOrder(processorOrderId: string): Promise<string | null>;
  /** False when it was stored before. */
  storeWebhook(eventId: string, eventType: string, rawBody: Buffer): Promise<boolean>;
  /** Less those that wait for something. */
  openWebhooks(limit: number): Promise<readonly WebhookRow[]>;
  /**
   * What it names is not here yet: it is looked at again when it is half as old again, after five
   * seconds at least and an hour at most, and IGNORED once it is older than three days.
   */
  deferWebhook(eventId: string): Promise<void>;
  closeWebhook(
    eventId: string,
    state: 'PROCESSED' | 'IGNORED' | 'PARKED' | 'RECEIVED',
    error: string | null,
  ): Promise<void>;
}
