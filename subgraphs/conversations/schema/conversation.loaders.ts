import DataLoader from 'dataloader';
import { isId } from '../../kernel/ids.ts';
import { type Actor, isUserId, principalOf } from '../../kernel/policy.ts';
import type { BuyerRow, ConversationReads, Standing } from '../application/reads.ts';
import { maySeeBuyer, maySeeConversation, sideOf } from '../domain/conversation.policy.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { Message } from '../domain/message.ts';

/** Batched reads for one actor: what the actor may not see is not there. */
export interface ConversationLoaders {
  readonly conversation: DataLoader<string, Conversation | null>;
  readonly message: DataLoader<string, Message | null>;
  readonly lastMessage: DataLoader<string, Message | null>;
  readonly standings: DataLoader<string, readonly Standing[]>;
  readonly buyer: DataLoader<string, BuyerRow | null>;
}

export function createLoaders(
  reads: ConversationReads,
  actor: Actor,
  now: () => Date,
): ConversationLoaders {
  const conversation = new DataLoader<string, Conversation | null>(async (ids) => {
    const known = ids.filter((id) => isId('conversation', id));
    const rows = known.length > 0 ? await reads.conversations(known) : [];
    const seen = rows.filter((row) => maySeeConversation(actor, row));
    // A look by somebody who is neither side is support's, and is recorded.
    const foreign = seen.filter((row) => sideOf(actor, row) === null);
    for (const row of foreign) await reads.recordAccess(principalOf(actor), row.id, now());
    return inOrder(ids, seen, (row) => row.id);
  });
  const message = new DataLoader<string, Message | null>(async (ids) => {
    const known = ids.filter((id) => isId('message', id));
    const rows = known.length > 0 ? await reads.messages(known) : [];
    const around = await conversation.loadMany(rows.map((row) => row.conversationId));
    const seen = rows.filter((_row, index) => isRow(around[index]));
    return inOrder(ids, seen, (row) => row.id);
  });
  return {
    conversation,
    message,
    lastMessage: new DataLoader(async (ids) =>
      inOrder(ids, await reads.lastMessages(ids), (row) => row.conversationId),
    ),
    standings: new DataLoader(async (ids) => {
      const rows = await reads.standings(ids);
      return ids.map((id) => rows.filter((row) => row.conversationId === id));
    }),
    buyer: new DataLoader(async (ids) => {
      const known = ids.filter(isUserId);
      const rows = known.length > 0 ? await reads.buyers(known) : [];
      const seen = rows.filter((row) => maySeeBuyer(actor, row));
      return inOrder(ids, seen, (row) => row.buyerId);
    }),
  };
}

function isRow(value: unknown): boolean {
  return value !== null && !(value instanceof Error);
}

function inOrder<T>(
  ids: readonly string[],
  rows: readonly T[],
  idOf: (row: T) => string,
): (T | null)[] {
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  return ids.map((id) => byId.get(id) ?? null);
}
