import { Migration } from '../../../kernel/persistence/migration.ts';

/** A removed payment method goes from the processor's vault too, also when that did not answer. */
export class ForgetMethods extends Migration {
  override up(): void {
    this.addSql('alter table payment_method add column forget_at timestamptz');
    // Whether these are gone there was never written down; deleting one twice is harmless.
    this.addSql(`
      update payment_method set forget_at = clock_timestamp()
      where status = 'REMOVED' and vault_id is not null`);
    this.addSql(
      'create index payment_method_to_forget on payment_method (forget_at) where forget_at is not null',
    );
  }

  override down(): void {
    this.addSql('alter table payment_method drop column forget_at');
  }
}
