import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Outbox } from '../../kernel/events/outbox.ts';
import { Money } from '../../kernel/money.ts';
import type { DatabaseClock } from '../../kernel/persistence/database-clock.ts';
import { lockRow } from '../../kernel/persistence/lock-row.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import { HELD } from '../../kernel/persistence/transaction-client.ts';
import type {
  MoneyStore,
  MoneyTransaction,
  SellerMoney,
  WebhookRow,
} from '../application/money.ports.ts';
import { Disbursement } from '../domain/disbursement.ts';
import { type LedgerAccount, receivable } from '../domain/ledger/account.ts';
import type { Entry } from '../domain/ledger/entry.ts';
import { Payment } from '../domain/payment.ts';
import { Refund } from '../domain/refund.ts';
import {
  publishedDisbursement,
  publishedRefund,
  publishedRefundCancelled,
  publishedRefundFailed,
} from '../events/published-money.ts';

/** Locks in this order: payment, disbursement, refund, and the end of the ledger's chain. */
export class StoredMoney implements MoneyStore, SellerMoney {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: DatabaseClock,
  ) {}

  transact<T>(work: (tx: MoneyTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) => work(this.transaction(em)));
  }

  dueDisbursements(now: Date, limit: number): Promise<string[]> {
    return this.ids(
      `select payment_id as id from disbursement where status = 'SCHEDULED' and release_at <= ? order by release_at limit ?`,
      [now, limit],
    );
  }

  releasing(limit: number, now: Date): Promise<string[]> {
    return this.ids(
      `select payment_id as id from disbursement
       where status = 'RELEASING' and (next_ask_at is null or next_ask_at <= ?)
       order by next_ask_at nulls first limit ?`,
      [now, limit],
    );
  }

  openPaymentsOf(sellerId: string): Promise<string[]> {
    return this.ids(
      `select payment_id as id from disbursement where seller_id = ? and status in ('HELD', 'SCHEDULED', 'FROZEN', 'RELEASING')`,
      [sellerId],
    );
  }

  dueRefunds(now: Date, limit: number): Promise<string[]> {
    return this.ids(
      `select id from refund where status in ('APPROVED', 'SUBMITTED', 'PENDING', 'FAILED') and next_attempt_at <= ? order by next_attempt_at limit ?`,
      [now, limit],
    );
  }

  findRefund(id: string): Promise<Refund | null> {
    return this.transactions.reader().findOne(Refund, { id });
  }

  findPayment(id: string): Promise<Payment | null> {
    return this.transactions.reader().findOne(Payment, { id });
  }

  findPaymentByCapture(captureId: string): Promise<Payment | null> {
    return this.transactions.reader().findOne(Payment, { captureId });
  }

  findDisbursementOf(paymentId: string): Promise<Disbursement | null> {
    return this.transactions.reader().findOne(Disbursement, { paymentId });
  }

  waitingDisbursementsOf(sellerId: string, limit: number): Promise<Disbursement[]> {
    return this.transactions
      .reader()
      .find(
        Disbursement,
        { sellerId, status: { $nin: ['RELEASED', 'AUTO_DISBURSED', 'RETURNED'] } },
        { orderBy: { capturedAt: 'desc' }, limit },
      );
  }

  async paidOutTo(sellerId: string, currency: string): Promise<Money> {
    const [row] = await this.transactions.reader().execute<{ minor: string }[]>(
      `select coalesce(sum(net_minor - netted_minor), 0)::text as minor from disbursement
       where seller_id = ? and net_currency = ? and status in ('RELEASED', 'AUTO_DISBURSED')`,
      [sellerId, currency],
    );
    return Money.of(BigInt(row?.minor ?? '0'), currency);
  }

  async balances(
    accounts: readonly LedgerAccount[],
    currency: string,
  ): Promise<Map<LedgerAccount, Money>> {
    const em = this.transactions.reader();
    return new Map(
      await Promise.all(
        accounts.map(async (account) => [account, await balanceOf(em, account, currency)] as const),
      ),
    );
  }

  async attemptOfOrder(processorOrderId: string): Promise<string | null> {
    return (
      (
        await this.ids('select id from payment_attempt where processor_order_id = ?', [
          processorOrderId,
        ])
      )[0] ?? null
    );
  }

  async storeWebhook(eventId: string, eventType: string, rawBody: Buffer): Promise<boolean> {
    // One statement is a transaction of its own.
    const rows = await this.transactions.reader().execute<unknown[]>(
      `insert into webhook_event (event_id, event_type, raw_body, received_at) values (?, ?, decode(?, 'base64'), ?)
         on conflict do nothing returning 1`,
      [eventId, eventType, rawBody.toString('base64'), this.clock.now()],
    );
    return rows.length > 0;
  }

  async openWebhooks(limit: number): Promise<WebhookRow[]> {
    const rows = await this.transactions
      .reader()
      .execute<{ event_id: string; body: string; attempts: number }[]>(
        `select event_id, encode(raw_body, 'base64') as body, attempts from webhook_event
         where state = 'RECEIVED' and (waits_until is null or waits_until <= ?)
         order by received_at limit ?`,
        [this.clock.now(), limit],
      );
    return rows.map((row) => ({
      eventId: row.event_id,
      rawBody: Buffer.from(row.body, 'base64'),
      attempts: row.attempts,
    }));
  }

  async deferWebhook(eventId: string): Promise<void> {
    const now = this.clock.now();
    await this.transactions.run((em) =>
      em.execute(
        `update webhook_event set
           state = case when received_at < at.now - interval '3 days' then 'IGNORED' else state end,
           waits_until = at.now + least(interval '1 hour', greatest(interval '5 seconds', (at.now - received_at) / 2))
         from (select ?::timestamptz as now) as at
         where event_id = ? and state = 'RECEIVED'`,
        [now, eventId],
      ),
    );
  }

  async closeWebhook(
    eventId: string,
    state: 'PROCESSED' | 'IGNORED' | 'PARKED' | 'RECEIVED',
    error: string | null,
  ): Promise<void> {
    await this.transactions.run((em) =>
      em.execute(
        'update webhook_event set state = ?, attempts = attempts + 1, last_error = ? where event_id = ?',
        [state, error, eventId],
      ),
    );
  }

  private async ids(sql: string, parameters: readonly unknown[]): Promise<string[]> {
    const rows = await this.transactions.reader().execute<{ id: string }[]>(sql, [...parameters]);
    return rows.map((row) => row.id);
  }

  private transaction(em: EntityManager): MoneyTransaction {
    return {
      now: () => this.clock.fromDatabase(),
      lockPayment: (id) => lockRow(em, Payment, { id }),
      lockDisbursementOf: (paymentId) => lockRow(em, Disbursement, { paymentId }),
      addDisbursement: (disbursement) => void em.persist(disbursement),
      lockRefund: (id) => lockRow(em, Refund, { id }),
      addRefund: (refund) => void em.persist(refund),
      openRefundsOf: (paymentId) =>
        em.find(Refund, { paymentId, status: { $nin: ['COMPLETED', 'CANCELLED'] } }),
      post: async (entries) => post(em, entries, this.clock),
      balanceOf: (account, currency) => balanceOf(em, account, currency),
      owedBy: async (sellerId, currency) => {
        // No other release may count the same debt: held with the end of the books' chain.
        await em.execute(LOCK_BOOKS);
        const owed = Money.zero(currency).minus(
          await balanceOf(em, receivable(sellerId), currency),
        );
        return owed.isNegative() ? Money.zero(currency) : owed;
      },
      tierOf: async (sellerId) => {
        const [row] = await em.execute<{ tier: 'NEW' | 'ESTABLISHED' }[]>(
          'select tier from seller_standing where seller_id = ?',
          [sellerId],
        );
        return row?.tier ?? 'NEW';
      },
      mayReceivePayouts: async (sellerId) => {
        const [row] = await em.execute<{ can_receive_payouts: boolean }[]>(
          'select can_receive_payouts from seller_standing where seller_id = ? for share',
          [sellerId],
        );
        return row?.can_receive_payouts ?? true;
      },
      setStanding: async (sellerId, canReceivePayouts, tier) => {
        await em.execute(
          `insert into seller_standing (seller_id, can_receive_payouts, tier) values (?, ?, ?)
           on conflict (seller_id) do update set can_receive_payouts = excluded.can_receive_payouts, tier = excluded.tier`,
          [sellerId, canReceivePayouts, tier],
        );
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

/** What each entry is chained by; a verifier computes the same. */
export function entryHash(previous: string, entry: Entry, postedAt: Date): string {
  const { reference, debit, credit, amount } = entry;
  return createHash('sha256')
    .update(
      [
        previous,
        reference,
        debit,
        credit,
        amount.amountMinor.toString(),
        amount.currency,
        postedAt.toISOString(),
      ].join('\0'),
    )
    .digest('hex');
}

const LOCK_BOOKS = `${HELD}select pg_advisory_xact_lock(hashtext('ledger'))`;

async function post(
  em: EntityManager,
  entries: readonly Entry[],
  clock: DatabaseClock,
): Promise<void> {
  if (entries.length === 0) return;
  // One writer at the end of the chain at a time, held until the commit.
  await em.execute(LOCK_BOOKS);
  const at = await clock.fromDatabase();
  const { last, posted } = await endOfBooks(em, entries);
  const fresh = unposted(posted, entries);
  if (fresh.length === 0) return;
  let previous = last?.hash ?? '';
  const rows = fresh.map((entry) => {
    const { reference, debit, credit, amount } = entry;
    const before = previous;
    previous = entryHash(before, entry, at);
    return [
      ...[reference, debit, credit, amount.amountMinor, amount.currency],
      ...[at, before, previous],
    ];
  });
  // In the order of the chain: ids are handed out row by row.
  const sql = `insert into ledger_entry (reference, debit, credit, amount_minor, currency, posted_at, previous_hash, hash)
               values ${rows.map(() => '(?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`;
  await em.execute(sql, rows.flat());
}

interface PostedRow {
  readonly reference: string;
  readonly debit: string;
  readonly credit: string;
  readonly minor: string;
  readonly currency: string;
}

/** The last entry, which the next is chained to, and what is posted under these references already. */
async function endOfBooks(em: EntityManager, entries: readonly Entry[]) {
  const rows = await em.execute<(PostedRow & { hash: string; is_last: boolean })[]>(
    `(select true as is_last, hash, reference, debit, credit, amount_minor::text as minor, currency
      from ledger_entry order by id desc limit 1)
     union all
     select false, hash, reference, debit, credit, amount_minor::text, currency
     from ledger_entry where reference in (${entries.map(() => '?').join(', ')})`,
    entries.map(({ reference }) => reference),
  );
  return {
    last: rows.find((row) => row.is_last) ?? null,
    posted: rows.filter((row) => !row.is_last),
  };
}

/** The same movement again posts nothing; another one under its reference must not pass for it. */
function unposted(posted: readonly PostedRow[], entries: readonly Entry[]): Entry[] {
  const known = new Map(posted.map((row) => [row.reference, row]));
  const fresh: Entry[] = [];
  for (const entry of entries) {
    const { reference, debit, credit, amount } = entry;
    const minor = amount.amountMinor.toString();
    const row = known.get(reference);
    if (row === undefined) {
      fresh.push(entry);
      known.set(reference, { reference, debit, credit, minor, currency: amount.currency });
    } else if (
      row.debit !== debit ||
      row.credit !== credit ||
      row.minor !== minor ||
      row.currency !== amount.currency
    )
      throw new Error(`the books have another movement under ${reference}`);
  }
  return fresh;
}

/** Credits less debits: positive is owed to somebody. */
export async function balanceOf(
  em: EntityManager,
  account: LedgerAccount,
  currency: string,
): Promise<Money> {
  const [row] = await em.execute<{ minor: string }[]>(
    `select (coalesce((select sum(amount_minor) from ledger_entry where credit = ? and currency = ?), 0)
           - coalesce((select sum(amount_minor) from ledger_entry where debit = ? and currency = ?), 0))::text as minor`,
    [account, currency, account, currency],
  );
  return Money.of(BigInt(row?.minor ?? '0'), currency);
}
