import pg from 'pg';
import { subgraph as catalog } from '../../../subgraphs/catalog/server.ts';
import { violationsIn } from '../../../subgraphs/invariants/check.ts';
import { GOODS } from '../../../subgraphs/invariants/goods.ts';
import { MONEY } from '../../../subgraphs/invariants/money.ts';
import { bootstrapDatabase, subgraphUrl } from '../../../subgraphs/kernel/persistence/bootstrap.ts';
import { type Database, openDatabase } from '../../../subgraphs/kernel/persistence/database.ts';
import { subgraph as orders } from '../../../subgraphs/orders/server.ts';
import { subgraph as payments } from '../../../subgraphs/payments/server.ts';
import { FEE_BASIS_POINTS } from '../world/people.ts';

const PASSWORD = 'parley-test';
const SUBGRAPHS = { payments, orders, catalog } as const;
/** Tables that hold policy, not what happened. */
const KEPT = /(_policy|_limit|prohibited_term|migration|relay_cursor|holiday)$/;

export type Databases = Readonly<Record<keyof typeof SUBGRAPHS, Database>>;

/** The real schemas of three subgraphs in a database of their own, emptied between schedules. */
export class SimulationDatabase {
  private constructor(
    readonly databases: Databases,
    private readonly admin: pg.Client,
    private readonly empty: string,
    private readonly drop: () => Promise<void>,
  ) {}

  static async create(serverUrl: string, name: string): Promise<SimulationDatabase> {
    const server = new pg.Client({ connectionString: serverUrl });
    await server.connect();
    await server.query(`drop database if exists ${name} with (force)`);
    await server.query(`create database ${name}`);
    // The server is not killed here, so nothing is lost by not waiting for the disk.
    await server.query(`alter database ${name} set synchronous_commit = off`);
    await server.query(`alter database ${name} set jit = off`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    await bootstrapDatabase(url.toString(), () => PASSWORD);
    const opened = new Map<string, Database>();
    for (const [subgraph, { entities, migrations }] of Object.entries(SUBGRAPHS))
      opened.set(
        subgraph,
        await openDatabase({
          ...{ subgraph, entities, migrations, poolMax: 6 },
          url: subgraphUrl(url.toString(), subgraph as 'payments', PASSWORD),
        }),
      );
    const admin = new pg.Client({ connectionString: url.toString() });
    await admin.connect();
    for (const [origin, basisPoints] of Object.entries(FEE_BASIS_POINTS))
      await admin.query(
        'update payments.platform_fee_policy set basis_points = $1 where origin = $2',
        [basisPoints, origin],
      );
    const { rows } = await admin.query<{ name: string }>(
      `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
       where schemaname in ('payments', 'orders', 'catalog')`,
    );
    const tables = rows
      .map((row) => row.name)
      .filter((table) => !KEPT.test(table.replaceAll('"', '')));
    // Deleting is far faster than truncating where tables hold a few rows; no trigger stands in the way.
    const empty = [
      `set session_replication_role = replica`,
      ...tables.map((table) => `delete from ${table}`),
      ...Object.keys(SUBGRAPHS).map(
        (subgraph) => `update ${subgraph}.relay_cursor set xid = '0', id = 0`,
      ),
      'set session_replication_role = origin',
    ].join('; ');
    const databases = Object.fromEntries(opened) as unknown as Databases;
    return new SimulationDatabase(databases, admin, empty, async () => {
      await server.query(`drop database ${name} with (force)`);
      await server.end();
    });
  }

  async clear(): Promise<void> {
    await this.admin.query(this.empty);
  }

  query<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
    return this.admin.query<T>(sql).then(({ rows }) => rows);
  }

  /** The product's own invariants over money and goods, as `npm run invariants` has them. */
  async brokenInvariants(): Promise<{ invariant: string; text: string }[]> {
    const violations = await violationsIn(this.admin, [...MONEY, ...GOODS]);
    return violations.map(({ id, problem }) => ({ invariant: id, text: problem }));
  }

  async close(): Promise<void> {
    for (const database of Object.values(this.databases)) await database.close(true);
    await this.admin.end();
    await this.drop();
  }
}
