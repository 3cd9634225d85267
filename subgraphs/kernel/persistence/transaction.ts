import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from './database.ts';

/** Writes everything that was given for it in one transaction. */
export type LastWrite<T> = (em: EntityManager, given: readonly T[]) => Promise<void>;

interface Open {
  readonly em: EntityManager;
  readonly lastly: Map<LastWrite<never>, unknown[]>;
  readonly afterCommit: (() => void)[];
}

/** PostgreSQL asks for the whole transaction again: serialization failure, deadlock, lock timeout. */
const RETRYABLE = new Set(['40001', '40P01', '55P03']);
/** More hides a hot spot behind latency; fewer turns a passing deadlock into a failed request. */
const ATTEMPTS_MAX = 5;

/**
 * Runs work in one database transaction. Work started inside joins it, so that an event's handler
 * and its inbox row, or a use case called by another, commit together or not at all.
 */
export class Transactions {
  private readonly ambient = new AsyncLocalStorage<Open>();

  constructor(private readonly database: Database) {}

  async run<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    const open = this.ambient.getStore();
    if (open) {
      const result = await work(open.em);
      await open.em.flush();
      return result;
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(work);
      } catch (error) {
        if (attempt >= ATTEMPTS_MAX || !RETRYABLE.has(sqlState(error))) throw error;
        await new Promise((resolve) =>
          setTimeout(resolve, attempt * attempt * 5 + Math.random() * 10),
        );
      }
    }
  }

  isOpen(): boolean {
    return this.ambient.getStore() !== undefined;
  }

  /**
   * Has `write` called once, after all other work of the surrounding transaction, with everything
   * that was given for it. What must be locked for it is locked briefly, and in one order.
   */
  beforeCommit<T>(write: LastWrite<T>, given: readonly T[]): void {
    const open = this.ambient.getStore();
    if (!open) throw new Error('beforeCommit needs a transaction');
    const known = open.lastly.get(write);
    if (known) known.push(...given);
    else open.lastly.set(write, [...given]);
  }

  /** Runs `callback` once the surrounding transaction has committed; never when it rolls back. */
  afterCommit(callback: () => void): void {
    const open = this.ambient.getStore();
    if (!open) throw new Error('afterCommit needs a transaction');
    open.afterCommit.push(callback);
  }

  /** A fresh unit of work for reads outside any transaction, or the open one inside. */
  reader(): EntityManager {
    return this.ambient.getStore()?.em ?? this.database.em.fork();
  }

  private async once<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    const afterCommit: (() => void)[] = [];
    const result = await this.database.em.fork().transactional((em) => {
      const open: Open = { em, lastly: new Map(), afterCommit };
      return this.ambient.run(open, async () => {
        const done = await work(em);
        if (open.lastly.size > 0) await em.flush();
        for (const [write, given] of open.lastly) await write(em, given as never[]);
        return done;
      });
    });
    for (const callback of afterCommit) callback();
    return result;
  }
}

export function sqlState(error: unknown): string {
  for (
    let at = error;
    at instanceof Error;
    at = at.cause ?? (at as { previous?: unknown }).previous
  ) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return '';
}
