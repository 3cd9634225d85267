import type { Disbursement, DisbursementChanged, HoldReason } from '../domain/disbursement.ts';
import type { MoneyStore, MoneyTransaction } from './money.ports.ts';

/** Follows orders and sellers: when money is due, and what keeps it waiting. Every call may be repeated. */
export class ScheduleRelease {
  constructor(private readonly store: MoneyStore) {}

  fullySent(paymentId: string, sentAt: Date, markedSentAt: Date): Promise<void> {
    return this.change(paymentId, async (disbursement, now, tx) =>
      disbursement.schedule(sentAt, markedSentAt, await tx.tierOf(disbursement.sellerId), now),
    );
  }

  reopened(paymentId: string): Promise<void> {
    return this.change(paymentId, async (disbursement, now) => disbursement.unschedule(now));
  }

  setReason(paymentId: string, reason: HoldReason, isOpen: boolean): Promise<void> {
    return this.change(paymentId, async (disbursement, now) =>
      disbursement.setReason(reason, isOpen, now),
    );
  }

  /** A seller that may not be paid keeps all that is not paid yet waiting; and the other way round. */
  async sellerStanding(
    sellerId: string,
    canReceivePayouts: boolean,
    tier: 'NEW' | 'ESTABLISHED',
  ): Promise<void> {
    await this.store.transact((tx) => tx.setStanding(sellerId, canReceivePayouts, tier));
    for (const paymentId of await this.store.openPaymentsOf(sellerId)) {
      await this.setReason(paymentId, 'SELLER_RESTRICTED', !canReceivePayouts);
    }
  }

  private change(
    paymentId: string,
    change: (
      disbursement: Disbursement,
      now: Date,
      tx: MoneyTransaction,
    ) => Promise<DisbursementChanged | null>,
  ): Promise<void> {
    return this.store.transact(async (tx) => {
      await tx.lockPayment(paymentId);
      const disbursement = await tx.lockDisbursementOf(paymentId);
      if (disbursement === null) return;
      const event = await change(disbursement, await tx.now(), tx);
      if (event) await tx.recordDisbursement(event);
    });
  }
}
