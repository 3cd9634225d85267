import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../../../subgraphs/kernel/persistence/database.ts';
import { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import type { Faults } from '../faults.ts';

/** Counts what is under way at the database, so that the scheduler knows when everybody has stopped. */
export class UnderWay {
  private count = 0;
  private readonly waiting: (() => void)[] = [];

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.count += 1;
    try {
      return await work();
    } finally {
      this.count -= 1;
      if (this.count === 0) for (const resolve of this.waiting.splice(0)) resolve();
    }
  }

  /** Resolves when nothing is under way and whoever waited for it has gone on. */
  async isOver(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      if (this.count > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.count === 0 ? quiet + 1 : 0;
    }
  }
}

/** What a subgraph's relay may have to look for: grows when events were committed, or may not have left. */
export class Unrelayed {
  changes = 0;
  /** So many changes there were before a look that found nothing. */
  nothingAt = -1;

  get isNothing(): boolean {
    return this.nothingAt === this.changes;
  }
}

/** The kernel's transactions on PostgreSQL, with commits that fail as a plan says. */
export class TrackedTransactions extends Transactions {
  private readonly isInside = new AsyncLocalStorage<boolean>();

  constructor(
    database: Database,
    private readonly underWay: UnderWay,
    private readonly faults: Faults,
    protected readonly unrelayed: Unrelayed,
  ) {
    super(database);
  }

  override run<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    if (this.isInside.getStore()) return super.run(work);
    return this.underWay.during(() => this.isInside.run(true, () => this.outermost(work)));
  }

  override reader(): EntityManager {
    const em = super.reader();
    if (this.isInside.getStore()) return em;
    return new Proxy(em, {
      get: (target, name) => {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== 'function') return member;
        return (...given: unknown[]) => {
          const answer = member.apply(target, given) as unknown;
          return answer instanceof Promise ? this.underWay.during(() => answer) : answer;
        };
      },
    });
  }

  /** Events alone are told of after a commit. */
  override afterCommit(callback: () => void): void {
    super.afterCommit(() => {
      this.unrelayed.changes += 1;
      callback();
    });
  }

  private async outermost<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    let fault: ReturnType<Faults['next']> = null;
    const result = await super.run(async (em) => {
      const done = await work(em);
      fault = this.faults.next('commit');
      if (fault === 'SERIALIZATION')
        throw Object.assign(new Error('could not serialize access'), { code: '40001' });
      if (fault === 'LOST_BEFORE') throw new Error('connection lost at commit');
      return done;
    });
    if (fault === 'LOST_AFTER') throw new Error('connection lost at commit');
    return result;
  }
}

/** The relay's own: a look that would surely find nothing is answered here. */
export class RelayTransactions extends TrackedTransactions {
  override async run<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    const { changes, isNothing } = this.unrelayed;
    if (isNothing) return false as T;
    try {
      const found = await super.run(work);
      if (found === false) this.unrelayed.nothingAt = changes;
      return found;
    } catch (error) {
      // Whoever found the cursor locked meanwhile has to look again.
      this.unrelayed.changes += 1;
      throw error;
    }
  }
}
