import { Migration } from '../../../kernel/persistence/migration.ts';

/** The seller's account at the processor, with the payment: refunds and trackers are asked for in its name. */
export class PayeeOfPayment extends Migration {
  override up(): void {
    this.addSql('alter table payment add column payee_merchant_id text');
    this.addSql(
      'update payment set payee_merchant_id = a.payee_merchant_id from payment_attempt a where a.id = attempt_id',
    );
    this.addSql('alter table payment alter column payee_merchant_id set not null');
  }

  override down(): void {
    this.addSql('alter table payment drop column payee_merchant_id');
  }
}
