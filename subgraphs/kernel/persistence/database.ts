import type { EntitySchema, MikroORM as Orm } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { schemaOf } from './bootstrap.ts';
import { KernelOperations } from './kernel-operations.migration.ts';
import { KernelTables } from './kernel-tables.migration.ts';
import type { Constructor, Migration } from './migration.ts';
import { OutboxOrder } from './outbox-order.migration.ts';
import { TransactionClient } from './transaction-client.ts';

export type Database = MikroORM;

export interface DatabaseOptions {
  readonly subgraph: string;
  readonly url: string;
  readonly poolMax: number;
  readonly entities: readonly EntitySchema<never>[];
  /** In order, oldest first; the kernel's own tables come before all of them. */
  readonly migrations: readonly Constructor<Migration>[];
}

/**
 * Connects as the subgraph's own role, whose search path is its own schema, and brings that schema
 * up to date. Two processes starting at once take turns by an advisory lock.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const orm = await MikroORM.init({
    clientUrl: options.url,
    // Subgraphs share a process: without a name of its own, one's unit of work would be found by another.
    contextName: options.subgraph,
    entities: [...options.entities] as never,
    discovery: { warnWhenNoEntities: false },
    pool: { min: 0, max: options.poolMax },
    forceUtcTimezone: true,
    ensureDatabase: false,
    extensions: [Migrator],
    migrations: {
      // Qualified: the migrator looks for a bare name in "public" only, and would make the table again.
      tableName: `${schemaOf(options.subgraph)}.migration`,
      migrationsList: [KernelTables, OutboxOrder, KernelOperations, ...options.migrations].map(
        (migration) => ({
          name: migration.name,
          class: migration as never,
        }),
      ),
      snapshot: false,
      snapshotOnMigrate: false,
      silent: true,
    },
    driverOptions: {
      Client: TransactionClient,
      // A transaction left open would hold back every event reader; the server ends it.
      idle_in_transaction_session_timeout: 15_000,
      statement_timeout: 15_000,
      application_name: `parley-${options.subgraph}`,
      // Only its own schema: an unqualified name can never reach anything else. Statements that take less
      // than a millisecond are not worth compiling, and a wrong guess at a table's size costs fifty.
      options: `-c search_path=${schemaOf(options.subgraph)} -c jit=off`,
    },
  } as never);
  await migrate(orm as never, options.subgraph);
  return orm as Database;
}

async function migrate(orm: Orm, subgraph: string): Promise<void> {
  const em = (orm as Database).em.fork();
  await em.transactional(async (locked) => {
    await locked.execute('select pg_advisory_xact_lock(hashtext(?))', [`migrate:${subgraph}`]);
    await (orm as Database).migrator.up();
  });
}
