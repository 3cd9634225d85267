import { Migration } from '../../../kernel/persistence/migration.ts';

export class CreateOrder extends Migration {
  override up(): void {
    this.addSql(`
      create table "order" (
        id text primary key,
        payment_request_id text not null unique,
        payment_id text not null unique,
        conversation_id text,
        origin text not null check (origin in ('CHAT', 'CHECKOUT')),
        buyer_id text not null,
        seller_id text not null,
        status text not null check (status in ('ON_HOLD', 'AWAITING_SHIPMENT', 'PARTIALLY_SENT', 'SENT',
                                               'DELIVERED', 'COMPLETED', 'CANCELLED')),
        total_minor bigint not null check (total_minor > 0),
        total_currency char(3) not null,
        shipping_minor bigint not null check (shipping_minor >= 0),
        shipping_currency char(3) not null,
        refunded_minor bigint not null default 0,
        refunded_currency char(3) not null,
        refund_owed_minor bigint not null default 0,
        refund_owed_currency char(3) not null,
        is_disputed boolean not null default false,
        on_hold_until timestamptz,
        is_on_hold boolean not null,
        ship_by timestamptz not null,
        auto_cancel_at timestamptz not null,
        captured_at timestamptz not null,
        return_window_days int not null check (return_window_days >= 0),
        is_final_sale boolean not null,
        last_sent_at timestamptz,
        last_marked_sent_at timestamptz,
        delivered_at timestamptz,
        completed_at timestamptz,
        returns_end_at timestamptz,
        has_cancel_request boolean not null default false,
        open_returns int not null default 0 check (open_returns >= 0),
        open_cases int not null default 0 check (open_cases >= 0),
        payout_status text,
        payout_release_at timestamptz,
        payout_reasons jsonb not null default '[]',
        version int not null,
        address_state text not null default 'PENDING' check (address_state in ('PENDING', 'SEALED', 'NONE')),
        address_sealed text,
        created_at timestamptz not null default parley_clock.now(),
        check (refunded_minor between 0 and total_minor),
        check (refund_owed_minor between 0 and total_minor),
        check (shipping_minor <= total_minor),
        check (shipping_currency = total_currency and refunded_currency = total_currency
               and refund_owed_currency = total_currency),
        check (is_on_hold = (on_hold_until is not null)),
        check ((address_state = 'SEALED') = (address_sealed is not null))
      )`);
    this.addSql('create index order_of_buyer on "order" (buyer_id, captured_at desc, id desc)');
    this.addSql('create index order_of_seller on "order" (seller_id, captured_at desc, id desc)');
    this.addSql(
      'create index order_of_conversation on "order" (conversation_id, captured_at desc, id desc) where conversation_id is not null',
    );
    this.addSql('create index order_hold on "order" (on_hold_until) where is_on_hold');
    this.addSql(
      `create index order_never_sent on "order" (auto_cancel_at) where status in ('ON_HOLD', 'AWAITING_SHIPMENT', 'PARTIALLY_SENT')`,
    );
    this.addSql(
      `create index order_completable on "order" (returns_end_at) where status in ('SENT', 'DELIVERED')`,
    );
    this.addSql(
      `create index order_without_address on "order" (id) where address_state = 'PENDING'`,
    );
    this.addSql(`
      create table order_item (
        id text primary key,
        order_id text not null references "order" (id),
        position int not null,
        line_id text not null,
        listing_id text,
        variant_id text,
        title text not null,
        description text not null,
        unit_price_minor bigint not null check (unit_price_minor >= 0),
        unit_price_currency char(3) not null,
        quantity int not null check (quantity > 0),
        open int not null check (open >= 0),
        sent int not null check (sent >= 0),
        delivered int not null check (delivered >= 0),
        cancelled int not null check (cancelled >= 0),
        returned int not null check (returned >= 0),
        delivered_at timestamptz,
        unique (order_id, position),
        unique (order_id, line_id),
        -- Every unit stands in exactly one place.
        check (open + sent + delivered + cancelled + returned = quantity)
      )`);
    this.addSql(`
      create table shipment (
        id text primary key,
        order_id text not null references "order" (id),
        status text not null check (status in ('SENT', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'EXCEPTION', 'LOST',
                                               'RETURNED_TO_SENDER', 'DELIVERED', 'VOIDED')),
        carrier text,
        tracking_number text check (length(tracking_number) between 1 and 64),
        sent_at timestamptz not null,
        marked_sent_at timestamptz not null,
        status_at timestamptz not null,
        delivered_at timestamptz,
        items jsonb not null check (jsonb_array_length(items) > 0),
        check (sent_at <= marked_sent_at),
        check ((status = 'DELIVERED') = (delivered_at is not null))
      )`);
    this.addSql('create index shipment_of_order on shipment (order_id)');
    this.addSql(
      'create index shipment_tracking on shipment (tracking_number) where tracking_number is not null',
    );
    this.addSql(`
      create table carrier_event (
        id bigint generated always as identity primary key,
        source text not null,
        carrier_event_id text not null,
        shipment_id text not null references shipment (id),
        status text not null,
        occurred_at timestamptz not null,
        received_at timestamptz not null,
        unique (source, carrier_event_id)
      )`);
    this.addSql('create index carrier_event_of_shipment on carrier_event (shipment_id)');
    this.addSql(`
      create table carrier_inbox (
        event_id text primary key,
        body text not null,
        status text not null default 'PENDING' check (status in ('PENDING', 'DONE', 'IGNORED')),
        received_at timestamptz not null,
        next_attempt_at timestamptz not null
      )`);
    this.addSql(
      `create index carrier_inbox_pending on carrier_inbox (next_attempt_at) where status = 'PENDING'`,
    );
    this.addSql(`
      create table cancel_request (
        id text primary key,
        order_id text not null references "order" (id),
        status text not null check (status in ('REQUESTED', 'ACCEPTED', 'DECLINED', 'LAPSED')),
        reason text not null,
        note text,
        requested_at timestamptz not null,
        answer_by timestamptz not null,
        answered_at timestamptz
      )`);
    this.addSql(
      `create unique index cancel_request_open on cancel_request (order_id) where status = 'REQUESTED'`,
    );
    this.addSql(`
      create table "return" (
        id text primary key,
        order_id text not null references "order" (id),
        order_item_id text not null references order_item (id),
        quantity int not null check (quantity > 0),
        status text not null check (status in ('REQUESTED', 'APPROVED', 'DECLINED', 'IN_TRANSIT', 'RECEIVED',
                                               'REFUNDED', 'LAPSED')),
        reason text not null,
        note text,
        decline_reason text,
        requested_at timestamptz not null,
        due_at timestamptz,
        carrier text,
        tracking_number text,
        good_quantity int not null check (good_quantity >= 0),
        damaged_quantity int not null check (damaged_quantity >= 0),
        refund_minor bigint,
        changed_at timestamptz not null,
        check (good_quantity + damaged_quantity in (0, quantity))
      )`);
    this.addSql('create index return_of_order on "return" (order_id)');
    this.addSql('create index return_due on "return" (due_at) where due_at is not null');
    this.addSql(`
      create table "case" (
        id text primary key,
        order_id text not null references "order" (id),
        status text not null check (status in ('SELLER_TURN', 'BUYER_TURN', 'ESCALATED', 'DECIDED', 'APPEALED', 'CLOSED')),
        reason text not null,
        opened_at timestamptz not null,
        due_at timestamptz,
        decided_for text check (decided_for in ('BUYER', 'SELLER')),
        decision text,
        refund_minor bigint,
        changed_at timestamptz not null
      )`);
    this.addSql(`create unique index case_open on "case" (order_id) where status <> 'CLOSED'`);
    this.addSql('create index case_due on "case" (due_at) where due_at is not null');
    this.addSql(`
      create table case_message (
        id bigint generated always as identity primary key,
        case_id text not null,
        author text not null check (author in ('BUYER', 'SELLER', 'SUPPORT')),
        text text not null,
        at timestamptz not null
      )`);
    this.addSql('create index case_message_of_case on case_message (case_id, id)');
    this.addSql(`
      create table timeline (
        id bigint generated always as identity primary key,
        order_id text not null references "order" (id),
        kind text not null,
        actor_kind text not null,
        principal text not null,
        from_status text,
        to_status text not null,
        subject_id text,
        reason text,
        at timestamptz not null
      )`);
    this.addSql('create index timeline_of_order on timeline (order_id, id)');
    // History is written once: not even this subgraph's own role may change it.
    this.addSql(`
      create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception 'the timeline only grows';
      end $$`);
    this.addSql(
      'create trigger timeline_only_grows before update or delete on timeline for each row execute function refuse_change()',
    );
    this.addSql(`
      create table notification (
        id text primary key,
        recipient_id text not null,
        channel text not null check (channel in ('IN_APP')),
        kind text not null,
        side text not null check (side in ('BUYER', 'SELLER')),
        order_id text not null references "order" (id),
        transition_key text not null,
        at timestamptz not null,
        read_at timestamptz,
        unique (transition_key, recipient_id, channel)
      )`);
    this.addSql(
      'create index notification_of_recipient on notification (recipient_id, at desc, id desc)',
    );
    this.addSql(
      'create index notification_unread on notification (recipient_id) where read_at is null',
    );
    this.addSql(`
      create table stock_gone (
        payment_request_id text primary key,
        at timestamptz not null default parley_clock.now()
      )`);
    this.addSql(`
      create table access_log (
        id bigint generated always as identity primary key,
        principal text not null,
        what text not null,
        order_id text not null,
        at timestamptz not null
      )`);
    this.addSql('create index access_log_of_order on access_log (order_id, id)');
    // Data, not code. Each number has two sides; order.policy of the README says which.
    this.addSql(`
      create table order_policy (
        singleton boolean primary key default true check (singleton),
        chat_hold_minutes int not null default 0 check (chat_hold_minutes >= 0),
        checkout_hold_minutes int not null default 30 check (checkout_hold_minutes >= 0),
        -- Before day 28, when the processor pays the seller by itself.
        auto_cancel_days int not null default 21 check (auto_cancel_days between 1 and 26),
        answer_business_days int not null default 2 check (answer_business_days > 0),
        return_send_days int not null default 14 check (return_send_days > 0),
        address_visible_days int not null default 30 check (address_visible_days >= 0)
      )`);
    this.addSql('insert into order_policy default values');
  }

  override down(): void {
    this.addSql(
      'drop table order_policy, access_log, stock_gone, notification, timeline, case_message, "case", "return", cancel_request, carrier_inbox, carrier_event, shipment, order_item, "order"',
    );
    this.addSql('drop function refuse_change');
  }
}
