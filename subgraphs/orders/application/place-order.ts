import { derivedId } from '../../kernel/ids.ts';
import type { Money } from '../../kernel/money.ts';
import type { Actor } from '../../kernel/policy.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import { Order, type OrderTerms, type Origin } from '../domain/order.ts';
import { OrderItem } from '../domain/order-item.ts';
import { type OrderDependencies, OrderUseCase } from './order-use-case.ts';

export interface PlaceOrderCommand {
  readonly paymentId: string;
  readonly paymentRequestId: string;
  readonly conversationId: string | null;
  readonly origin: Origin;
  readonly buyerId: string;
  readonly sellerId: string;
  readonly total: Money;
  readonly shipping: Money;
  readonly capturedAt: Date;
  readonly terms: OrderTerms;
  readonly lines: readonly {
    readonly lineId: string;
    readonly listingId: string | null;
    readonly variantId: string | null;
    readonly title: string;
    readonly description: string;
    readonly unitPrice: Money;
    readonly quantity: number;
  }[];
}

export const PAYMENTS: Actor = { kind: 'system', name: 'payments' };

/** An order is born from a captured payment, once per payment request. */
export class PlaceOrder extends OrderUseCase {
  constructor(
    given: OrderDependencies,
    /** Looks for addresses that are still missing, once this order is committed. */
    private readonly fetchAddresses: () => void,
  ) {
    super(given);
  }

  execute(command: PlaceOrderCommand): Promise<void> {
    return this.given.store.transact(async (tx) => {
      if (await tx.hasOrderOfRequest(command.paymentRequestId)) return;
      const policy = await tx.policy();
      const { autoCancelDays, chatHoldMinutes, checkoutHoldMinutes } = policy;
      const remorseHoldMinutes = command.origin === 'CHAT' ? chatHoldMinutes : checkoutHoldMinutes;
      const id = this.given.newId('order');
      const items = command.lines.map((line, position) =>
        OrderItem.of({
          ...line,
          id: derivedId('orderItem', id, line.lineId),
          orderId: id,
          position,
        }),
      );
      const { order, events } = Order.place({
        ...{ ...command, id, items, remorseHoldMinutes, autoCancelDays },
      });
      await tx.addOrder(order);
      await tx.record(order, null, events, { actor: PAYMENTS, reason: null });
      // The stock was gone before the order came: the buyer is refunded without anybody asking.
      if (await tx.isStockGone(command.paymentRequestId)) {
        const before = order.status;
        const now = await this.given.clock.fromDatabase();
        const cancelled = cancelForStock(order, now);
        await tx.record(order, before, cancelled, { actor: PAYMENTS, reason: OUT_OF_STOCK });
      }
      this.fetchAddresses();
    });
  }
}

const OUT_OF_STOCK = 'OUT_OF_STOCK';

function cancelForStock(order: Order, now: Date): OrderEvent[] {
  if (!order.items.some((item) => item.open > 0)) return [];
  return order.cancel({
    ...{ by: 'SYSTEM' as const, selection: null, reason: OUT_OF_STOCK, restock: false, now },
  });
}

/** The catalog could not keep its promise: the order ends before it began, with an apology. */
export class CancelForLackOfStock extends OrderUseCase {
  execute(paymentRequestId: string, paymentId: string): Promise<void> {
    return this.given.store.transact(async (tx) => {
      await tx.noteStockGone(paymentRequestId);
      const order = await tx.lockOrderOfPayment(paymentId);
      if (!order) return;
      const before = order.status;
      const now = await this.given.clock.fromDatabase();
      const actor: Actor = { kind: 'system', name: 'catalog' };
      const events = cancelForStock(order, now);
      await tx.record(order, before, events, { actor, reason: OUT_OF_STOCK });
    });
  }
}
