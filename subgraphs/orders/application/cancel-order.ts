import { NotAllowed } from '../../kernel/errors.ts';
import type { Actor } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import type { CancelledBy } from '../domain/order.events.ts';
import { isBuyer, isSellerSide, mayCancel } from '../domain/order.policy.ts';
import type { Order, Selection } from '../domain/order.ts';
import { OrderUseCase } from './order-use-case.ts';

export interface CancelOrderCommand {
  readonly orderId: string;
  readonly idempotencyKey: string;
  readonly items: readonly Selection[] | null;
  readonly reason: string;
  readonly note: string | null;
  /** Null: what the buyer gives up goes back on sale, what the seller cannot send does not. */
  readonly restock: boolean | null;
  readonly actor: Actor;
}

/** Cancels what was not sent. The refund is asked for in the same transaction: one never comes alone. */
export class CancelOrder extends OrderUseCase {
  execute({ actor, ...request }: CancelOrderCommand): Promise<string> {
    const note =
      request.note && checkedText(request.note, { path: ['note'], maxCodePoints: 1_000 });
    const { orderId, idempotencyKey: key, items, reason, restock } = request;
    const asked = { orderId, actor, may: mayCancel, action: 'cancel this order' };
    return this.once({ actor, key, request }, () =>
      this.change(asked, async ({ order, now }) => {
        const by = cancelledBy(actor, order);
        const events = order.cancel({
          ...{ by, selection: items, reason, now },
          restock: restock ?? by === 'BUYER',
        });
        return { subjectId: orderId, events, reason: note ?? reason };
      }),
    );
  }
}

function cancelledBy(actor: Actor, order: Order): CancelledBy {
  if (isBuyer(actor, order)) return 'BUYER';
  if (isSellerSide(actor, order)) return 'SELLER';
  if (actor.kind === 'support') return 'SUPPORT';
  throw new NotAllowed('cancel this order');
}
