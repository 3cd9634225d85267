import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { StreamEvent } from '../../kernel/events/streams.ts';
import { forbidden } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { type MemberActor, members, signedIn } from '../../kernel/policy.ts';
import { maySeeConversation } from '../domain/conversation.policy.ts';
import type { ConversationsContext } from './context.ts';
import { toConversation, toMessage } from './conversation.mapping.ts';
import { ConversationType, MessageType } from './conversation.types.ts';

type Stream = {
  readonly args: Record<string, string>;
  readonly context: ConversationsContext;
};

@Resolver()
export class ConversationSubscriptions {
  @Subscription(() => MessageType, {
    nullable: true,
    description: 'Every new message of a conversation, in order, news and cards included.',
    subscribe: (({ args, context }: Stream) =>
      context.useCases.watchConversation.messages(
        args.conversationId ?? '',
        context.actor,
        context.position,
      )) as never,
  })
  @GuardedBy(signedIn, maySeeConversation)
  messageAdded(
    @Root() event: StreamEvent,
    @Arg('conversationId', () => ID, { description: 'The conversation.' }) _conversationId: string,
    @Ctx() context: ConversationsContext,
  ): Promise<MessageType> {
    return messageOfEvent(event, context);
  }

  @Subscription(() => MessageType, {
    nullable: true,
    description: 'Every edit and deletion of a message of a conversation.',
    subscribe: (({ args, context }: Stream) =>
      context.useCases.watchConversation.changes(
        args.conversationId ?? '',
        context.actor,
        context.position,
      )) as never,
  })
  @GuardedBy(signedIn, maySeeConversation)
  messageChanged(
    @Root() event: StreamEvent,
    @Arg('conversationId', () => ID, { description: 'The conversation.' }) _conversationId: string,
    @Ctx() context: ConversationsContext,
  ): Promise<MessageType> {
    return messageOfEvent(event, context);
  }

  @Subscription(() => ConversationType, {
    nullable: true,
    description: 'A conversation of yours, on either side, whenever something happens in it.',
    subscribe: (({ context }: Stream) =>
      context.useCases.watchConversation.inbox(
        context.actor as MemberActor,
        context.position,
      )) as never,
  })
  @GuardedBy(members, maySeeConversation)
  async conversationUpdated(
    @Root() event: StreamEvent,
    @Ctx() { loaders }: ConversationsContext,
  ): Promise<ConversationType> {
    const row = await loaders.conversation.load(event.aggregateId);
    if (!row) throw forbidden();
    return toConversation(row);
  }
}

// Asked again at every event: who may no longer see the conversation gets nothing more.
async function messageOfEvent(
  event: StreamEvent,
  { loaders }: ConversationsContext,
): Promise<MessageType> {
  // The message needs its conversation: asked for beside it, both take one wait.
  const [row] = await Promise.all([
    loaders.message.load(String(event.payload.messageId)),
    loaders.conversation.load(event.aggregateId),
  ]);
  if (!row) throw forbidden();
  return toMessage(row);
}
