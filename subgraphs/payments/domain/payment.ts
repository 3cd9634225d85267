import { Money } from '../../kernel/money.ts';

/** Money that was captured for one request. Exactly one exists for a paid request, ever. */
export class Payment {
  private constructor(
    readonly id: string,
    readonly requestId: string,
    readonly attemptId: string,
    readonly buyerId: string,
    readonly sellerId: string,
    readonly amount: Money,
    /** What the processor kept, as it reported it; bears on the seller's net. */
    readonly processorFee: Money,
    readonly processorOrderId: string,
    readonly captureId: string,
    readonly sealedAddress: string,
    readonly capturedAt: Date,
    readonly orderId: string | null,
    readonly refundedTotal: Money,
    /** What the platform took of it, by the request's snapshot; bears on the seller's net too. */
    readonly platformFee: Money,
    /** The seller's account at the processor: calls about this payment are made for it. */
    readonly payeeMerchantId: string,
  ) {}

  static capture(
    id: string,
    of: Pick<
      Payment,
      | 'requestId'
      | 'attemptId'
      | 'buyerId'
      | 'sellerId'
      | 'amount'
      | 'processorFee'
      | 'processorOrderId'
      | 'captureId'
      | 'sealedAddress'
      | 'platformFee'
      | 'payeeMerchantId'
    >,
    now: Date,
  ): Payment {
    return new Payment(
      id,
      of.requestId,
      of.attemptId,
      of.buyerId,
      of.sellerId,
      of.amount,
      of.processorFee,
      of.processorOrderId,
      of.captureId,
      of.sealedAddress,
      now,
      null,
      of.amount.minus(of.amount),
      of.platformFee,
      of.payeeMerchantId,
    );
  }

  /** What can still be given back: captured less what was, or is being, refunded. */
  get refundable(): Money {
    return this.amount.minus(this.refundedTotal);
  }

  /** The order that grew out of this payment; told once. */
  linkOrder(orderId: string): void {
    this.become({ orderId });
  }

  /** What the seller gets of it, before refunds. */
  get net(): Money {
    const net = this.amount.minus(this.processorFee).minus(this.platformFee);
    return net.isNegative() ? Money.zero(net.currency) : net;
  }

  /**
   * What the platform gives back of its fee with the next refund of `amount`: a difference of running
   * totals, so that all shares add up to the fee exactly when everything is refunded.
   */
  platformShareOf(amount: Money): Money {
    const upTo = (refunded: Money) =>
      (this.platformFee.amountMinor * refunded.amountMinor) / this.amount.amountMinor;
    return Money.of(
      upTo(this.refundedTotal.plus(amount)) - upTo(this.refundedTotal),
      this.amount.currency,
    );
  }

  /** Sets the amount aside; the part of it that the platform bears out of its fee. */
  addRefund(amount: Money): Money {
    if (amount.exceeds(this.refundable))
      throw new RangeError('refunds would exceed the captured amount');
    const platformShare = this.platformShareOf(amount);
    this.become({ refundedTotal: this.refundedTotal.plus(amount) });
    return platformShare;
  }

  /** What was set aside for a refund that will never be carried out. */
  dropRefund(amount: Money): void {
    if (amount.exceeds(this.refundedTotal))
      throw new RangeError('more is dropped than was set aside');
    this.become({ refundedTotal: this.refundedTotal.minus(amount) });
  }

  private become(change: Partial<Pick<Payment, 'orderId' | 'refundedTotal'>>): void {
    Object.assign(this, change);
  }
}
