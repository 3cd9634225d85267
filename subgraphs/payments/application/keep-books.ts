import type { NewId } from '../../kernel/ids.ts';
import { Disbursement } from '../domain/disbursement.ts';
import { postingsOf } from '../domain/ledger/payment.postings.ts';
import type { Payment } from '../domain/payment.ts';
import type { MoneyStore } from './money.ports.ts';
import type { MoneyBooks } from './ports.ts';

/** Captured money enters the books and is held for its seller, in the transaction that settles it. */
export class KeepBooks implements MoneyBooks {
  constructor(
    private readonly store: MoneyStore,
    private readonly newId: NewId,
  ) {}

  captured(payment: Payment, takenAt: Date | null, now: Date): Promise<void> {
    return this.store.transact(async (tx) => {
      const { id: paymentId, sellerId, amount: gross, processorFee: fee, platformFee } = payment;
      await tx.post(postingsOf({ type: 'captured', paymentId, sellerId, gross, fee, platformFee }));
      const disbursement = Disbursement.hold(this.newId('disbursement'), payment, takenAt);
      tx.addDisbursement(disbursement);
      if (!(await tx.mayReceivePayouts(sellerId)))
        disbursement.setReason('SELLER_RESTRICTED', true, now);
      await tx.recordDisbursement({ type: 'disbursement-changed', disbursement, occurredAt: now });
    });
  }
}
