import { after, DAY_MS, HOUR_MS } from '../../kernel/clock.ts';
import type { Money } from '../../kernel/money.ts';
import { AUTOMATIC_DAYS, type Disbursement } from '../domain/disbursement.ts';
import { postingsOf } from '../domain/ledger/payment.postings.ts';
import type { Payment } from '../domain/payment.ts';
import type { MoneyStore, MoneyTransaction } from './money.ports.ts';
import {
  type PaymentProcessor,
  ProcessorOutcomeUnknown,
  ProcessorRefused,
  ProcessorUnavailable,
} from './processor.port.ts';

const BATCH_MAX = 100;
/** A refused release is looked at again this much later; a person sees it in the meantime. */
const RETRY_MS = HOUR_MS;
/** Clocks differ. */
const MARGIN_MS = DAY_MS;
/** The processor lists a payout some hours after it, and its clock is not ours. */
const UNSURE_BEFORE_MS = 6 * HOUR_MS;
const UNSURE_AFTER_MS = 12 * HOUR_MS;

/**
 * Pays sellers whose time has come: once, and whole. RELEASING is committed before the processor is
 * asked; what a crash leaves there is asked again under the same request id, which has one effect.
 * Only a payout that failed for certain is followed by another one, under an id that follows from it.
 * The processor forgets that id after three days: what it made of it is then found in its list.
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
    const interrupted = await this.store.releasing(BATCH_MAX, now);
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
    const begun = await this.store.findDisbursementOf(paymentId);
    if (payment === null || begun?.status !== 'RELEASING') return false;
    try {
      const release = begun.releaseId
        ? await this.processor.getRelease(begun.releaseId)
        : await this.processor.releaseCapture({
            captureId: payment.captureId,
            requestId: requestIdOf(begun),
          });
      if (release === null) return await this.awaited(paymentId, null);
      if (release.status === 'PENDING') {
        return await this.awaited(paymentId, release.releaseId);
      }
      if (release.status === 'FAILED') return await this.failed(paymentId, release.releaseId);
      await this.succeeded(paymentId, release.releaseId);
      return true;
    } catch (error) {
      // Unknown: asked again later, under the same request id.
      if (!(error instanceof ProcessorRefused)) return this.awaited(paymentId, null);
      // Paid: by us, under a request id that the processor forgot, or by itself. What it lists says
      // which; until it does, up to hours later, nothing else may be done with the money.
      if (error.issue === 'PAYOUT_ALREADY_COMPLETED_FOR_REFERENCE') return this.search(payment);
      return this.failed(paymentId);
    }
  }

  /** It may be under way at the processor; once it is, its id is what is asked for. */
  private async awaited(paymentId: string, releaseId: string | null): Promise<false> {
    await this.store.transact(async (tx) => {
      await tx.lockPayment(paymentId);
      const disbursement = await tx.lockDisbursementOf(paymentId);
      if (disbursement?.status === 'RELEASING')
        disbursement.awaitRelease(releaseId, await tx.now());
    });
    return false;
  }

  /** Silence of the list is an answer to wait for, as any other. */
  private async search(payment: Payment): Promise<boolean> {
    const found = await this.learnPayout(payment).catch(() => null);
    if (found === null) await this.awaited(payment.id, null);
    return found === 'RELEASED';
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

  /** Books what the processor paid by itself, 28 days after the capture; false when it did not. */
  async learnAutomatic(paymentId: string): Promise<boolean> {
    const payment = await this.store.findPayment(paymentId);
    return payment !== null && (await this.learnPayout(payment)) === 'AUTO_DISBURSED';
  }

  /**
   * False while the processor may have paid this by itself and it cannot be known: what goes back to
   * the buyer then would be booked out of money that the seller has already. Books it if it did.
   */
  async isPayoutKnown(paymentId: string): Promise<boolean> {
    const payment = await this.store.findPayment(paymentId);
    if (payment === null) return true;
    try {
      if ((await this.learnPayout(payment)) !== null) return true;
    } catch (error) {
      const isSilence =
        error instanceof ProcessorUnavailable || error instanceof ProcessorOutcomeUnknown;
      if (isSilence || error instanceof ProcessorRefused) return false;
      throw error;
    }
    const disbursement = await this.store.findDisbursementOf(paymentId);
    if (disbursement === null || disbursement.isOver()) return true;
    const paidAt = automaticAt(disbursement.capturedAt);
    const now = await this.store.transact((tx) => tx.now());
    return now < after(paidAt, -UNSURE_BEFORE_MS) || now > after(paidAt, UNSURE_AFTER_MS);
  }

  /**
   * Books a payout that the processor lists. One from before the day on which it pays by itself is
   * ours; where we never asked for it, somebody else did, and it is left to reconciliation.
   */
  private async learnPayout({
    id: paymentId,
    captureId,
  }: Payment): Promise<'RELEASED' | 'AUTO_DISBURSED' | null> {
    const held = await this.store.findDisbursementOf(paymentId);
    if (held === null || held.isOver()) return null;
    const now = await this.store.transact((tx) => tx.now());
    const movements = await this.processor.movementsBetween(
      after(held.capturedAt, -MARGIN_MS),
      now,
    );
    const release = movements.find((one) => one.kind === 'RELEASE' && one.captureId === captureId);
    if (!release) return null;
    const capture = movements.find(({ kind, id }) => kind === 'CAPTURE' && id === captureId);
    const isAutomatic = release.at >= automaticAt(earlier(capture?.at, held.capturedAt));
    return this.store.transact(async (tx) => {
      await tx.lockPayment(paymentId);
      const disbursement = await tx.lockDisbursementOf(paymentId);
      if (!disbursement || disbursement.isOver()) return null;
      if (!isAutomatic && disbursement.status !== 'RELEASING') return null;
      const netted = await this.book(tx, disbursement);
      await tx.recordDisbursement(
        isAutomatic
          ? disbursement.markAutoDisbursed(release.id, netted, now)
          : disbursement.markReleased(release.id, netted, now),
      );
      return isAutomatic ? 'AUTO_DISBURSED' : 'RELEASED';
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

  private async failed(paymentId: string, releaseId: string | null = null): Promise<false> {
    await this.store.transact(async (tx) => {
      await tx.lockPayment(paymentId);
      const disbursement = await tx.lockDisbursementOf(paymentId);
      if (disbursement?.status !== 'RELEASING') return;
      const now = await tx.now();
      await tx.recordDisbursement(disbursement.failRelease(after(now, RETRY_MS), now, releaseId));
    });
    return false;
  }
}

function requestIdOf({ paymentId, failedReleaseId }: Disbursement): string {
  const first = `release:${paymentId}`;
  return failedReleaseId === null ? first : `${first}:${failedReleaseId}`;
}

function earlier(one: Date | undefined, other: Date): Date {
  return one !== undefined && one < other ? one : other;
}

function automaticAt(capturedAt: Date): Date {
  return after(capturedAt, AUTOMATIC_DAYS * DAY_MS);
}
