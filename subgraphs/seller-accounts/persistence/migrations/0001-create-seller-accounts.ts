import { Migration } from '../../../kernel/persistence/migration.ts';

export class CreateSellerAccounts extends Migration {
  override up(): void {
    this.addSql(`
      create table seller_account (
        id text primary key,
        user_id text not null unique,
        account_type text not null check (account_type in ('BUSINESS', 'CREATOR')),
        display_name text not null,
        handle text not null unique,
        region char(2) not null,
        tracking_id text not null unique,
        created_at timestamptz not null,
        status text not null check (status in ('DRAFT', 'SUBMITTED', 'VERIFYING', 'ACTION_REQUIRED', 'ACTIVE',
          'RESTRICTED', 'SUSPENDED', 'REJECTED', 'CLOSED')),
        tier text not null check (tier in ('NEW', 'ESTABLISHED')),
        is_identity_provided boolean not null,
        consent_text text,
        consented_at timestamptz,
        onboarding_url text,
        merchant_id text unique,
        can_request_payments boolean not null,
        can_receive_payouts boolean not null,
        disabled_reason text,
        disabled_text text,
        updated_at timestamptz not null,
        -- Nobody sells without an account at the processor and a consent on record.
        check (not can_request_payments or (status = 'ACTIVE' and merchant_id is not null)),
        check (status in ('DRAFT', 'CLOSED') or consented_at is not null or status = 'REJECTED')
      )`);
    this.addSql(
      `create index seller_account_to_read on seller_account (updated_at) where status in ('SUBMITTED', 'VERIFYING')`,
    );
    this.addSql(`
      create table seller_identity (
        seller_id text primary key references seller_account (id) deferrable initially deferred,
        -- A key of this seller's own, wrapped by the key outside the database; erasing it erases the data.
        wrapped_key text not null,
        sealed text not null,
        number_fingerprint text not null,
        stored_at timestamptz not null default clock_timestamp()
      )`);
    this.addSql('create index seller_identity_fingerprint on seller_identity (number_fingerprint)');
    this.addSql(`
      create table identity_access (
        id bigint generated always as identity primary key,
        seller_id text not null,
        accessed_by text not null,
        purpose text not null,
        accessed_at timestamptz not null default clock_timestamp(),
        previous_hash text not null,
        hash text not null unique
      )`);
    this.addSql(`
      create function refuse_change() returns trigger language plpgsql as
      $$ begin raise exception 'rows of % are only ever added', tg_table_name; end $$`);
    this.addSql(`
      create trigger identity_access_append_only before update or delete on identity_access
      for each row execute function refuse_change()`);
    this.addSql(`
      create table allow_list_entry (
        user_id text primary key,
        state text not null check (state in ('INVITED', 'ENABLED', 'PAUSED', 'REVOKED')),
        effective_from timestamptz not null,
        effective_until timestamptz,
        changed_by text not null,
        changed_at timestamptz not null
      )`);
    this.addSql(`
      create table region_policy (
        region char(2) not null,
        capability text not null,
        is_enabled boolean not null,
        effective_from timestamptz not null,
        primary key (region, capability, effective_from)
      )`);
    this.addSql(`insert into region_policy values ('US', 'SELL', true, '2020-01-01T00:00:00Z')`);
  }

  override down(): void {
    this.addSql(
      'drop table region_policy, allow_list_entry, identity_access, seller_identity, seller_account',
    );
    this.addSql('drop function refuse_change');
  }
}
