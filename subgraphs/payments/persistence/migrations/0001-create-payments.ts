import { Migration } from '../../../kernel/persistence/migration.ts';

export class CreatePayments extends Migration {
  override up(): void {
    this.addSql(`
      create table payment_request (
        id text primary key,
        conversation_id text,
        origin text not null check (origin in ('CHAT', 'CHECKOUT')),
        buyer_id text not null,
        seller_id text not null,
        lines jsonb not null check (jsonb_array_length(lines) between 1 and 50),
        subtotal_minor bigint not null check (subtotal_minor > 0),
        subtotal_currency char(3) not null,
        shipping_minor bigint not null check (shipping_minor >= 0),
        shipping_currency char(3) not null,
        tax_minor bigint not null check (tax_minor >= 0),
        tax_currency char(3) not null,
        discount_minor bigint not null check (discount_minor >= 0),
        discount_currency char(3) not null,
        total_minor bigint not null check (total_minor > 0),
        total_currency char(3) not null,
        terms jsonb not null,
        replaces_id text references payment_request (id) deferrable initially deferred,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        status text not null check (status in
          ('SENT', 'PAYING', 'PENDING', 'PAID', 'DECLINED', 'WITHDRAWN', 'EXPIRED', 'SUPERSEDED')),
        version int not null check (version > 0),
        viewed_at timestamptz,
        updated_at timestamptz not null,
        check (total_minor = subtotal_minor + shipping_minor + tax_minor - discount_minor),
        check (total_currency = subtotal_currency and total_currency = shipping_currency
          and total_currency = tax_currency and total_currency = discount_currency),
        check ((origin = 'CHAT') = (conversation_id is not null))
      )`);
    this.addSql(
      'create index payment_request_buyer on payment_request (buyer_id, created_at desc, id desc)',
    );
    this.addSql(
      'create index payment_request_seller on payment_request (seller_id, created_at desc, id desc)',
    );
    this.addSql(
      'create index payment_request_conversation on payment_request (conversation_id, created_at desc, id desc)',
    );
    this.addSql(
      `create index payment_request_open on payment_request (expires_at) where status = 'SENT'`,
    );
    this.addSql(`
      create table payment_method (
        id text primary key,
        buyer_id text not null,
        setup_token text not null,
        approval_url text not null,
        consent_text text not null,
        consented_at timestamptz not null,
        status text not null check (status in ('SETUP', 'ACTIVE', 'EXPIRED', 'REMOVED')),
        vault_id text,
        brand text,
        last_four text check (last_four ~ '^[0-9A-Za-z@.*]{1,64}$'),
        expiry text,
        activated_at timestamptz,
        check (status <> 'ACTIVE' or vault_id is not null)
      )`);
    this.addSql('create index payment_method_buyer on payment_method (buyer_id, id)');
    this.addSql(`
      create table payment_attempt (
        id text primary key,
        request_id text not null references payment_request (id) deferrable initially deferred,
        buyer_id text not null,
        payment_method_id text not null references payment_method (id) deferrable initially deferred,
        amount_minor bigint not null check (amount_minor > 0),
        amount_currency char(3) not null,
        payee_merchant_id text not null,
        sealed_address text not null,
        created_at timestamptz not null,
        status text not null check (status in
          ('CREATED', 'REQUIRES_ACTION', 'CAPTURING', 'PENDING', 'UNKNOWN', 'CAPTURED', 'DECLINED', 'CANCELED')),
        processor_order_id text,
        decline_code text,
        advice text check (advice in ('RETRY_SAME', 'USE_OTHER', 'STOP', 'CONTACT_SUPPORT')),
        settled_at timestamptz,
        check ((status in ('CAPTURED', 'DECLINED', 'CANCELED')) = (settled_at is not null))
      )`);
    // At most one attempt is open per request, and at most one ever takes its money.
    this.addSql(`
      create unique index payment_attempt_one_open on payment_attempt (request_id)
      where status in ('CREATED', 'REQUIRES_ACTION', 'CAPTURING', 'PENDING', 'UNKNOWN')`);
    this.addSql(
      `create unique index payment_attempt_one_captured on payment_attempt (request_id) where status = 'CAPTURED'`,
    );
    this.addSql(`
      create index payment_attempt_unsettled on payment_attempt (created_at)
      where status in ('CREATED', 'REQUIRES_ACTION', 'CAPTURING', 'PENDING', 'UNKNOWN')`);
    this.addSql(`
      create table payment (
        id text primary key,
        request_id text not null unique references payment_request (id) deferrable initially deferred,
        attempt_id text not null unique references payment_attempt (id) deferrable initially deferred,
        buyer_id text not null,
        seller_id text not null,
        amount_minor bigint not null check (amount_minor > 0),
        amount_currency char(3) not null,
        processor_fee_minor bigint not null check (processor_fee_minor >= 0),
        processor_fee_currency char(3) not null,
        processor_order_id text not null,
        capture_id text not null unique,
        sealed_address text not null,
        captured_at timestamptz not null,
        order_id text unique,
        refunded_total_minor bigint not null check (refunded_total_minor >= 0),
        refunded_total_currency char(3) not null,
        check (refunded_total_minor <= amount_minor),
        check (amount_currency = processor_fee_currency and amount_currency = refunded_total_currency)
      )`);
    this.addSql('create index payment_seller on payment (seller_id, captured_at desc, id desc)');
    this.addSql(`
      create table request_limit (
        region text not null,
        tier text not null check (tier in ('NEW', 'ESTABLISHED')),
        currency char(3) not null,
        per_request_minor bigint not null check (per_request_minor > 0),
        per_window_minor bigint not null check (per_window_minor > 0),
        window_hours int not null check (window_hours > 0),
        primary key (region, tier)
      )`);
    // As published for payments in chat: 750 USD a request, 2,250 USD sent in any seven days.
    this.addSql(`
      insert into request_limit values
        ('US', 'NEW', 'USD', 75000, 225000, 168),
        ('US', 'ESTABLISHED', 'USD', 75000, 225000, 168)`);
  }

  override down(): void {
    this.addSql(
      'drop table payment, payment_attempt, payment_method, request_limit, payment_request',
    );
  }
}
