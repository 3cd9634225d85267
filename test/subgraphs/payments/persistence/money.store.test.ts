import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import {
  bootstrapDatabase,
  subgraphUrl,
} from '../../../../subgraphs/kernel/persistence/bootstrap.ts';
import { type Database, openDatabase } from '../../../../subgraphs/kernel/persistence/database.ts';
import { DatabaseClock } from '../../../../subgraphs/kernel/persistence/database-clock.ts';
import { Transactions } from '../../../../subgraphs/kernel/persistence/transaction.ts';
import type { Entry } from '../../../../subgraphs/payments/domain/ledger/entry.ts';
import { StoredMoney } from '../../../../subgraphs/payments/persistence/money.store.ts';
import { subgraph } from '../../../../subgraphs/payments/server.ts';
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts';

let test: TestDatabase;
let database: Database;
let money: StoredMoney;
let clock: DatabaseClock;

beforeAll(async () => {
  test = await createTestDatabase();
  await bootstrapDatabase(test.url, () => 'parley-test');
  database = await openDatabase({
    subgraph: 'payments',
    url: subgraphUrl(test.url, 'payments', 'parley-test'),
    poolMax: 12,
    entities: subgraph.entities,
    migrations: subgraph.migrations,
  } as never);
  const transactions = new Transactions(database);
  clock = new DatabaseClock(transactions, { warn: () => {} } as never);
  const noEvents = { append: async () => {} };
  money = new StoredMoney(transactions, noEvents as never, clock);
});

afterAll(async () => {
  await database.close(true);
  await test.drop();
});

const usd = (minor: number) => Money.of(BigInt(minor), 'USD');
const entry = (reference: string, change: Partial<Entry> = {}): Entry => ({
  reference,
  debit: 'processor:clearing',
  credit: 'seller:sel_1:held',
  amount: usd(100),
  ...change,
});
const post = (...entries: Entry[]) => money.transact((tx) => tx.post(entries));
const rows = (like = '%') =>
  database.em
    .fork()
    .execute<{ reference: string; posted_at: Date; previous_hash: string; hash: string }[]>(
      'select reference, posted_at, previous_hash, hash from ledger_entry where reference like ? order by id',
      [like],
    );

describe('the books', () => {
  it('take the same movement once, and at the time of the database', async () => {
    await database.em.fork().execute(`select 1`);
    const before = await clock.fromDatabase();

    await post(entry('same:1'));
    await post(entry('same:1'));

    const after = await clock.fromDatabase();
    const [row, ...more] = await rows('same:%');
    expect(more).toEqual([]);
    expect(new Date(row?.posted_at ?? 0).getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(new Date(row?.posted_at ?? 0).getTime()).toBeLessThanOrEqual(after.getTime());
  });

  it.each([
    ['another amount', { amount: usd(101) }],
    ['another currency', { amount: Money.of(100n, 'EUR') }],
    ['another account to take from', { debit: 'processor:fees' as const }],
    ['another account to give to', { credit: 'seller:sel_2:held' as const }],
  ])(
    'refuse a known reference with %s, and keep nothing of the transaction',
    async (what, change) => {
      const reference = `known:${what}`;
      await post(entry(reference));

      await expect(post(entry(`beside:${what}`), entry(reference, change))).rejects.toThrow(
        `the books have another movement under ${reference}`,
      );

      expect(await rows(`beside:${what}`)).toEqual([]);
      expect(await rows(reference)).toHaveLength(1);
    },
  );

  it('stay one chain under writers at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => post(entry(`many:${n}`), entry(`many:${n}:b`))),
    );

    const all = await rows();
    expect(all.filter(({ reference }) => reference.startsWith('many:'))).toHaveLength(40);
    expect(all.map((row) => row.previous_hash)).toEqual([
      '',
      ...all.slice(0, -1).map(({ hash }) => hash),
    ]);
  });

  it('let what a seller owes be counted by one release at a time', async () => {
    await post({
      reference: 'debt:1',
      debit: 'seller:sel_9:receivable',
      credit: 'buyers:refunded',
      amount: usd(70),
    });
    const net = (id: string) =>
      money.transact(async (tx) => {
        const owed = await tx.owedBy('sel_9', 'USD');
        await tx.post(
          [
            {
              reference: `${id}:netted`,
              debit: 'seller:sel_9:paid-out',
              credit: 'seller:sel_9:receivable',
              amount: owed,
            },
          ].filter(({ amount }) => amount.isPositive()) as Entry[],
        );
        return owed.amountMinor;
      });

    const netted = await Promise.all(['pay_a', 'pay_b', 'pay_c'].map(net));

    expect(netted.sort()).toEqual([0n, 0n, 70n]);
    expect(
      (await money.balances(['seller:sel_9:receivable'], 'USD')).values().next().value,
    ).toEqual(usd(0));
  });
});
