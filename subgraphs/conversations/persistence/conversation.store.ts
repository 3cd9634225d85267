import type { EntityManager } from '@mikro-orm/postgresql';
import type { Outbox } from '../../kernel/events/outbox.ts';
import { lockRow } from '../../kernel/persistence/lock-row.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type {
  ConversationsStore,
  ConversationsTransaction,
  MessagingPolicy,
  ReportRow,
  Trade,
} from '../application/ports.ts';
import type { ConversationEvent } from '../domain/conversation.events.ts';
import type { Side } from '../domain/conversation.policy.ts';
import { Conversation } from '../domain/conversation.ts';
import { Member } from '../domain/member.ts';
import { Message, type MessageRevision } from '../domain/message.ts';
import { published } from '../events/published.ts';

export class ConversationStore implements ConversationsStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
  ) {}

  transact<T>(work: (tx: ConversationsTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) => work(new Transaction(em, this.outbox)));
  }

  find(id: string): Promise<Conversation | null> {
    return this.transactions.reader().findOne(Conversation as never, { id } as never);
  }

  findByPair(buyerId: string, sellerId: string): Promise<Conversation | null> {
    return this.transactions
      .reader()
      .findOne(Conversation as never, { buyerId, sellerId } as never);
  }
}

class Transaction implements ConversationsTransaction {
  constructor(
    private readonly em: EntityManager,
    private readonly outbox: Outbox,
  ) {}

  lockConversation(id: string): Promise<Conversation | null> {
    return this.lock({ id });
  }

  // Two first messages at once: the second insert waits for the first, and finds it.
  async lockOrCreate(candidate: Conversation): Promise<Conversation> {
    const { id, buyerId, sellerId, buyerName, state, createdAt } = candidate;
    await this.em.execute(
      `insert into conversation (id, buyer_id, seller_id, buyer_name, state, created_at, last_activity_at)
       values (?, ?, ?, ?, ?, ?, ?) on conflict (buyer_id, seller_id) do nothing`,
      [id, buyerId, sellerId, buyerName, state, createdAt, createdAt],
    );
    const conversation = await this.lock({ buyerId, sellerId });
    if (!conversation) throw new Error('the conversation of this pair vanished');
    return conversation;
  }

  async member(conversationId: string, side: Side): Promise<Member> {
    const found = await this.em.findOne<Member>(Member as never, { conversationId, side } as never);
    if (found) return found;
    const member = Member.of(conversationId, side);
    this.em.persist(member as never);
    return member;
  }

  message(id: string): Promise<Message | null> {
    return this.em.findOne(Message as never, { id } as never, { refresh: true });
  }

  messageByClientId(conversationId: string, senderId: string, clientMessageId: string) {
    return this.em.findOne<Message>(
      Message as never,
      { conversationId, senderId, clientMessageId } as never,
    );
  }

  async countSent(conversationId: string, senderId: string, since: Date): Promise<number> {
    const [row] = await this.em.execute<{ sent: number }[]>(
      `select count(*)::int as sent from message
       where conversation_id = ? and sender_id = ? and created_at > ?`,
      [conversationId, senderId, since],
    );
    return row?.sent ?? 0;
  }

  async hasTold(sourceKey: string): Promise<boolean> {
    const rows = await this.em.execute<unknown[]>('select 1 from message where source_key = ?', [
      sourceKey,
    ]);
    return rows.length > 0;
  }

  async addMessage(message: Message): Promise<void> {
    this.em.persist(message as never);
    await this.em.flush();
  }

  async addRevision(row: MessageRevision): Promise<void> {
    await this.em.execute(
      'insert into message_revision (message_id, revision, text, change, at) values (?, ?, ?, ?, ?)',
      [row.messageId, row.revision, row.text, row.change, row.at],
    );
  }

  revisions(messageId: string): Promise<readonly MessageRevision[]> {
    return this.em.execute<MessageRevision[]>(
      `select message_id as "messageId", revision, text, change, at from message_revision
       where message_id = ? order by revision`,
      [messageId],
    );
  }

  async addReport(row: ReportRow): Promise<void> {
    await this.em.execute(
      `insert into report (id, conversation_id, message_id, reporter_id, reason, note, snapshot, at)
       values (?, ?, ?, ?, ?, ?, ?::jsonb, ?)`,
      [
        ...[row.id, row.conversationId, row.messageId, row.reporterId, row.reason, row.note],
        ...[JSON.stringify(row.snapshot), row.at],
      ],
    );
  }

  async addTrade(trade: Trade): Promise<void> {
    await this.em.execute(
      'insert into trade (order_id, buyer_id, seller_id) values (?, ?, ?) on conflict do nothing',
      [trade.orderId, trade.buyerId, trade.sellerId],
    );
  }

  async trade(orderId: string): Promise<Trade | null> {
    const [row] = await this.em.execute<Trade[]>(
      `select order_id as "orderId", buyer_id as "buyerId", seller_id as "sellerId"
       from trade where order_id = ?`,
      [orderId],
    );
    return row ?? null;
  }

  async messagingPolicy(): Promise<MessagingPolicy> {
    const [row] = await this.em.execute<MessagingPolicy[]>(
      'select messages_max as "messagesMax", per_seconds as "perSeconds" from messaging_policy',
    );
    if (!row) throw new Error('the messaging policy is missing');
    return row;
  }

  async audit(row: {
    readonly principal: string;
    readonly action: string;
    readonly conversationId: string;
    readonly reason: string | null;
    readonly at: Date;
  }): Promise<void> {
    await this.em.execute(
      'insert into audit (principal, action, conversation_id, reason, at) values (?, ?, ?, ?, ?)',
      [row.principal, row.action, row.conversationId, row.reason, row.at],
    );
  }

  async record(events: readonly (ConversationEvent | null)[]): Promise<void> {
    await this.outbox.append(events.filter((event) => event !== null).map(published));
  }

  private lock(where: Readonly<Record<string, string>>): Promise<Conversation | null> {
    return lockRow(this.em, Conversation, where);
  }
}
