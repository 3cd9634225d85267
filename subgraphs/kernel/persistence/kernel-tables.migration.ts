import { Migration } from './migration.ts';

/** Tables that every subgraph's schema has: what it tells, what it has heard, and what it was asked. */
export class KernelTables extends Migration {
  override up(): void {
    this.addSql(`
      create table outbox (
        id bigint generated always as identity primary key,
        -- The writing transaction. Readers go by (xid, id) below the oldest running transaction,
        -- because ids are handed out before commits and commits overtake one another.
        xid xid8 not null default pg_current_xact_id(),
        event_id text not null unique,
        type text not null,
        schema_version int not null check (schema_version > 0),
        aggregate_id text not null,
        aggregate_version bigint not null check (aggregate_version > 0),
        occurred_at timestamptz not null,
        payload jsonb not null,
        topics text[] not null default '{}',
        unique (aggregate_id, aggregate_version)
      )`);
    this.addSql('create index outbox_order on outbox (xid, id)');
    this.addSql('create index outbox_topics on outbox using gin (topics)');
    this.addSql(`
      create table event_version (
        aggregate_id text primary key,
        version bigint not null check (version > 0)
      )`);
    this.addSql(`
      create table relay_cursor (
        singleton boolean primary key default true check (singleton),
        xid xid8 not null default '0',
        id bigint not null default 0
      )`);
    this.addSql('insert into relay_cursor default values');
    this.addSql(`
      create table inbox (
        consumer text not null,
        event_id text not null,
        received_at timestamptz not null default clock_timestamp(),
        primary key (consumer, event_id)
      )`);
    this.addSql(`
      create table inbox_cursor (
        consumer text primary key,
        position text not null
      )`);
    this.addSql(`
      create table parked_event (
        consumer text not null,
        event_id text not null,
        aggregate_id text not null,
        envelope jsonb not null,
        error text not null,
        attempts int not null,
        parked_at timestamptz not null default clock_timestamp(),
        primary key (consumer, event_id)
      )`);
    this.addSql('create index parked_event_aggregate on parked_event (consumer, aggregate_id)');
    this.addSql(`
      create table idempotency_key (
        principal text not null,
        operation text not null,
        key text not null check (length(key) between 1 and 255),
        request_hash text not null,
        response jsonb,
        created_at timestamptz not null default clock_timestamp(),
        completed_at timestamptz,
        primary key (principal, operation, key)
      )`);
    this.addSql('create index idempotency_key_created on idempotency_key (created_at)');
  }

  override down(): void {
    this.addSql(
      'drop table idempotency_key, parked_event, inbox_cursor, inbox, relay_cursor, event_version, outbox',
    );
  }
}
