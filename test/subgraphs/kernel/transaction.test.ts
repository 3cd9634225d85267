import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bootstrapDatabase, subgraphUrl } from '../../../subgraphs/kernel/persistence/bootstrap.ts';
import { type Database, openDatabase } from '../../../subgraphs/kernel/persistence/database.ts';
import { Migration } from '../../../subgraphs/kernel/persistence/migration.ts';
import { sqlState, Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

class CreateTill extends Migration {
  override up(): void {
    this.addSql('create table till (id text primary key, count int not null)');
  }
}

const ADD = 'update till set count = count + 1 where id = ? returning count';

let test: TestDatabase;
let database: Database;
let transactions: Transactions;

beforeAll(async () => {
  test = await createTestDatabase();
  await bootstrapDatabase(test.url, () => 'parley-test');
  database = await openDatabase({
    subgraph: 'catalog',
    url: subgraphUrl(test.url, 'catalog', 'parley-test'),
    poolMax: 4,
    entities: [],
    migrations: [CreateTill],
  });
  transactions = new Transactions(database);
});

afterAll(async () => {
  await database.close(true);
  await test.drop();
});

beforeEach(async () => {
  await database.em.fork().execute(`delete from till`);
  await database.em.fork().execute(`insert into till values ('a', 0), ('b', 0)`);
});

const tills = () => database.em.fork().execute('select id, count from till order by id');

/** Resolves to everyone once `count` have come; whoever comes later does not wait. */
function meeting(count: number): () => Promise<void> {
  let missing = count;
  const { promise, resolve } = Promise.withResolvers<void>();
  return () => {
    missing -= 1;
    if (missing === 0) resolve();
    return promise;
  };
}

describe('a transaction', () => {
  it('that loses a deadlock is run again as a whole, and tells of its commit once', async () => {
    const both = meeting(2);
    let runs = 0;
    const told: string[] = [];
    const add = (first: string, second: string) =>
      transactions.run(async (em) => {
        runs += 1;
        transactions.afterCommit(() => told.push(first));
        await em.execute(ADD, [first]);
        await both();
        await em.execute(ADD, [second]);
      });

    await Promise.all([add('a', 'b'), add('b', 'a')]);

    expect(runs).toBe(3);
    expect(told.sort()).toEqual(['a', 'b']);
    expect(await tills()).toEqual([
      { id: 'a', count: 2 },
      { id: 'b', count: 2 },
    ]);
  });

  it('whose snapshot another one has overtaken is run again on a new one', async () => {
    const both = meeting(2);
    let runs = 0;
    const double = () =>
      transactions.run(async (em) => {
        runs += 1;
        await em.execute('set transaction isolation level serializable');
        const [till] = await em.execute<{ count: number }[]>(
          `select count from till where id = 'a'`,
        );
        await both();
        await em.execute(`update till set count = ? where id = 'a' returning 1`, [
          ((till?.count ?? 0) + 1) * 2,
        ]);
      });

    await Promise.all([double(), double()]);

    expect(runs).toBe(3);
    expect((await tills())[0]).toEqual({ id: 'a', count: 6 });
  });

  it('that waits for a lock too long is run again, and goes through when the lock is free', async () => {
    const locked = Promise.withResolvers<void>();
    const free = Promise.withResolvers<void>();
    const holder = transactions.run(async (em) => {
      await em.execute(ADD, ['a']);
      locked.resolve();
      await free.promise;
    });
    await locked.promise;
    let runs = 0;

    await transactions.run(async (em) => {
      runs += 1;
      if (runs === 2) {
        free.resolve();
        await holder;
      }
      await em.execute(`set local lock_timeout = '50ms'`);
      await em.execute(ADD, ['b']);
      await em.execute(ADD, ['a']);
    });

    expect(runs).toBe(2);
    expect(await tills()).toEqual([
      { id: 'a', count: 2 },
      { id: 'b', count: 1 },
    ]);
  });

  it('that fails otherwise is not run again, leaves nothing, and tells nobody', async () => {
    let runs = 0;
    let told = 0;
    const failed = transactions.run(async (em) => {
      runs += 1;
      transactions.afterCommit(() => {
        told += 1;
      });
      await em.execute(ADD, ['b']);
      await em.execute(`insert into till values ('a', 5)`);
    });

    await expect(
      failed.catch((error) => Promise.reject(new Error(sqlState(error)))),
    ).rejects.toThrow('23505');
    expect(runs).toBe(1);
    expect(told).toBe(0);
    expect(await tills()).toEqual([
      { id: 'a', count: 0 },
      { id: 'b', count: 0 },
    ]);
  });
});
