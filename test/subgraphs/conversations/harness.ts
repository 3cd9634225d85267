import { createHash } from 'node:crypto';
import { buildSchema, type GraphQLSchema, graphql } from 'graphql';
import pg from 'pg';
import type { EventEnvelope } from '../../../subgraphs/kernel/events/envelope.ts';
import { PostgresTransport } from '../../../subgraphs/kernel/events/postgres-transport.ts';
import type { EventSink, SubgraphHandler } from '../../../subgraphs/kernel/handler.ts';
import { sellerIdOf } from '../../../subgraphs/kernel/ids.ts';
import {
  bootstrapDatabase,
  type SubgraphName,
  subgraphUrl,
} from '../../../subgraphs/kernel/persistence/bootstrap.ts';
import {
  type RunningSubgraph,
  type SubgraphDefinition,
  startSubgraph,
} from '../../../subgraphs/kernel/subgraph.ts';
import { createTestDatabase } from '../../support/database.ts';

const PASSWORD = 'parley-test';

export type Claims = Readonly<Record<string, unknown>> | null;

/** A stable id of a kind, from a short name. */
export function idOf(prefix: string, name: string): string {
  return `${prefix}_${createHash('sha256').update(`${prefix}:${name}`).digest('hex').slice(0, 32)}`;
}

export function member(name: string): { claims: Claims; userId: string; sellerId: string } {
  const userId = idOf('usr', name);
  return {
    claims: { iss: 'test', sub: userId, kind: 'member', name },
    userId,
    sellerId: sellerIdOf(userId),
  };
}

export const support: Claims = { iss: 'test', sub: idOf('usr', 'support'), kind: 'support' };
export const system: Claims = { iss: 'parley:subgraph', sub: 'test', kind: 'system' };

// biome-ignore lint/suspicious/noExplicitAny: answers are asserted whole, field by field
export type Answer = { data?: any; errors?: { message: string; extensions: { code: string } }[] };

/** A neighbour of the test's own: answers system calls from a schema and plain functions. */
export function neighbour(sdl: string, rootValue: Record<string, unknown>): SubgraphHandler {
  const schema: GraphQLSchema = buildSchema(sdl);
  return {
    execute: async ({ query, variables }) =>
      ({
        ...(await graphql({ schema, source: query, variableValues: variables, rootValue })),
      }) as never,
    subscribe: () => {
      throw new Error('no streams here');
    },
  };
}

export interface Harness {
  readonly running: RunningSubgraph;
  readonly neighbours: Map<string, SubgraphHandler>;
  ask(claims: Claims, query: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** Runs SQL as the administrator, in the subgraph's schema. */
  // biome-ignore lint/suspicious/noExplicitAny: rows of any statement
  sql(statement: string, values?: unknown[]): Promise<any[]>;
  /** Publishes an event in another subgraph's name and waits until this one has handled it. */
  hear(
    source: SubgraphName,
    type: string,
    aggregateId: string,
    payload: object,
  ): Promise<EventEnvelope>;
  republish(event: EventEnvelope): Promise<void>;
  subscribe(claims: Claims, query: string, variables?: Record<string, unknown>): Stream;
  moveClock(milliseconds: number): Promise<void>;
  /** Statements sent while `work` ran, without those of the event loops that run by themselves. */
  statements(work: () => Promise<unknown>): Promise<string[]>;
  close(): Promise<void>;
}

export interface Stream {
  readonly events: Answer[];
  readonly positions: string[];
  readonly refused: { extensions?: Record<string, unknown> }[];
  close(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: any subgraph
type AnyDefinition = SubgraphDefinition<any, any>;

export async function startHarness(
  definition: AnyDefinition,
  neighbours: Map<string, SubgraphHandler>,
  env: Record<string, string> = {},
): Promise<Harness> {
  const database = await createTestDatabase();
  await bootstrapDatabase(database.url, () => PASSWORD);
  const name = definition.name as SubgraphName;
  const running = await startSubgraph(definition, {
    env: {
      NODE_ENV: 'test',
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
      DATABASE_URL: subgraphUrl(database.url, name, PASSWORD),
      SIGNING_KEYS: `test:${'s'.repeat(32)}`,
      ...env,
    },
    neighbours,
  });
  const schema = name.replaceAll('-', '_');
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query(`set search_path = ${schema}`);
  const transports = new Map<string, PostgresTransport>();
  const versions = new Map<string, number>();
  let serial = 0;

  const sql: Harness['sql'] = async (statement, values = []) =>
    (await admin.query(statement, values)).rows;

  const republish: Harness['republish'] = async (event) => {
    const known = transports.get(event.source);
    const transport =
      known ??
      (await PostgresTransport.connect(
        subgraphUrl(database.url, event.source as SubgraphName, PASSWORD),
      ));
    transports.set(event.source, transport);
    await transport.publish([event]);
    await until(async () => {
      const seen = await sql(
        `select 1 from inbox where event_id = $1 union all select 1 from parked_event where event_id = $1`,
        [event.eventId],
      );
      return seen.length > 0;
    });
  };

  return {
    running,
    neighbours,
    sql,
    republish,
    ask: (claims, query, variables = {}) =>
      running.handler.execute(
        {
          query,
          // As they come over the wire: dates are text.
          variables: JSON.parse(JSON.stringify(variables)),
          operationName: null,
          kind: query.trimStart().startsWith('mutation') ? 'mutation' : 'query',
        },
        claims,
        { requestId: 'test', signal: new AbortController().signal, deadline: Date.now() + 10_000 },
      ) as Promise<Answer>,
    async hear(source, type, aggregateId, payload) {
      const version = (versions.get(aggregateId) ?? 0) + 1;
      versions.set(aggregateId, version);
      serial += 1;
      const event: EventEnvelope = {
        eventId: idOf('evt', `${type}:${aggregateId}:${serial}`),
        type,
        schemaVersion: 1,
        source,
        aggregateId,
        aggregateVersion: version,
        occurredAt: new Date().toISOString(),
        payload: payload as Record<string, unknown>,
      };
      await republish(event);
      return event;
    },
    subscribe(claims, query, variables = {}) {
      const events: Answer[] = [];
      const positions: string[] = [];
      const refused: Stream['refused'] = [];
      const sink: EventSink = {
        next: (event) => {
          // Where the stream stands before its first event: it is open.
          if (event.extensions?.bookmark) {
            positions.push(event.extensions.position ?? '');
            return;
          }
          events.push({ data: event.data, errors: event.errors as never });
          positions.push(event.extensions?.position ?? '');
        },
        error: (errors) => {
          refused.push(...errors);
        },
        complete: () => {},
        disconnected: () => {},
      };
      const { position, ...rest } = variables as { position?: string };
      const stream = running.handler.subscribe(
        {
          query,
          variables: rest,
          operationName: null,
          kind: 'subscription',
          ...(position ? { position } : {}),
        },
        claims,
        { requestId: 'test', signal: new AbortController().signal, deadline: Infinity },
        sink,
      );
      return { events, positions, refused, close: () => stream.close() };
    },
    async moveClock(milliseconds) {
      await sql('update parley_clock.shift set milliseconds = milliseconds + $1', [milliseconds]);
      await running.clockMoved();
    },
    async statements(work) {
      const reader = running.runtime.transactions.reader();
      const logger = reader.config.getLogger();
      const seen: string[] = [];
      const logQuery = logger.logQuery.bind(logger);
      const isEnabled = logger.isEnabled.bind(logger);
      Object.assign(logger, {
        isEnabled: () => true,
        logQuery: (context: { query?: string }) => {
          const query = context.query ?? '';
          const isOwn = !/\b(outbox|relay_cursor|inbox_cursor|parley_clock)\b/.test(query);
          if (isOwn && /^\s*(select|insert|update|delete|with)/i.test(query)) seen.push(query);
        },
      });
      try {
        await work();
      } finally {
        Object.assign(logger, { logQuery, isEnabled });
      }
      return seen;
    },
    async close() {
      await running.close();
      for (const transport of transports.values()) await transport.close();
      await admin.end();
      await database.drop();
    },
  };
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
