import type { Clock } from '../../kernel/clock.ts';
import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId, type NewId } from '../../kernel/ids.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import { type Side, sideOf } from '../domain/conversation.policy.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { Message } from '../domain/message.ts';
import { maskSensitiveDigits } from '../domain/sensitive-digits.ts';
import { checkedMessageText } from './message-content.ts';
import type { ConversationsStore, ConversationsTransaction } from './ports.ts';

interface Found {
  readonly message: Message;
  readonly conversation: Conversation;
  readonly side: Side;
}

/** The message with its conversation locked, for a side of it; anybody else is told it is unknown. */
async function findMessage(
  tx: ConversationsTransaction,
  messageId: string,
  actor: Actor,
): Promise<Found> {
  const seen = isId('message', messageId) ? await tx.message(messageId) : null;
  const conversation = seen && (await tx.lockConversation(seen.conversationId));
  const side = conversation && sideOf(actor, conversation);
  if (!conversation || !side) throw new NotFound('message', ['messageId']);
  // Read again: only under the lock is it certain that nobody else changes it.
  const message = (await tx.message(messageId)) ?? seen;
  return { message, conversation, side };
}

/** Changes one's own text within a quarter of an hour; what it said before is kept. */
export class EditMessage {
  constructor(
    private readonly store: ConversationsStore,
    private readonly clock: Clock,
  ) {}

  execute(messageId: string, newText: string, actor: Actor): Promise<Message> {
    const text = maskSensitiveDigits(checkedMessageText(newText));
    return this.store.transact(async (tx) => {
      const { message, conversation, side } = await findMessage(tx, messageId, actor);
      requireOwn(message, actor);
      conversation.requireWritable(side);
      const [revision, changed] = message.edit(text, conversation, this.clock.now());
      await tx.addRevision(revision);
      await tx.record([changed]);
      return message;
    });
  }
}

/** Leaves a tombstone for both sides. The evidence copy stays for disputes and reports. */
export class DeleteMessage {
  constructor(
    private readonly store: ConversationsStore,
    private readonly clock: Clock,
  ) {}

  execute(messageId: string, actor: Actor): Promise<Message> {
    return this.store.transact(async (tx) => {
      const { message, conversation } = await findMessage(tx, messageId, actor);
      requireOwn(message, actor);
      const [revision, changed] = message.delete(conversation, this.clock.now());
      await tx.addRevision(revision);
      await tx.record([changed]);
      return message;
    });
  }
}

/** Tells support about a message of the other side, with a copy of it as it is at this moment. */
export class ReportMessage {
  constructor(
    private readonly store: ConversationsStore,
    private readonly clock: Clock,
    private readonly newId: NewId,
  ) {}

  execute(command: {
    readonly messageId: string;
    readonly reason: string;
    readonly note: string | null;
    readonly actor: Actor;
  }): Promise<{ readonly reportId: string; readonly message: Message }> {
    const note =
      command.note === null
        ? null
        : maskSensitiveDigits(checkedText(command.note, { path: ['note'], maxCodePoints: 1_000 }));
    return this.store.transact(async (tx) => {
      const { message } = await findMessage(tx, command.messageId, command.actor);
      if (message.senderId === principalOf(command.actor))
        throw new NotAllowed('report your own message');
      const reportId = this.newId('report');
      await tx.addReport({
        id: reportId,
        conversationId: message.conversationId,
        messageId: message.id,
        reporterId: principalOf(command.actor),
        reason: command.reason,
        note,
        snapshot: {
          text: message.text,
          revision: message.revision,
          senderId: message.senderId,
          revisions: await tx.revisions(message.id),
        },
        at: this.clock.now(),
      });
      return { reportId, message };
    });
  }
}

function requireOwn(message: Message, actor: Actor): void {
  if (message.senderId !== principalOf(actor)) throw new NotAllowed('change this message');
}
