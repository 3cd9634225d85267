import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  signing: z.string(),
  sealing: z.string(),
  cursor: z.string(),
  database: z.string(),
  carrier: z.string(),
});

/** Secrets of one local installation; made once, and kept so that data and cursors survive restarts. */
export type LocalSecrets = z.infer<typeof schema>;

export function localSecrets(dataDirectory: string): LocalSecrets {
  const file = join(dataDirectory, 'secrets.json');
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
  }
  const random = () => randomBytes(32).toString('base64url');
  const secrets: LocalSecrets = {
    signing: random(),
    sealing: randomBytes(32).toString('base64'),
    cursor: random(),
    database: random(),
    carrier: random(),
  };
  mkdirSync(dataDirectory, { recursive: true });
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}
