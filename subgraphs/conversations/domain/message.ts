import { after, MINUTE_MS } from '../../kernel/clock.ts';
import type { Money } from '../../kernel/money.ts';
import { EditWindowOver, MessageNotEditable } from './conversation.errors.ts';
import type { MessageAdded, MessageChanged } from './conversation.events.ts';
import type { Side } from './conversation.policy.ts';
import type { Conversation } from './conversation.ts';
import type { Notice } from './notices.ts';

export type MessageKind = 'TEXT' | 'SYSTEM' | 'CARD';
export type CardType = 'PaymentRequest' | 'Order' | 'Shipment' | 'Listing';

/** Longer lets people rewrite what was agreed; shorter leaves typing errors standing. */
export const EDIT_WINDOW_MINUTES = 15;
/** In Unicode code points. */
export const MESSAGE_TEXT_MAX = 2_000;

/** The listing a question is about, and what it cost when the question was asked. */
export interface MessageContext {
  readonly listingId: string;
  readonly variantId: string | null;
  readonly priceAtAsk: Money | null;
}

export interface MessageRevision {
  readonly messageId: string;
  readonly revision: number;
  /** The text as it was before the change. */
  readonly text: string;
  readonly change: 'EDITED' | 'DELETED';
  readonly at: Date;
}

/** One line of a conversation. A card holds a reference only: its state is always read live. */
export class Message {
  private constructor(
    readonly id: string,
    readonly conversationId: string,
    readonly seq: number,
    readonly kind: MessageKind,
    readonly senderSide: Side | null,
    readonly senderId: string | null,
    readonly clientMessageId: string | null,
    /** Fingerprint of what was sent, so that a repeat can be told from a reuse after an edit. */
    readonly contentHash: string | null,
    readonly text: string | null,
    readonly contextListingId: string | null,
    readonly contextVariantId: string | null,
    readonly priceAtAsk: Money | null,
    readonly cardType: CardType | null,
    readonly cardId: string | null,
    readonly notice: Notice | null,
    /** The business transition this message tells of; unique, so each is told once. */
    readonly sourceKey: string | null,
    readonly revision: number,
    readonly createdAt: Date,
    readonly editedAt: Date | null,
    readonly deletedAt: Date | null,
  ) {}

  static text(
    id: string,
    conversation: Conversation,
    sender: {
      readonly side: Side;
      readonly id: string;
      readonly clientMessageId: string;
      readonly contentHash: string;
    },
    text: string,
    context: MessageContext | null,
    now: Date,
  ): Message {
    return new Message(
      id,
      conversation.id,
      conversation.nextSeq(now),
      'TEXT' as const,
      sender.side,
      sender.id,
      sender.clientMessageId,
      sender.contentHash,
      text,
      context?.listingId ?? null,
      context?.variantId ?? null,
      context?.priceAtAsk ?? null,
      null,
      null,
      null,
      null,
      0,
      now,
      null,
      null,
    );
  }

  static notice(
    id: string,
    conversation: Conversation,
    told: {
      readonly kind: 'SYSTEM' | 'CARD';
      readonly notice: Notice;
      readonly cardType: CardType;
      readonly cardId: string;
      readonly sourceKey: string;
    },
    now: Date,
  ): Message {
    return new Message(
      id,
      conversation.id,
      conversation.nextSeq(now),
      told.kind,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
      told.cardType,
      told.cardId,
      told.notice,
      told.sourceKey,
      0,
      now,
      null,
      null,
    );
  }

  added(conversation: Conversation): MessageAdded {
    return {
      type: 'message-added',
      ...conversation.facts(this.createdAt),
      messageId: this.id,
      seq: this.seq,
    };
  }

  /** Own text, for a while; the text before it is kept. */
  edit(text: string, conversation: Conversation, now: Date): [MessageRevision, MessageChanged] {
    const before = this.changeable();
    if (now > after(this.createdAt, EDIT_WINDOW_MINUTES * MINUTE_MS))
      throw new EditWindowOver(EDIT_WINDOW_MINUTES);
    this.become({ text, revision: this.revision + 1, editedAt: now });
    return this.revised(before, 'EDITED', conversation, now);
  }

  /** Leaves a tombstone for everybody; the evidence copy stays with the revisions. */
  delete(conversation: Conversation, now: Date): [MessageRevision, MessageChanged] {
    const before = this.changeable();
    this.become({ text: null, revision: this.revision + 1, deletedAt: now });
    return this.revised(before, 'DELETED', conversation, now);
  }

  private changeable(): string {
    if (this.kind !== 'TEXT')
      throw new MessageNotEditable('Cards and system messages cannot be changed.');
    if (this.text === null) throw new MessageNotEditable('This message was deleted.');
    return this.text;
  }

  private revised(
    text: string,
    change: 'EDITED' | 'DELETED',
    conversation: Conversation,
    now: Date,
  ): [MessageRevision, MessageChanged] {
    return [
      { messageId: this.id, revision: this.revision, text, change, at: now },
      {
        type: 'message-changed',
        ...conversation.facts(now),
        messageId: this.id,
        seq: this.seq,
        revision: this.revision,
      },
    ];
  }

  private become(
    change: Partial<Pick<Message, 'text' | 'revision' | 'editedAt' | 'deletedAt'>>,
  ): void {
    Object.assign(this, change);
  }
}
