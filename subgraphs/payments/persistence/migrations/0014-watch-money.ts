import { Migration } from '../../../kernel/persistence/migration.ts';

/** Tracking numbers for the processor, and alarms before it pays by itself. */
export class WatchMoney extends Migration {
  override up(): void {
    this.addSql(`
      create table tracking (
        shipment_id text primary key,
        payment_id text not null,
        carrier text not null,
        tracking_number text not null,
        noted_at timestamptz not null,
        status text not null check (status in ('PENDING', 'FORWARDED', 'VOIDED', 'GIVEN_UP')),
        attempts int not null,
        next_attempt_at timestamptz not null,
        last_refusal text,
        forwarded_at timestamptz,
        check ((status = 'FORWARDED') = (forwarded_at is not null))
      )`);
    this.addSql(`create index tracking_due on tracking (next_attempt_at) where status = 'PENDING'`);
    // One row: days after the capture. The processor pays at automatic_days, whatever is written here.
    this.addSql(`
      create table backstop_policy (
        is_current boolean primary key default true check (is_current),
        alarm_days int not null,
        hard_stop_days int not null,
        automatic_days int not null,
        check (0 < alarm_days and alarm_days <= hard_stop_days and hard_stop_days < automatic_days)
      )`);
    this.addSql('insert into backstop_policy values (true, 25, 27, 28)');
    this.addSql(`
      create table money_alarm (
        payment_id text not null,
        kind text not null check (kind in
          ('UNSETTLED_NEAR_DEADLINE', 'NEVER_SENT_REFUNDED', 'DECISION_OVERDUE', 'PAID_BY_PROCESSOR')),
        seller_id text not null,
        raised_at timestamptz not null,
        reasons jsonb not null,
        settled_at timestamptz,
        primary key (payment_id, kind)
      )`);
    this.addSql(
      'create index money_alarm_open on money_alarm (raised_at) where settled_at is null',
    );
    this.addSql(`
      create index disbursement_unsettled on disbursement (captured_at)
      where status in ('HELD', 'SCHEDULED', 'FROZEN', 'RELEASING', 'FAILED')`);
  }

  override down(): void {
    this.addSql('drop index disbursement_unsettled');
    this.addSql('drop table money_alarm, backstop_policy, tracking');
  }
}
