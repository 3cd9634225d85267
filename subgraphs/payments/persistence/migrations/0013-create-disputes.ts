import { Migration } from '../../../kernel/persistence/migration.ts';

export class CreateDisputes extends Migration {
  override up(): void {
    this.addSql(`
      create table dispute (
        id text primary key,
        processor_dispute_id text not null unique,
        payment_id text not null references payment (id) deferrable initially deferred,
        buyer_id text not null,
        seller_id text not null,
        amount_minor bigint not null check (amount_minor > 0),
        amount_currency char(3) not null,
        opened_at timestamptz not null,
        status text not null check (status in
          ('INQUIRY', 'WAITING_SELLER', 'WAITING_BUYER', 'UNDER_REVIEW', 'RESOLVED', 'APPEALED', 'FINAL')),
        stage text not null check (stage in ('INQUIRY', 'CHARGEBACK')),
        reason text not null,
        due_at timestamptz,
        outcome text check (outcome in ('WON', 'LOST')),
        lost_minor bigint not null check (lost_minor >= 0),
        lost_currency char(3) not null,
        can_provide_evidence boolean not null,
        evidence_begun_at timestamptz,
        evidence_provided_at timestamptz,
        next_evidence_at timestamptz,
        resolved_at timestamptz,
        processor_updated_at timestamptz,
        next_read_at timestamptz,
        version int not null check (version > 0),
        check (status not in ('RESOLVED', 'FINAL') or (outcome is not null and resolved_at is not null)),
        check (outcome is not null or lost_minor = 0)
      )`);
    this.addSql('create index dispute_payment on dispute (payment_id)');
    this.addSql('create index dispute_newest on dispute (opened_at desc, id desc)');
    this.addSql(
      'create index dispute_unread on dispute (next_read_at) where next_read_at is not null',
    );
    this.addSql(
      `create index dispute_unanswered on dispute (due_at)
       where status = 'WAITING_SELLER' and evidence_provided_at is null`,
    );
    this.addSql(`create index dispute_closing on dispute (resolved_at) where status = 'RESOLVED'`);
    // One row: how long before the due date an answer without proof goes out, how long a decision
    // can be appealed, and what a lost chargeback costs its seller.
    this.addSql(`
      create table dispute_policy (
        is_current boolean primary key default true check (is_current),
        evidence_lead_hours int not null check (evidence_lead_hours between 1 and 240),
        appeal_days int not null check (appeal_days between 0 and 90),
        chargeback_fee_minor bigint not null check (chargeback_fee_minor >= 0),
        currency char(3) not null
      )`);
    this.addSql(`insert into dispute_policy values (true, 48, 10, 0, 'USD')`);
  }

  override down(): void {
    this.addSql('drop table dispute_policy, dispute');
  }
}
