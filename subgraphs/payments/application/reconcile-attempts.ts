import { after } from '../../kernel/clock.ts';
import type { CaptureGateway, PaymentsStore } from './ports.ts';
import type { SettleAttempt } from './settle-attempt.ts';

/** Younger attempts are still being answered by the call that began them, its repeats included. */
const SETTLED_BY_CALLER_MS = 60_000;
const BATCH_MAX = 100;

/** Reads the processor for every attempt whose answer is awaited, and settles it by what is true there. */
export class ReconcileAttempts {
  constructor(
    private readonly store: PaymentsStore,
    private readonly gateway: CaptureGateway,
    private readonly settle: SettleAttempt,
  ) {}

  async execute(): Promise<number> {
    const now = await this.store.transact((tx) => tx.now());
    let settled = 0;
    const failures: unknown[] = [];
    for (const id of await this.store.unsettledAttempts(
      after(now, -SETTLED_BY_CALLER_MS),
      BATCH_MAX,
      now,
    )) {
      // One whose money cannot be given back now must not keep the others unread.
      try {
        if (await this.look(id)) settled += 1;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} attempts could not be settled`);
    return settled;
  }

  /** True when it is over after that. */
  private async look(id: string): Promise<boolean> {
    const attempt = await this.store.findAttempt(id);
    if (!attempt?.isOpen()) return false;
    const result = await this.settle.execute(id, await this.gateway.lookUp(attempt));
    return result !== null && !result.isOpen();
  }

  /**
   * Settles one attempt now, whatever its age; for a webhook that says something happened to it. Money
   * that was taken after the attempt was over goes back.
   */
  async one(attemptId: string): Promise<void> {
    const attempt = await this.store.findAttempt(attemptId);
    if (attempt === null || attempt.status === 'CAPTURED') return;
    await this.settle.execute(attemptId, await this.gateway.lookUp(attempt));
  }
}
