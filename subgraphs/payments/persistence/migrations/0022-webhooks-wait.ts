import { Migration } from '../../../kernel/persistence/migration.ts';

/** A webhook can come before what it is about: it waits, and is no failure. */
export class WebhooksWait extends Migration {
  override up(): void {
    this.addSql('alter table webhook_event add column waits_until timestamptz');
  }

  override down(): void {
    this.addSql('alter table webhook_event drop column waits_until');
  }
}
