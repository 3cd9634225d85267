import type { EntitySchema } from '@mikro-orm/core';
import type { FastifyInstance } from 'fastify';
import type { BuildSchemaOptions } from 'type-graphql';
import type { z } from 'zod';
import type { SubgraphCalls } from './calls.ts';
import { HttpCalls, InProcessCalls } from './calls.ts';
import { parseConfig, type SubgraphConfig, subgraphConfigSchema } from './config.ts';
import { Consumer, type EventHandler } from './events/consumer.ts';
import { Outbox } from './events/outbox.ts';
import { PostgresTransport } from './events/postgres-transport.ts';
import { Relay } from './events/relay.ts';
import { Streams } from './events/streams.ts';
import type { EventTransport } from './events/transport.ts';
import { buildFederatedSchema } from './graphql/federation.ts';
import type { GuardedReference } from './graphql/guarded-by.ts';
import type { SubgraphHandler } from './handler.ts';
import { GraphQLHost } from './host/graphql-host.ts';
import { HttpHost } from './host/http-host.ts';
import { type NewId, newId } from './ids.ts';
import { type JobDefinition, Jobs } from './jobs/jobs.ts';
import { createLogger, type Logger } from './logger.ts';
import { openDatabase } from './persistence/database.ts';
import { DatabaseClock } from './persistence/database-clock.ts';
import { IdempotencyKeys } from './persistence/idempotency.ts';
import type { Constructor, Migration } from './persistence/migration.ts';
import { Transactions } from './persistence/transaction.ts';
import type { Actor } from './policy.ts';

/** What a resolver is given at least; each subgraph's context.ts adds its use cases and loaders. */
export interface BaseContext {
  readonly actor: Actor;
  readonly requestId: string;
  readonly streams: Streams;
  /** Subscriptions: resume after this position; null starts now. */
  readonly position: string | null;
}

/** What the kernel gives a subgraph to wire itself with. */
export interface Runtime {
  readonly transactions: Transactions;
  readonly outbox: Outbox;
  readonly idempotency: IdempotencyKeys;
  readonly clock: DatabaseClock;
  readonly streams: Streams;
  readonly calls: SubgraphCalls;
  readonly newId: NewId;
  readonly logger: Logger;
  /** Has this process look for due work after the surrounding transaction; lost with it, the timer looks. */
  wake(job: string): void;
  /** Enqueues timed work, in the surrounding transaction if there is one. */
  enqueue(job: string, payload?: Readonly<Record<string, unknown>>, jobKey?: string): Promise<void>;
}

export interface Wiring<TContext> {
  contextFor(request: BaseContext): TContext;
  /** Door 3: events of other subgraphs. */
  readonly eventHandlers?: readonly EventHandler[];
  readonly jobs?: readonly JobDefinition[];
  /** Door 2: webhooks, under /webhooks/. Handlers get the raw body as a Buffer. */
  routes?(app: FastifyInstance): void;
  close?(): Promise<void>;
}

export interface SubgraphDefinition<
  TContext extends BaseContext = BaseContext,
  Config extends z.ZodType = z.ZodType,
> {
  readonly name: string;
  /** Settings of this subgraph alone; the kernel's are added. */
  readonly config: Config;
  readonly entities: readonly EntitySchema<never>[];
  readonly migrations: readonly Constructor<Migration>[];
  readonly resolvers: BuildSchemaOptions['resolvers'];
  readonly orphanedTypes?: BuildSchemaOptions['orphanedTypes'];
  readonly references: Readonly<Record<string, GuardedReference<TContext>>>;
  wire(runtime: Runtime, config: z.infer<Config>): Wiring<TContext>;
}

/** Keeps the types of a definition together; server.ts of each subgraph is one call of this. */
export function defineSubgraph<TContext extends BaseContext, Config extends z.ZodType>(
  definition: SubgraphDefinition<TContext, Config>,
): SubgraphDefinition<TContext, Config> {
  return definition;
}

export interface StartOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Subgraphs of this process by name; a started subgraph adds itself. Absent: calls go over HTTP. */
  readonly neighbours?: Map<string, SubgraphHandler>;
}

export interface RunningSubgraph {
  readonly name: string;
  /** The signed GraphQL endpoint. */
  readonly url: string;
  readonly handler: SubgraphHandler;
  readonly runtime: Runtime;
  /** Gives parked events another try; for operators. */
  readonly consumer: Consumer;
  /** Reads the clock again and looks for due work now; after the local clock was moved. */
  clockMoved(): Promise<void>;
  close(): Promise<void>;
}

/** Builds and starts any subgraph: database, events, timed work, and its doors. */
export async function startSubgraph<TContext extends BaseContext, Config extends z.ZodType>(
  definition: SubgraphDefinition<TContext, Config>,
  { env, neighbours }: StartOptions,
): Promise<RunningSubgraph> {
  const config = parseConfig(subgraphConfigSchema, env);
  const ownConfig = parseConfig(definition.config, env);
  const logger = createLogger(definition.name, config.LOG_LEVEL);
  const [database, federated, transport] = await Promise.all([
    openDatabase({
      subgraph: definition.name,
      url: config.DATABASE_URL,
      poolMax: config.DATABASE_POOL_MAX,
      entities: definition.entities,
      migrations: definition.migrations,
    }),
    buildFederatedSchema<TContext>(definition),
    PostgresTransport.connect(config.DATABASE_URL),
  ]);

  const transactions = new Transactions(database);
  const outbox = new Outbox(transactions);
  const streams = new Streams(database, logger);
  const clock = new DatabaseClock(transactions, logger);
  let jobs: Jobs | null = null;
  const runtime: Runtime = {
    transactions,
    outbox,
    idempotency: new IdempotencyKeys(transactions),
    clock,
    streams,
    calls: callsOf(definition.name, config, neighbours),
    newId,
    logger,
    wake: (job) => {
      if (!jobs) throw new Error('timed work is not started yet');
      jobs.wake(job);
    },
    enqueue: (job, payload, jobKey) => {
      if (!jobs) throw new Error('timed work is not started yet');
      return jobs.enqueue(job, payload, jobKey);
    },
  };
  const wiring = definition.wire(runtime, ownConfig);
  const relay = new Relay(definition.name, transactions, transport, logger);
  const consumer = new Consumer(
    definition.name,
    wiring.eventHandlers ?? [],
    transactions,
    transport,
    logger,
  );
  jobs = new Jobs(definition.name, config.DATABASE_URL, wiring.jobs ?? [], transactions, logger);

  const graphql = new GraphQLHost(
    federated,
    (request) => wiring.contextFor({ ...request, streams }) as BaseContext,
    logger,
  );
  const http = new HttpHost({
    name: definition.name,
    config,
    graphql,
    logger,
    ready: () => ready(transactions),
    routes: (app) => wiring.routes?.(app),
  });

  await clock.start();
  await graphql.start();
  outbox.onAppended(() => {
    relay.wake();
    streams.wake();
  });
  // Another process of this subgraph may have written.
  transport.onPublished((news) => {
    const isOurs = (type: string) => type.startsWith(`${definition.name}.`);
    if (news === null || [...news].some(isOurs)) streams.wake();
  });
  relay.start();
  neighbours?.set(definition.name, graphql);
  await jobs.start();
  consumer.start();
  const url = await http.listen();
  logger.info({ url }, 'subgraph ready');

  return {
    name: definition.name,
    url,
    handler: graphql,
    runtime,
    consumer,
    clockMoved: async () => {
      await clock.refresh();
      await jobs?.runAll();
    },
    close: () =>
      closeInOrder(http, consumer, jobs, streams, relay, clock, graphql, wiring, transport, () =>
        database.close(true),
      ),
  };
}

function callsOf(
  name: string,
  config: SubgraphConfig,
  neighbours?: Map<string, SubgraphHandler>,
): SubgraphCalls {
  const key = config.SIGNING_KEYS[0];
  if (neighbours) return new InProcessCalls(name, neighbours);
  if (!key) throw new Error('no signing key');
  return new HttpCalls(name, config.SUBGRAPH_URLS, key);
}

async function ready(transactions: Transactions): Promise<boolean> {
  await transactions.run((em) => em.execute('select 1'));
  return true;
}

// Doors first, so that nothing new begins; then what runs by itself; the database last.
async function closeInOrder<TContext>(
  http: HttpHost,
  consumer: Consumer,
  jobs: Jobs | null,
  streams: Streams,
  relay: Relay,
  clock: DatabaseClock,
  graphql: GraphQLHost,
  wiring: Wiring<TContext>,
  transport: EventTransport,
  closeDatabase: () => Promise<void>,
): Promise<void> {
  // Sockets before streams: a client that is cut resumes, one whose stream was completed does not.
  await http.close();
  await streams.stop();
  await consumer.stop();
  await jobs?.stop();
  await relay.stop();
  clock.stop();
  await graphql.stop();
  await wiring.close?.();
  await transport.close();
  await closeDatabase();
}
