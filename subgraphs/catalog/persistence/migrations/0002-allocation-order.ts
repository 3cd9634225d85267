import { Migration } from '../../../kernel/persistence/migration.ts';

/** Returns come in by their order, so an allocation that was sent remembers which one it went to. */
export class AllocationOrder extends Migration {
  override up(): void {
    this.addSql('alter table allocation add column order_id text');
    this.addSql(
      'create index allocation_order on allocation (order_id) where order_id is not null',
    );
  }

  override down(): void {
    this.addSql('alter table allocation drop column order_id');
  }
}
