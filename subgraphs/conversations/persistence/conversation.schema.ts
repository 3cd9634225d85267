import { EntitySchema } from '@mikro-orm/core';
import { Money } from '../../kernel/money.ts';
import { Conversation } from '../domain/conversation.ts';
import { Member } from '../domain/member.ts';
import { Message } from '../domain/message.ts';

const text = { type: 'text' } as const;
const textOrNull = { type: 'text', nullable: true } as const;
const time = { type: 'Date', columnType: 'timestamptz' } as const;
const timeOrNull = { ...time, nullable: true } as const;
const integer = { type: 'integer' } as const;
const flag = { type: 'boolean' } as const;

export const ConversationSchema = new EntitySchema<Conversation>({
  class: Conversation as never,
  tableName: 'conversation',
  properties: {
    id: { ...text, primary: true },
    buyerId: text,
    sellerId: text,
    buyerName: textOrNull,
    state: text,
    isFrozen: flag,
    isBlockedByBuyer: flag,
    isBlockedBySeller: flag,
    lastSeq: integer,
    createdAt: time,
    lastActivityAt: time,
  },
} as never);

export const MemberSchema = new EntitySchema<Member>({
  class: Member as never,
  tableName: 'member',
  properties: {
    conversationId: { ...text, primary: true },
    side: { ...text, primary: true },
    deliveredUpTo: integer,
    readUpTo: integer,
    isArchived: flag,
    mutedUntil: timeOrNull,
  },
} as never);

export const MessageSchema = new EntitySchema<Message>({
  class: Message as never,
  tableName: 'message',
  properties: {
    id: { ...text, primary: true },
    conversationId: text,
    seq: integer,
    kind: text,
    senderSide: textOrNull,
    senderId: textOrNull,
    clientMessageId: textOrNull,
    contentHash: textOrNull,
    text: textOrNull,
    contextListingId: textOrNull,
    contextVariantId: textOrNull,
    priceAtAsk: {
      kind: 'embedded',
      entity: () => Money,
      prefix: 'price_at_ask_',
      object: false,
      nullable: true,
    },
    cardType: textOrNull,
    cardId: textOrNull,
    notice: textOrNull,
    sourceKey: textOrNull,
    revision: integer,
    createdAt: time,
    editedAt: timeOrNull,
    deletedAt: timeOrNull,
  },
} as never);
