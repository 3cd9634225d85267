import type { Page } from '../../kernel/graphql/connection.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type {
  BuyerRow,
  ConversationReads,
  EvidenceRow,
  InboxRow,
  Standing,
} from '../application/reads.ts';
import type { Side } from '../domain/conversation.policy.ts';
import type { Conversation } from '../domain/conversation.ts';
import { Conversation as ConversationClass } from '../domain/conversation.ts';
import type { Message } from '../domain/message.ts';
import { Message as MessageClass } from '../domain/message.ts';

/** Every list and lookup here is one statement, whatever the number of ids. */
export class ConversationQueries implements ConversationReads {
  constructor(private readonly transactions: Transactions) {}

  conversations(ids: readonly string[]): Promise<Conversation[]> {
    return this.transactions
      .reader()
      .find(ConversationClass as never, { id: { $in: ids } } as never) as never;
  }

  messages(ids: readonly string[]): Promise<Message[]> {
    return this.transactions
      .reader()
      .find(MessageClass as never, { id: { $in: ids } } as never) as never;
  }

  async page(
    conversationId: string,
    { first, after }: Page,
    direction: 'OLDEST_FIRST' | 'NEWEST_FIRST',
  ): Promise<Message[]> {
    const seq = after === null ? null : seqOf(after);
    const oldest = direction === 'OLDEST_FIRST';
    const bound = seq === null ? {} : { seq: oldest ? { $gt: seq } : { $lt: seq } };
    return this.transactions
      .reader()
      .find(
        MessageClass as never,
        { conversationId, ...bound } as never,
        { orderBy: { seq: oldest ? 'asc' : 'desc' }, limit: first + 1 } as never,
      ) as never;
  }

  lastMessages(conversationIds: readonly string[]): Promise<Message[]> {
    return this.transactions
      .reader()
      .execute<{ id: string }[]>(
        `select m.id from conversation c join message m on m.conversation_id = c.id and m.seq = c.last_seq
         where c.id = any(array(select jsonb_array_elements_text(?::jsonb)))`,
        [JSON.stringify(conversationIds)],
      )
      .then((rows) => this.messages(rows.map((row) => row.id)));
  }

  /** Of both sides of each conversation; a side that never looked has no row. */
  standings(conversationIds: readonly string[]): Promise<Standing[]> {
    return this.transactions.reader().execute<Standing[]>(
      `select c.id as "conversationId", s.side,
              coalesce(m.delivered_up_to, 0) as "deliveredUpTo", coalesce(m.read_up_to, 0) as "readUpTo",
              coalesce(m.is_archived, false) as "isArchived", m.muted_until as "mutedUntil",
              (select count(*)::int from message x
               where x.conversation_id = c.id and x.seq > coalesce(m.read_up_to, 0)
                 and x.deleted_at is null and x.sender_side is distinct from s.side) as "unreadCount"
       from conversation c
       cross join (values ('BUYER'), ('SELLER')) as s (side)
       left join member m on m.conversation_id = c.id and m.side = s.side
       where c.id = any(array(select jsonb_array_elements_text(?::jsonb)))`,
      [JSON.stringify(conversationIds)],
    );
  }

  async inbox(owner: {
    readonly side: Side;
    readonly ids: readonly string[];
    readonly isArchived: boolean;
    readonly page: Page;
  }): Promise<InboxRow[]> {
    const { side, ids, isArchived, page } = owner;
    const column = side === 'BUYER' ? 'buyer_id' : 'seller_id';
    const [activity = null, id = null] = page.after ?? [];
    return this.transactions.reader().execute<InboxRow[]>(
      `select c.id, to_char(c.last_activity_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as activity
       from conversation c
       left join member m on m.conversation_id = c.id and m.side = ?
       where c.${column} = any(array(select jsonb_array_elements_text(?::jsonb)))
         and coalesce(m.is_archived, false) = ?
         and (?::timestamptz is null or (c.last_activity_at, c.id) < (?::timestamptz, ?::text))
       order by c.last_activity_at desc, c.id desc limit ?`,
      [
        side,
        JSON.stringify(ids),
        isArchived,
        timeOf(activity),
        timeOf(activity),
        id,
        page.first + 1,
      ],
    );
  }

  buyers(buyerIds: readonly string[]): Promise<BuyerRow[]> {
    return this.transactions.reader().execute<BuyerRow[]>(
      `select b.buyer_id as "buyerId",
              (select c.buyer_name from conversation c where c.buyer_id = b.buyer_id and c.buyer_name is not null
               order by c.last_activity_at desc limit 1) as name,
              (select coalesce(json_agg(k.seller_id), '[]') from (
                 select c.seller_id from conversation c where c.buyer_id = b.buyer_id
                 union select t.seller_id from trade t where t.buyer_id = b.buyer_id) k) as "knownToSellers"
       from (select jsonb_array_elements_text(?::jsonb) as buyer_id) b`,
      [JSON.stringify(buyerIds)],
    );
  }

  evidence(conversationId: string, until: Date, limit: number): Promise<EvidenceRow[]> {
    return this.transactions.reader().execute<EvidenceRow[]>(
      `select * from (
         select m.id, m.seq, m.kind, m.sender_side as "senderSide", m.created_at as "sentAt", m.card_type as "cardType",
                m.card_id as "cardId", m.notice,
                coalesce(m.text, (select r.text from message_revision r
                                  where r.message_id = m.id order by r.revision desc limit 1)) as text
         from message m where m.conversation_id = ? and m.created_at <= ? order by m.seq desc limit ?
       ) latest order by seq`,
      [conversationId, until, limit],
    );
  }

  async recordAccess(principal: string, conversationId: string, at: Date): Promise<void> {
    await this.transactions.run((em) =>
      em.execute(
        `insert into audit (principal, action, conversation_id, at) values (?, 'READ', ?, ?)`,
        [principal, conversationId, at],
      ),
    );
  }
}

function seqOf(after: readonly string[]): number {
  const seq = Number(after[0]);
  // A cursor of another list: nothing follows it.
  return Number.isSafeInteger(seq) && Math.abs(seq) < 2 ** 31 ? seq : 0;
}

function timeOf(text: string | null): string | null {
  if (text === null) return null;
  return Number.isNaN(Date.parse(text)) ? '-infinity' : text;
}
