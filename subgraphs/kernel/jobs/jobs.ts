import { type Runner, run, type TaskList, Logger as WorkerLogger } from 'graphile-worker';
import pg from 'pg';
import type { Logger } from '../logger.ts';
import type { Transactions } from '../persistence/transaction.ts';
import { HELD } from '../persistence/transaction-client.ts';

/** A piece of timed work. Must be harmless to repeat: a killed worker's job runs again. */
export interface JobDefinition {
  readonly name: string;
  /** Runs at least this often, and at once when woken. Null: only when enqueued. */
  readonly everySeconds: number | null;
  run(payload: Readonly<Record<string, unknown>>): Promise<void>;
}

/**
 * How long a job may run before another worker takes it, too; running twice is harmless. Shorter
 * repeats slow jobs; longer leaves the work of a killed process lying.
 */
const LEASE_MS = 60_000;
/** Longer leaves timed work standing; shorter hammers a database that is away. */
const RESTART_MS = 250;

/**
 * Timed work on graphile-worker, in the schema `<subgraph>_jobs`. The due rows themselves are the
 * truth: a job only says "look now", finds what is due by the database's clock, and locks it row by
 * row. So a lost or late job costs time, and a repeated one finds nothing left to do.
 */
export class Jobs {
  private runner: Runner | null = null;
  private pool: pg.Pool | null = null;
  private timers: NodeJS.Timeout[] = [];
  private stopped = false;
  private readonly schema: string;
  private readonly looks = new Map<string, Look>();

  constructor(
    private readonly subgraph: string,
    private readonly url: string,
    private readonly definitions: readonly JobDefinition[],
    private readonly transactions: Transactions,
    private readonly logger: Logger,
  ) {
    this.schema = `${subgraph.replaceAll('-', '_')}_jobs`;
    for (const job of definitions)
      if (job.everySeconds !== null) this.looks.set(job.name, new Look(() => job.run({})));
  }

  async start(): Promise<void> {
    if (this.definitions.length === 0) return;
    this.pool = new pg.Pool({
      connectionString: this.url,
      max: 4,
      application_name: `parley-${this.subgraph}-jobs`,
    });
    // graphile-worker reconnects by itself; without listeners a lost connection would end the process.
    this.pool.on('error', () => {});
    this.pool.on('connect', (client) => client.on('error', () => {}));
    await this.work(this.pool);
    await this.releaseStale();
    const leases = setInterval(() => {
      this.releaseStale().catch((err: unknown) =>
        this.logger.warn({ err }, 'could not release jobs of workers that are gone'),
      );
    }, LEASE_MS / 2);
    leases.unref();
    this.timers.push(leases);
    await this.runAll();
    for (const job of this.definitions) {
      if (job.everySeconds === null) continue;
      const timer = setInterval(() => {
        this.enqueue(job.name).catch((err: unknown) =>
          this.logger.warn({ err, job: job.name }, 'could not enqueue'),
        );
      }, job.everySeconds * 1_000);
      timer.unref();
      this.timers.push(timer);
    }
  }

  /** Enqueues in the surrounding transaction, if there is one. The same job waiting twice is one job. */
  async enqueue(
    name: string,
    payload: Readonly<Record<string, unknown>> = {},
    jobKey = name,
  ): Promise<void> {
    await this.transactions.run((em) =>
      em.execute(
        `${HELD}select ${this.schema}.add_job(identifier => ?, payload => ?::json, job_key => ?, max_attempts => 25)`,
        [name, JSON.stringify(payload), jobKey],
      ),
    );
  }

  /**
   * Has this process look for due work of one kind, once the surrounding transaction has committed. It
   * costs the database nothing. A call that dies with the process is made good by the next timer, so
   * it is for work that can wait that long.
   */
  wake(name: string): void {
    const look = this.looks.get(name);
    if (!look) throw new Error(`${name} is no timed work of ${this.subgraph}`);
    const begin = () => {
      if (this.stopped) return;
      look.run().catch((err: unknown) => {
        this.logger.error({ err, job: name }, 'job failed; the timer will try again');
      });
    };
    if (this.transactions.isOpen()) this.transactions.afterCommit(begin);
    else begin();
  }

  /** Looks for due work of every kind now; used at the start and after the local clock was moved. */
  async runAll(): Promise<void> {
    for (const job of this.definitions) if (job.everySeconds !== null) await this.enqueue(job.name);
  }

  /** What a killed worker held is anybody's again: the library itself waits four hours. */
  private async releaseStale(): Promise<void> {
    await this.pool?.query(
      `select ${this.schema}.force_unlock_workers(gone.workers) from (
         select array_agg(distinct locked_by) as workers from ${this.schema}.jobs
         where locked_at < now() - $1 * interval '1 millisecond') as gone
       where gone.workers is not null`,
      [LEASE_MS],
    );
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearInterval(timer);
    // One that has just ended by itself refuses to be stopped; there is nothing left to stop then.
    await this.runner?.stop().catch(() => {});
    await Promise.all([...this.looks.values()].map((look) => look.close()));
    await this.pool?.end();
  }

  // A worker ends by itself when another schema of the same database is migrated: its notification
  // names no schema. Without a new one, timed work would stand still until the next restart.
  private async work(pgPool: pg.Pool): Promise<void> {
    const runner = await run({
      pgPool,
      schema: this.schema,
      taskList: Object.fromEntries(
        this.definitions.map((job) => [job.name, this.task(job)]),
      ) as TaskList,
      concurrency: 2,
      pollInterval: 1_000,
      noHandleSignals: true,
      noPreparedStatements: false,
      // Otherwise the end of a job that the database cannot be told of is nobody's to catch, and a
      // restart of PostgreSQL ends this process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      logger: new WorkerLogger(() => () => {}),
    });
    if (this.stopped) return void (await runner.stop());
    this.runner = runner;
    const again = () => {
      if (this.stopped || this.runner !== runner) return;
      this.runner = null;
      const retry = () => {
        if (!this.stopped) this.work(pgPool).catch(() => setTimeout(retry, RESTART_MS).unref());
      };
      setTimeout(retry, RESTART_MS).unref();
    };
    runner.promise.then(again, again);
  }

  private task(job: JobDefinition) {
    return async (payload: unknown): Promise<void> => {
      try {
        const look = this.looks.get(job.name);
        if (look) await look.run();
        else await job.run((payload ?? {}) as Readonly<Record<string, unknown>>);
      } catch (err) {
        this.logger.error({ err, job: job.name }, 'job failed; it will be tried again');
        throw err;
      }
    };
  }
}

/** One look at a time: whoever asks during one is answered by the next, together with all who wait. */
class Look {
  private running: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private isClosed = false;

  constructor(private readonly work: () => Promise<void>) {}

  run(): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    if (this.running === null) {
      this.running = this.work().finally(() => {
        this.running = null;
      });
      return this.running;
    }
    this.next ??= this.ended().then(() => {
      this.next = null;
      return this.run();
    });
    return this.next;
  }

  /** What is under way is waited for, what waits is left to others. */
  close(): Promise<void> {
    this.isClosed = true;
    return this.ended();
  }

  private async ended(): Promise<void> {
    await this.running?.catch(() => {});
  }
}
