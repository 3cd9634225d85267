import { GraphQLError } from 'graphql';
import type { Clients, RegisteredClient } from './clients.ts';
import { watchDirectory } from './directory-watch.ts';
import { ErrorCode, refusal } from './errors.ts';
import { LruCache } from './lru-cache.ts';
import {
  canonicalDocument,
  MANIFEST_ENDING,
  type ManifestOperation,
  operationId,
  readManifests,
} from './operation-manifest.ts';
import type { ResolvedOperation } from './pipeline.ts';
import type { WarmOperation } from './supergraph.ts';
import type { Client, GraphQLParams } from './types.ts';

/** What became of one request's operation; a label for counting. */
export type OperationOutcome =
  | 'registered'
  | 'automatic'
  | 'stored'
  | 'free'
  | 'unregistered'
  | 'refused_not_found'
  | 'refused_not_in_list'
  | 'refused_hash_mismatch'
  | 'refused_id_required'
  | 'refused_malformed';

export interface PersistedOperationsOptions {
  readonly clients: Clients;
  /** A watched folder of manifests, `<client>.json` each. */
  readonly directory?: string;
  /** Called once per request; `client` is a registered name or the default's. */
  readonly observe?: (outcome: OperationOutcome, client: string) => void;
  /** Mode log-unknown: told once of each operation that ran unregistered, by its body's sha256. */
  readonly onUnregistered?: (client: string, id: string, operationName: string | null) => void;
  /** A manifest changed into something unusable. Those before it stay in force. */
  readonly onReloadFailed?: (error: Error) => void;
}

/** Apollo Client sends the whole operation when it reads this message. */
const NOT_FOUND_MESSAGE = 'PersistedQueryNotFound';
const AUTOMATIC_VERSION = 1;
const ID_PREFIX = 'sha256:';
/** More remembers rarely used screens; less makes their clients send them in full again. */
const AUTOMATIC_ENTRIES_MAX = 5_000;
const AUTOMATIC_BYTES_MAX = 16 * 1_024 * 1_024;
/** Bodies a client sends under a text that is not the registered one, compared once each. */
const COMPARED_ENTRIES_MAX = 2_000;
const COMPARED_BYTES_MAX = 8 * 1_024 * 1_024;
/** More keeps a log short; less repeats what it said before. */
const REPORTED_ENTRIES_MAX = 10_000;
const REPORTED_BYTES_MAX = 2 * 1_024 * 1_024;

interface ClientOperations {
  readonly byId: ReadonlyMap<string, RegisteredOperation>;
  readonly byText: ReadonlyMap<string, RegisteredOperation>;
  /** A document with more tokens than any that is registered cannot be one of them. */
  readonly tokensMax: number;
  readonly compared: LruCache<RegisteredOperation | null>;
}

type RegisteredOperation = Readonly<Required<ResolvedOperation>>;
type Resolution = ResolvedOperation | GraphQLError;

/** What each client may send: ids of its manifest, and documents as far as its mode lets it. */
export class PersistedOperations {
  private manifests: ReadonlyMap<string, ClientOperations>;
  private readonly automatic = new LruCache<ResolvedOperation>(
    AUTOMATIC_ENTRIES_MAX,
    AUTOMATIC_BYTES_MAX,
  );
  private readonly reported = new LruCache<true>(REPORTED_ENTRIES_MAX, REPORTED_BYTES_MAX);
  private readonly stopWatching: () => void;

  /** Throws ConfigError when a manifest cannot be used. */
  constructor(private readonly options: PersistedOperationsOptions) {
    this.manifests = this.read();
    const { directory } = options;
    this.stopWatching = directory
      ? watchDirectory(
          directory,
          (name) => name.endsWith(MANIFEST_ENDING),
          () => this.reload(),
        )
      : () => {};
  }

  /** The document to run, or why none is. The same on every transport. */
  readonly resolve = (params: GraphQLParams, client: Client): Resolution => {
    // A socket keeps the client it began with; what that client may send is decided anew.
    const current = this.options.clients.named(client.name);
    const mode = current?.mode ?? client.mode;
    const stored = current?.automaticPersistedQueries ?? false;
    return this.decide(params, client.name, mode, stored);
  };

  /** Every registered operation, to be planned before anybody asks. */
  *allOperations(): Iterable<WarmOperation> {
    const bodies = new Set<string>();
    for (const { byId } of this.manifests.values()) {
      for (const operation of byId.values()) {
        if (bodies.has(operation.body)) continue;
        bodies.add(operation.body);
        // Without a name and with its own are prepared apart: clients send either.
        yield { body: operation.body, operationName: null };
        yield { body: operation.body, operationName: operation.operationName };
      }
    }
  }

  close(): void {
    this.stopWatching();
  }

  private decide(
    params: GraphQLParams,
    client: string,
    mode: RegisteredClient['mode'],
    isAutomatic: boolean,
  ): Resolution {
    const id = idOf(params);
    if (id instanceof GraphQLError) return this.refused('refused_malformed', client, id);
    const body = params.query || null;
    if (id === null) {
      return body === null
        ? this.refused('refused_malformed', client, malformed('The request holds no operation.'))
        : this.byBody(body, params, client, mode);
    }
    if (body !== null && operationId(body) !== id) {
      return this.refused('refused_hash_mismatch', client, hashMismatch());
    }
    const registered = this.manifests.get(client)?.byId.get(id);
    if (registered) return this.counted('registered', client, registered);
    if (isAutomatic) return this.automatically(id, body, params, client, mode);
    if (body !== null && mode !== 'ids-only') return this.byBody(body, params, client, mode);
    return body === null
      ? this.refused('refused_not_found', client, notFound(mode))
      : this.refused('refused_not_in_list', client, notInList());
  }

  private byBody(
    body: string,
    params: GraphQLParams,
    client: string,
    mode: RegisteredClient['mode'],
  ): Resolution {
    if (mode === 'open') return this.counted('free', client, { body });
    if (mode === 'ids-only') return this.refused('refused_id_required', client, idRequired());
    const registered = registeredLike(body, this.manifests.get(client));
    if (registered) return this.counted('registered', client, registered);
    if (mode === 'safelist') return this.refused('refused_not_in_list', client, notInList());
    this.report(client, body, params.operationName ?? null);
    return this.counted('unregistered', client, { body });
  }

  /** Whose hash was verified is kept, for this client alone. */
  private automatically(
    id: string,
    body: string | null,
    params: GraphQLParams,
    client: string,
    mode: RegisteredClient['mode'],
  ): Resolution {
    const key = `${client} ${id}`;
    if (body === null) {
      const stored = this.automatic.get(key);
      return stored
        ? this.counted('automatic', client, stored)
        : this.refused('refused_not_found', client, notFound(mode));
    }
    const resolution = this.byBody(body, params, client, mode);
    if (!(resolution instanceof GraphQLError)) {
      this.automatic.set(key, { body }, key.length + body.length * 2);
      this.options.observe?.('stored', client);
    }
    return resolution;
  }

  private report(client: string, body: string, operationName: string | null): void {
    if (!this.options.onUnregistered) return;
    const id = operationId(body);
    const key = `${client} ${id}`;
    if (this.reported.get(key)) return;
    this.reported.set(key, true, key.length);
    this.options.onUnregistered(client, id, operationName);
  }

  private counted(outcome: OperationOutcome, client: string, operation: ResolvedOperation) {
    this.options.observe?.(outcome, client);
    return operation;
  }

  private refused(outcome: OperationOutcome, client: string, error: GraphQLError) {
    this.options.observe?.(outcome, client);
    return error;
  }

  private reload(): void {
    try {
      this.manifests = this.read();
    } catch (error) {
      this.options.onReloadFailed?.(error as Error);
    }
  }

  private read(): ReadonlyMap<string, ClientOperations> {
    const { directory } = this.options;
    if (!directory) return new Map();
    return new Map(
      [...readManifests(directory)].map(([client, operations]) => [client, indexed(operations)]),
    );
  }
}

function indexed(operations: readonly ManifestOperation[]): ClientOperations {
  const byId = new Map<string, RegisteredOperation>();
  const byText = new Map<string, RegisteredOperation>();
  let tokensMax = 0;
  for (const { id, name, body } of operations) {
    const operation = { body, operationName: name };
    const { text, tokenCount } = canonicalDocument(body);
    byId.set(id, operation);
    byText.set(text, operation);
    tokensMax = Math.max(tokensMax, tokenCount);
  }
  const compared = new LruCache<RegisteredOperation | null>(
    COMPARED_ENTRIES_MAX,
    COMPARED_BYTES_MAX,
  );
  return { byId, byText, tokensMax, compared };
}

/** The registered operation this document is but for layout and order; that one is then run. */
function registeredLike(
  body: string,
  operations: ClientOperations | undefined,
): RegisteredOperation | null {
  if (!operations) return null;
  const known = operations.compared.get(body);
  if (known !== undefined) return known;
  const found = compared(body, operations);
  operations.compared.set(body, found, body.length * 2);
  return found;
}

function compared(body: string, operations: ClientOperations): RegisteredOperation | null {
  try {
    const { text } = canonicalDocument(body, operations.tokensMax);
    return operations.byText.get(text) ?? null;
  } catch {
    return null;
  }
}

/** Lower case without its prefix; null where the request names no id. */
function idOf({ documentId, extensions }: GraphQLParams): string | GraphQLError | null {
  const hash = automaticHash(extensions?.persistedQuery);
  if (hash instanceof GraphQLError) return hash;
  const id = documentId ? documentId.toLowerCase() : null;
  const plain = id?.startsWith(ID_PREFIX) ? id.slice(ID_PREFIX.length) : id;
  if (plain !== null && hash !== null && plain !== hash) {
    return malformed('The request names two different operation ids.');
  }
  return plain ?? hash;
}

function automaticHash(persistedQuery: unknown): string | GraphQLError | null {
  if (persistedQuery === undefined || persistedQuery === null) return null;
  const { version, sha256Hash } = Object(persistedQuery) as Record<string, unknown>;
  if (version !== undefined && version !== AUTOMATIC_VERSION) {
    return malformed('Only version 1 of persisted queries is supported.');
  }
  if (typeof sha256Hash !== 'string' || sha256Hash === '') {
    return malformed('"extensions.persistedQuery.sha256Hash" is not a hash.');
  }
  return sha256Hash.toLowerCase();
}

/** Its code makes a client send the whole operation, which helps where that is allowed. */
function notFound(mode: RegisteredClient['mode']): GraphQLError {
  const message =
    mode === 'ids-only' ? 'The operation id is not registered for this client.' : NOT_FOUND_MESSAGE;
  return refusal(ErrorCode.persistedQueryNotFound, message);
}

function notInList(): GraphQLError {
  const message = 'The operation is not registered for this client.';
  return refusal(ErrorCode.persistedQueryNotInList, message);
}

function hashMismatch(): GraphQLError {
  const message = 'The operation id is not the sha256 of the document beside it.';
  return refusal(ErrorCode.persistedQueryHashMismatch, message);
}

function idRequired(): GraphQLError {
  return refusal(
    ErrorCode.operationIdRequired,
    'This client may only send the ids of registered operations.',
  );
}

function malformed(message: string): GraphQLError {
  return refusal(ErrorCode.badRequest, message);
}
