import { z } from 'zod';
import type { EventHandler } from '../../kernel/events/consumer.ts';
import { Money } from '../../kernel/money.ts';
import type { MoneyStore } from '../application/money.ports.ts';
import type { RefundPayment } from '../application/refund-payment.ts';
import type { ScheduleRelease } from '../application/schedule-release.ts';

const money = z.object({ amountMinor: z.string(), currency: z.string() });
const placed = z.object({ orderId: z.string(), paymentId: z.string() });
const sent = z.object({
  paymentId: z.string(),
  lastSentAt: z.coerce.date(),
  lastMarkedSentAt: z.coerce.date(),
});
const reopened = z.object({ paymentId: z.string() });
const holdChanged = z.object({
  paymentId: z.string(),
  hold: z.enum(['CANCEL_REQUESTED', 'RETURN_OPEN', 'CASE_OPEN']),
  isOpen: z.boolean(),
});
const cancelled = z.object({ paymentId: z.string(), reason: z.string(), refundAmount: money });
const refundOwed = z.object({
  paymentId: z.string(),
  amount: money,
  reason: z.string(),
  returnId: z.string().optional(),
  caseId: z.string().optional(),
});

const system = { kind: 'system', name: 'orders' } as const;

/** What orders tell, and what it means for the money. */
export function onOrderEvents(
  store: MoneyStore,
  schedule: ScheduleRelease,
  refunds: RefundPayment,
): EventHandler[] {
  const handler = (type: string, handle: EventHandler['handle']): EventHandler => ({
    type,
    schemaVersions: [1],
    handle,
  });
  // Decided in the transaction of the event; carried out by the timer. The seller may have refunded
  // meanwhile, which orders hear of later: at most what is left is owed, and nothing is refused.
  const owe = (
    paymentId: string,
    amount: Money,
    reason: string,
    key: string,
    source: { readonly returnId?: string | undefined; readonly caseId?: string | undefined } = {},
  ): Promise<void> =>
    store.transact(async (tx) => {
      const payment = await tx.lockPayment(paymentId);
      const left =
        payment !== null && amount.exceeds(payment.refundable) ? payment.refundable : amount;
      if (left.isPositive())
        await refunds.approve(tx, { actor: system, paymentId, amount: left, reason, key, source });
    });
  return [
    handler('orders.order-placed', (event) => {
      const { orderId, paymentId } = placed.parse(event.payload);
      return store.transact(async (tx) => {
        const payment = await tx.lockPayment(paymentId);
        if (payment?.orderId === null) payment.linkOrder(orderId);
      });
    }),
    handler('orders.order-fully-sent', (event) => {
      const { paymentId, lastSentAt, lastMarkedSentAt } = sent.parse(event.payload);
      return schedule.fullySent(paymentId, lastSentAt, lastMarkedSentAt);
    }),
    handler('orders.order-sending-reopened', (event) =>
      schedule.reopened(reopened.parse(event.payload).paymentId),
    ),
    handler('orders.release-hold-changed', (event) => {
      const { paymentId, hold, isOpen } = holdChanged.parse(event.payload);
      return schedule.setReason(paymentId, hold, isOpen);
    }),
    handler('orders.order-cancelled', (event) => {
      const { paymentId, reason, refundAmount } = cancelled.parse(event.payload);
      return owe(paymentId, Money.fromJSON(refundAmount), reason, event.eventId);
    }),
    handler('orders.refund-owed', (event) => {
      const { paymentId, reason, amount, ...source } = refundOwed.parse(event.payload);
      return owe(paymentId, Money.fromJSON(amount), reason, event.eventId, source);
    }),
  ];
}
