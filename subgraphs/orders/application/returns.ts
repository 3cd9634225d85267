import type { Actor } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import { isBuyer, isSellerSide } from '../domain/order.policy.ts';
import type { Order } from '../domain/order.ts';
import { Return } from '../domain/return.ts';
import { checkedCarrier, checkedTracking } from './mark-sent.ts';
import { type Change, type Done, OrderUseCase, present } from './order-use-case.ts';

/** The buyer wants to send units of one item back. The seller has two business days to answer. */
export class RequestReturn extends OrderUseCase {
  execute(command: {
    readonly orderId: string;
    readonly orderItemId: string;
    readonly quantity: number;
    readonly reason: string;
    readonly note: string | null;
    readonly actor: Actor;
  }): Promise<string> {
    const { orderId, orderItemId, quantity, reason, actor } = command;
    const note =
      command.note && checkedText(command.note, { path: ['note'], maxCodePoints: 1_000 });
    const asked = { orderId, actor, may: isBuyer, action: 'return this' };
    return this.change(asked, async ({ tx, order, now }) => {
      const item = order.item(orderItemId, ['orderItemId']);
      const others = await tx.returnsOf(orderId);
      const alreadyAsked = others
        .filter((other) => other.orderItemId === item.id && other.isOpen)
        .filter((other) => other.status !== 'RECEIVED')
        .reduce((sum, other) => sum + other.quantity, 0);
      const { answerBusinessDays } = await tx.policy();
      const id = this.given.newId('return');
      const terms = { id, quantity, alreadyAsked, reason, note, answerBusinessDays, now };
      tx.add(Return.request(order, item, terms));
      const events = [...order.returnOpened(now), order.updated('RETURN_REQUESTED', id, now)];
      return { subjectId: id, events, reason: note ?? reason };
    });
  }
}

abstract class ReturnUseCase extends OrderUseCase {
  protected async changeReturn(
    asked: {
      readonly returnId: string;
      readonly actor: Actor;
      readonly may: (actor: Actor, order: Order) => boolean;
      readonly action: string;
    },
    work: (found: Return, change: Change) => Promise<Omit<Done, 'subjectId'>>,
  ): Promise<string> {
    const { returnId, ...rest } = asked;
    const orderId = await this.orderIdOf('return', returnId, 'returnId', (tx) =>
      tx.return(returnId),
    );
    return this.change({ ...rest, orderId, path: ['returnId'] }, async (change) => ({
      subjectId: returnId,
      ...(await work(present(await change.tx.return(returnId)), change)),
    }));
  }
}

export class ApproveReturn extends ReturnUseCase {
  execute(returnId: string, actor: Actor): Promise<string> {
    const asked = { returnId, actor, may: isSellerSide, action: 'approve this return' };
    return this.changeReturn(asked, async (found, { tx, order, now }) => {
      const { returnSendDays } = await tx.policy();
      found.approve(returnSendDays, now);
      return { events: [order.updated('RETURN_APPROVED', returnId, now)] };
    });
  }
}

export class DeclineReturn extends ReturnUseCase {
  execute(returnId: string, reason: string, actor: Actor): Promise<string> {
    const asked = { returnId, actor, may: isSellerSide, action: 'decline this return' };
    return this.changeReturn(asked, async (found, { order, now }) => {
      found.decline(reason, now);
      const events = [...order.returnEnded(now), order.updated('RETURN_DECLINED', returnId, now)];
      return { events, reason };
    });
  }
}

/** The buyer has handed the parcel to a carrier. */
export class MarkReturnSent extends ReturnUseCase {
  async execute(command: {
    readonly returnId: string;
    readonly carrier: string | null;
    readonly trackingNumber: string | null;
    readonly actor: Actor;
  }): Promise<string> {
    const { returnId, actor } = command;
    const carrier = checkedCarrier(command.carrier);
    const trackingNumber = checkedTracking(command.trackingNumber);
    const asked = { returnId, actor, may: isBuyer, action: 'send this return' };
    return this.changeReturn(asked, async (found, { order, now }) => {
      found.sent(carrier, trackingNumber, now);
      return { events: [order.updated('RETURN_SENT', returnId, now)] };
    });
  }
}

/**
 * The seller has the goods back: the buyer is owed their price. Units that came back damaged are
 * refunded too, only not sold again; who disagrees opens a case.
 */
export class MarkReturnReceived extends ReturnUseCase {
  execute(command: {
    readonly returnId: string;
    /** Null: all of them. */
    readonly goodQuantity: number | null;
    readonly actor: Actor;
  }): Promise<string> {
    const { returnId, goodQuantity, actor } = command;
    const asked = { returnId, actor, may: isSellerSide, action: 'receive this return' };
    return this.changeReturn(asked, async (found, { order, now }) => ({
      events: received(order, found, goodQuantity ?? found.quantity, now),
    }));
  }
}

function received(order: Order, found: Return, goodQuantity: number, now: Date): OrderEvent[] {
  const item = order.item(found.orderItemId);
  const due = order.shareOf(item, found.quantity);
  const amount = due.exceeds(order.refundable) ? order.refundable : due;
  found.received(goodQuantity, amount, now);
  item.takeBack(found.quantity);
  const { events } = order.owe(due, { returnId: found.id }, found.reason, now);
  const back: OrderEvent = {
    type: 'return-received',
    order: order.ref,
    occurredAt: now,
    payload: {
      orderId: order.id,
      returnId: found.id,
      orderItemId: item.id,
      variantId: item.variantId,
      goodQuantity,
      damagedQuantity: found.quantity - goodQuantity,
    },
  };
  // Nothing left to give back: nobody will tell of a refund, so the return ends here.
  if (amount.isPositive()) return [back, ...events];
  found.refunded(now);
  return [back, ...order.returnEnded(now), order.updated('RETURN_REFUNDED', found.id, now)];
}
