import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { bootstrapDatabase, subgraphUrl } from '../../../subgraphs/kernel/persistence/bootstrap.ts';
import { type Database, openDatabase } from '../../../subgraphs/kernel/persistence/database.ts';
import { Migration } from '../../../subgraphs/kernel/persistence/migration.ts';
import { sqlState, Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import { HELD } from '../../../subgraphs/kernel/persistence/transaction-client.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

class CreateNotes extends Migration {
  override up(): void {
    this.addSql('create table note (id int primary key, text text not null)');
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
    poolMax: 4,
    entities: [],
    migrations: [CreateNotes],
  });
  transactions = new Transactions(database);
});

afterAll(async () => {
  await database.close(true);
  await test.drop();
});

beforeEach(() => database.em.fork().execute('truncate note'));

const notes = () =>
  database.em
    .fork()
    .execute<{ id: number; text: string }[]>('select id, text from note order by id');

/** What went to the server during `work`, message by message. */
async function messagesOf(work: () => Promise<unknown>): Promise<string[]> {
  const query = jest.spyOn(pg.Client.prototype, 'query');
  try {
    await work();
    return query.mock.calls.map(([text]) => String(text));
  } finally {
    query.mockRestore();
  }
}

describe('a transaction on the wire', () => {
  it('sends its beginning and what it only writes with what is read next, in order', async () => {
    const messages = await messagesOf(() =>
      transactions.run(async (em) => {
        await em.execute(`insert into note values (1, 'a')`);
        await em.execute(`${HELD}select pg_advisory_xact_lock(1)`);
        const seen = await em.execute('select text from note');
        expect(seen).toEqual([{ text: 'a' }]);
        await em.execute(`update note set text = 'b' where id = 1`);
        await em.execute('delete from note where id = 2');
      }),
    );

    expect(messages).toEqual([
      `begin;\ninsert into note values (1, 'a');\n/* held */ select pg_advisory_xact_lock(1);\nselect text from note`,
      `update note set text = 'b' where id = 1;\ndelete from note where id = 2;\ncommit`,
    ]);
    expect(await notes()).toEqual([{ id: 1, text: 'b' }]);
  });

  it('answers at once what a write returns, even one that only mentions the word', async () => {
    await transactions.run(async (em) => {
      expect(await em.execute(`insert into note values (1, 'a') returning id`)).toEqual([
        { id: 1 },
      ]);
      await em.execute(`insert into note values (2, 'returning soon')`);
    });

    expect(await notes()).toEqual([
      { id: 1, text: 'a' },
      { id: 2, text: 'returning soon' },
    ]);
  });

  it('sends nothing when it says nothing, committed or rolled back', async () => {
    const messages = await messagesOf(async () => {
      await transactions.run(async () => {});
      await transactions.run(async () => Promise.reject(new Error('no'))).catch(() => {});
      await transactions
        .run(async (em) => {
          await em.execute(`insert into note values (1, 'a')`);
          throw new Error('changed my mind');
        })
        .catch(() => {});
    });

    expect(messages).toEqual([]);
    expect(await notes()).toEqual([]);
  });

  it('fails as a whole when a held write fails, and says why', async () => {
    await database.em.fork().execute(`insert into note values (1, 'a')`);
    const twice = transactions.run(async (em) => {
      await em.execute(`insert into note values (2, 'b')`);
      await em.execute(`insert into note values (1, 'again')`);
      await em.execute(`insert into note values (3, 'c')`);
    });

    await expect(twice).rejects.toThrow('duplicate key');
    expect(sqlState(await twice.catch((error: unknown) => error))).toBe('23505');
    expect(await notes()).toEqual([{ id: 1, text: 'a' }]);
  });

  it('is refused at the commit when a failure was overlooked', async () => {
    const overlooked = transactions.run(async (em) => {
      await em.execute(`insert into note values (1, 'a')`);
      await em.execute('select 1 / 0').catch(() => {});
    });

    await expect(overlooked).rejects.toThrow('nothing was committed');
    expect(await notes()).toEqual([]);
  });

  it('leaves its connection as new, whichever way it ended', async () => {
    for (let round = 0; round < 8; round += 1) {
      const work = transactions.run(async (em) => {
        await em.execute(`insert into note values (${round}, 'a')`);
        if (round % 2 === 0) await em.execute('select 1 / 0');
      });
      await work.catch(() => {});
      await database.em.fork().execute(`update note set text = 'b' where id = ${round}`);
    }

    expect(await notes()).toEqual([1, 3, 5, 7].map((id) => ({ id, text: 'b' })));
  });
});
