import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { ConversationType, MessageType } from './conversation.types.ts';
import { ReportReason } from './enums.ts';
import { ConversationUserError } from './user-errors.ts';

@InputType('MessageContextInput', { description: 'What a question is about.' })
export class MessageContextInput {
  @Field(() => ID, { description: 'A listing of this seller.' })
  readonly listingId!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'One of its variants, whose price of this moment is kept with the message.',
  })
  readonly variantId!: string | null;
}

@InputType('FirstMessageInput', { description: 'The first words of a conversation.' })
export class FirstMessageInput {
  @Field(() => String, {
    description:
      'Chosen by the client, 1 to 64 printable ASCII characters; the same id sends once.',
  })
  readonly clientMessageId!: string;

  @Field(() => String, { description: 'Up to 2,000 characters; card numbers are masked.' })
  readonly text!: string;

  @Field(() => MessageContextInput, {
    nullable: true,
    description: 'The listing this is about, or null.',
  })
  readonly context!: MessageContextInput | null;
}

@InputType('OpenConversationInput', { description: 'Whom to write to.' })
export class OpenConversationInput {
  @Field(() => ID, { description: 'The seller.' })
  readonly sellerId!: string;

  @Field(() => FirstMessageInput, {
    nullable: true,
    description: 'Words to send at once; null opens without any.',
  })
  readonly firstMessage!: FirstMessageInput | null;
}

@InputType('SendMessageInput', { description: 'Words for an open conversation.' })
export class SendMessageInput extends FirstMessageInput {
  @Field(() => ID, { description: 'The conversation.' })
  readonly conversationId!: string;
}

@InputType('OpenConversationForOrderInput', { description: 'The order that introduces both.' })
export class OpenConversationForOrderInput {
  @Field(() => ID, { description: 'An order between the two.' })
  readonly orderId!: string;
}

@InputType()
abstract class OfConversation {
  @Field(() => ID, { description: 'The conversation.' })
  readonly conversationId!: string;
}

@InputType('AcceptConversationInput', { description: 'The request to accept.' })
export class AcceptConversationInput extends OfConversation {}

@InputType('CloseConversationInput', { description: 'The conversation to end.' })
export class CloseConversationInput extends OfConversation {}

@InputType('BlockConversationInput', { description: 'The conversation to block.' })
export class BlockConversationInput extends OfConversation {}

@InputType('UnblockConversationInput', { description: 'The conversation to unblock.' })
export class UnblockConversationInput extends OfConversation {}

@InputType('ArchiveConversationInput', { description: 'The conversation to put away.' })
export class ArchiveConversationInput extends OfConversation {}

@InputType('UnarchiveConversationInput', { description: 'The conversation to bring back.' })
export class UnarchiveConversationInput extends OfConversation {}

@InputType('MuteConversationInput', { description: 'For how long to be quiet.' })
export class MuteConversationInput extends OfConversation {
  @Field(() => Date, {
    nullable: true,
    description: 'When the mute ends, within a year; null ends it now.',
  })
  readonly until!: Date | null;
}

@InputType('MarkConversationReadInput', { description: 'How far one has read.' })
export class MarkConversationReadInput extends OfConversation {
  @Field(() => Int, {
    description: 'The sequence number of the last message read; the marker never moves back.',
  })
  readonly upToSeq!: number;
}

@InputType('MarkConversationDeliveredInput', { description: 'How far messages have arrived.' })
export class MarkConversationDeliveredInput extends OfConversation {
  @Field(() => Int, {
    description: 'The sequence number of the last message received; the marker never moves back.',
  })
  readonly upToSeq!: number;
}

@InputType('FreezeConversationInput', { description: 'What to stop, and why.' })
export class FreezeConversationInput extends OfConversation {
  @Field(() => String, { description: 'Why, up to 500 characters; kept for the audit.' })
  readonly reason!: string;
}

@InputType('UnfreezeConversationInput', { description: 'What to let go on, and why.' })
export class UnfreezeConversationInput extends OfConversation {
  @Field(() => String, { description: 'Why, up to 500 characters; kept for the audit.' })
  readonly reason!: string;
}

@InputType('EditMessageInput', { description: "New words for a message of one's own." })
export class EditMessageInput {
  @Field(() => ID, { description: 'The message.' })
  readonly messageId!: string;

  @Field(() => String, { description: 'Up to 2,000 characters; card numbers are masked.' })
  readonly text!: string;
}

@InputType('DeleteMessageInput', { description: 'The message to delete.' })
export class DeleteMessageInput {
  @Field(() => ID, { description: "A message of one's own." })
  readonly messageId!: string;
}

@InputType('ReportMessageInput', { description: 'What to look at, and why.' })
export class ReportMessageInput {
  @Field(() => ID, { description: 'A message of the other side.' })
  readonly messageId!: string;

  @Field(() => ReportReason, { description: 'What is wrong with it.' })
  readonly reason!: string;

  @Field(() => String, { nullable: true, description: 'More about it, up to 1,000 characters.' })
  readonly note!: string | null;
}

@ObjectType()
abstract class ConversationPayload {
  @Field(() => ConversationType, {
    nullable: true,
    description: 'The conversation as it is now; null exactly when userErrors is not empty.',
  })
  readonly conversation!: ConversationType | null;

  @Field(() => [ConversationUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly ConversationUserError[];
}

@ObjectType()
abstract class MessagePayload {
  @Field(() => MessageType, {
    nullable: true,
    description: 'The message as it is now; null exactly when userErrors is not empty.',
  })
  readonly message!: MessageType | null;

  @Field(() => [ConversationUserError], { description: 'Why nothing was done; empty on success.' })
  readonly userErrors!: readonly ConversationUserError[];
}

@ObjectType('OpenConversationPayload', {
  description:
    'Refusals in order: NOT_FOUND, CANNOT_MESSAGE_YOURSELF, TEMPORARILY_UNAVAILABLE, and those of sendMessage.',
})
export class OpenConversationPayload extends ConversationPayload {
  @Field(() => MessageType, {
    nullable: true,
    description: 'The first message, when one was given.',
  })
  readonly message!: MessageType | null;
}

@ObjectType('OpenConversationForOrderPayload', { description: 'Refusals: NOT_FOUND.' })
export class OpenConversationForOrderPayload extends ConversationPayload {}

@ObjectType('SendMessagePayload', {
  description:
    'Refusals in order: NOT_FOUND, CLIENT_MESSAGE_ID_INVALID, TEXT_NOT_STORABLE, TEXT_EMPTY, TEXT_TOO_LONG, TEMPORARILY_UNAVAILABLE, CLIENT_MESSAGE_ID_REUSED, CONVERSATION_FROZEN, CONVERSATION_BLOCKED, RATE_LIMITED.',
})
export class SendMessagePayload extends MessagePayload {}

@ObjectType('AcceptConversationPayload', { description: 'Refusals: NOT_FOUND, NOT_ALLOWED.' })
export class AcceptConversationPayload extends ConversationPayload {}

@ObjectType('CloseConversationPayload', {
  description: 'Refusals in order: NOT_FOUND, NOT_ALLOWED, ILLEGAL_TRANSITION.',
})
export class CloseConversationPayload extends ConversationPayload {}

@ObjectType('BlockConversationPayload', { description: 'Refusals: NOT_FOUND.' })
export class BlockConversationPayload extends ConversationPayload {}

@ObjectType('UnblockConversationPayload', { description: 'Refusals: NOT_FOUND.' })
export class UnblockConversationPayload extends ConversationPayload {}

@ObjectType('ArchiveConversationPayload', { description: 'Refusals: NOT_FOUND.' })
export class ArchiveConversationPayload extends ConversationPayload {}

@ObjectType('UnarchiveConversationPayload', { description: 'Refusals: NOT_FOUND.' })
export class UnarchiveConversationPayload extends ConversationPayload {}

@ObjectType('MuteConversationPayload', { description: 'Refusals: NOT_FOUND, MUTE_INVALID.' })
export class MuteConversationPayload extends ConversationPayload {}

@ObjectType('MarkConversationReadPayload', {
  description: 'Refusals: NOT_FOUND, READ_MARKER_INVALID.',
})
export class MarkConversationReadPayload extends ConversationPayload {}

@ObjectType('MarkConversationDeliveredPayload', {
  description: 'Refusals: NOT_FOUND, READ_MARKER_INVALID.',
})
export class MarkConversationDeliveredPayload extends ConversationPayload {}

@ObjectType('FreezeConversationPayload', {
  description: 'Refusals: TEXT_NOT_STORABLE, TEXT_EMPTY, TEXT_TOO_LONG, NOT_FOUND.',
})
export class FreezeConversationPayload extends ConversationPayload {}

@ObjectType('UnfreezeConversationPayload', {
  description: 'Refusals: TEXT_NOT_STORABLE, TEXT_EMPTY, TEXT_TOO_LONG, NOT_FOUND.',
})
export class UnfreezeConversationPayload extends ConversationPayload {}

@ObjectType('EditMessagePayload', {
  description:
    'Refusals in order: TEXT_NOT_STORABLE, TEXT_EMPTY, TEXT_TOO_LONG, NOT_FOUND, NOT_ALLOWED, CONVERSATION_FROZEN, CONVERSATION_BLOCKED, MESSAGE_NOT_EDITABLE, EDIT_WINDOW_OVER.',
})
export class EditMessagePayload extends MessagePayload {}

@ObjectType('DeleteMessagePayload', {
  description: 'Refusals in order: NOT_FOUND, NOT_ALLOWED, MESSAGE_NOT_EDITABLE.',
})
export class DeleteMessagePayload extends MessagePayload {}

@ObjectType('ReportMessagePayload', {
  description:
    'Refusals in order: TEXT_NOT_STORABLE, TEXT_EMPTY, TEXT_TOO_LONG, NOT_FOUND, NOT_ALLOWED.',
})
export class ReportMessagePayload extends MessagePayload {
  @Field(() => ID, { nullable: true, description: 'The report, to name when asking about it.' })
  readonly reportId!: string | null;
}
