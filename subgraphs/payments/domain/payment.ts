import type { Money } from '../../kernel/money.ts';

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

  addRefund(amount: Money): void {
    if (amount.exceeds(this.refundable))
      throw new RangeError('refunds would exceed the captured amount');
    this.become({ refundedTotal: this.refundedTotal.plus(amount) });
  }

  private become(change: Partial<Pick<Payment, 'orderId' | 'refundedTotal'>>): void {
    Object.assign(this, change);
  }
}
