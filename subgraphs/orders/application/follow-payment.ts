import type { Money } from '../../kernel/money.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import { OrderUseCase } from './order-use-case.ts';
import { PAYMENTS } from './place-order.ts';
import type { OrdersTransaction } from './ports.ts';

/** Keeps the payment axis of an order true to what payments tells. */
export class FollowPayment extends OrderUseCase {
  /** The total counts refunds on their way too, so a return is closed by its own refund's news alone. */
  refunded(paymentId: string, refundedTotal: Money, returnId: string | null): Promise<void> {
    return this.follow(paymentId, async (order, now, tx) => {
      const events = order.paymentRefunded(refundedTotal, now);
      const waiting = (await tx.returnsOf(order.id)).find(
        (one) => one.id === returnId && one.status === 'RECEIVED',
      );
      if (!waiting) return events;
      waiting.refunded(now);
      const done = order.updated('RETURN_REFUNDED', waiting.id, now);
      return [...events, ...order.returnEnded(now), done];
    });
  }

  /** The processor refused it for good; a person is looking at it. Both sides are told. */
  refundFailed(paymentId: string, refundId: string): Promise<void> {
    return this.follow(paymentId, async (order, now) => [
      order.updated('REFUND_FAILED', refundId, now),
    ]);
  }

  /** `refundedTotal`: a dispute that was lost gives money back as a refund does. */
  disputed(paymentId: string, isOpen: boolean, refundedTotal: Money): Promise<void> {
    return this.follow(paymentId, async (order, now) => [
      ...order.disputed(isOpen, now),
      ...order.paymentRefunded(refundedTotal, now),
    ]);
  }

  payout(
    paymentId: string,
    payout: { status: string; releaseAt: Date | null; reasons: readonly string[] },
  ): Promise<void> {
    // HELD is how every order begins: told before the order exists, it says nothing new.
    const isExpected = payout.status === 'HELD';
    return this.follow(
      paymentId,
      async (order, now) => order.payoutChanged(payout, now),
      isExpected,
    );
  }

  private follow(
    paymentId: string,
    work: (order: Order, now: Date, tx: OrdersTransaction) => Promise<OrderEvent[]>,
    mayBeEarly = false,
  ): Promise<void> {
    return this.given.store.transact(async (tx) => {
      const order = await tx.lockOrderOfPayment(paymentId);
      // Its birth is told first; without it this news is kept for a person, not dropped.
      if (!order && mayBeEarly) return;
      if (!order) throw new Error(`no order for payment ${paymentId}`);
      const before = order.status;
      const now = await this.given.clock.fromDatabase();
      const events = await work(order, now, tx);
      await tx.record(order, before, events, { actor: PAYMENTS, reason: null });
    });
  }
}
