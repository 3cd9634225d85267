import type { StreamEvent, Streams } from '../../kernel/events/streams.ts';
import { forbidden } from '../../kernel/graphql/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor, MemberActor } from '../../kernel/policy.ts';
import { maySeeConversation } from '../domain/conversation.policy.ts';
import type { ConversationsStore } from './ports.ts';

/** Opens live streams, after checking that the actor may see what they carry. */
export class WatchConversation {
  constructor(
    private readonly store: ConversationsStore,
    private readonly streams: Streams,
  ) {}

  async messages(
    conversationId: string,
    actor: Actor,
    position: string | null,
  ): Promise<AsyncIterableIterator<StreamEvent>> {
    await this.requireVisible(conversationId, actor);
    return this.streams.open(`conversation:${conversationId}`, position);
  }

  async changes(
    conversationId: string,
    actor: Actor,
    position: string | null,
  ): Promise<AsyncIterableIterator<StreamEvent>> {
    await this.requireVisible(conversationId, actor);
    return this.streams.open(`conversation-changes:${conversationId}`, position);
  }

  inbox(actor: MemberActor, position: string | null): Promise<AsyncIterableIterator<StreamEvent>> {
    return this.streams.open(`inbox:${actor.userId}`, position);
  }

  private async requireVisible(conversationId: string, actor: Actor): Promise<void> {
    const conversation = isId('conversation', conversationId)
      ? await this.store.find(conversationId)
      : null;
    if (!conversation || !maySeeConversation(actor, conversation)) throw forbidden();
  }
}
