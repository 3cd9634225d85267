import type { Clock } from '../../kernel/clock.ts';
import { NotFound } from '../../kernel/errors.ts';
import { isId, type NewId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { mayWrite, sideOf } from '../domain/conversation.policy.ts';
import type { Message } from '../domain/message.ts';
import { appendText } from './append-text.ts';
import { checkedMessage, contextWithPrice, type MessageInput } from './message-content.ts';
import type { ConversationsStore, ListingPrices } from './ports.ts';

export type SendMessageCommand = MessageInput & {
  readonly conversationId: string;
  readonly actor: Actor;
};

/** Sends one text. The seller's first answers a request; both sides stay free to speak after that. */
export class SendMessage {
  constructor(
    private readonly store: ConversationsStore,
    private readonly prices: ListingPrices,
    private readonly clock: Clock,
    private readonly newId: NewId,
  ) {}

  async execute({ conversationId, actor, ...input }: SendMessageCommand): Promise<Message> {
    const visible = isId('conversation', conversationId)
      ? await this.store.find(conversationId)
      : null;
    if (!visible || !mayWrite(actor, visible))
      throw new NotFound('conversation', ['conversationId']);
    const message = checkedMessage(input);
    // Before the transaction: nothing waits for another system while a row is locked.
    const context = await contextWithPrice(message, visible.sellerId, this.prices);
    return this.store.transact(async (tx) => {
      const conversation = await tx.lockConversation(conversationId);
      const side = conversation && sideOf(actor, conversation);
      if (!conversation || !side) throw new NotFound('conversation', ['conversationId']);
      const now = this.clock.now();
      return appendText(tx, conversation, {
        actor,
        side,
        message,
        context,
        now,
        newId: this.newId,
      });
    });
  }
}
