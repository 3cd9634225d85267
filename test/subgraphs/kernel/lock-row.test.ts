import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EntitySchema } from '@mikro-orm/core';
import { bootstrapDatabase, subgraphUrl } from '../../../subgraphs/kernel/persistence/bootstrap.ts';
import { type Database, openDatabase } from '../../../subgraphs/kernel/persistence/database.ts';
import { lockRow } from '../../../subgraphs/kernel/persistence/lock-row.ts';
import { Migration } from '../../../subgraphs/kernel/persistence/migration.ts';
import { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

class Till {
  id!: string;
  tillName!: string;
  count!: number;
}

const TillSchema = new EntitySchema<Till>({
  class: Till,
  tableName: 'order',
  properties: {
    id: { type: 'text', primary: true },
    tillName: { type: 'text' },
    count: { type: 'integer' },
  },
});

class CreateTill extends Migration {
  override up(): void {
    this.addSql(
      'create table "order" (id text primary key, till_name text unique, count int not null)',
    );
  }
}

let test: TestDatabase;
let database: Database;
let transactions: Transactions;

beforeAll(async () => {
  test = await createTestDatabase();
  await bootstrapDatabase(test.url, () => 'parley-test');
  database = await openDatabase({
    subgraph: 'catalog',
    url: subgraphUrl(test.url, 'catalog', 'parley-test'),
    poolMax: 12,
    entities: [TillSchema as never],
    migrations: [CreateTill],
  });
  transactions = new Transactions(database);
  await database.em.fork().execute(`insert into "order" values ('a', 'front', 0)`);
});

afterAll(async () => {
  await database.close(true);
  await test.drop();
});

describe('a locked row', () => {
  it('is read as the transaction before left it, by everyone who waited', async () => {
    const add = (index: number) =>
      transactions.run(async (em) => {
        const where: Record<string, string> = index % 2 === 0 ? { id: 'a' } : { tillName: 'front' };
        const till = await lockRow(em, Till, where);
        if (till === null) return 'nothing';
        till.count += 1;
        return till.count;
      });

    const seen = await Promise.all(Array.from({ length: 60 }, (_, index) => add(index)));

    expect(seen.sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
  });

  it('that is not there is null, and one asked for by no column is a defect', async () => {
    await transactions.run(async (em) => {
      expect(await lockRow(em, Till, { id: 'b' })).toBeNull();
      await expect(lockRow(em, Till, { name: 'x' })).rejects.toThrow('order has no name');
    });
  });

  it('that was read before in the same transaction is read afresh', async () => {
    await transactions.run(async (em) => {
      const stale = await em.findOne(Till, { id: 'a' });
      await database.em.fork().execute(`update "order" set count = 1000 where id = 'a'`);
      const fresh = await lockRow(em, Till, { id: 'a' });
      expect(fresh).toBe(stale);
      expect(fresh?.count).toBe(1000);
    });
  });
});
