import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import {
  API_KEY_HASH,
  API_KEY_ID,
  type ApiKeyEntry,
  apiKeyId,
  isActive,
  isApiKeyOf,
} from './api-keys.ts';
import { ConfigError } from './config.ts';
import { watchDirectory } from './directory-watch.ts';
import type { Client } from './types.ts';

/** A client program as it is registered. */
export interface RegisteredClient extends Client {
  readonly kind: 'first-party' | 'partner';
  readonly apiKeys: readonly ApiKeyEntry[];
  /** Cost points each user of this client may spend per minute; null is unlimited. */
  readonly userCostPerMinute: number | null;
  /** Whether it may store operations by sending them once with their hash. Never for partners. */
  readonly automaticPersistedQueries: boolean;
  /** Partners: the sellers that granted it the right to act for them. */
  readonly sellers: readonly string[];
}

/** The client of callers that name none, or one that is not registered. */
export const DEFAULT_CLIENT = 'default';
/** Two allow a rotation without a gap; with more, forgotten keys stay good. */
export const ACTIVE_KEYS_MAX = 2;
/** A client's name is also the name of its manifest's file. */
const CLIENT_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const MODES = ['open', 'log-unknown', 'safelist', 'ids-only'] as const;

const points = z.number().int().positive().nullable();
const entrySchema = z
  .strictObject({
    name: z.string().regex(CLIENT_NAME, 'a name is lower case letters, digits and hyphens'),
    kind: z.enum(['first-party', 'partner']),
    mode: z.enum(MODES),
    apiKeys: z
      .array(
        z.strictObject({
          id: z.string().regex(API_KEY_ID),
          hash: z.string().regex(API_KEY_HASH, 'a hash is "sha256:" and 64 hex digits'),
          notAfter: z.iso.datetime({ offset: true }).optional(),
        }),
      )
      .default([]),
    costPerMinute: points.default(null),
    userCostPerMinute: points.default(null),
    automaticPersistedQueries: z.boolean().default(false),
    sellers: z.array(z.string().min(1)).max(1_000).default([]),
  })
  .superRefine((client, context) => {
    for (const message of contradictionsOf(client)) context.addIssue({ code: 'custom', message });
  });
const registrySchema = z.strictObject({ clients: z.array(entrySchema) });

export type ClientRegistryFile = z.input<typeof registrySchema>;

function contradictionsOf(client: RegisteredClient): string[] {
  const faults: string[] = [];
  if (client.kind === 'partner' && client.mode !== 'ids-only') {
    faults.push(`a partner's mode is ids-only, not ${client.mode}`);
  }
  if (client.automaticPersistedQueries && !['open', 'log-unknown'].includes(client.mode)) {
    faults.push(`automatic persisted queries would let a client in mode ${client.mode} send any`);
  }
  if (client.kind === 'first-party' && client.sellers.length > 0) {
    faults.push('only partners are granted sellers');
  }
  if (client.name === DEFAULT_CLIENT && client.kind === 'partner') {
    faults.push(`"${DEFAULT_CLIENT}" is whoever names no client, and cannot be a partner`);
  }
  return faults;
}

export interface ClientsOptions {
  /** A JSON file that is watched: `{"clients": [...]}`. */
  readonly file?: string;
  /** The same, not from a file. */
  readonly registry?: ClientRegistryFile;
  /**
   * What callers may send whose client is not registered, unless the registry has an entry named
   * `default`. Open lets strangers send any operation; ids-only serves registered clients alone.
   */
  readonly defaultMode?: Client['mode'];
  /** The file changed into something unusable. The registry before it stays in force. */
  readonly onReloadFailed?: (error: Error) => void;
}

export type ApiKeyOutcome =
  | { readonly client: RegisteredClient; readonly entry: ApiKeyEntry }
  | 'unknown'
  | 'expired';

interface Registry {
  readonly byName: ReadonlyMap<string, RegisteredClient>;
  readonly byKeyId: ReadonlyMap<string, { client: RegisteredClient; entry: ApiKeyEntry }>;
  readonly fallback: RegisteredClient;
}

/** The registered clients, now: a changed file takes effect without a restart. */
export class Clients {
  private registry: Registry;
  private readonly listeners = new Set<() => void>();
  private readonly stopWatching: () => void;

  /** Throws ConfigError when the registry cannot be used. */
  constructor(private readonly options: ClientsOptions) {
    this.registry = this.read();
    const { file } = options;
    this.stopWatching = file
      ? watchDirectory(
          dirname(file),
          (name) => name === basename(file),
          () => this.reload(),
        )
      : () => {};
  }

  get all(): Iterable<RegisteredClient> {
    return this.registry.byName.values();
  }

  named(name: string): RegisteredClient | undefined {
    return this.registry.byName.get(name);
  }

  /** Who calls by a name alone. A name proves nothing, so that it never stands for a partner. */
  byHeader(name: string | undefined): RegisteredClient {
    const client = name === undefined ? undefined : this.registry.byName.get(name);
    return client?.kind === 'first-party' ? client : this.registry.fallback;
  }

  byApiKey(key: string, nowMs = Date.now()): ApiKeyOutcome {
    const found = this.registry.byKeyId.get(apiKeyId(key) ?? '');
    if (!isApiKeyOf(key, found?.entry) || !found) return 'unknown';
    return isActive(found.entry, nowMs) ? found : 'expired';
  }

  /** Called after a changed registry took effect. Returns the function that ends the calls. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.stopWatching();
  }

  private reload(): void {
    try {
      this.registry = this.read();
    } catch (error) {
      this.options.onReloadFailed?.(error as Error);
      return;
    }
    for (const listener of this.listeners) listener();
  }

  private read(): Registry {
    const { file, registry = { clients: [] }, defaultMode = 'ids-only' } = this.options;
    const clients = file ? readClientFile(file) : parseClients(registry, 'the client registry');
    const byName = new Map(clients.map((client) => [client.name, client]));
    const fallback = byName.get(DEFAULT_CLIENT) ?? unregistered(defaultMode);
    const byKeyId = new Map(
      clients.flatMap((client) =>
        client.apiKeys.map((entry) => [entry.id, { client, entry }] as const),
      ),
    );
    return { byName, byKeyId, fallback };
  }
}

/** Reads and checks a registry file. Throws ConfigError with one line that names the entry. */
export function readClientFile(file: string): readonly RegisteredClient[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`);
  }
  return parseClients(value, file);
}

function parseClients(value: unknown, source: string): readonly RegisteredClient[] {
  const result = registrySchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new ConfigError(`${source}: ${placeOf(value, issue?.path ?? [])}: ${issue?.message}`);
  }
  const { clients } = result.data;
  for (const [what, names] of [
    ['client', clients.map(({ name }) => name)],
    ['API key id', clients.flatMap(({ apiKeys }) => apiKeys.map(({ id }) => id))],
  ] as const) {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new ConfigError(`${source}: two entries for ${what} "${twice}"`);
  }
  for (const client of clients) {
    const active = client.apiKeys.filter((entry) => isActive(entry, Date.now())).length;
    if (active > ACTIVE_KEYS_MAX) {
      throw new ConfigError(
        `${source}: ${client.name} has ${active} active API keys; ${ACTIVE_KEYS_MAX} are allowed`,
      );
    }
  }
  return clients;
}

function placeOf(value: unknown, path: readonly PropertyKey[]): string {
  const [list, index, ...rest] = path;
  if (list !== 'clients' || typeof index !== 'number') return path.join('.') || 'the file';
  const { clients } = value as { clients: readonly { name?: unknown }[] };
  const { name } = clients[index] ?? {};
  return [typeof name === 'string' ? name : `client ${index}`, ...rest].join('.');
}

function unregistered(mode: Client['mode']): RegisteredClient {
  return {
    name: DEFAULT_CLIENT,
    kind: 'first-party',
    mode,
    apiKeys: [],
    costPerMinute: null,
    userCostPerMinute: null,
    automaticPersistedQueries: false,
    sellers: [],
  };
}
