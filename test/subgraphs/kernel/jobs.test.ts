import { expect, it } from '@jest/globals';
import pg from 'pg';
import { Jobs } from '../../../subgraphs/kernel/jobs/jobs.ts';
import { createLogger } from '../../../subgraphs/kernel/logger.ts';
import { bootstrapDatabase, subgraphUrl } from '../../../subgraphs/kernel/persistence/bootstrap.ts';
import { openDatabase } from '../../../subgraphs/kernel/persistence/database.ts';
import { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import { createTestDatabase } from '../../support/database.ts';

const PASSWORD = 'parley-test';

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

it('keeps working when the timed work of another subgraph is migrated in the same database', async () => {
  const test = await createTestDatabase();
  await bootstrapDatabase(test.url, () => PASSWORD);
  const start = async (subgraph: 'catalog' | 'orders') => {
    const url = subgraphUrl(test.url, subgraph, PASSWORD);
    const database = await openDatabase({
      ...{ subgraph, url, poolMax: 4, entities: [], migrations: [] },
    });
    const transactions = new Transactions(database);
    const runs: unknown[] = [];
    const count = {
      name: 'count',
      everySeconds: null,
      run: async (p: unknown) => void runs.push(p),
    };
    const logger = createLogger('test', 'silent');
    const jobs = new Jobs(subgraph, url, [count], transactions, logger);
    await jobs.start();
    return { jobs, runs, database };
  };
  const first = await start('catalog');
  await first.jobs.enqueue('count', { n: 1 });
  await until(() => first.runs.length === 1);

  const second = await start('orders');
  await new Promise((resolve) => setTimeout(resolve, 200));
  await first.jobs.enqueue('count', { n: 2 });
  await second.jobs.enqueue('count', { n: 3 });
  await until(() => first.runs.length === 2 && second.runs.length === 1);

  expect(first.runs).toEqual([{ n: 1 }, { n: 2 }]);
  expect(second.runs).toEqual([{ n: 3 }]);
  for (const { jobs, database } of [first, second]) {
    await jobs.stop();
    await database.close(true);
  }
  await test.drop();
});

it('takes up within a minute what a killed worker held, not after the four hours of the library', async () => {
  const test = await createTestDatabase();
  await bootstrapDatabase(test.url, () => PASSWORD);
  const url = subgraphUrl(test.url, 'catalog', PASSWORD);
  const database = await openDatabase({
    ...{ subgraph: 'catalog', url, poolMax: 4, entities: [], migrations: [] },
  });
  const runs: unknown[] = [];
  const count = { name: 'count', everySeconds: null, run: async (p: unknown) => void runs.push(p) };
  const jobs = () =>
    new Jobs('catalog', url, [count], new Transactions(database), createLogger('test', 'silent'));
  const killed = jobs();
  await killed.start();
  await killed.stop();
  // As a kill leaves them: one a while ago, one just now, perhaps by somebody who is still at work.
  await killed.enqueue('count', { n: 1 }, 'old');
  await killed.enqueue('count', { n: 2 }, 'new');
  const admin = new pg.Client({ connectionString: test.url });
  await admin.connect();
  await admin.query(
    `update catalog_jobs._private_jobs set attempts = 1, locked_by = 'gone-' || key,
       locked_at = now() - case key when 'old' then interval '61 seconds' else interval '30 seconds' end`,
  );

  const next = jobs();
  await next.start();
  await until(() => runs.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 300));

  expect(runs).toEqual([{ n: 1 }]);
  expect((await admin.query('select key from catalog_jobs.jobs')).rows).toEqual([{ key: 'new' }]);
  await admin.end();
  await next.stop();
  await database.close(true);
  await test.drop();
});

it('looks when it is woken by a transaction that committed, one look at a time, and all who waited share the next', async () => {
  const test = await createTestDatabase();
  await bootstrapDatabase(test.url, () => PASSWORD);
  const url = subgraphUrl(test.url, 'catalog', PASSWORD);
  const database = await openDatabase({
    ...{ subgraph: 'catalog', url, poolMax: 4, entities: [], migrations: [] },
  });
  const transactions = new Transactions(database);
  let [looks, atOnce, mostAtOnce] = [0, 0, 0];
  let release = () => {};
  const due = {
    name: 'due',
    everySeconds: 3_600,
    run: async () => {
      looks += 1;
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      atOnce -= 1;
    },
  };
  const jobs = new Jobs('catalog', url, [due], transactions, createLogger('test', 'silent'));
  await jobs.start();
  await until(() => looks === 1); // the look that every start takes
  release();
  await until(() => atOnce === 0);

  await transactions
    .run(async () => {
      jobs.wake('due');
      throw new Error('changed my mind');
    })
    .catch(() => {});
  let before = 0;
  await transactions.run(async () => {
    jobs.wake('due');
    before = looks;
  });
  await until(() => looks === 2);
  for (let times = 0; times < 5; times += 1) jobs.wake('due');
  release();
  await until(() => looks === 3);
  release();
  await until(() => atOnce === 0);
  await new Promise((resolve) => setTimeout(resolve, 50));

  expect({ before, looks, mostAtOnce }).toEqual({ before: 1, looks: 3, mostAtOnce: 1 });
  expect(() => jobs.wake('undue')).toThrow('no timed work');
  await jobs.stop();
  await database.close(true);
  await test.drop();
});
