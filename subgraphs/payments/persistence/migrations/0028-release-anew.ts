import { Migration } from '../../../kernel/persistence/migration.ts';

/** A payout that ended as failed at the processor is asked for again as another one. */
export class ReleaseAnew extends Migration {
  override up(): void {
    this.addSql('alter table disbursement add column failed_release_id text');
  }

  override down(): void {
    this.addSql('alter table disbursement drop column failed_release_id');
  }
}
