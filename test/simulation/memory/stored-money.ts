import type { Outbox } from '../../../subgraphs/kernel/events/outbox.ts';
import { Money } from '../../../subgraphs/kernel/money.ts';
import type { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import type {
  MoneyStore,
  MoneyTransaction,
  WebhookRow,
} from '../../../subgraphs/payments/application/money.ports.ts';
import type { Disbursement } from '../../../subgraphs/payments/domain/disbursement.ts';
import {
  type LedgerAccount,
  receivable,
} from '../../../subgraphs/payments/domain/ledger/account.ts';
import type { Entry } from '../../../subgraphs/payments/domain/ledger/entry.ts';
import type { Payment } from '../../../subgraphs/payments/domain/payment.ts';
import type { PaymentAttempt } from '../../../subgraphs/payments/domain/payment-attempt.ts';
import type { Refund } from '../../../subgraphs/payments/domain/refund.ts';
import {
  publishedDisbursement,
  publishedRefund,
  publishedRefundCancelled,
  publishedRefundFailed,
} from '../../../subgraphs/payments/events/published-money.ts';
import type { SimClock } from '../storage.ts';
import type { MemorySession } from './database.ts';
import type { TableSpec } from './tables.ts';

export interface StandingRow {
  readonly sellerId: string;
  readonly canReceivePayouts: boolean;
  readonly tier: 'NEW' | 'ESTABLISHED';
}

export interface StoredWebhook {
  readonly eventId: string;
  readonly eventType: string;
  readonly rawBody: Buffer;
  readonly state: 'RECEIVED' | 'PROCESSED' | 'IGNORED' | 'PARKED';
  readonly attempts: number;
  readonly error: string | null;
  readonly receivedAtMs: number;
  readonly waitsUntilMs: number;
}

const SETTLED = ['RELEASING', 'RELEASED', 'RETURNED', 'AUTO_DISBURSED'];
const DUE_REFUNDS = ['APPROVED', 'SUBMITTED', 'PENDING', 'FAILED'];

/** The tables of 0010-create-money.ts, with the constraints that a schedule can meet. */
export const MONEY_TABLES = [
  { name: 'ledger_entry', keyOf: (row: Entry) => row.reference },
  {
    name: 'disbursement',
    keyOf: (row: Disbursement) => row.id,
    uniques: [
      (row: Disbursement) => row.paymentId,
      (row: Disbursement) => row.captureId,
      (row: Disbursement) => row.releaseId,
    ],
    refusal: refusedDisbursement,
  },
  {
    name: 'refund',
    keyOf: (row: Refund) => row.id,
    uniques: [(row: Refund) => row.processorRefundId],
  },
  { name: 'seller_standing', keyOf: (row: StandingRow) => row.sellerId },
  { name: 'webhook_event', keyOf: (row: StoredWebhook) => row.eventId },
] as unknown as readonly TableSpec<never>[];

function refusedDisbursement(row: Disbursement): string | null {
  if (row.net.isNegative()) return 'less than nothing to pay out';
  const isPaying = row.status === 'RELEASING' || row.status === 'RELEASED';
  if (isPaying && row.fullySentAt === null) return 'paid before it was sent';
  if (row.status === 'RELEASED' && row.reasons.length > 0) return 'paid while it waits';
  if ((row.status === 'FROZEN') !== row.reasons.length > 0 && !SETTLED.includes(row.status))
    return 'frozen without a reason, or the other way round';
  return null;
}

export class MemoryMoneyStore implements MoneyStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: SimClock,
  ) {}

  transact<T>(work: (tx: MoneyTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) => work(this.transaction(em as unknown as MemorySession)));
  }

  dueDisbursements(now: Date, limit: number): Promise<string[]> {
    return this.paymentsWhere(
      ({ status, releaseAt }) => status === 'SCHEDULED' && releaseAt !== null && releaseAt <= now,
      limit,
    );
  }

  releasing(limit: number, now: Date): Promise<string[]> {
    return this.paymentsWhere(
      ({ status, nextAskAt }) => status === 'RELEASING' && (nextAskAt === null || nextAskAt <= now),
      limit,
    );
  }

  openPaymentsOf(sellerId: string): Promise<string[]> {
    const open = ['HELD', 'SCHEDULED', 'FROZEN'];
    return this.paymentsWhere(
      (row) => row.sellerId === sellerId && open.includes(row.status),
      1_000,
    );
  }

  async dueRefunds(now: Date, limit: number): Promise<string[]> {
    const session = await this.fresh('look for due refunds');
    const ids: string[] = [];
    for (const row of session.rowsOf<Refund>('refund'))
      if (DUE_REFUNDS.includes(row.status) && row.nextAttemptAt <= now) ids.push(row.id);
    return ids.slice(0, limit);
  }

  async findRefund(id: string): Promise<Refund | null> {
    return (await this.fresh('find refund')).entity<Refund>('refund', id);
  }

  async findPayment(id: string): Promise<Payment | null> {
    return (await this.fresh('find payment')).entity<Payment>('payment', id);
  }

  async findPaymentByCapture(captureId: string): Promise<Payment | null> {
    const session = await this.fresh('find payment');
    const found = await session.entities<Payment>('payment', (row) => row.captureId === captureId);
    return found[0] ?? null;
  }

  async findDisbursementOf(paymentId: string): Promise<Disbursement | null> {
    const session = await this.fresh('find disbursement');
    const found = await session.entities<Disbursement>(
      'disbursement',
      (row) => row.paymentId === paymentId,
    );
    return found[0] ?? null;
  }

  async disbursementsOf(sellerId: string): Promise<Disbursement[]> {
    const session = await this.fresh('find disbursements');
    return session.entities<Disbursement>('disbursement', (row) => row.sellerId === sellerId);
  }

  async balances(accounts: readonly LedgerAccount[], currency: string) {
    const session = await this.fresh('read balances');
    return new Map(accounts.map((account) => [account, balanceOf(session, account, currency)]));
  }

  async attemptOfOrder(processorOrderId: string): Promise<string | null> {
    const session = await this.fresh('find attempt');
    for (const row of session.rowsOf<PaymentAttempt>('payment_attempt'))
      if (row.processorOrderId === processorOrderId) return row.id;
    return null;
  }

  storeWebhook(eventId: string, eventType: string, rawBody: Buffer): Promise<boolean> {
    return this.transactions.run(async (em) => {
      const session = em as unknown as MemorySession;
      await session.lock(`webhook_event/${eventId}`);
      if (session.row('webhook_event', eventId)) return false;
      const receivedAtMs = (await this.clock.fromDatabase()).getTime();
      const row = { eventId, eventType, rawBody, state: 'RECEIVED', attempts: 0, error: null };
      session.write('webhook_event', eventId, { ...row, receivedAtMs, waitsUntilMs: 0 });
      return true;
    });
  }

  async openWebhooks(limit: number): Promise<WebhookRow[]> {
    const session = await this.fresh('look for open webhooks');
    const nowMs = (await this.clock.fromDatabase()).getTime();
    const rows: WebhookRow[] = [];
    for (const row of session.rowsOf<StoredWebhook>('webhook_event'))
      if (row.state === 'RECEIVED' && row.waitsUntilMs <= nowMs) rows.push(row);
    return rows.slice(0, limit);
  }

  async deferWebhook(eventId: string): Promise<void> {
    await this.transactions.run(async (em) => {
      const session = em as unknown as MemorySession;
      await session.lock(`webhook_event/${eventId}`);
      const row = session.row<StoredWebhook>('webhook_event', eventId);
      if (row?.state !== 'RECEIVED') return;
      const nowMs = (await this.clock.fromDatabase()).getTime();
      const age = nowMs - row.receivedAtMs;
      const waitsUntilMs = nowMs + Math.min(3_600_000, Math.max(5_000, age / 2));
      const state = age > 3 * 86_400_000 ? 'IGNORED' : 'RECEIVED';
      session.write('webhook_event', eventId, { ...row, state, waitsUntilMs });
    });
  }

  async closeWebhook(
    eventId: string,
    state: StoredWebhook['state'],
    error: string | null,
  ): Promise<void> {
    await this.transactions.run(async (em) => {
      const session = em as unknown as MemorySession;
      await session.lock(`webhook_event/${eventId}`);
      const row = session.row<StoredWebhook>('webhook_event', eventId);
      if (!row) return;
      session.write('webhook_event', eventId, { ...row, state, error, attempts: row.attempts + 1 });
    });
  }

  private async paymentsWhere(
    isWanted: (row: Disbursement) => boolean,
    limit: number,
  ): Promise<string[]> {
    const session = await this.fresh('look for disbursements');
    const ids: string[] = [];
    for (const row of session.rowsOf<Disbursement>('disbursement'))
      if (isWanted(row)) ids.push(row.paymentId);
    return ids.slice(0, limit);
  }

  private async fresh(label: string): Promise<MemorySession> {
    const session = this.transactions.reader() as unknown as MemorySession;
    await session.pause(label);
    return session;
  }

  private transaction(session: MemorySession): MoneyTransaction {
    return {
      now: () => this.clock.fromDatabase(),
      lockPayment: (id) => session.lockedEntity<Payment>('payment', id),
      lockDisbursementOf: async (paymentId) => {
        const [found] = await session.entities<Disbursement>(
          'disbursement',
          (row) => row.paymentId === paymentId,
        );
        return found ? session.lockedEntity<Disbursement>('disbursement', found.id) : null;
      },
      addDisbursement: (disbursement) => session.add('disbursement', disbursement),
      lockRefund: (id) => session.lockedEntity<Refund>('refund', id),
      addRefund: (refund) => session.add('refund', refund),
      openRefundsOf: (paymentId) =>
        session.entities<Refund>('refund', (row) => row.paymentId === paymentId && row.isOpen()),
      post: (entries) => post(session, entries),
      balanceOf: async (account, currency) => balanceOf(session, account, currency),
      owedBy: async (sellerId, currency) => {
        await session.lock('ledger');
        const owed = Money.zero(currency).minus(balanceOf(session, receivable(sellerId), currency));
        return owed.isNegative() ? Money.zero(currency) : owed;
      },
      tierOf: async (sellerId) =>
        session.row<StandingRow>('seller_standing', sellerId)?.tier ?? 'NEW',
      mayReceivePayouts: async (sellerId) => {
        await session.lock(`seller_standing/${sellerId}`);
        return session.row<StandingRow>('seller_standing', sellerId)?.canReceivePayouts ?? true;
      },
      setStanding: async (sellerId, canReceivePayouts, tier) => {
        await session.lock(`seller_standing/${sellerId}`);
        session.write('seller_standing', sellerId, { sellerId, canReceivePayouts, tier });
      },
      recordDisbursement: (event) => this.outbox.append([publishedDisbursement(event)]),
      recordRefund: (payment, refund) => this.outbox.append([publishedRefund(payment, refund)]),
      recordRefundFailed: (payment, refund) =>
        this.outbox.append([publishedRefundFailed(payment, refund)]),
      recordRefundCancelled: async (payment, refund, isSettled) =>
        this.outbox.append([
          publishedRefundCancelled(payment, refund, isSettled, await this.clock.fromDatabase()),
        ]),
    };
  }
}

// One writer at the end of the chain at a time, held until the commit; a known reference posts nothing.
async function post(session: MemorySession, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  await session.lock('ledger');
  for (const entry of entries) {
    if (session.row('ledger_entry', entry.reference)) continue;
    session.write('ledger_entry', entry.reference, { ...entry });
  }
}

function balanceOf(session: MemorySession, account: LedgerAccount, currency: string): Money {
  let minor = 0n;
  for (const { debit, credit, amount } of session.rowsOf<Entry>('ledger_entry')) {
    if (amount.currency !== currency) continue;
    if (credit === account) minor += amount.amountMinor;
    if (debit === account) minor -= amount.amountMinor;
  }
  return Money.of(minor, currency);
}
