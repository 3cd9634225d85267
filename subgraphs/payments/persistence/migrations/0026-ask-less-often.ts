import { Migration } from '../../../kernel/persistence/migration.ts';

/** A payout whose end is not known is asked about at longer and longer intervals. */
export class AskLessOften extends Migration {
  override up(): void {
    this.addSql(`
      alter table disbursement add column asks int not null default 0,
        add column next_ask_at timestamptz`);
    this.addSql(
      `create index disbursement_releasing on disbursement (next_ask_at) where status = 'RELEASING'`,
    );
  }

  override down(): void {
    this.addSql('alter table disbursement drop column asks, drop column next_ask_at');
  }
}
