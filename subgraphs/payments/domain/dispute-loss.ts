import { Money } from '../../kernel/money.ts';
import type { Payment } from './payment.ts';
import type { Refund } from './refund.ts';

/** A refund that a lost dispute has settled. */
export interface SettledRefund {
  readonly refund: Refund;
  /** What it was more than the dispute gave back: still owed to the buyer. */
  readonly rest: Money;
}

export interface DisputeLoss {
  /** What the buyer got back by the dispute. */
  readonly amount: Money;
  readonly settled: readonly SettledRefund[];
}

/**
 * What a lost dispute took of a payment, beside its refunds that are still on their way. The dispute
 * took it already, so a refund that no longer fits beside it can never be carried out: the dispute
 * counts as its payment, as far as it goes, newest first. Refunds that fit go on. Null while the
 * processor may have carried one out that would have to end: its answer is awaited first.
 */
export function lossOf(
  taken: Money,
  payment: Payment,
  openRefunds: readonly Refund[],
): DisputeLoss | null {
  const none = Money.zero(taken.currency);
  const setAside = openRefunds.reduce((sum, { amount }) => sum.plus(amount), none);
  // Given back for certain, or being given back: a dispute takes only what that has left.
  const returned = openRefunds
    .filter(({ status }) => status === 'PENDING')
    .reduce((sum, { amount }) => sum.plus(amount), payment.refundedTotal.minus(setAside));
  const amount = smaller(taken, payment.amount.minus(returned));
  const settled: SettledRefund[] = [];
  let [room, credit] = [payment.refundable, amount];
  const unsent = openRefunds
    .filter((refund) => refund.isUnsent())
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
  for (const refund of unsent) {
    if (!amount.exceeds(room)) break;
    const paid = smaller(refund.amount, credit);
    credit = credit.minus(paid);
    room = room.plus(paid);
    settled.push({ refund, rest: refund.amount.minus(paid) });
  }
  return amount.exceeds(room) ? null : { amount, settled };
}

function smaller(a: Money, b: Money): Money {
  return a.exceeds(b) ? b : a;
}
