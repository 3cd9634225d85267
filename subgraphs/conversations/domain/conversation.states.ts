import type { Transitions } from '../../kernel/state-machine.ts';

export type ConversationState = 'REQUESTED' | 'ACTIVE' | 'CLOSED';

/**
 * The life of a conversation. REQUESTED until the seller answers or accepts. CLOSED is not the end
 * of a pair: the buyer's next message asks anew, because a pair has one conversation only.
 */
export const CONVERSATION_TRANSITIONS: Transitions<ConversationState> = {
  REQUESTED: ['ACTIVE', 'CLOSED'],
  ACTIVE: ['CLOSED'],
  CLOSED: ['REQUESTED'],
};
