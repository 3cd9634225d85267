import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder, StartError } from './start-error.ts';

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
  if (existsSync(file)) return readSecrets(file);
  const random = () => randomBytes(32).toString('base64url');
  const secrets: LocalSecrets = {
    signing: random(),
    sealing: randomBytes(32).toString('base64'),
    cursor: random(),
    database: random(),
    carrier: random(),
  };
  makeFolder(dataDirectory);
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}

// Never made anew by itself: what was sealed with the old ones could not be opened again.
function readSecrets(file: string): LocalSecrets {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new StartError(
      `${file} is damaged, so the data beside it cannot be opened. Move the folder away to begin anew.`,
    );
  }
}
