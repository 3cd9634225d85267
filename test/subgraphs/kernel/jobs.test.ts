import { expect, it } from '@jest/globals';
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
