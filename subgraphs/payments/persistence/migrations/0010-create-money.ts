import { Migration } from '../../../kernel/persistence/migration.ts';

export class CreateMoney extends Migration {
  override up(): void {
    this.addSql(`
      create table ledger_entry (
        id bigint generated always as identity primary key,
        reference text not null unique,
        debit text not null,
        credit text not null,
        amount_minor bigint not null check (amount_minor > 0),
        currency char(3) not null,
        posted_at timestamptz not null,
        previous_hash text not null,
        hash text not null unique,
        check (debit <> credit)
      )`);
    this.addSql('create index ledger_entry_debit on ledger_entry (debit, currency)');
    this.addSql('create index ledger_entry_credit on ledger_entry (credit, currency)');
    this.addSql(`
      create function refuse_change() returns trigger language plpgsql as
      $$ begin raise exception 'rows of % are only ever added', tg_table_name; end $$`);
    this.addSql(`
      create trigger ledger_entry_append_only before update or delete on ledger_entry
      for each row execute function refuse_change()`);
    this.addSql(`
      create table disbursement (
        id text primary key,
        payment_id text not null unique references payment (id) deferrable initially deferred,
        request_id text not null,
        seller_id text not null,
        capture_id text not null unique,
        net_minor bigint not null check (net_minor >= 0),
        net_currency char(3) not null,
        captured_at timestamptz not null,
        status text not null check (status in
          ('HELD', 'SCHEDULED', 'FROZEN', 'RELEASING', 'FAILED', 'RELEASED', 'RETURNED', 'AUTO_DISBURSED')),
        reasons jsonb not null,
        fully_sent_at timestamptz,
        release_at timestamptz,
        release_id text unique,
        released_at timestamptz,
        -- Not marked as sent, never paid; frozen, not paid either.
        check (status not in ('RELEASING', 'RELEASED') or (fully_sent_at is not null and jsonb_array_length(reasons) = 0)),
        check ((status = 'FROZEN') = (jsonb_array_length(reasons) > 0) or status in ('RELEASED', 'RETURNED', 'AUTO_DISBURSED'))
      )`);
    this.addSql(
      `create index disbursement_due on disbursement (release_at) where status = 'SCHEDULED'`,
    );
    this.addSql('create index disbursement_seller on disbursement (seller_id, captured_at desc)');
    this.addSql(`
      create table refund (
        id text primary key,
        payment_id text not null references payment (id) deferrable initially deferred,
        seller_id text not null,
        capture_id text not null,
        amount_minor bigint not null check (amount_minor > 0),
        amount_currency char(3) not null,
        reason text not null,
        requested_by text not null,
        created_at timestamptz not null,
        status text not null check (status in ('APPROVED', 'SUBMITTED', 'PENDING', 'COMPLETED', 'FAILED', 'ESCALATED')),
        processor_refund_id text unique,
        failure_code text,
        attempts int not null,
        next_attempt_at timestamptz not null,
        completed_at timestamptz
      )`);
    this.addSql('create index refund_payment on refund (payment_id)');
    this.addSql(
      `create index refund_due on refund (next_attempt_at) where status in ('APPROVED', 'SUBMITTED', 'PENDING', 'FAILED')`,
    );
    this.addSql(`
      create table seller_standing (
        seller_id text primary key,
        can_receive_payouts boolean not null,
        tier text not null check (tier in ('NEW', 'ESTABLISHED'))
      )`);
    this.addSql(`
      create table webhook_event (
        event_id text primary key,
        event_type text not null,
        raw_body bytea not null,
        received_at timestamptz not null default clock_timestamp(),
        state text not null default 'RECEIVED' check (state in ('RECEIVED', 'PROCESSED', 'IGNORED', 'PARKED')),
        attempts int not null default 0,
        last_error text
      )`);
    this.addSql(
      `create index webhook_event_open on webhook_event (received_at) where state = 'RECEIVED'`,
    );
  }

  override down(): void {
    this.addSql('drop table webhook_event, seller_standing, refund, disbursement, ledger_entry');
    this.addSql('drop function refuse_change');
  }
}
