import { after } from '../../kernel/clock.ts';
import type { PaymentAttempt } from '../domain/payment-attempt.ts';
import type { AddressSealer, CaptureCommand, CaptureGateway, PaymentsStore } from './ports.ts';
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
    private readonly sealer: AddressSealer,
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
      const command = await this.commandOf(attempt);
      if (command === null) continue;
      const outcome = await this.gateway.lookUp(command, now);
      const result = await this.settle.execute(id, outcome);
      if (result && !result.isOpen()) settled += 1;
    }
    return settled;
  }

  /** Settles one attempt now, whatever its age; for a webhook that says something happened to it. */
  async one(attemptId: string): Promise<void> {
    const attempt = await this.store.findAttempt(attemptId);
    const command = attempt?.isOpen() ? await this.commandOf(attempt) : null;
    if (command === null) return;
    const now = await this.store.transact((tx) => tx.now());
    await this.settle.execute(attemptId, await this.gateway.lookUp(command, now));
  }

  private async commandOf(attempt: PaymentAttempt): Promise<CaptureCommand | null> {
    const request = await this.store.findRequest(attempt.requestId);
    const method = await this.store.transact((tx) => tx.findMethod(attempt.paymentMethodId));
    if (request === null || !method?.vaultId) return null;
    return {
      attempt,
      request,
      vaultId: method.vaultId,
      address: this.sealer.open(attempt.sealedAddress, attempt.id),
    };
  }
}
