import { after } from '../../kernel/clock.ts';
import type { CaptureGateway, PaymentsStore } from './ports.ts';
import type { SettleAttempt } from './settle-attempt.ts';

/** Younger attempts are still being answered by the call that began them. */
const SETTLED_BY_CALLER_MS = 20_000;
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
    for (const id of await this.store.unsettledAttempts(
      after(now, -SETTLED_BY_CALLER_MS),
      BATCH_MAX,
    )) {
      const attempt = await this.store.findAttempt(id);
      if (!attempt?.isOpen()) continue;
      const outcome = await this.gateway.lookUp(attempt);
      const result = await this.settle.execute(id, outcome);
      if (result && !result.isOpen()) settled += 1;
    }
    return settled;
  }
}
