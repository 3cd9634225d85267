import type { Clock } from '../../kernel/clock.ts';
import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import { mayFreeze, maySeeConversation, type Side, sideOf } from '../domain/conversation.policy.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { Member } from '../domain/member.ts';
import type { ConversationsStore, ConversationsTransaction } from './ports.ts';

type Change = (found: {
  readonly tx: ConversationsTransaction;
  readonly conversation: Conversation;
  readonly side: Side;
  readonly now: Date;
}) => Promise<void>;

/** Runs one change on a locked conversation of the actor's own; what is not theirs does not exist. */
async function change(
  store: ConversationsStore,
  clock: Clock,
  conversationId: string,
  actor: Actor,
  apply: Change,
): Promise<Conversation> {
  return store.transact(async (tx) => {
    const conversation = isId('conversation', conversationId)
      ? await tx.lockConversation(conversationId)
      : null;
    const side = conversation && sideOf(actor, conversation);
    if (!conversation || !side) throw new NotFound('conversation', ['conversationId']);
    await apply({ tx, conversation, side, now: clock.now() });
    return conversation;
  });
}

abstract class ChangeConversation {
  constructor(
    private readonly store: ConversationsStore,
    private readonly clock: Clock,
  ) {}

  protected change(conversationId: string, actor: Actor, apply: Change): Promise<Conversation> {
    return change(this.store, this.clock, conversationId, actor, apply);
  }

  /** A change of what the actor's side alone keeps; nobody else hears of it. */
  protected changeMember(
    conversationId: string,
    actor: Actor,
    apply: (member: Member, conversation: Conversation, now: Date) => void,
  ): Promise<Conversation> {
    return this.change(conversationId, actor, async ({ tx, conversation, side, now }) => {
      apply(await tx.member(conversation.id, side), conversation, now);
    });
  }
}

/** The seller takes a request without answering it yet. Accepting what is accepted changes nothing. */
export class AcceptConversation extends ChangeConversation {
  execute(conversationId: string, actor: Actor): Promise<Conversation> {
    return this.change(conversationId, actor, async ({ tx, conversation, side, now }) => {
      if (side !== 'SELLER') throw new NotAllowed('accept a conversation you opened');
      if (conversation.state !== 'ACTIVE') await tx.record([conversation.accept(now)]);
    });
  }
}

/** The seller ends a conversation; the buyer's next message asks anew. */
export class CloseConversation extends ChangeConversation {
  execute(conversationId: string, actor: Actor): Promise<Conversation> {
    return this.change(conversationId, actor, async ({ tx, conversation, side, now }) => {
      if (side !== 'SELLER') throw new NotAllowed('close a conversation; archive it instead');
      await tx.record([conversation.close(now)]);
    });
  }
}

/** Stops messages and new payment requests both ways. Order status, refunds and cases go on. */
export class BlockConversation extends ChangeConversation {
  execute(conversationId: string, actor: Actor): Promise<Conversation> {
    return this.change(conversationId, actor, ({ tx, conversation, side, now }) =>
      tx.record([conversation.setBlocked(side, true, now)]),
    );
  }
}

/** Lifts the actor's own block; the other side's stays theirs. */
export class UnblockConversation extends ChangeConversation {
  execute(conversationId: string, actor: Actor): Promise<Conversation> {
    return this.change(conversationId, actor, ({ tx, conversation, side, now }) =>
      tx.record([conversation.setBlocked(side, false, now)]),
    );
  }
}

export class MarkConversationRead extends ChangeConversation {
  execute(conversationId: string, upToSeq: number, actor: Actor): Promise<Conversation> {
    return this.changeMember(conversationId, actor, (member, { lastSeq }) =>
      member.read(upToSeq, lastSeq),
    );
  }
}

export class MarkConversationDelivered extends ChangeConversation {
  execute(conversationId: string, upToSeq: number, actor: Actor): Promise<Conversation> {
    return this.changeMember(conversationId, actor, (member, { lastSeq }) =>
      member.delivered(upToSeq, lastSeq),
    );
  }
}

export class MuteConversation extends ChangeConversation {
  /** Null ends the mute. */
  execute(conversationId: string, until: Date | null, actor: Actor): Promise<Conversation> {
    return this.changeMember(conversationId, actor, (member, _conversation, now) =>
      member.mute(until, now),
    );
  }
}

export class ArchiveConversation extends ChangeConversation {
  execute(conversationId: string, isArchived: boolean, actor: Actor): Promise<Conversation> {
    return this.changeMember(conversationId, actor, (member) => member.archive(isArchived));
  }
}

/** Support stops a thread, or lets it go on, and says why. Reading stays possible. */
export class FreezeConversation {
  constructor(
    private readonly store: ConversationsStore,
    private readonly clock: Clock,
  ) {}

  execute(command: {
    readonly conversationId: string;
    readonly isFrozen: boolean;
    readonly reason: string;
    readonly actor: Actor;
  }): Promise<Conversation> {
    const { conversationId, isFrozen, actor } = command;
    const reason = checkedText(command.reason, { path: ['reason'], maxCodePoints: 500 });
    return this.store.transact(async (tx) => {
      const conversation = isId('conversation', conversationId)
        ? await tx.lockConversation(conversationId)
        : null;
      if (!conversation || !maySeeConversation(actor, conversation))
        throw new NotFound('conversation', ['conversationId']);
      if (!mayFreeze(actor)) throw new NotAllowed('freeze a conversation');
      const at = this.clock.now();
      const action = isFrozen ? 'FREEZE' : 'UNFREEZE';
      await tx.audit({ principal: principalOf(actor), action, conversationId, reason, at });
      await tx.record([conversation.setFrozen(isFrozen, at)]);
      return conversation;
    });
  }
}
