import { Migration } from '../../../kernel/persistence/migration.ts';

/** What PayPal decides in days is looked at less often than what has just begun. */
export class LookInTurn extends Migration {
  override up(): void {
    this.addSql('alter table payment_attempt add column next_look_at timestamptz');
  }

  override down(): void {
    this.addSql('alter table payment_attempt drop column next_look_at');
  }
}
