import { createHash } from 'node:crypto';
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { type GraphQLSchema, isAbstractType } from 'graphql';
import { DEFAULT_COST_OPTIONS } from './cost.ts';
import type { FetchEnvironment } from './execution/entity-fetch.ts';
import { plannerSupergraph } from './execution/planner-supergraph.ts';
import type { Planning } from './execution/planning.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { OperationStore, type PrepareOptions } from './operations.ts';
import { readMetadata, type SupergraphMetadata } from './supergraph-metadata.ts';
import type {
  PreparedOperation,
  PrepareFailure,
  SubgraphTransport,
  SupergraphSnapshot,
} from './types.ts';

export interface SupergraphOptions extends Partial<Omit<PrepareOptions, 'limits'>> {
  readonly limits?: Partial<PrepareOptions['limits']>;
  readonly transport: SubgraphTransport;
  /** Addresses that replace those of the supergraph, by subgraph name. */
  readonly subgraphUrls?: ReadonlyMap<string, string>;
  /** Characters of `data` in one answer. Smaller cuts long lists off; larger lets one fill memory. */
  readonly answerCharactersMax?: number;
  readonly entityBatchMax?: number;
  readonly onDefect?: (error: unknown, requestId: string) => void;
}

const ANSWER_CHARACTERS_MAX = 4 * 1024 * 1024;
const ENTITY_BATCH_MAX = 200;
const OPERATIONS_MAX = 2_000;
const OPERATION_BYTES_MAX = 128 * 1024 * 1024;

/** What the gateway itself enforces, or carries out; @apollo's own list refuses it. */
const SUPPORTED_FEATURES = new Set([
  ...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  'https://specs.apollo.dev/authenticated/v0.1',
  'https://specs.apollo.dev/requiresScopes/v0.1',
  'https://specs.apollo.dev/policy/v0.1',
  'https://specs.apollo.dev/cost/v0.1',
  'https://specs.apollo.dev/context/v0.1',
]);

/** A snapshot, and what the source needs of it to prepare its successor. */
export interface LoadedSupergraph extends SupergraphSnapshot {
  readonly metadata: SupergraphMetadata;
  known(): Iterable<{ readonly body: string; readonly operationName: string | null }>;
}

/**
 * Reads a supergraph: its API schema, its planner and the directives the gateway acts upon. Throws
 * when it is not a Federation 2 supergraph or asks for a feature that is not supported.
 */
export function loadSupergraph(sdl: string, options: SupergraphOptions): LoadedSupergraph {
  const supergraph = supergraphOf(sdl);
  const plannerSdl = plannerSupergraph(sdl);
  const planned = plannerSdl === sdl ? supergraph : supergraphOf(plannerSdl);
  const metadata = readMetadata(plannerSdl);
  const planning: Planning = {
    apiSchema: supergraph.apiSchema().toGraphQLJSSchema(),
    federationApiSchema: planned.apiSchema(),
    planner: new QueryPlanner(planned, {}),
    answerCharactersMax: options.answerCharactersMax ?? ANSWER_CHARACTERS_MAX,
  };
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  const environment: FetchEnvironment = {
    execute: (request, state) => options.transport.execute(request, state.context),
    isOfType: typeTest(supergraphSchema),
    isAbstract: (name) =>
      typeof name === 'string' && isAbstractType(supergraphSchema.getType(name)),
    keys: metadata.keys,
    requiredVariants: metadata.requiredVariants,
    entityBatchMax: options.entityBatchMax ?? ENTITY_BATCH_MAX,
    onDefect: options.onDefect,
  };
  return new Snapshot(sdl, planning, metadata, environment, options);
}

function supergraphOf(sdl: string): Supergraph {
  return Supergraph.build(sdl, {
    supportedFeatures: SUPPORTED_FEATURES,
    validateSupergraph: true,
  });
}

function typeTest(schema: GraphQLSchema): (typeName: string, condition: string) => boolean {
  return (typeName, condition) => {
    const type = schema.getType(typeName);
    const on = schema.getType(condition);
    if (!type || !isAbstractType(on)) return type !== undefined && type === on;
    return 'getInterfaces' in type && schema.isSubType(on, type);
  };
}

class Snapshot implements LoadedSupergraph {
  readonly id: string;
  readonly apiSchema: GraphQLSchema;
  readonly services: ReadonlyMap<string, { readonly name: string; readonly url: string }>;
  private readonly store: OperationStore;

  constructor(
    readonly supergraphSdl: string,
    planning: Planning,
    readonly metadata: SupergraphMetadata,
    environment: FetchEnvironment,
    options: SupergraphOptions,
  ) {
    this.id = createHash('sha256').update(supergraphSdl).digest('hex');
    this.apiSchema = planning.apiSchema;
    this.services = withAddresses(metadata, options.subgraphUrls);
    this.store = new OperationStore(this, planning, metadata, environment, {
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      cost: options.cost ?? DEFAULT_COST_OPTIONS,
      introspection: options.introspection ?? false,
      suggestions: options.suggestions ?? false,
      decidePolicy: options.decidePolicy ?? (() => false),
      operationsMax: options.operationsMax ?? OPERATIONS_MAX,
      operationBytesMax: options.operationBytesMax ?? OPERATION_BYTES_MAX,
    });
  }

  prepare(body: string, operationName: string | null): PreparedOperation | PrepareFailure {
    return this.store.prepare(body, operationName);
  }

  known() {
    return this.store.known();
  }
}

function withAddresses(
  metadata: SupergraphMetadata,
  urls: ReadonlyMap<string, string> | undefined,
): SupergraphSnapshot['services'] {
  return new Map(
    [...metadata.services].map(([name, service]) => [
      name,
      { name, url: urls?.get(name) ?? service.url },
    ]),
  );
}

export interface WarmOperation {
  readonly body: string;
  readonly operationName: string | null;
}

export interface SupergraphSourceOptions extends SupergraphOptions {
  /** Operations to plan before a version takes over, beside those the old one knows. */
  readonly warmOperations?: () => Iterable<WarmOperation>;
  readonly onReloadFailed?: (error: unknown) => void;
}

/** Planning blocks the event loop: after so many milliseconds others get their turn. */
const WARM_SLICE_MS = 8;
/** Editors write a file in several steps; read it when they are done. */
const WATCH_SETTLE_MS = 100;

/**
 * The current supergraph and its succession. A new version is planned for every operation the old
 * one knows before it takes over; requests in flight finish on the version they began with, and a
 * version that cannot be loaded changes nothing.
 */
export class SupergraphSource {
  private snapshot: LoadedSupergraph;
  private readonly listeners = new Set<(snapshot: SupergraphSnapshot) => void>();
  private watcher: FSWatcher | null = null;
  private settleTimer: NodeJS.Timeout | null = null;
  private reloading: Promise<void> = Promise.resolve();

  constructor(
    sdl: string,
    private readonly options: SupergraphSourceOptions,
  ) {
    this.snapshot = loadSupergraph(sdl, options);
  }

  get current(): LoadedSupergraph {
    return this.snapshot;
  }

  /** Called after a new version took over. Returns the function that ends the calls. */
  onChange(listener: (snapshot: SupergraphSnapshot) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Plans what is known to be asked, so that the first request is as fast as any other. */
  warm(): Promise<void> {
    return warmUp(this.snapshot, this.options.warmOperations?.() ?? []);
  }

  /** One after the other: the last version asked for is the one that stays. */
  reload(sdl: string): Promise<void> {
    const run = () => this.replace(sdl);
    const result = this.reloading.then(run, run);
    this.reloading = result.catch(() => undefined);
    return result;
  }

  watchFile(file: string): void {
    const name = basename(file);
    this.watcher = watch(dirname(file), (_event, changed) => {
      if (changed !== null && changed !== name) return;
      if (this.settleTimer) clearTimeout(this.settleTimer);
      this.settleTimer = setTimeout(() => this.reloadFile(file), WATCH_SETTLE_MS).unref();
    });
    this.watcher.unref();
  }

  close(): void {
    this.watcher?.close();
    if (this.settleTimer) clearTimeout(this.settleTimer);
  }

  private reloadFile(file: string): void {
    let sdl: string;
    try {
      sdl = readFileSync(file, 'utf8');
    } catch (error) {
      this.options.onReloadFailed?.(error);
      return;
    }
    this.reload(sdl).catch((error: unknown) => this.options.onReloadFailed?.(error));
  }

  private async replace(sdl: string): Promise<void> {
    if (sdl === this.snapshot.supergraphSdl) return;
    const next = loadSupergraph(sdl, this.options);
    await warmUp(next, this.options.warmOperations?.() ?? []);
    await warmUp(next, this.snapshot.known());
    this.snapshot = next;
    for (const listener of this.listeners) listener(next);
  }
}

async function warmUp(
  snapshot: SupergraphSnapshot,
  operations: Iterable<WarmOperation>,
): Promise<void> {
  let sliceStart = performance.now();
  for (const { body, operationName } of [...operations]) {
    snapshot.prepare(body, operationName);
    if (performance.now() - sliceStart < WARM_SLICE_MS) continue;
    await new Promise(setImmediate);
    sliceStart = performance.now();
  }
}
