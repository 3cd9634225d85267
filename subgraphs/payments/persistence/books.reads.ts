import { Money } from '../../kernel/money.ts';
import type { DatabaseClock } from '../../kernel/persistence/database-clock.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type {
  BooksReads,
  SellerObligations,
  StatementKind,
  StatementLine,
  TrialBalance,
} from '../application/read-books.ts';
import { held, paidOut, receivable } from '../domain/ledger/account.ts';
import { balanceOf, entryHash } from './money.store.ts';

/** Entries checked at a time; more hold more memory, fewer ask more often. */
const CHAIN_BATCH = 5_000;

const KINDS: Readonly<Record<string, StatementKind>> = {
  captured: 'CAPTURED',
  'processor-fee': 'PROCESSOR_FEE',
  'platform-fee': 'PLATFORM_FEE',
  'platform-fee-returned': 'PLATFORM_FEE_RETURNED',
  refunded: 'REFUNDED',
  'fee-shortfall': 'FEE_SHORTFALL',
  disbursed: 'PAID_OUT',
  released: 'PAID_OUT',
  netted: 'DEBT_SETTLED',
  'dispute-lost': 'DISPUTE_LOST',
  restored: 'DISPUTE_RESTORED',
  'restored-directly': 'DISPUTE_RESTORED',
  'chargeback-fee': 'CHARGEBACK_FEE',
};

interface EntryRow {
  readonly id: string;
  readonly reference: string;
  readonly debit: string;
  readonly credit: string;
  readonly minor: string;
  readonly currency: string;
  readonly posted_at: Date;
  readonly previous_hash: string;
  readonly hash: string;
}

/** Reads of the ledger: it is only ever added to, so nothing here needs a lock. */
export class StoredBooks implements BooksReads {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: DatabaseClock,
  ) {}

  async statement(
    sellerId: string,
    { first, after }: { readonly first: number; readonly after: readonly string[] | null },
  ): Promise<StatementLine[]> {
    const accounts = [held(sellerId), receivable(sellerId)];
    const rows = await this.transactions.reader().execute<EntryRow[]>(
      `select id::text, reference, debit, credit, amount_minor::text as minor, currency, posted_at
         from ledger_entry
         where (debit in (?, ?, ?) or credit in (?, ?, ?)) and id < ?
           -- The way by paid-out is shown as its first half alone.
           and reference not like '%:disbursed'
         order by ledger_entry.id desc limit ?`,
      [
        ...[...accounts, paidOut(sellerId)],
        ...[...accounts, paidOut(sellerId)],
        ...[after?.[0] ?? '9223372036854775807', first + 1],
      ],
    );
    return rows.map((row) => lineOf(row, sellerId));
  }

  async obligations(sellerId: string, currency: string): Promise<SellerObligations> {
    const em = this.transactions.reader();
    const [row] = await em.execute<
      { held: string; disputes: number; refunds: number; attempts: number }[]
    >(
      `select
         (select coalesce(sum(net_minor), 0)::text from disbursement where seller_id = ?
            and status in ('HELD', 'SCHEDULED', 'FROZEN', 'RELEASING', 'FAILED')) as held,
         (select count(*)::int from dispute where seller_id = ? and status <> 'FINAL') as disputes,
         (select count(*)::int from refund where seller_id = ? and status not in ('COMPLETED', 'CANCELLED')) as refunds,
         (select count(*)::int from payment_request where seller_id = ?
            and status in ('PAYING', 'PENDING')) as attempts`,
      [sellerId, sellerId, sellerId, sellerId],
    );
    const debt = await balanceOf(em, receivable(sellerId), currency);
    const zero = Money.zero(currency);
    return {
      held: Money.of(BigInt(row?.held ?? '0'), currency),
      owed: debt.isNegative() ? zero.minus(debt) : zero,
      openDisputes: row?.disputes ?? 0,
      openRefunds: row?.refunds ?? 0,
      openAttempts: row?.attempts ?? 0,
    };
  }

  async trialBalance(currency: string): Promise<TrialBalance> {
    const em = this.transactions.reader();
    const rows = await em.execute<{ account: string; debits: string; credits: string }[]>(
      `select regexp_replace(sides.account, '^seller:[^:]+:', 'sellers:') as account,
         sum(sides.debit)::text as debits, sum(sides.credit)::text as credits
       from (
         select debit as account, amount_minor as debit, 0 as credit from ledger_entry where currency = ?
         union all
         select credit, 0, amount_minor from ledger_entry where currency = ?
       ) sides group by 1 order by 1`,
      [currency, currency],
    );
    const lines = rows.map(({ account, debits, credits }) => ({
      account,
      debits: Money.of(BigInt(debits), currency),
      credits: Money.of(BigInt(credits), currency),
    }));
    const debits = Money.sum(
      lines.map((line) => line.debits),
      currency,
    );
    const credits = Money.sum(
      lines.map((line) => line.credits),
      currency,
    );
    return {
      at: await this.clock.fromDatabase(),
      lines,
      debits,
      credits,
      isBalanced: debits.equals(credits),
      firstBrokenEntry: await this.firstBroken(),
    };
  }

  /** Walks the chain of hashes from its beginning: an entry changed by any hand breaks it there. */
  private async firstBroken(): Promise<string | null> {
    let [last, previous] = ['0', ''];
    for (;;) {
      const rows = await this.transactions.reader().execute<EntryRow[]>(
        `select id::text, reference, debit, credit, amount_minor::text as minor, currency, posted_at,
             previous_hash, hash
           from ledger_entry where id > ? order by ledger_entry.id limit ?`,
        [last, CHAIN_BATCH],
      );
      for (const row of rows) {
        const { reference, debit, credit, minor, currency } = row;
        const amount = Money.of(BigInt(minor), currency);
        const entry = { reference, debit, credit, amount } as Parameters<typeof entryHash>[1];
        const hash = entryHash(previous, entry, new Date(row.posted_at));
        if (row.previous_hash !== previous || row.hash !== hash) return reference;
        [last, previous] = [row.id, row.hash];
      }
      if (rows.length < CHAIN_BATCH) return null;
    }
  }
}

function lineOf(row: EntryRow, sellerId: string): StatementLine {
  const amount = Money.of(BigInt(row.minor), row.currency);
  const change = (account: string, sign: 1 | -1) => {
    if (row.credit === account) return amount.times(sign);
    return row.debit === account ? amount.times(-sign) : Money.zero(row.currency);
  };
  const split = row.reference.lastIndexOf(':');
  return {
    id: row.id,
    at: new Date(row.posted_at),
    kind: KINDS[row.reference.slice(split + 1)] ?? 'OTHER',
    subjectId: row.reference.slice(0, split),
    amount,
    heldChange: change(held(sellerId), 1),
    owedChange: change(receivable(sellerId), -1),
  };
}
