import type { Clock } from '../../kernel/clock.ts';
import { NotFound } from '../../kernel/errors.ts';
import { isId, type NewId, sellerIdOf } from '../../kernel/ids.ts';
import type { MemberActor } from '../../kernel/policy.ts';
import { CannotMessageYourself } from '../domain/conversation.errors.ts';
import { Conversation } from '../domain/conversation.ts';
import type { Message } from '../domain/message.ts';
import { appendText } from './append-text.ts';
import { checkedMessage, contextWithPrice, type MessageInput } from './message-content.ts';
import type { ConversationsStore, ListingPrices, SellerDirectory } from './ports.ts';

export interface OpenConversationCommand {
  readonly sellerId: string;
  readonly firstMessage: MessageInput | null;
  readonly actor: MemberActor;
}

/** The buyer speaks first. Opening again answers with the pair's one conversation. */
export class OpenConversation {
  constructor(
    private readonly store: ConversationsStore,
    private readonly sellers: SellerDirectory,
    private readonly prices: ListingPrices,
    private readonly clock: Clock,
    private readonly newId: NewId,
  ) {}

  async execute({
    sellerId,
    firstMessage,
    actor,
  }: OpenConversationCommand): Promise<{ conversation: Conversation; message: Message | null }> {
    await this.requireSeller(sellerId, actor);
    const message = firstMessage && checkedMessage(firstMessage);
    const context = message && (await contextWithPrice(message, sellerId, this.prices));
    return this.store.transact(async (tx) => {
      const now = this.clock.now();
      const buyer = { userId: actor.userId, name: actor.name };
      const candidate = Conversation.request(this.newId('conversation'), buyer, sellerId, now);
      const conversation = await tx.lockOrCreate(candidate);
      if (conversation.id === candidate.id) await tx.record([conversation.opened()]);
      conversation.knowBuyer(actor.name);
      if (!message) return { conversation, message: null };
      const sent = { actor, side: 'BUYER' as const, message, context, now, newId: this.newId };
      return { conversation, message: await appendText(tx, conversation, sent) };
    });
  }

  private async requireSeller(sellerId: string, actor: MemberActor): Promise<void> {
    if (!isId('seller', sellerId)) throw new NotFound('seller', ['sellerId']);
    if (sellerIdOf(actor.userId) === sellerId) throw new CannotMessageYourself();
    if (await this.store.findByPair(actor.userId, sellerId)) return;
    if (!(await this.sellers.isSeller(sellerId))) throw new NotFound('seller', ['sellerId']);
  }
}
