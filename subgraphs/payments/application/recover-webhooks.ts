import { after, DAY_MS } from '../../kernel/clock.ts';
import type { Actor } from '../../kernel/policy.ts';
import type { MoneyStore } from './money.ports.ts';
import type { OperatePayments } from './operate-payments.ts';
import type { OperationsStore } from './operations.ports.ts';
import {
  type PaymentProcessor,
  ProcessorOutcomeUnknown,
  ProcessorUnavailable,
} from './processor.port.ts';
import { beginningOf, ProcessorSilent } from './reconcile-by-hand.ts';

/** As far back as the timer looks: PayPal itself tries for three days. */
const RECOVERED_DAYS = 3;

export interface RecoveredWebhooks {
  /** Events that the processor lists. */
  readonly listed: number;
  /** Those of them that had not come, and are worked on now. */
  readonly stored: number;
}

/**
 * Fetches webhooks that never came: the endpoint was away longer than the processor tries, or was
 * registered late. They come from the processor's own list, and what they name is read afresh, so
 * they are as good as delivered ones. Repeating it stores nothing twice.
 */
export class RecoverWebhooks {
  constructor(
    private readonly store: OperationsStore,
    private readonly operate: OperatePayments,
    private readonly money: Pick<MoneyStore, 'storeWebhook'>,
    private readonly processor: Pick<PaymentProcessor, 'webhookEventsBetween'>,
    private readonly wake: () => void,
  ) {}

  async execute(actor: Actor, since: Date | null, reason: string): Promise<RecoveredWebhooks> {
    const range = await this.operate.audited(
      actor,
      'recover-webhooks',
      'webhooks',
      reason,
      async (tx) => {
        const until = await tx.now();
        return { since: beginningOf(since, until), until };
      },
    );
    try {
      return await this.recover(range.since, range.until);
    } catch (error) {
      if (error instanceof ProcessorUnavailable || error instanceof ProcessorOutcomeUnknown)
        throw new ProcessorSilent();
      throw error;
    }
  }

  /** For the timer. */
  async run(): Promise<void> {
    const until = await this.store.transact((tx) => tx.now());
    await this.recover(after(until, -RECOVERED_DAYS * DAY_MS), until);
  }

  private async recover(since: Date, until: Date): Promise<RecoveredWebhooks> {
    const events = await this.processor.webhookEventsBetween(since, until);
    let stored = 0;
    for (const { eventId, eventType, rawBody } of events)
      if (await this.money.storeWebhook(eventId, eventType, rawBody)) stored += 1;
    if (stored > 0) this.wake();
    return { listed: events.length, stored };
  }
}
