import {
  Arg,
  Args,
  Ctx,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { connectionOf, PageArgs, pageOf } from '../../kernel/graphql/connection.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import {
  type MemberActor,
  members,
  membersAndPartners,
  signedIn,
  supportStaff,
} from '../../kernel/policy.ts';
import type { Standing } from '../application/reads.ts';
import {
  mayFreeze,
  maySeeConversation,
  mayWrite,
  type Side,
  sideOf,
} from '../domain/conversation.policy.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { ConversationsContext } from './context.ts';
import * as io from './conversation.inputs.ts';
import { toConversation, toMessage } from './conversation.mapping.ts';
import {
  BuyerType,
  ConversationType,
  MessageConnection,
  MessageType,
} from './conversation.types.ts';
import { ConversationSide } from './enums.ts';
import { refusals } from './user-errors.ts';

async function conversationPayload(work: () => Promise<Conversation>) {
  const { result, userErrors } = await refusals(work);
  return { conversation: result && toConversation(result), userErrors: userErrors as never };
}

@Resolver(() => ConversationType)
export class ConversationResolver {
  @Query(() => ConversationType, {
    nullable: true,
    description: 'A conversation of your own, or null.',
  })
  @GuardedBy(signedIn, maySeeConversation)
  async conversation(
    @Arg('id', () => ID, { description: 'The conversation.' }) id: string,
    @Ctx() { loaders }: ConversationsContext,
  ): Promise<ConversationType | null> {
    const row = await loaders.conversation.load(id);
    return row && toConversation(row);
  }

  @FieldResolver(() => MessageConnection, {
    nullable: true,
    description: 'Its messages, oldest first: what to read on after the last one seen.',
  })
  messages(
    @Root() { row }: ConversationType,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: ConversationsContext,
  ) {
    return messagePage(row, args, 'OLDEST_FIRST', context);
  }

  @FieldResolver(() => MessageConnection, {
    nullable: true,
    description: 'Its messages, newest first: what to show when a thread is opened.',
  })
  recentMessages(
    @Root() { row }: ConversationType,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: ConversationsContext,
  ) {
    return messagePage(row, args, 'NEWEST_FIRST', context);
  }

  @FieldResolver(() => MessageType, {
    nullable: true,
    description: 'The latest message, or null before the first.',
  })
  async lastMessage(
    @Root() { id }: ConversationType,
    @Ctx() { loaders }: ConversationsContext,
  ): Promise<MessageType | null> {
    const row = await loaders.lastMessage.load(id);
    return row && toMessage(row);
  }

  @FieldResolver(() => ConversationSide, {
    nullable: true,
    description: 'The side you are on; null for support.',
  })
  viewerSide(@Root() { row }: ConversationType, @Ctx() { actor }: ConversationsContext) {
    return sideOf(actor, row);
  }

  @FieldResolver(() => Int, {
    description: 'Messages after your read marker that you did not send, deleted ones left out.',
  })
  async unreadCount(@Root() { row }: ConversationType, @Ctx() context: ConversationsContext) {
    return (await own(row, context))?.unreadCount ?? 0;
  }

  @FieldResolver(() => Int, { description: 'How far you have read.' })
  async readUpTo(@Root() { row }: ConversationType, @Ctx() context: ConversationsContext) {
    return (await own(row, context))?.readUpTo ?? 0;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How far the other side has read; null while the conversation is only requested.',
  })
  async otherReadUpTo(@Root() { row }: ConversationType, @Ctx() context: ConversationsContext) {
    return (await other(row, context))?.readUpTo ?? null;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'How far messages reached the other side; null while the conversation is only requested.',
  })
  async otherDeliveredUpTo(
    @Root() { row }: ConversationType,
    @Ctx() context: ConversationsContext,
  ) {
    return (await other(row, context))?.deliveredUpTo ?? null;
  }

  @FieldResolver(() => Boolean, { description: 'True when you have put it away.' })
  async isArchived(@Root() { row }: ConversationType, @Ctx() context: ConversationsContext) {
    return (await own(row, context))?.isArchived ?? false;
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'Until when you want no notifications of it, or null.',
  })
  async mutedUntil(@Root() { row }: ConversationType, @Ctx() context: ConversationsContext) {
    return (await own(row, context))?.mutedUntil ?? null;
  }

  @Mutation(() => io.OpenConversationPayload, {
    nullable: true,
    description: 'Writes to a seller for the first time, or finds the conversation you have.',
  })
  @GuardedBy(members)
  async openConversation(
    @Arg('input', () => io.OpenConversationInput, { description: 'Whom to write to.' })
    { sellerId, firstMessage }: io.OpenConversationInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    const { result, userErrors } = await refusals(() =>
      useCases.openConversation.execute({
        sellerId,
        firstMessage: firstMessage ? messageOf(firstMessage) : null,
        actor: actor as MemberActor,
      }),
    );
    return {
      conversation: result && toConversation(result.conversation),
      message: result?.message ? toMessage(result.message) : null,
      userErrors,
    };
  }

  @Mutation(() => io.OpenConversationForOrderPayload, {
    nullable: true,
    description: 'Writes to the other side of an order; only so may a seller speak first.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  openConversationForOrder(
    @Arg('input', () => io.OpenConversationForOrderInput, { description: 'The order.' })
    { orderId }: io.OpenConversationForOrderInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() => useCases.openConversationForOrder.execute(orderId, actor));
  }

  @Mutation(() => io.AcceptConversationPayload, {
    nullable: true,
    description: 'Takes a request without answering it yet. Only the seller may.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  acceptConversation(
    @Arg('input', () => io.AcceptConversationInput, { description: 'The request.' })
    { conversationId }: io.AcceptConversationInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() => useCases.acceptConversation.execute(conversationId, actor));
  }

  @Mutation(() => io.CloseConversationPayload, {
    nullable: true,
    description: "Ends a conversation; the buyer's next message asks anew. Only the seller may.",
  })
  @GuardedBy(membersAndPartners, mayWrite)
  closeConversation(
    @Arg('input', () => io.CloseConversationInput, { description: 'The conversation.' })
    { conversationId }: io.CloseConversationInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() => useCases.closeConversation.execute(conversationId, actor));
  }

  @Mutation(() => io.BlockConversationPayload, {
    nullable: true,
    description: 'Stops messages and new payment requests both ways; orders go on.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  blockConversation(
    @Arg('input', () => io.BlockConversationInput, { description: 'The conversation.' })
    { conversationId }: io.BlockConversationInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() => useCases.blockConversation.execute(conversationId, actor));
  }

  @Mutation(() => io.UnblockConversationPayload, {
    nullable: true,
    description: "Lifts your own block; the other side's stays.",
  })
  @GuardedBy(membersAndPartners, mayWrite)
  unblockConversation(
    @Arg('input', () => io.UnblockConversationInput, { description: 'The conversation.' })
    { conversationId }: io.UnblockConversationInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() => useCases.unblockConversation.execute(conversationId, actor));
  }

  @Mutation(() => io.ArchiveConversationPayload, {
    nullable: true,
    description: 'Puts a conversation away, for your side only.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  archiveConversation(
    @Arg('input', () => io.ArchiveConversationInput, { description: 'The conversation.' })
    { conversationId }: io.ArchiveConversationInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() =>
      useCases.archiveConversation.execute(conversationId, true, actor),
    );
  }

  @Mutation(() => io.UnarchiveConversationPayload, {
    nullable: true,
    description: 'Brings a conversation back, for your side only.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  unarchiveConversation(
    @Arg('input', () => io.UnarchiveConversationInput, { description: 'The conversation.' })
    { conversationId }: io.UnarchiveConversationInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() =>
      useCases.archiveConversation.execute(conversationId, false, actor),
    );
  }

  @Mutation(() => io.MuteConversationPayload, {
    nullable: true,
    description: 'Keeps a conversation quiet for a while, for your side only.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  muteConversation(
    @Arg('input', () => io.MuteConversationInput, { description: 'Which, and for how long.' })
    { conversationId, until }: io.MuteConversationInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() =>
      useCases.muteConversation.execute(conversationId, until ?? null, actor),
    );
  }

  @Mutation(() => io.MarkConversationReadPayload, {
    nullable: true,
    description: 'Moves your read marker forward; an older number changes nothing.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  markConversationRead(
    @Arg('input', () => io.MarkConversationReadInput, { description: 'Which, and how far.' })
    { conversationId, upToSeq }: io.MarkConversationReadInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() =>
      useCases.markConversationRead.execute(conversationId, upToSeq, actor),
    );
  }

  @Mutation(() => io.MarkConversationDeliveredPayload, {
    nullable: true,
    description: 'Moves your delivery marker forward; an older number changes nothing.',
  })
  @GuardedBy(membersAndPartners, mayWrite)
  markConversationDelivered(
    @Arg('input', () => io.MarkConversationDeliveredInput, { description: 'Which, and how far.' })
    { conversationId, upToSeq }: io.MarkConversationDeliveredInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() =>
      useCases.markConversationDelivered.execute(conversationId, upToSeq, actor),
    );
  }

  @Mutation(() => io.FreezeConversationPayload, {
    nullable: true,
    description: 'Stops a conversation for both sides; support only, with a recorded reason.',
  })
  @GuardedBy(supportStaff, mayFreeze)
  freezeConversation(
    @Arg('input', () => io.FreezeConversationInput, { description: 'Which, and why.' })
    { conversationId, reason }: io.FreezeConversationInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() =>
      useCases.freezeConversation.execute({ conversationId, isFrozen: true, reason, actor }),
    );
  }

  @Mutation(() => io.UnfreezeConversationPayload, {
    nullable: true,
    description: 'Lets a frozen conversation go on; support only, with a recorded reason.',
  })
  @GuardedBy(supportStaff, mayFreeze)
  unfreezeConversation(
    @Arg('input', () => io.UnfreezeConversationInput, { description: 'Which, and why.' })
    { conversationId, reason }: io.UnfreezeConversationInput,
    @Ctx() { actor, useCases }: ConversationsContext,
  ) {
    return conversationPayload(() =>
      useCases.freezeConversation.execute({ conversationId, isFrozen: false, reason, actor }),
    );
  }
}

@Resolver(() => BuyerType)
export class BuyerResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'The name the buyer goes by, or null while none is known here.',
  })
  async displayName(@Root() { id }: BuyerType, @Ctx() { loaders }: ConversationsContext) {
    return (await loaders.buyer.load(id))?.name ?? null;
  }
}

export function messageOf(input: io.FirstMessageInput) {
  const { clientMessageId, text, context } = input;
  return {
    clientMessageId,
    text,
    context: context
      ? { listingId: context.listingId, variantId: context.variantId ?? null }
      : null,
  };
}

async function messagePage(
  row: Conversation,
  args: PageArgs,
  direction: 'OLDEST_FIRST' | 'NEWEST_FIRST',
  { reads }: ConversationsContext,
) {
  const page = pageOf(args, 1);
  const rows = await reads.page(row.id, page, direction);
  return connectionOf(rows, page, (message) => [String(message.seq)], toMessage);
}

async function own(row: Conversation, context: ConversationsContext): Promise<Standing | null> {
  const side = sideOf(context.actor, row);
  return side === null ? null : standing(row, side, context);
}

// Nobody's receipts are shown before the seller accepted: looking at a request must stay private.
async function other(row: Conversation, context: ConversationsContext): Promise<Standing | null> {
  const side = sideOf(context.actor, row);
  if (side === null || row.state === 'REQUESTED') return null;
  return standing(row, side === 'BUYER' ? 'SELLER' : 'BUYER', context);
}

async function standing(
  row: Conversation,
  side: Side,
  { loaders }: ConversationsContext,
): Promise<Standing | null> {
  const both = await loaders.standings.load(row.id);
  return both.find((one) => one.side === side) ?? null;
}
