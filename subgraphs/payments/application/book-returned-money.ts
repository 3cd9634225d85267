import { Money } from '../../kernel/money.ts';
import type { Disbursement } from '../domain/disbursement.ts';
import { held } from '../domain/ledger/account.ts';
import { postingsOf } from '../domain/ledger/payment.postings.ts';
import type { Payment } from '../domain/payment.ts';
import type { MoneyTransaction } from './money.ports.ts';

/** Money of one payment that went back to its buyer, by a refund or by a dispute that was lost. */
export interface ReturnedMoney {
  readonly payment: Payment;
  readonly disbursement: Disbursement;
  /** Set aside before: payment.refundedTotal counts it already. */
  readonly amount: Money;
  readonly platformShare: Money;
  readonly by: { readonly refundId: string } | { readonly disputeId: string };
  /** Nothing else of this payment is on its way back. */
  readonly isLast: boolean;
  readonly now: Date;
}

/**
 * Books it where it came from, and reduces what is still to be paid out. Before the payout it comes
 * out of held money, and the seller owes what that does not cover; after it the seller owes it all.
 * Under the locks of payment and disbursement.
 */
export async function bookReturnedMoney(
  tx: MoneyTransaction,
  { payment, disbursement, amount, platformShare, by, isLast, now }: ReturnedMoney,
): Promise<void> {
  const { sellerId } = payment;
  const common = { sellerId, amount, platformShare };
  if (disbursement.isReleased()) {
    await tx.post(
      'refundId' in by
        ? postingsOf({ type: 'refunded-after-release', ...by, ...common })
        : postingsOf({ type: 'dispute-lost-after-release', ...by, ...common }),
    );
    return;
  }
  const borne = amount.minus(platformShare);
  const heldNow = await tx.balanceOf(held(sellerId), amount.currency);
  const covered = disbursement.net.exceeds(heldNow) ? heldNow : disbursement.net;
  const shortfall = shortfallOf(borne, covered);
  await tx.post(
    'refundId' in by
      ? postingsOf({ type: 'refunded-before-release', ...by, ...common, shortfall })
      : postingsOf({ type: 'dispute-lost-before-release', ...by, ...common, shortfall }),
  );
  const isWhole = payment.refundable.isZero() && isLast;
  const reduced = disbursement.reduce(borne, isWhole, now);
  if (reduced) await tx.recordDisbursement(reduced);
}

/** What the money held for a payment does not cover: the processor kept its fee. */
export function shortfallOf(borne: Money, covered: Money): Money {
  return borne.exceeds(covered) ? borne.minus(covered) : Money.zero(borne.currency);
}
