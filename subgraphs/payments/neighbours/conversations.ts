import { z } from 'zod';
import type { SubgraphCalls } from '../../kernel/calls.ts';
import type { ConversationParty, Conversations } from '../application/ports.ts';

const answerSchema = z.object({
  conversationParty: z
    .object({
      buyerId: z.string(),
      sellerId: z.string(),
      state: z.string(),
      isFrozen: z.boolean(),
      blockedBy: z.string(),
    })
    .nullable(),
});

/** Who talks to whom, asked at once so that a request sent right after the first reply is not too early. */
export class ConversationsNeighbour implements Conversations {
  constructor(private readonly calls: SubgraphCalls) {}

  async party(conversationId: string): Promise<ConversationParty | null> {
    const answer = await this.calls.execute(
      'conversations',
      `query ConversationParty($conversationId: ID!) {
         conversationParty(conversationId: $conversationId) { buyerId sellerId state isFrozen blockedBy }
       }`,
      { conversationId },
    );
    const { conversationParty: party } = answerSchema.parse(answer);
    if (party === null) return null;
    const { blockedBy, ...rest } = party;
    return { ...rest, isBlocked: blockedBy !== 'NONE' };
  }
}
