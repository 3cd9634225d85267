import { after } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { ClientMessageIdReused, RateLimited } from '../domain/conversation.errors.ts';
import type { Side } from '../domain/conversation.policy.ts';
import type { Conversation } from '../domain/conversation.ts';
import { Message, type MessageContext } from '../domain/message.ts';
import type { CheckedMessage } from './message-content.ts';
import type { ConversationsTransaction } from './ports.ts';

/**
 * Appends one text to a locked conversation, once per client message id: a repeat answers with the
 * original, however often and however late it comes, and other content is refused.
 */
export async function appendText(
  tx: ConversationsTransaction,
  conversation: Conversation,
  sent: {
    readonly actor: Actor;
    readonly side: Side;
    readonly message: CheckedMessage;
    readonly context: MessageContext | null;
    readonly now: Date;
    readonly newId: NewId;
  },
): Promise<Message> {
  const { actor, side, message, context, now, newId } = sent;
  const senderId = principalOf(actor);
  const known = await tx.messageByClientId(conversation.id, senderId, message.clientMessageId);
  if (known) {
    if (known.contentHash !== message.contentHash) throw new ClientMessageIdReused();
    return known;
  }
  const changed = conversation.spoken(side, now);
  const { messagesMax, perSeconds } = await tx.messagingPolicy();
  const since = after(now, -perSeconds * 1_000);
  if ((await tx.countSent(conversation.id, senderId, since)) >= messagesMax)
    throw new RateLimited(messagesMax, perSeconds);

  if (actor.kind === 'member' && side === 'BUYER') conversation.knowBuyer(actor.name);
  const sender = {
    side,
    id: senderId,
    clientMessageId: message.clientMessageId,
    contentHash: message.contentHash,
  };
  const added = Message.text(newId('message'), conversation, sender, message.text, context, now);
  await tx.addMessage(added);
  // One's own message is read: the marker moves with it.
  const member = await tx.member(conversation.id, side);
  member.read(added.seq, conversation.lastSeq);
  await tx.record([changed, added.added(conversation)]);
  return added;
}
