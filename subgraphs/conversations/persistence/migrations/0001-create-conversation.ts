import { Migration } from '../../../kernel/persistence/migration.ts';

export class CreateConversation extends Migration {
  override up(): void {
    this.addSql(`
      create table conversation (
        id text primary key,
        buyer_id text not null,
        seller_id text not null,
        buyer_name text,
        state text not null check (state in ('REQUESTED', 'ACTIVE', 'CLOSED')),
        is_frozen boolean not null default false,
        is_blocked_by_buyer boolean not null default false,
        is_blocked_by_seller boolean not null default false,
        last_seq int not null default 0 check (last_seq >= 0),
        created_at timestamptz not null,
        last_activity_at timestamptz not null,
        unique (buyer_id, seller_id),
        -- Nobody talks to themselves: a seller id is its user's digits.
        check (right(buyer_id, 32) <> right(seller_id, 32))
      )`);
    this.addSql(
      'create index conversation_of_buyer on conversation (buyer_id, last_activity_at, id)',
    );
    this.addSql(
      'create index conversation_of_seller on conversation (seller_id, last_activity_at, id)',
    );
    this.addSql(`
      create table member (
        conversation_id text not null references conversation (id),
        side text not null check (side in ('BUYER', 'SELLER')),
        delivered_up_to int not null default 0,
        read_up_to int not null default 0 check (read_up_to >= 0),
        is_archived boolean not null default false,
        muted_until timestamptz,
        primary key (conversation_id, side),
        check (delivered_up_to >= read_up_to)
      )`);
    this.addSql(`
      create table message (
        id text primary key,
        conversation_id text not null references conversation (id),
        seq int not null check (seq > 0),
        kind text not null check (kind in ('TEXT', 'SYSTEM', 'CARD')),
        sender_side text check (sender_side in ('BUYER', 'SELLER')),
        sender_id text,
        client_message_id text,
        content_hash text,
        text text check (char_length(text) between 1 and 2000),
        context_listing_id text,
        context_variant_id text,
        price_at_ask_minor bigint,
        price_at_ask_currency char(3),
        card_type text check (card_type in ('PaymentRequest', 'Order', 'Shipment', 'Listing')),
        card_id text,
        notice text,
        source_key text unique,
        revision int not null default 0,
        created_at timestamptz not null,
        edited_at timestamptz,
        deleted_at timestamptz,
        unique (conversation_id, seq),
        unique (conversation_id, sender_id, client_message_id),
        check ((kind = 'TEXT') = (sender_id is not null)),
        check ((kind = 'TEXT') = (client_message_id is not null)),
        check (kind <> 'TEXT' or (text is null) = (deleted_at is not null)),
        check (kind = 'TEXT' or (card_id is not null and source_key is not null))
      )`);
    this.addSql(`
      create table message_revision (
        message_id text not null references message (id),
        revision int not null,
        text text not null,
        change text not null check (change in ('EDITED', 'DELETED')),
        at timestamptz not null,
        primary key (message_id, revision)
      )`);
    this.addSql(`
      create table report (
        id text primary key,
        conversation_id text not null references conversation (id),
        message_id text not null references message (id),
        reporter_id text not null,
        reason text not null,
        note text,
        snapshot jsonb not null,
        status text not null default 'OPEN'
          check (status in ('OPEN', 'TRIAGED', 'ACTIONED', 'DISMISSED', 'APPEALED', 'CLOSED')),
        at timestamptz not null
      )`);
    this.addSql('create index report_open on report (status, at)');
    this.addSql(`
      create table trade (
        order_id text primary key,
        buyer_id text not null,
        seller_id text not null
      )`);
    this.addSql('create index trade_of_buyer on trade (buyer_id, seller_id)');
    this.addSql(`
      create table audit (
        id bigint generated always as identity primary key,
        principal text not null,
        action text not null,
        conversation_id text not null,
        reason text,
        at timestamptz not null
      )`);
    // Data, not code: more lets one sender flood a thread, fewer stops a lively talk.
    this.addSql(`
      create table messaging_policy (
        singleton boolean primary key default true check (singleton),
        messages_max int not null default 30 check (messages_max > 0),
        per_seconds int not null default 60 check (per_seconds > 0)
      )`);
    this.addSql('insert into messaging_policy default values');
  }

  override down(): void {
    this.addSql(
      'drop table messaging_policy, audit, trade, report, message_revision, message, member, conversation',
    );
  }
}
