import { after, DAY_MS } from '../../kernel/clock.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Actor } from '../../kernel/policy.ts';
import { STUCK_AFTER_MS } from '../domain/finding.ts';
import type { OperatePayments } from './operate-payments.ts';
import type { OperationsStore } from './operations.ports.ts';
import { ProcessorOutcomeUnknown, ProcessorUnavailable } from './processor.port.ts';
import {
  RECONCILED_DAYS_MAX,
  type ReconcileBooks,
  type ReconciliationReport,
} from './reconcile-books.ts';

/** Without a beginning: as far back as the timer looks. */
export const RECONCILED_DAYS_DEFAULT = 2;

export class SinceOutOfRange extends DomainError {
  constructor() {
    super(
      'SINCE_OUT_OF_RANGE',
      `since must be in the past, at most ${RECONCILED_DAYS_MAX} days ago.`,
      { path: ['since'] },
    );
  }
}

export class ProcessorSilent extends DomainError {
  constructor() {
    super('TEMPORARILY_UNAVAILABLE', 'The processor is not answering. Try again.', {
      retryable: true,
    });
  }
}

/** Where a comparison begins that was asked for: never in the future, never before what is kept. */
export function beginningOf(since: Date | null, now: Date): Date {
  const begin = since ?? after(now, -RECONCILED_DAYS_DEFAULT * DAY_MS);
  if (begin >= now || begin < after(now, -RECONCILED_DAYS_MAX * DAY_MS))
    throw new SinceOutOfRange();
  return begin;
}

/** Reconciliation because a person asked for it: kept with their name and reason. */
export class ReconcileByHand {
  constructor(
    private readonly store: OperationsStore,
    private readonly operate: OperatePayments,
    private readonly books: ReconcileBooks,
  ) {}

  async execute(actor: Actor, since: Date | null, reason: string): Promise<ReconciliationReport> {
    const from = await this.operate.audited(actor, 'reconcile', 'books', reason, async (tx) => {
      return beginningOf(since, await tx.now());
    });
    try {
      return await this.books.execute(from);
    } catch (error) {
      if (error instanceof ProcessorUnavailable || error instanceof ProcessorOutcomeUnknown)
        throw new ProcessorSilent();
      throw error;
    }
  }

  /** For the timer: a task for whatever waits too long. */
  async openTasks(): Promise<void> {
    const now = await this.store.transact((tx) => tx.now());
    await this.books.openTasks(after(now, -STUCK_AFTER_MS));
  }

  /** For the timer: what moved lately. */
  async run(): Promise<void> {
    const now = await this.store.transact((tx) => tx.now());
    await this.books.execute(after(now, -RECONCILED_DAYS_DEFAULT * DAY_MS));
  }
}
