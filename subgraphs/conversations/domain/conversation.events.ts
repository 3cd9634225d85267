import type { ConversationState } from './conversation.states.ts';

export type BlockedBy = 'NONE' | 'BUYER' | 'SELLER' | 'BOTH';

interface OfConversation {
  readonly conversationId: string;
  readonly buyerId: string;
  readonly sellerId: string;
  readonly occurredAt: Date;
}

export interface ConversationOpened extends OfConversation {
  readonly type: 'conversation-opened';
  readonly state: ConversationState;
}

export interface ConversationChanged extends OfConversation {
  readonly type: 'conversation-changed';
  readonly state: ConversationState;
  readonly isFrozen: boolean;
  readonly blockedBy: BlockedBy;
}

export interface MessageAdded extends OfConversation {
  readonly type: 'message-added';
  readonly messageId: string;
  readonly seq: number;
}

/** An edit or a deletion. */
export interface MessageChanged extends OfConversation {
  readonly type: 'message-changed';
  readonly messageId: string;
  readonly seq: number;
  readonly revision: number;
}

export type ConversationEvent =
  | ConversationOpened
  | ConversationChanged
  | MessageAdded
  | MessageChanged;
