// .mjs on purpose: jest would load a .ts file here through require() and its own transform.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../local/postgres.ts';

const PREFIX = 'parley-test-';

/** One PostgreSQL for the whole run; every test file makes a database of its own in it. */
export default async function globalSetup() {
  if (process.env.TEST_DATABASE_URL) return;
  sweep();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  // mkdtemp makes it for its owner only; PostgreSQL may have to run as another user.
  const { chmodSync } = await import('node:fs');
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({
    dataDirectory: join(folder, 'postgres'),
    durable: false,
  });
  process.env.TEST_DATABASE_URL = postgres.socketUrl;
  globalThis.__parleyTestPostgres = { postgres, folder };
}

// A run that was killed leaves its folder behind.
function sweep() {
  for (const name of readdirSync(tmpdir())) {
    const path = join(tmpdir(), name);
    if (name.startsWith(PREFIX) && Date.now() - statSync(path).mtimeMs > 3_600_000) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}
