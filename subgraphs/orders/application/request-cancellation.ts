import { afterBusinessDays } from '../../kernel/clock.ts';
import type { Actor } from '../../kernel/policy.ts';
import { IllegalTransition } from '../../kernel/state-machine.ts';
import { checkedText } from '../../kernel/text.ts';
import { CancelRequest } from '../domain/cancel-request.ts';
import { isBuyer, isSellerSide } from '../domain/order.policy.ts';
import { OrderUseCase } from './order-use-case.ts';

/** After something was sent a buyer can only ask. The seller's pay waits for the answer. */
export class RequestCancellation extends OrderUseCase {
  execute(command: {
    readonly orderId: string;
    readonly reason: string;
    readonly note: string | null;
    readonly actor: Actor;
  }): Promise<string> {
    const { orderId, actor, reason } = command;
    const note =
      command.note && checkedText(command.note, { path: ['note'], maxCodePoints: 1_000 });
    const asked = { orderId, actor, may: isBuyer, action: 'ask to cancel this order' };
    return this.change(asked, async ({ tx, order, now }) => {
      const events = order.requestCancellation(now);
      const { answerBusinessDays } = await tx.policy();
      const answerBy = afterBusinessDays(now, answerBusinessDays);
      const id = this.given.newId('cancelRequest');
      tx.add(CancelRequest.of({ id, orderId, reason, note, requestedAt: now, answerBy }));
      events.push(order.updated('CANCEL_REQUESTED', id, now));
      return { subjectId: orderId, events, reason: note ?? reason };
    });
  }
}

/** The seller agrees, and everything that has not arrived is cancelled and refunded; or declines. */
export class AnswerCancellation extends OrderUseCase {
  execute(command: {
    readonly orderId: string;
    readonly accept: boolean;
    readonly actor: Actor;
  }): Promise<string> {
    const { orderId, accept, actor } = command;
    const asked = { orderId, actor, may: isSellerSide, action: 'answer this request' };
    return this.change(asked, async ({ tx, order, now }) => {
      const request = await tx.openCancelRequest(orderId);
      if (!request)
        throw new IllegalTransition(`Order ${orderId}`, order.afterSale, 'CANCELLED', []);
      request.end(accept ? 'ACCEPTED' : 'DECLINED', now);
      const events = accept
        ? order.acceptCancellation(request.reason, now)
        : [
            ...order.cancellationEnded(now),
            order.updated('CANCEL_REQUEST_DECLINED', request.id, now),
          ];
      return { subjectId: orderId, events, reason: request.reason };
    });
  }
}
