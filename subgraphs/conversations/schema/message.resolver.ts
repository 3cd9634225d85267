import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { membersAndPartners, principalOf, signedIn } from '../../kernel/policy.ts';
import { maySeeConversation, mayWrite } from '../domain/conversation.policy.ts';
import type { ConversationsContext } from './context.ts';
import * as io from './conversation.inputs.ts';
import { toConversation, toMessage } from './conversation.mapping.ts';
import { messageOf } from './conversation.resolver.ts';
import { ConversationType, MessageType } from './conversation.types.ts';
import { refusals } from './user-errors.ts';

@Resolver(() => MessageType)
export class MessageResolver {
  @Query(() => MessageType, {
    nullable: true,
    description: 'A message of a conversation of your own, or null.',
  })
  @GuardedBy(signedIn, maySeeConversation)
  async message(
    @Arg('id', () => ID, { description: 'The message.' }) id: string,
    @Ctx() { loaders }: ConversationsContext,
  ): Promise<MessageType | null> {
    const row = await loaders.message.load(id);
    return row && toMessage(row);
  }

  @FieldResolver(() => ConversationType, {
    nullable: true,
    description: 'The conversation it belongs to.',
  })
  async conversation(
    @Root() { row }: MessageType,
    @Ctx() { loaders }: ConversationsContext,
  ): Promise<ConversationType | null> {
    const around = await loaders.conversation.load(row.conversationId);
    return around && toConversation(around);
  }

  @FieldResolver(() => Boolean, { description: 'True when you sent it.' })
  isYours(@Root() { row }: MessageType, @Ctx() { actor }: ConversationsContext): boolean {
    return row.senderId === principalOf(actor);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The id your client chose for it; null for messages of others.',
  })
  clientMessageId(@Root() { row }: MessageType, @Ctx() { actor }: ConversationsContext) {
    return row.senderId === principalOf(actor) ? row.clientMessageId : null;
  }

  @Mutation(() => io.SendMessagePayload, {
    nullable: true,
    description: 'Sends words. Repeating the call with the same client message id sends once.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  async sendMessage(
    @Arg('input', () => io.SendMessageInput, { description: 'What to say, and where.' })
    input: io.SendMessageInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    const { result, userErrors } = await refusals(() =>
      useCases.sendMessage.execute({
        conversationId: input.conversationId,
        ...messageOf(input),
        actor,
      }),
    );
    return { message: result && toMessage(result), userErrors };
  }

  @Mutation(() => io.EditMessagePayload, {
    nullable: true,
    description: 'Changes your own words within 15 minutes; both sides see that they were changed.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  async editMessage(
    @Arg('input', () => io.EditMessageInput, { description: 'Which message, and its new words.' })
    { messageId, text }: io.EditMessageInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    const { result, userErrors } = await refusals(() =>
      useCases.editMessage.execute(messageId, text, actor),
    );
    return { message: result && toMessage(result), userErrors };
  }

  @Mutation(() => io.DeleteMessagePayload, {
    nullable: true,
    description: 'Takes back your own words for both sides; a tombstone stays.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  async deleteMessage(
    @Arg('input', () => io.DeleteMessageInput, { description: 'Which message.' })
    { messageId }: io.DeleteMessageInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    const { result, userErrors } = await refusals(() =>
      useCases.deleteMessage.execute(messageId, actor),
    );
    return { message: result && toMessage(result), userErrors };
  }

  @Mutation(() => io.ReportMessagePayload, {
    nullable: true,
    description: 'Tells support about a message, with a copy of it as it is now.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  async reportMessage(
    @Arg('input', () => io.ReportMessageInput, { description: 'Which message, and why.' })
    { messageId, reason, note }: io.ReportMessageInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    const { result, userErrors } = await refusals(() =>
      useCases.reportMessage.execute({ messageId, reason, note: note ?? null, actor }),
    );
    return {
      message: result && toMessage(result.message),
      reportId: result?.reportId ?? null,
      userErrors,
    };
  }
}
