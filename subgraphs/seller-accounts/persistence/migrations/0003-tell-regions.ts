import { Migration } from '../../../kernel/persistence/migration.ts';

/** How far the sellers of a region were told of its rule. */
export class TellRegions extends Migration {
  override up(): void {
    this.addSql(
      `alter table region_policy add column told_up_to text not null default '', add column is_told boolean not null default false`,
    );
    this.addSql('update region_policy set is_told = true');
    this.addSql(
      'create index region_policy_untold on region_policy (effective_from) where not is_told',
    );
    this.addSql('create index seller_account_region on seller_account (region, id)');
  }

  override down(): void {
    this.addSql('drop index seller_account_region');
    this.addSql('drop index region_policy_untold');
    this.addSql('alter table region_policy drop column is_told, drop column told_up_to');
  }
}
