import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { Transactions } from './transaction.ts';

/** Longer lets a moved or drifting clock go unnoticed; shorter asks the database more often. */
const REFRESH_MS = 5_000;

/**
 * The database's clock, for every process alike. `now()` is the local clock corrected by a measured
 * difference; what moves money asks `fromDatabase()` inside its transaction.
 */
export class DatabaseClock implements Clock {
  private differenceMs = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly transactions: Transactions,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    await this.refresh();
    this.timer = setInterval(() => {
      this.refresh().catch((err: unknown) =>
        this.logger.warn({ err }, 'could not read the database clock'),
      );
    }, REFRESH_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
  }

  now(): Date {
    return new Date(Date.now() + this.differenceMs);
  }

  async fromDatabase(): Promise<Date> {
    const [row] = await this.transactions
      .reader()
      .execute<{ ms: string }[]>(
        'select floor(extract(epoch from parley_clock.now()) * 1000)::bigint::text as ms',
      );
    return new Date(Number(row?.ms));
  }

  async refresh(): Promise<void> {
    const before = Date.now();
    const database = await this.fromDatabase();
    // The answer was true about half a round trip ago.
    this.differenceMs = database.getTime() - (before + Date.now()) / 2;
  }
}
