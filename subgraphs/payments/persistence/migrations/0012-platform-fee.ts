import { Migration } from '../../../kernel/persistence/migration.ts';

/** What the platform takes, kept with the request, its payment and its refunds; and what was netted. */
export class PlatformFee extends Migration {
  override up(): void {
    this.addSql(`
      create table platform_fee_policy (
        region text not null,
        origin text not null check (origin in ('CHAT', 'CHECKOUT')),
        basis_points int not null check (basis_points between 0 and 10000),
        fixed_minor bigint not null check (fixed_minor >= 0),
        currency char(3) not null,
        primary key (region, origin)
      )`);
    this.addSql(`
      insert into platform_fee_policy values ('US', 'CHAT', 0, 0, 'USD'), ('US', 'CHECKOUT', 0, 0, 'USD')`);
    for (const [table, column, like] of [
      ['payment_request', 'platform_fee', 'total'],
      ['payment', 'platform_fee', 'amount'],
      ['refund', 'platform_fee_share', 'amount'],
      ['disbursement', 'netted', 'net'],
    ]) {
      this.addSql(`
        alter table ${table} add column ${column}_minor bigint not null default 0 check (${column}_minor >= 0),
          add column ${column}_currency char(3)`);
      this.addSql(`update ${table} set ${column}_currency = ${like}_currency`);
      this.addSql(`
        alter table ${table} alter column ${column}_currency set not null,
          alter column ${column}_minor drop default,
          add check (${column}_currency = ${like}_currency and ${column}_minor <= ${like}_minor)`);
    }
    this.addSql('alter table refund add column return_id text, add column case_id text');
  }

  override down(): void {
    this.addSql('alter table refund drop column return_id, drop column case_id');
    for (const [table, column] of [
      ['payment_request', 'platform_fee'],
      ['payment', 'platform_fee'],
      ['refund', 'platform_fee_share'],
      ['disbursement', 'netted'],
    ])
      this.addSql(
        `alter table ${table} drop column ${column}_minor, drop column ${column}_currency`,
      );
    this.addSql('drop table platform_fee_policy');
  }
}
