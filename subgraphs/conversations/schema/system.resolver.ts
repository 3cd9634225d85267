import { Arg, Ctx, Directive, ID, Query, Resolver } from 'type-graphql';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { isId } from '../../kernel/ids.ts';
import { systemOnly } from '../../kernel/policy.ts';
import type { ConversationsContext } from './context.ts';
import { ConversationEvidence, ConversationParty } from './conversation.types.ts';

/** As much of a thread as a processor reads in a dispute; more only makes the file heavier. */
const EVIDENCE_MESSAGES_MAX = 100;
const END_OF_TIME = new Date('9999-12-31T00:00:00.000Z');

/** What other subgraphs ask at once; no client ever sees these fields. */
@Resolver()
export class SystemResolver {
  @Query(() => ConversationParty, {
    nullable: true,
    description: 'Who a conversation is between; null when there is none.',
  })
  @Directive('@inaccessible')
  @GuardedBy(systemOnly)
  async conversationParty(
    @Arg('conversationId', () => ID, { description: 'The conversation.' }) id: string,
    @Ctx() { reads }: ConversationsContext,
  ): Promise<ConversationParty | null> {
    const [row] = isId('conversation', id) ? await reads.conversations([id]) : [];
    if (!row) return null;
    const { buyerId, sellerId, state, isFrozen, blockedBy } = row;
    return { conversationId: row.id, buyerId, sellerId, state, isFrozen, blockedBy };
  }

  @Query(() => [ConversationEvidence], {
    nullable: true,
    description: 'The last messages up to a moment, oldest first, for the evidence of a dispute.',
  })
  @Directive('@inaccessible')
  @GuardedBy(systemOnly)
  async conversationEvidence(
    @Arg('conversationId', () => ID, { description: 'The conversation.' }) id: string,
    @Arg('until', () => Date, {
      nullable: true,
      description: 'Nothing later than this; null for everything.',
    })
    until: Date | null,
    @Ctx() { reads }: ConversationsContext,
  ): Promise<ConversationEvidence[]> {
    if (!isId('conversation', id)) return [];
    const rows = await reads.evidence(id, until ?? END_OF_TIME, EVIDENCE_MESSAGES_MAX);
    return rows.map(({ id: messageId, senderSide: sender, ...row }) => ({
      ...row,
      messageId,
      sender,
    }));
  }
}
