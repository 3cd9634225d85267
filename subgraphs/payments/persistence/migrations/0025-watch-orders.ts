import { Migration } from '../../../kernel/persistence/migration.ts';

/** Payments that no order came of are looked for every minute; there are hardly any. */
export class WatchOrders extends Migration {
  override up(): void {
    this.addSql('alter table finding drop constraint finding_kind_check');
    this.addSql(`
      alter table finding add constraint finding_kind_check check (kind in
        ('MISSING_HERE', 'MISSING_THERE', 'AMOUNT_DIFFERS', 'PAID_BY_ITSELF', 'STUCK', 'REFUSED', 'NO_ORDER'))`);
    this.addSql(
      'create index payment_without_order on payment (captured_at) where order_id is null',
    );
  }

  override down(): void {
    this.addSql('drop index payment_without_order');
    this.addSql(`delete from finding where kind = 'NO_ORDER'`);
    this.addSql('alter table finding drop constraint finding_kind_check');
    this.addSql(`
      alter table finding add constraint finding_kind_check check (kind in
        ('MISSING_HERE', 'MISSING_THERE', 'AMOUNT_DIFFERS', 'PAID_BY_ITSELF', 'STUCK', 'REFUSED'))`);
  }
}
