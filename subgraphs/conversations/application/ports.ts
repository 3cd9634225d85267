import type { Money } from '../../kernel/money.ts';
import type { ConversationEvent } from '../domain/conversation.events.ts';
import type { Side } from '../domain/conversation.policy.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { Member } from '../domain/member.ts';
import type { Message, MessageRevision } from '../domain/message.ts';

export interface MessagingPolicy {
  readonly messagesMax: number;
  readonly perSeconds: number;
}

export interface ReportRow {
  readonly id: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly reporterId: string;
  readonly reason: string;
  readonly note: string | null;
  /** The message and its history as they were when it was reported. */
  readonly snapshot: unknown;
  readonly at: Date;
}

export interface Trade {
  readonly orderId: string;
  readonly buyerId: string;
  readonly sellerId: string;
}

/** What use cases may do inside one transaction. */
export interface ConversationsTransaction {
  /** Locks the row until commit; null when there is none. */
  lockConversation(id: string): Promise<Conversation | null>;
  /** Stores it unless the pair has one; answers with the pair's conversation, locked. */
  lockOrCreate(candidate: Conversation): Promise<Conversation>;
  member(conversationId: string, side: Side): Promise<Member>;
  message(id: string): Promise<Message | null>;
  messageByClientId(
    conversationId: string,
    senderId: string,
    clientMessageId: string,
  ): Promise<Message | null>;
  /** Messages of this sender in this conversation since the moment. */
  countSent(conversationId: string, senderId: string, since: Date): Promise<number>;
  hasTold(sourceKey: string): Promise<boolean>;
  addMessage(message: Message): Promise<void>;
  addRevision(revision: MessageRevision): Promise<void>;
  revisions(messageId: string): Promise<readonly MessageRevision[]>;
  addReport(report: ReportRow): Promise<void>;
  addTrade(trade: Trade): Promise<void>;
  trade(orderId: string): Promise<Trade | null>;
  messagingPolicy(): Promise<MessagingPolicy>;
  audit(row: {
    readonly principal: string;
    readonly action: string;
    readonly conversationId: string;
    readonly reason: string | null;
    readonly at: Date;
  }): Promise<void>;
  record(events: readonly (ConversationEvent | null)[]): Promise<void>;
}

export interface ConversationsStore {
  transact<T>(work: (tx: ConversationsTransaction) => Promise<T>): Promise<T>;
  findByPair(buyerId: string, sellerId: string): Promise<Conversation | null>;
  find(id: string): Promise<Conversation | null>;
}

/** Says whether a seller exists to be written to. */
export interface SellerDirectory {
  /** Rejects with a retryable refusal when seller-accounts does not answer. */
  isSeller(sellerId: string): Promise<boolean>;
}

/** Present prices, to remember what a listing cost when it was asked about. */
export interface ListingPrices {
  /** Null when there is no such variant. */
  snapshot(variantId: string): Promise<{
    readonly listingId: string;
    readonly sellerId: string;
    readonly price: Money;
  } | null>;
}
