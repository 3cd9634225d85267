import type { PublishedEvent } from '../../kernel/events/envelope.ts';
import { userIdOfSeller } from '../../kernel/ids.ts';
import type { ConversationEvent } from '../domain/conversation.events.ts';

/** Domain event -> what other subgraphs and live clients are told. Never a text, never a name. */
export function published(event: ConversationEvent): PublishedEvent {
  const { type, occurredAt, ...payload } = event;
  return {
    type: `conversations.${type}`,
    schemaVersion: 1,
    aggregateId: event.conversationId,
    occurredAt,
    payload,
    topics: topicsOf(event),
  };
}

function topicsOf(event: ConversationEvent): string[] {
  const inboxes = [`inbox:${event.buyerId}`, `inbox:${userIdOfSeller(event.sellerId)}`];
  if (event.type === 'message-added') return [`conversation:${event.conversationId}`, ...inboxes];
  if (event.type === 'message-changed') return [`conversation-changes:${event.conversationId}`];
  return inboxes;
}
