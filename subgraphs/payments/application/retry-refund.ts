import type { Actor } from '../../kernel/policy.ts';
import type { Refund } from '../domain/refund.ts';
import type { MoneyStore } from './money.ports.ts';
import type { OperatePayments } from './operate-payments.ts';
import type { RefundPayment } from './refund-payment.ts';

/** Tries a refund again that the processor refused each time, because a person mended the cause. */
export class RetryRefund {
  constructor(
    private readonly store: Pick<MoneyStore, 'findRefund'>,
    private readonly operate: OperatePayments,
    private readonly refunds: RefundPayment,
  ) {}

  async execute(actor: Actor, refundId: string, reason: string): Promise<Refund | null> {
    // Committed with the record of who asked; if this process ends now, the timer asks.
    await this.operate.audited(actor, 'retry-refund', refundId, reason, () =>
      this.refunds.takeUp(refundId),
    );
    await this.refunds.carryOut(refundId);
    return this.store.findRefund(refundId);
  }
}
