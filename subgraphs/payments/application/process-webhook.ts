import { isId } from '../../kernel/ids.ts';
import type { FollowDisputes } from './follow-disputes.ts';
import type { MoneyStore } from './money.ports.ts';
import type { PaymentProcessor, ProcessorEvent, WebhookHeaders } from './processor.port.ts';
import type { ReconcileAttempts } from './reconcile-attempts.ts';

const BATCH_MAX = 50;
/** More tries hide a poisoned event; fewer park what a short outage caused. */
const ATTEMPTS_MAX = 8;

/** Verify, store, acknowledge; then work. Nothing in an event is believed: what it names is read afresh. */
export class ProcessWebhook {
  constructor(
    private readonly store: MoneyStore,
    private readonly processor: PaymentProcessor,
    private readonly reconcile: ReconcileAttempts,
    private readonly disputes: Pick<FollowDisputes, 'learn'>,
  ) {}

  /** Resolves to why it is refused, or null once it is stored for good. */
  async receive(headers: WebhookHeaders, rawBody: Buffer): Promise<string | null> {
    const refusal = await this.processor.webhookRefusal(headers, rawBody);
    if (refusal !== null) return refusal;
    const { eventId, eventType } = this.processor.parseWebhook(rawBody);
    await this.store.storeWebhook(eventId, eventType, rawBody);
    return null;
  }

  async runDue(): Promise<void> {
    for (const row of await this.store.openWebhooks(BATCH_MAX)) {
      try {
        const end = await this.act(row.rawBody);
        if (end === 'WAITS') {
          await this.store.deferWebhook(row.eventId);
          continue;
        }
        await this.store.closeWebhook(row.eventId, end, null);
      } catch (error) {
        const isPoisoned = row.attempts + 1 >= ATTEMPTS_MAX;
        await this.store.closeWebhook(
          row.eventId,
          isPoisoned ? 'PARKED' : 'RECEIVED',
          error instanceof Error ? error.message : 'failed',
        );
      }
    }
  }

  /** IGNORED for an event that says nothing to us. */
  private async act(rawBody: Buffer): Promise<'PROCESSED' | 'IGNORED' | 'WAITS'> {
    const event = this.processor.parseWebhook(rawBody);
    if (event.eventType.startsWith('CUSTOMER.DISPUTE.') && event.disputeId !== null)
      return (await this.disputed(event, event.disputeId)) ? 'PROCESSED' : 'WAITS';
    if (!event.eventType.startsWith('PAYMENT.CAPTURE.') || event.orderId === null) return 'IGNORED';
    const attemptId = await this.store.attemptOfOrder(event.orderId);
    if (attemptId === null) return 'IGNORED';
    await this.reconcile.one(attemptId);
    return 'PROCESSED';
  }

  /** A dispute can be heard of before its capture was settled here: then that is done first. */
  private async disputed({ captureId }: ProcessorEvent, disputeId: string): Promise<boolean> {
    if (await this.disputes.learn(disputeId)) return true;
    const capture = captureId === null ? null : await this.processor.getCapture(captureId);
    const attemptId = capture?.invoiceId;
    if (!attemptId || !isId('paymentAttempt', attemptId)) return false;
    await this.reconcile.one(attemptId);
    return this.disputes.learn(disputeId);
  }
}
