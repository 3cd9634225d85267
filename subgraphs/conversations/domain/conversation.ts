import { sellerIdOf } from '../../kernel/ids.ts';
import { step } from '../../kernel/state-machine.ts';
import {
  CannotMessageYourself,
  ConversationBlocked,
  ConversationFrozen,
} from './conversation.errors.ts';
import type { BlockedBy, ConversationChanged, ConversationOpened } from './conversation.events.ts';
import type { Side } from './conversation.policy.ts';
import { CONVERSATION_TRANSITIONS, type ConversationState } from './conversation.states.ts';

/** What one buyer and one seller say to each other. There is one per pair, for ever. */
export class Conversation {
  private constructor(
    readonly id: string,
    readonly buyerId: string,
    readonly sellerId: string,
    /** As the buyer's token said when the conversation was opened, or last written to. */
    readonly buyerName: string | null,
    readonly state: ConversationState,
    readonly isFrozen: boolean,
    readonly isBlockedByBuyer: boolean,
    readonly isBlockedBySeller: boolean,
    /** The number of the latest message; 0 before the first. */
    readonly lastSeq: number,
    readonly createdAt: Date,
    readonly lastActivityAt: Date,
  ) {}

  /** The buyer speaks first: the seller finds it among the requests. */
  static request(
    id: string,
    buyer: { readonly userId: string; readonly name: string | null },
    sellerId: string,
    now: Date,
  ): Conversation {
    if (sellerIdOf(buyer.userId) === sellerId) throw new CannotMessageYourself();
    return new Conversation(
      id,
      buyer.userId,
      sellerId,
      buyer.name,
      'REQUESTED' as const,
      false,
      false,
      false,
      0,
      now,
      now,
    );
  }

  /** Both already know each other from an order, so nobody has to accept. */
  static forOrder(id: string, buyerId: string, sellerId: string, now: Date): Conversation {
    return new Conversation(
      id,
      buyerId,
      sellerId,
      null,
      'ACTIVE' as const,
      false,
      false,
      false,
      0,
      now,
      now,
    );
  }

  get blockedBy(): BlockedBy {
    if (this.isBlockedByBuyer && this.isBlockedBySeller) return 'BOTH';
    if (this.isBlockedByBuyer) return 'BUYER';
    return this.isBlockedBySeller ? 'SELLER' : 'NONE';
  }

  opened(): ConversationOpened {
    return { type: 'conversation-opened', ...this.facts(this.createdAt), state: this.state };
  }

  /** Refuses writers while the thread is frozen or blocked by either side. */
  requireWritable(side: Side): void {
    if (this.isFrozen) throw new ConversationFrozen();
    if (this.blockedBy !== 'NONE') {
      const isOwn = side === 'BUYER' ? this.isBlockedByBuyer : this.isBlockedBySeller;
      throw new ConversationBlocked(isOwn);
    }
  }

  /**
   * What a message of this side does to the state: the seller's answer accepts a request, the
   * buyer's message reopens a closed thread. Null when nothing changes.
   */
  spoken(side: Side, now: Date): ConversationChanged | null {
    this.requireWritable(side);
    if (side === 'SELLER' && this.state !== 'ACTIVE') return this.accept(now);
    if (side === 'BUYER' && this.state === 'CLOSED') return this.move('REQUESTED', now);
    return null;
  }

  accept(now: Date): ConversationChanged {
    return this.move('ACTIVE', now);
  }

  close(now: Date): ConversationChanged {
    return this.move('CLOSED', now);
  }

  /** Returns null when it already is as asked: blocking twice is one block. */
  setBlocked(side: Side, blocked: boolean, now: Date): ConversationChanged | null {
    const field = side === 'BUYER' ? 'isBlockedByBuyer' : 'isBlockedBySeller';
    if (this[field] === blocked) return null;
    this.become(side === 'BUYER' ? { isBlockedByBuyer: blocked } : { isBlockedBySeller: blocked });
    return this.changed(now);
  }

  setFrozen(frozen: boolean, now: Date): ConversationChanged | null {
    if (this.isFrozen === frozen) return null;
    this.become({ isFrozen: frozen });
    return this.changed(now);
  }

  /** Hands out the next number: dense, because the row is locked until the message is stored. */
  nextSeq(now: Date): number {
    this.become({ lastSeq: this.lastSeq + 1, lastActivityAt: now });
    return this.lastSeq;
  }

  /** A name the buyer's token carries replaces an older one. */
  knowBuyer(name: string | null): void {
    if (name !== null && name !== this.buyerName) this.become({ buyerName: name });
  }

  facts(occurredAt: Date) {
    return {
      conversationId: this.id,
      buyerId: this.buyerId,
      sellerId: this.sellerId,
      occurredAt,
    };
  }

  private move(to: ConversationState, now: Date): ConversationChanged {
    this.become({
      state: step(`Conversation ${this.id}`, CONVERSATION_TRANSITIONS, this.state, to),
    });
    return this.changed(now);
  }

  private changed(now: Date): ConversationChanged {
    return {
      type: 'conversation-changed',
      ...this.facts(now),
      state: this.state,
      isFrozen: this.isFrozen,
      blockedBy: this.blockedBy,
    };
  }

  // The only writer: its parameter lists everything about a conversation that can ever change.
  private become(
    change: Partial<
      Pick<
        Conversation,
        | 'state'
        | 'isFrozen'
        | 'isBlockedByBuyer'
        | 'isBlockedBySeller'
        | 'lastSeq'
        | 'lastActivityAt'
        | 'buyerName'
      >
    >,
  ): void {
    Object.assign(this, change);
  }
}
