import { derivedId } from '../../kernel/ids.ts';
import { Money } from '../../kernel/money.ts';
import { Refund } from '../domain/refund.ts';
import { bookReturnedMoney } from './book-returned-money.ts';
import type { MoneyStore } from './money.ports.ts';
import type { PaymentProcessor, ProcessorMovement } from './processor.port.ts';
import type { ReleaseDue } from './release-due.ts';

/** Both parties read it with the refund. */
const REASON = "Given back in PayPal's own pages.";

/**
 * Books a refund that nobody asked us for: a seller can give money back in the processor's own pages.
 * Left alone, the payout would be more than there is, and the buyer could be refunded twice.
 */
export class AdoptRefund {
  constructor(
    private readonly store: MoneyStore,
    private readonly processor: Pick<PaymentProcessor, 'getRefund' | 'listDisputes'>,
    private readonly payouts: Pick<ReleaseDue, 'isPayoutKnown'>,
  ) {}

  /** True once it is booked; false where it may be something else, which is a person's to find out. */
  async execute({ id, captureId, amount }: ProcessorMovement): Promise<boolean> {
    const known = captureId === null ? null : await this.store.findPaymentByCapture(captureId);
    if (known === null) return false;
    // A dispute takes money back too, and is booked as what it is.
    if ((await this.processor.listDisputes(known.captureId)).length > 0) return false;
    const there = await this.processor.getRefund(id);
    if (there?.status !== 'COMPLETED' || !there.amount.equals(amount)) return false;
    // Where it came from depends on whether the seller had been paid.
    if (!(await this.payouts.isPayoutKnown(known.id))) return false;
    return this.store.transact(async (tx) => {
      const payment = await tx.lockPayment(known.id);
      const disbursement = await tx.lockDisbursementOf(known.id);
      const refundId = derivedId('refund', known.id, 'processor', id);
      // By the timer and by hand at once: one of them books it.
      if (await tx.lockRefund(refundId)) return true;
      if (payment === null || disbursement === null || disbursement.status === 'RELEASING')
        return false;
      // One of ours whose answer was lost would be booked twice.
      if ((await tx.openRefundsOf(payment.id)).length > 0) return false;
      if (amount.exceeds(payment.refundable)) return false;
      const now = await tx.now();
      // The processor took it from the seller alone: the platform's fee stays as it is.
      const platformShare = Money.zero(amount.currency);
      payment.addRefund(amount);
      const refund = Refund.approve(
        refundId,
        {
          ...{ paymentId: payment.id, sellerId: payment.sellerId, captureId: payment.captureId },
          ...{ amount, reason: REASON, requestedBy: 'processor', platformFeeShare: platformShare },
          ...{ returnId: null, caseId: null },
        },
        now,
      );
      refund.submit(now);
      refund.complete(id, now);
      tx.addRefund(refund);
      const by = { refundId };
      await bookReturnedMoney(tx, {
        ...{ payment, disbursement, amount, platformShare, by, isLast: true, now },
      });
      await tx.recordRefund(payment, refund);
      return true;
    });
  }
}
