import { createUnionType, Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { MoneyType, NodeType, PageInfo } from '../../kernel/graphql/shared-types.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { Message } from '../domain/message.ts';
import {
  BlockedByEnum,
  ConversationSide,
  ConversationStateEnum,
  MessageKindEnum,
  MessageNotice,
} from './enums.ts';

// Entities of other subgraphs, by their key alone.

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Seller', { description: 'The public side of a seller.' })
export class SellerStub {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Listing', { description: 'Something a seller offers.' })
export class ListingStub {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('PaymentRequest', {
  description: 'What one buyer is asked to pay, once. Your payment is processed by PayPal.',
})
export class PaymentRequestStub {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Order', { description: 'What a buyer paid for and a seller sends.' })
export class OrderStub {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Shipment', { description: 'A parcel of an order.' })
export class ShipmentStub {
  @Field(() => ID, { description: 'Opaque, unique in the whole graph, prefixed by what it is.' })
  readonly id!: string;
}

export const MessageCard = createUnionType({
  name: 'MessageCard',
  description: 'What a card shows: a reference, whose state is read when it is looked at.',
  types: () => [PaymentRequestStub, OrderStub, ShipmentStub, ListingStub] as const,
  resolveType: (value) => (value as unknown as { __typename: string }).__typename,
});

@Directive('@key(fields: "id")')
@ObjectType('Buyer', {
  implements: NodeType,
  description: 'A person who buys, as the sellers they deal with see them.',
})
export class BuyerType extends NodeType {
  @Field(() => String, {
    nullable: true,
    description: 'The name the buyer goes by, or null while none is known here.',
  })
  readonly displayName!: string | null;
}

@ObjectType('MessageContext', { description: 'What a question is about.' })
export class MessageContextType {
  @Field(() => ListingStub, {
    nullable: true,
    description: 'The listing, as it is now; null while the catalog cannot say.',
  })
  readonly listing!: ListingStub | null;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'What the variant cost when the question was asked; null when none was named.',
  })
  readonly priceAtAsk!: MoneyType | null;
}

@Directive('@key(fields: "id")')
@ObjectType('Message', {
  implements: NodeType,
  description: 'One line of a conversation: words, news, or a card.',
})
export class MessageType extends NodeType {
  readonly row!: Message;

  @Field(() => Int, {
    description:
      'Its place: dense and rising from 1 in its conversation. Show messages by it alone.',
  })
  readonly seq!: number;

  @Field(() => MessageKindEnum, { description: 'Words, news, or a card.' })
  readonly kind!: string;

  @Field(() => ConversationSide, {
    nullable: true,
    description: 'Who wrote it; null for news and cards.',
  })
  readonly sender!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The words, byte for byte, card and social security numbers masked; null for cards, news and deleted messages.',
  })
  readonly text!: string | null;

  @Field(() => MessageContextType, {
    nullable: true,
    description: 'The listing a question is about, or null.',
  })
  readonly context!: MessageContextType | null;

  @Field(() => MessageNotice, {
    nullable: true,
    description: 'What news or a card tells; null for words.',
  })
  readonly notice!: string | null;

  @Field(() => MessageCard, {
    nullable: true,
    description: 'What the message is about, live; null for words.',
  })
  readonly card!: object | null;

  @Field(() => Boolean, { description: 'True once its sender deleted it; a tombstone remains.' })
  readonly isDeleted!: boolean;

  @Field(() => Int, { description: 'How often it was changed.' })
  readonly revision!: number;

  @Field(() => Date, { description: 'When it was accepted.' })
  readonly sentAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was last edited, or null.' })
  readonly editedAt!: Date | null;
}

@ObjectType('MessageEdge', { description: 'A message and its cursor.' })
export class MessageEdge {
  @Field(() => String, { description: 'Pass as `after` to go on behind this message.' })
  readonly cursor!: string;

  @Field(() => MessageType, { description: 'The message.' })
  readonly node!: MessageType;
}

@ObjectType('MessageConnection', { description: 'A page of messages.' })
export class MessageConnection {
  @Field(() => [MessageEdge], { description: 'The messages with their cursors.' })
  readonly edges!: readonly MessageEdge[];

  @Field(() => [MessageType], { description: 'The messages.' })
  readonly nodes!: readonly MessageType[];

  @Field(() => PageInfo, { description: 'Where this page stands.' })
  readonly pageInfo!: PageInfo;
}

@Directive('@key(fields: "id")')
@ObjectType('Conversation', {
  implements: NodeType,
  description: 'What one buyer and one seller say to each other; one per pair.',
})
export class ConversationType extends NodeType {
  readonly row!: Conversation;

  @Field(() => BuyerType, { nullable: true, description: 'The person who buys.' })
  readonly buyer!: { readonly id: string } | null;

  @Field(() => SellerStub, { nullable: true, description: 'The seller.' })
  readonly seller!: SellerStub | null;

  @Field(() => ConversationStateEnum, { description: 'Requested, active or closed.' })
  readonly state!: string;

  @Field(() => Boolean, {
    description: 'True while support has stopped it: it can be read, not written to.',
  })
  readonly isFrozen!: boolean;

  @Field(() => BlockedByEnum, {
    description: 'Which sides block; a block stops messages both ways.',
  })
  readonly blockedBy!: string;

  @Field(() => Int, {
    description: 'The sequence number of the latest message; 0 before the first.',
  })
  readonly lastSeq!: number;

  @Field(() => Date, { description: 'When it was opened.' })
  readonly createdAt!: Date;

  @Field(() => Date, { description: 'When the latest message came, or it was opened.' })
  readonly lastActivityAt!: Date;
}

@ObjectType('ConversationEdge', { description: 'A conversation and its cursor.' })
export class ConversationEdge {
  @Field(() => String, { description: 'Pass as `after` to go on behind this conversation.' })
  readonly cursor!: string;

  @Field(() => ConversationType, { description: 'The conversation.' })
  readonly node!: ConversationType;
}

@ObjectType('ConversationConnection', { description: 'A page of conversations.' })
export class ConversationConnection {
  @Field(() => [ConversationEdge], { description: 'The conversations with their cursors.' })
  readonly edges!: readonly ConversationEdge[];

  @Field(() => [ConversationType], { description: 'The conversations.' })
  readonly nodes!: readonly ConversationType[];

  @Field(() => PageInfo, { description: 'Where this page stands.' })
  readonly pageInfo!: PageInfo;
}

@Directive('@key(fields: "id")')
@ObjectType('Viewer', { description: "The signed-in member: the way in to one's own things." })
export class ViewerType {
  @Field(() => ID, { description: "The member's user id." })
  readonly id!: string;
}

@ObjectType('ConversationParty', {
  description: 'Who a conversation is between and what stands in its way, for other subgraphs.',
})
@Directive('@inaccessible')
export class ConversationParty {
  @Field(() => ID, { description: 'The conversation.' })
  readonly conversationId!: string;
  @Field(() => ID, { description: 'The buyer.' })
  readonly buyerId!: string;
  @Field(() => ID, { description: 'The seller.' })
  readonly sellerId!: string;
  @Field(() => ConversationStateEnum, { description: 'Where it stands.' })
  readonly state!: string;
  @Field(() => Boolean, { description: 'True while support has stopped it.' })
  readonly isFrozen!: boolean;
  @Field(() => BlockedByEnum, { description: 'Which sides block.' })
  readonly blockedBy!: string;
}

@ObjectType('ConversationEvidence', {
  description: 'A line of a conversation as a processor is shown it in a dispute.',
})
@Directive('@inaccessible')
export class ConversationEvidence {
  @Field(() => ID, { description: 'The message.' })
  readonly messageId!: string;
  @Field(() => Int, { description: 'Its place in the conversation.' })
  readonly seq!: number;
  @Field(() => MessageKindEnum, { description: 'Words, news, or a card.' })
  readonly kind!: string;
  @Field(() => ConversationSide, { nullable: true, description: 'Who wrote it.' })
  readonly sender!: string | null;
  @Field(() => Date, { description: 'When it was accepted.' })
  readonly sentAt!: Date;
  @Field(() => String, {
    nullable: true,
    description: 'The words; for a deleted message the evidence copy of its last words.',
  })
  readonly text!: string | null;
  @Field(() => MessageNotice, { nullable: true, description: 'What news or a card told.' })
  readonly notice!: string | null;
  @Field(() => String, { nullable: true, description: 'The id of what a card showed.' })
  readonly cardId!: string | null;
}
