import type { MoneyStore } from './money.ports.ts';
import type { PaymentProcessor, WebhookHeaders } from './processor.port.ts';
import type { ReconcileAttempts } from './reconcile-attempts.ts';
import type { ScheduleRelease } from './schedule-release.ts';

const BATCH_MAX = 50;
/** More tries hide a poisoned event; fewer park what a short outage caused. */
const ATTEMPTS_MAX = 8;

/** Verify, store, acknowledge; then work. Nothing in an event is believed: what it names is read afresh. */
export class ProcessWebhook {
  constructor(
    private readonly store: MoneyStore,
    private readonly processor: PaymentProcessor,
    private readonly reconcile: ReconcileAttempts,
    private readonly schedule: ScheduleRelease,
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
        const known = await this.act(row.rawBody);
        await this.store.closeWebhook(row.eventId, known ? 'PROCESSED' : 'IGNORED', null);
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

  /** False for an event that says nothing to us. */
  private async act(rawBody: Buffer): Promise<boolean> {
    const event = this.processor.parseWebhook(rawBody);
    if (event.eventType.startsWith('CUSTOMER.DISPUTE.') && event.disputeId !== null) {
      return this.dispute(event.disputeId);
    }
    if (!event.eventType.startsWith('PAYMENT.CAPTURE.') || event.orderId === null) return false;
    const attemptId = await this.store.attemptOfOrder(event.orderId);
    if (attemptId === null) return false;
    await this.reconcile.one(attemptId);
    return true;
  }

  /** Money that is disputed waits; a dispute that is over lets it go on. */
  private async dispute(disputeId: string): Promise<boolean> {
    const dispute = await this.processor.getDispute(disputeId);
    const payment = dispute && (await this.store.findPaymentByCapture(dispute.captureId));
    if (!payment) return false;
    await this.schedule.setReason(payment.id, 'DISPUTE_OPEN', dispute.status !== 'RESOLVED');
    return true;
  }
}
