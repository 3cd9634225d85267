import { randomInt } from 'node:crypto';
import pg from 'pg';

/** One branch for each connection and more, as pgbench advises: rows are not what is waited for. */
const BRANCHES = 50;
const TELLERS = BRANCHES * 10;
const ACCOUNTS = BRANCHES * 1_000;

/**
 * pgbench's own transaction (TPC-B: three updates, a read, an insert), prepared, on the same server
 * and with the same durability: `commits` of them one after the other stand for a payment.
 */
export class BareTransactions {
  private constructor(private readonly pool: pg.Pool) {}

  static async create(databaseUrl: string, connections: number): Promise<BareTransactions> {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: connections });
    await pool.query(`
      create schema bench_pay;
      create table bench_pay.branch (id int primary key, balance bigint not null);
      create table bench_pay.teller (id int primary key, balance bigint not null);
      create table bench_pay.account (id int primary key, balance bigint not null, filler char(84));
      create table bench_pay.history (teller int, branch int, account int, delta int, at timestamptz, filler char(22));
      insert into bench_pay.branch select n, 0 from generate_series(1, ${BRANCHES}) n;
      insert into bench_pay.teller select n, 0 from generate_series(1, ${TELLERS}) n;
      insert into bench_pay.account select n, 0 from generate_series(1, ${ACCOUNTS}) n;
      analyze bench_pay.branch, bench_pay.teller, bench_pay.account`);
    return new BareTransactions(pool);
  }

  /** `count` times `commits` transactions, `inFlight` at a time; resolves to waits in milliseconds. */
  async run(count: number, commits: number, inFlight: number): Promise<number[]> {
    const waits: number[] = [];
    let next = 0;
    const worker = async () => {
      const client = await this.pool.connect();
      try {
        while (next++ < count) {
          const begun = performance.now();
          for (let commit = 0; commit < commits; commit += 1) await transaction(client);
          waits.push(performance.now() - begun);
        }
      } finally {
        client.release();
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    return waits;
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

async function transaction(client: pg.PoolClient): Promise<void> {
  const [branch, teller, account] = [BRANCHES, TELLERS, ACCOUNTS].map((max) => randomInt(max) + 1);
  const delta = randomInt(10_000) - 5_000;
  const run = (name: string, text: string, values: unknown[]) =>
    client.query({ name: `bench-${name}`, text, values });
  await client.query('begin');
  await run('account', 'update bench_pay.account set balance = balance + $1 where id = $2', [
    delta,
    account,
  ]);
  await run('read', 'select balance from bench_pay.account where id = $1', [account]);
  await run('teller', 'update bench_pay.teller set balance = balance + $1 where id = $2', [
    delta,
    teller,
  ]);
  await run('branch', 'update bench_pay.branch set balance = balance + $1 where id = $2', [
    delta,
    branch,
  ]);
  await run('history', 'insert into bench_pay.history values ($1, $2, $3, $4, now(), null)', [
    ...[teller, branch, account, delta],
  ]);
  await client.query('commit');
}
