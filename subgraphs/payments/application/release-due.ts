import { after, HOUR_MS } from '../../kernel/clock.ts';
import type { Money } from '../../kernel/money.ts';
import type { Disbursement } from '../domain/disbursement.ts';
import { postingsOf } from '../domain/ledger/payment.postings.ts';
import type { MoneyStore, MoneyTransaction } from './money.ports.ts';
import { type PaymentProcessor, ProcessorRefused } from './processor.port.ts';

const BATCH_MAX = 100;
/** A refused release is looked at again this much later; a person sees it in the meantime. */
const RETRY_MS = HOUR_MS;

/**
 * Pays sellers whose time has come: once, and whole. RELEASING is committed before the processor is
 * asked; what a crash leaves there is asked again under the same request id, which has one effect.
 */
export class ReleaseDue {
  constructor(
    private readonly store: MoneyStore,
    private readonly processor: PaymentProcessor,
  ) {}

  async execute(): Promise<number> {
    const now = await this.store.transact((tx) => tx.now());
    const begun: string[] = [];
    for (const paymentId of await this.store.dueDisbursements(now, BATCH_MAX)) {
      if (await this.begin(paymentId)) begun.push(paymentId);
    }
    const interrupted = await this.store.releasing(BATCH_MAX);
    let released = 0;
    for (const paymentId of new Set([...begun, ...interrupted])) {
      if (await this.release(paymentId)) released += 1;
    }
    return released;
  }

  /** The last look, under the capture's lock and by the database's clock. */
  private begin(paymentId: string): Promise<boolean> {
    return this.store.transact(async (tx) => {
      await tx.lockPayment(paymentId);
      const disbursement = await tx.lockDisbursementOf(paymentId);
      const now = await tx.now();
      const isWaitingForRefund = (await tx.openRefundsOf(paymentId)).length > 0;
      if (!disbursement?.isDueAt(now) || isWaitingForRefund) return false;
      await tx.recordDisbursement(disbursement.beginRelease(now));
      return true;
    });
  }

  private async release(paymentId: string): Promise<boolean> {
    const payment = await this.store.findPayment(paymentId);
    if (payment === null) return false;
    try {
      const release = await this.processor.releaseCapture({
        captureId: payment.captureId,
        requestId: `release:${paymentId}`,
      });
      if (release.status === 'PENDING') return false;
      if (release.status === 'FAILED') return await this.failed(paymentId);
      await this.succeeded(paymentId, release.releaseId);
      return true;
    } catch (error) {
      // Unknown: asked again at the next run, under the same request id.
      if (!(error instanceof ProcessorRefused)) return false;
      // A repeat of ours would have had the first answer again: somebody else paid, which is the
      // processor itself, 28 days after the capture. What it lists says when and as what.
      if (error.issue === 'PAYOUT_ALREADY_COMPLETED_FOR_REFERENCE')
        return (await this.learnAutomatic(paymentId)) ? false : await this.failed(paymentId);
      return this.failed(paymentId);
    }
  }

  private succeeded(paymentId: string, releaseId: string): Promise<void> {
    return this.store.transact(async (tx) => {
      await tx.lockPayment(paymentId);
      const disbursement = await tx.lockDisbursementOf(paymentId);
      if (disbursement?.status !== 'RELEASING') return;
      const netted = await this.book(tx, disbursement);
      await tx.recordDisbursement(disbursement.markReleased(releaseId, netted, await tx.now()));
    });
  }

  /** Books what the processor paid without being asked; false when it lists no such payout. */
  async learnAutomatic(paymentId: string): Promise<boolean> {
    const payment = await this.store.findPayment(paymentId);
    if (payment === null) return false;
    const now = await this.store.transact((tx) => tx.now());
    const movements = await this.processor.movementsBetween(payment.capturedAt, now);
    const release = movements.find(
      ({ kind, captureId }) => kind === 'RELEASE' && captureId === payment.captureId,
    );
    if (!release) return false;
    return this.store.transact(async (tx) => {
      await tx.lockPayment(paymentId);
      const disbursement = await tx.lockDisbursementOf(paymentId);
      if (!disbursement || disbursement.isOver()) return false;
      const netted = await this.book(tx, disbursement);
      await tx.recordDisbursement(disbursement.markAutoDisbursed(release.id, netted, now));
      return true;
    });
  }

  /** Books it, less what the seller owed before: the processor took that out of the same account. */
  private async book(tx: MoneyTransaction, disbursement: Disbursement): Promise<Money> {
    const { sellerId, paymentId, net } = disbursement;
    const owed = await tx.owedBy(sellerId, net.currency);
    const netted = owed.exceeds(net) ? net : owed;
    await tx.post(postingsOf({ type: 'released', paymentId, sellerId, net, netted }));
    return netted;
  }

  private async failed(paymentId: string): Promise<false> {
    await this.store.transact(async (tx) => {
      await tx.lockPayment(paymentId);
      const disbursement = await tx.lockDisbursementOf(paymentId);
      if (disbursement?.status !== 'RELEASING') return;
      const now = await tx.now();
      await tx.recordDisbursement(disbursement.failRelease(after(now, RETRY_MS), now));
    });
    return false;
  }
}
