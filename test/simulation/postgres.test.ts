import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

it('breaks no promise on PostgreSQL: the real stores, outboxes and inboxes under the same plans', async () => {
  const args = ['--import', './local/typescript.mjs', 'test/simulation/main.ts'];
  const options = ['--postgres', '--seeds', '80', '--workers', '1', '--json'];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout } = await run(process.execPath, [...args, ...options], { cwd: root, env });

  const { seeds, violations, failures, faults } = JSON.parse(
    stdout.trim().split('\n').at(-1) ?? '',
  );

  expect(failures).toEqual([]);
  expect({ seeds, violations }).toEqual({ seeds: 80, violations: 0 });
  // Each strikes a few times in so few schedules, and which of them not at all is chance.
  const struck = ['crash', 'commit LOST_AFTER', 'commit SERIALIZATION', 'publish REPEATED'].map(
    (fault) => faults[fault] ?? 0,
  );
  expect(struck.reduce((sum, times) => sum + times)).toBeGreaterThan(2);
}, 300_000);
