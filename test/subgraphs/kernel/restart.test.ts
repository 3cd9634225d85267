import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootstrapDatabase, subgraphUrl } from '../../../subgraphs/kernel/persistence/bootstrap.ts';
import { openDatabase } from '../../../subgraphs/kernel/persistence/database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});

afterAll(() => test.drop());

describe('a database that was used before', () => {
  it('is made ready and opened again, and keeps what was in it', async () => {
    const url = subgraphUrl(test.url, 'catalog', 'parley-test');
    const open = async () => {
      await bootstrapDatabase(test.url, () => 'parley-test');
      return openDatabase({ subgraph: 'catalog', url, poolMax: 3, entities: [], migrations: [] });
    };
    const first = await open();
    await first.em.fork().execute(`insert into inbox (consumer, event_id) values ('c', 'e')`);
    await first.close(true);

    const second = await open();

    const rows = await second.em
      .fork()
      .execute<{ event_id: string }[]>('select event_id from inbox');
    expect(rows).toEqual([{ event_id: 'e' }]);
    expect(
      await second.em.fork().execute('select name from catalog.migration order by id'),
    ).toEqual([{ name: 'KernelTables' }, { name: 'OutboxOrder' }, { name: 'KernelOperations' }]);
    await second.close(true);
  });
});
