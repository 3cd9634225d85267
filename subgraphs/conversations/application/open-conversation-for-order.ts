import type { Clock } from '../../kernel/clock.ts';
import { NotFound } from '../../kernel/errors.ts';
import { isId, type NewId } from '../../kernel/ids.ts';
import { type Actor, actsForSeller, isMember } from '../../kernel/policy.ts';
import { Conversation } from '../domain/conversation.ts';
import type { ConversationsStore } from './ports.ts';

/** A seller may speak first to somebody who bought from them; the order is the introduction. */
export class OpenConversationForOrder {
  constructor(
    private readonly store: ConversationsStore,
    private readonly clock: Clock,
    private readonly newId: NewId,
  ) {}

  execute(orderId: string, actor: Actor): Promise<Conversation> {
    return this.store.transact(async (tx) => {
      const trade = isId('order', orderId) ? await tx.trade(orderId) : null;
      if (!trade || !(actsForSeller(actor, trade.sellerId) || isMember(actor, trade.buyerId)))
        throw new NotFound('order', ['orderId']);
      const id = this.newId('conversation');
      const now = this.clock.now();
      const candidate = Conversation.forOrder(id, trade.buyerId, trade.sellerId, now);
      const conversation = await tx.lockOrCreate(candidate);
      if (conversation.id === id) await tx.record([conversation.opened()]);
      return conversation;
    });
  }
}
