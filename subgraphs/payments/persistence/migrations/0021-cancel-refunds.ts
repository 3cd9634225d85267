import { Migration } from '../../../kernel/persistence/migration.ts';

/** A refund can end without being carried out: a dispute that was lost gave its money back. */
export class CancelRefunds extends Migration {
  override up(): void {
    this.addSql('alter table refund drop constraint refund_status_check');
    this.addSql(`
      alter table refund add constraint refund_status_check check (status in
        ('APPROVED', 'SUBMITTED', 'PENDING', 'COMPLETED', 'FAILED', 'ESCALATED', 'CANCELLED'))`);
  }

  override down(): void {
    this.addSql('alter table refund drop constraint refund_status_check');
    this.addSql(`
      alter table refund add constraint refund_status_check check (status in
        ('APPROVED', 'SUBMITTED', 'PENDING', 'COMPLETED', 'FAILED', 'ESCALATED'))`);
  }
}
