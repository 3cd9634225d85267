import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import { Money } from '../../kernel/money.ts';
import type { Actor } from '../../kernel/policy.ts';
import { CurrencyNotSupported } from '../domain/payment-request.errors.ts';
import { maySeeRequest } from '../domain/payment-request.policy.ts';
import { RefundExceedsPayment, RefundNotPositive } from '../domain/refund.ts';
import { shortfallOf } from './book-returned-money.ts';
import type { MoneyStore } from './money.ports.ts';
import { mayRefund } from './refund-payment.ts';

/** By what right somebody may refund: a sale of their own, a partner's grant, or support's scope. */
export type RefundRight = 'OWN_SALE' | 'PARTNER_GRANT' | 'SUPPORT';

export interface RefundPreview {
  readonly right: RefundRight;
  readonly amount: Money;
  /** What could still be refunded after this one. */
  readonly refundableAfter: Money;
  /** HELD: before the payout. SELLER: the seller has the money and will owe it. */
  readonly comesFrom: 'HELD' | 'SELLER';
  /** The part that the platform gives back out of its fee. */
  readonly platformBears: Money;
  /** The amount less the platform's part. */
  readonly sellerBears: Money;
  /** The part of sellerBears that no held money covers: the seller owes it, out of later payouts. */
  readonly sellerWillOwe: Money;
  /** What the processor took of the payment and keeps, however much is refunded. */
  readonly processorFeeKept: Money;
}

/**
 * What a refund would do, before anybody confirms it: the same refusals, the same sums, no effect.
 * Another refund in between changes it, and the mutation decides again.
 */
export class PreviewRefund {
  constructor(private readonly store: MoneyStore) {}

  async execute(command: {
    readonly actor: Actor;
    readonly paymentId: string;
    /** Null: everything that is left. */
    readonly amount: Money | null;
  }): Promise<RefundPreview> {
    const { actor, paymentId } = command;
    const payment = isId('payment', paymentId) ? await this.store.findPayment(paymentId) : null;
    if (payment === null || !maySeeRequest(actor, payment))
      throw new NotFound('payment', ['paymentId']);
    if (!mayRefund(actor, payment)) throw new NotAllowed('refund this payment');
    const { currency } = payment.amount;
    const amount = command.amount ?? payment.refundable;
    if (amount.currency !== currency)
      throw new CurrencyNotSupported(amount.currency, currency, ['amount']);
    if (!amount.isPositive())
      throw command.amount === null
        ? new RefundExceedsPayment(payment.refundable)
        : new RefundNotPositive();
    if (amount.exceeds(payment.refundable)) throw new RefundExceedsPayment(payment.refundable);
    const disbursement = await this.store.findDisbursementOf(paymentId);
    const isPaidOut =
      disbursement === null || disbursement.isReleased() || disbursement.status === 'RELEASING';
    const platformBears = payment.platformShareOf(amount);
    const sellerBears = amount.minus(platformBears);
    return {
      right: rightOf(actor),
      amount,
      refundableAfter: payment.refundable.minus(amount),
      comesFrom: isPaidOut ? 'SELLER' : 'HELD',
      platformBears,
      sellerBears,
      sellerWillOwe: shortfallOf(sellerBears, isPaidOut ? Money.zero(currency) : disbursement.net),
      processorFeeKept: payment.processorFee,
    };
  }
}

function rightOf(actor: Actor): RefundRight {
  if (actor.kind === 'partner') return 'PARTNER_GRANT';
  return actor.kind === 'member' ? 'OWN_SALE' : 'SUPPORT';
}
