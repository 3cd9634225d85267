import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type ApiKeyEntry, isActive, issueApiKey } from './api-keys.ts';
import { ACTIVE_KEYS_MAX, type ClientRegistryFile, readClientFile } from './clients.ts';
import { ConfigError } from './config.ts';

// `npm run clients:key`: makes, retires and removes the API keys of a registry file.

const USAGE = `Makes an API key for a registered client, prints it once and stores its hash.

  npm run clients:key -- --client NAME [options]

  --client NAME      a client of the registry
  --not-after TIME   RFC 3339; the key ends then
  --retire ID        instead of making a key: this one ends at --not-after, or now
  --remove ID        instead of making a key: this one is forgotten
  --file FILE        default schema/clients.json
`;

/** Runs the command; returns what it prints. Throws ConfigError with one clear line. */
export function runClientsKey(args: readonly string[]): string {
  const flags = flagsOf(args);
  if (flags.help) return USAGE;
  if (flags.client === undefined) throw new ConfigError('--client NAME is missing; try --help');
  const file = flags.file ?? 'schema/clients.json';
  const notAfter = flags['not-after'];
  if (notAfter !== undefined && Number.isNaN(Date.parse(notAfter))) {
    throw new ConfigError(
      `--not-after is "${notAfter}": expected a time like 2030-01-31T00:00:00Z`,
    );
  }
  const change = { client: flags.client, notAfter: notAfter && new Date(notAfter).toISOString() };
  if (flags.remove !== undefined) return remove(file, change.client, flags.remove);
  if (flags.retire !== undefined) {
    return retire(file, change.client, flags.retire, change.notAfter ?? new Date().toISOString());
  }
  return add(file, change.client, change.notAfter);
}

function add(file: string, client: string, notAfter: string | undefined): string {
  const { key, entry } = issueApiKey(notAfter);
  edit(file, client, (keys) => {
    const active = keys.filter((each) => isActive(each, Date.now()));
    if (active.length >= ACTIVE_KEYS_MAX) {
      const ids = active.map(({ id }) => id).join(' and ');
      throw new ConfigError(`${client} has two active keys: retire or remove ${ids} first`);
    }
    return [...keys, entry];
  });
  return `${key}\n\nThis is the only time the key is shown. Its id is ${entry.id}.\n`;
}

function retire(file: string, client: string, id: string, notAfter: string): string {
  edit(file, client, (keys) =>
    known(keys, client, id).map((key) => (key.id === id ? { ...key, notAfter } : key)),
  );
  return `Key ${id} of ${client} ends at ${notAfter}.\n`;
}

function remove(file: string, client: string, id: string): string {
  edit(file, client, (keys) => known(keys, client, id).filter((key) => key.id !== id));
  return `Key ${id} of ${client} is gone.\n`;
}

function known(keys: readonly ApiKeyEntry[], client: string, id: string): readonly ApiKeyEntry[] {
  if (keys.some((key) => key.id === id)) return keys;
  throw new ConfigError(`${client} has no key ${id}`);
}

/** A running gateway reads the file whenever it changes: it is replaced whole or not at all. */
function edit(
  file: string,
  client: string,
  change: (keys: readonly ApiKeyEntry[]) => readonly ApiKeyEntry[],
): void {
  readClientFile(file);
  const registry = JSON.parse(readFileSync(file, 'utf8')) as ClientRegistryFile;
  const entry = registry.clients.find(({ name }) => name === client);
  if (!entry) throw new ConfigError(`${file} has no client "${client}"`);
  entry.apiKeys = [...change(entry.apiKeys ?? [])];
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(registry, null, 2)}\n`, { mode: 0o644 });
  renameSync(draft, file);
}

function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        client: { type: 'string' },
        'not-after': { type: 'string' },
        retire: { type: 'string' },
        remove: { type: 'string' },
        file: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}; try --help`);
  }
}

if (process.argv[1]?.endsWith('gateway/clients-key.ts')) {
  try {
    process.stdout.write(runClientsKey(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`clients:key: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
