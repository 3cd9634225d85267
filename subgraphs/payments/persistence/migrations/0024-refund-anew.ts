import { Migration } from '../../../kernel/persistence/migration.ts';

/** A refund that ended as failed at the processor is asked for again as another one. */
export class RefundAnew extends Migration {
  override up(): void {
    this.addSql('alter table refund add column failed_refund_id text');
  }

  override down(): void {
    this.addSql('alter table refund drop column failed_refund_id');
  }
}
