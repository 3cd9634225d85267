import type { Page } from '../../kernel/graphql/connection.ts';
import type { Side } from '../domain/conversation.policy.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { Message } from '../domain/message.ts';

export interface Standing {
  readonly conversationId: string;
  readonly side: Side;
  readonly deliveredUpTo: number;
  readonly readUpTo: number;
  readonly isArchived: boolean;
  readonly mutedUntil: Date | null;
  readonly unreadCount: number;
}

export interface InboxRow {
  readonly id: string;
  /** ISO text with microseconds: half of the sort key. */
  readonly activity: string;
}

export interface BuyerRow {
  readonly buyerId: string;
  readonly name: string | null;
  readonly knownToSellers: readonly string[];
}

export interface EvidenceRow {
  readonly id: string;
  readonly seq: number;
  readonly kind: string;
  readonly senderSide: Side | null;
  readonly sentAt: Date;
  readonly text: string | null;
  readonly cardType: string | null;
  readonly cardId: string | null;
  readonly notice: string | null;
}

/** Batched reads; who may see the rows is asked by the loaders. */
export interface ConversationReads {
  conversations(ids: readonly string[]): Promise<Conversation[]>;
  messages(ids: readonly string[]): Promise<Message[]>;
  page(
    conversationId: string,
    page: Page,
    direction: 'OLDEST_FIRST' | 'NEWEST_FIRST',
  ): Promise<Message[]>;
  lastMessages(conversationIds: readonly string[]): Promise<Message[]>;
  standings(conversationIds: readonly string[]): Promise<Standing[]>;
  inbox(owner: {
    readonly side: Side;
    readonly ids: readonly string[];
    readonly isArchived: boolean;
    readonly page: Page;
  }): Promise<InboxRow[]>;
  buyers(buyerIds: readonly string[]): Promise<BuyerRow[]>;
  evidence(conversationId: string, until: Date, limit: number): Promise<EvidenceRow[]>;
  recordAccess(principal: string, conversationId: string, at: Date): Promise<void>;
}
