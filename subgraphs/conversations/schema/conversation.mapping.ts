import type { Conversation } from '../domain/conversation.ts';
import type { Message } from '../domain/message.ts';
import type { ConversationType, MessageType } from './conversation.types.ts';

export function toConversation(row: Conversation): ConversationType {
  return {
    row,
    id: row.id,
    buyer: { id: row.buyerId },
    seller: { id: row.sellerId },
    state: row.state,
    isFrozen: row.isFrozen,
    blockedBy: row.blockedBy,
    lastSeq: row.lastSeq,
    createdAt: row.createdAt,
    lastActivityAt: row.lastActivityAt,
  };
}

export function toMessage(row: Message): MessageType {
  return {
    row,
    id: row.id,
    seq: row.seq,
    kind: row.kind,
    sender: row.senderSide,
    text: row.text,
    context: row.contextListingId
      ? { listing: { id: row.contextListingId }, priceAtAsk: row.priceAtAsk ?? null }
      : null,
    notice: row.notice,
    card: row.cardType && row.cardId ? { __typename: row.cardType, id: row.cardId } : null,
    isDeleted: row.deletedAt !== null,
    revision: row.revision,
    sentAt: row.createdAt,
    editedAt: row.editedAt,
  };
}
