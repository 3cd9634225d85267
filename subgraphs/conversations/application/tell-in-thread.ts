import type { Clock } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import { Message } from '../domain/message.ts';
import type { Told } from '../domain/notices.ts';
import type { ConversationsStore, Trade } from './ports.ts';

/**
 * Appends the one message that tells a business transition. Neither a block nor a freeze stops it:
 * what happens to somebody's money and goods is always told.
 */
export class TellInThread {
  constructor(
    private readonly store: ConversationsStore,
    private readonly clock: Clock,
    private readonly newId: NewId,
  ) {}

  execute(news: {
    readonly told: Told;
    readonly conversationId: string;
    readonly cardId: string;
    /** Names the transition; a second message under the same name is not written. */
    readonly sourceKey: string;
  }): Promise<void> {
    return this.store.transact(async (tx) => {
      const conversation = await tx.lockConversation(news.conversationId);
      if (!conversation || (await tx.hasTold(news.sourceKey))) return;
      const told = { ...news.told, cardId: news.cardId, sourceKey: news.sourceKey };
      const message = Message.notice(this.newId('message'), conversation, told, this.clock.now());
      await tx.addMessage(message);
      await tx.record([message.added(conversation)]);
    });
  }
}

/** Remembers who traded with whom: the right of a seller to speak first. */
export class RememberTrade {
  constructor(private readonly store: ConversationsStore) {}

  execute(trade: Trade): Promise<void> {
    return this.store.transact((tx) => tx.addTrade(trade));
  }
}
