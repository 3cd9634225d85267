import { describe, expect, it } from '@jest/globals';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import { Order } from '../../../../subgraphs/orders/domain/order.ts';
import { OrderItem } from '../../../../subgraphs/orders/domain/order-item.ts';

const now = new Date('2030-01-04T00:00:00.000Z');
const usd = (minor: bigint) => Money.of(minor, 'USD');

const item = (id: string, unitPriceMinor: bigint, quantity: number, position: number) =>
  OrderItem.of({
    ...{ id, orderId: 'ord_1', position, lineId: id, listingId: null, variantId: null },
    ...{ title: id, description: id, unitPrice: usd(unitPriceMinor), quantity },
  });

const place = (totalMinor: bigint, shippingMinor: bigint, items: OrderItem[]) =>
  Order.place({
    ...{ id: 'ord_1', paymentRequestId: 'prq_1', paymentId: 'pay_1', conversationId: null },
    ...{ origin: 'CHAT' as const, buyerId: 'usr_1', sellerId: 'sel_2', capturedAt: now, items },
    ...{ total: usd(totalMinor), shipping: usd(shippingMinor) },
    terms: { returnWindowDays: 30, handlingBusinessDays: 3, isFinalSale: false },
    ...{ remorseHoldMinutes: 0, autoCancelDays: 21 },
  }).order;

const cancel = (order: Order, orderItemId: string, quantity: number): bigint => {
  const [event] = order.cancel({
    ...{
      by: 'SELLER',
      selection: [{ orderItemId, quantity }],
      reason: 'OTHER',
      restock: false,
      now,
    },
  });
  if (event?.type !== 'order-cancelled') throw new Error('not cancelled');
  return event.payload.refundAmount.amountMinor;
};

describe('Order.place', () => {
  it('counts three business days over a weekend, from a Friday', () => {
    expect(place(100n, 0n, [item('a', 100n, 1, 0)]).shipBy).toEqual(
      new Date('2030-01-09T00:00:00.000Z'),
    );
  });
});

describe('refunds of parts', () => {
  it('share out a discount that does not divide, and add up to the last cent', () => {
    // Three units at 3.33 with a discount: 10.00 paid, of which 1.00 is shipping.
    const order = place(1_000n, 100n, [item('a', 333n, 3, 0), item('b', 1n, 1, 1)]);

    const amounts = [cancel(order, 'a', 1), cancel(order, 'b', 1), cancel(order, 'a', 1)];
    amounts.push(cancel(order, 'a', 1));

    expect(amounts).toEqual([299n, 1n, 300n, 400n]);
    expect(amounts.reduce((sum, amount) => sum + amount)).toBe(1_000n);
    expect(order).toMatchObject({ status: 'CANCELLED', refundable: usd(0n) });
  });

  it('are never more than what is left of the payment', () => {
    const order = place(1_000n, 0n, [item('a', 500n, 2, 0)]);
    order.paymentRefunded(usd(800n), now);

    expect(cancel(order, 'a', 1)).toBe(200n);
    expect(order.owe(usd(1n), { caseId: 'cas_1' }, 'OTHER', now)).toEqual({
      owed: usd(0n),
      events: [],
    });
  });

  it('of free things are nothing', () => {
    const order = place(300n, 300n, [item('a', 0n, 2, 0)]);

    expect(cancel(order, 'a', 1)).toBe(0n);
    expect(cancel(order, 'a', 1)).toBe(300n);
  });
});

describe('Order.paymentRefunded', () => {
  it('only grows, so a late word of an older total changes nothing', () => {
    const order = place(1_000n, 0n, [item('a', 500n, 2, 0)]);
    order.paymentRefunded(usd(800n), now);

    expect(order.paymentRefunded(usd(300n), now)).toEqual([]);
    expect(order).toMatchObject({ refunded: usd(800n), paymentState: 'PARTIALLY_REFUNDED' });
  });
});
