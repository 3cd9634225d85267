import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalStack, type LocalStackOptions, startLocalStack } from '../../local/stack.ts';
import { createTestDatabase } from './database.ts';

/** The whole product on a database of its own, for one test file. */
export async function startTestStack(
  options: Pick<LocalStackOptions, 'clientsFile'> = {},
): Promise<LocalStack> {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'parley-stack-'));
  const stack = await startLocalStack({
    ...options,
    port: 0,
    dataDirectory: join(folder, 'data'),
    databaseUrl: database.url,
    logLevel: 'silent',
    durable: false,
    rolePassword: 'parley-test',
  });
  return {
    ...stack,
    close: async () => {
      await stack.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
