import { Migration } from '../../../kernel/persistence/migration.ts';

/** What operators are told. */
export class CreateOperations extends Migration {
  override up(): void {
    this.addSql(`
      create table finding (
        id text primary key,
        key text not null,
        kind text not null check (kind in
          ('MISSING_HERE', 'MISSING_THERE', 'AMOUNT_DIFFERS', 'PAID_BY_ITSELF', 'STUCK', 'REFUSED')),
        subject text not null check (subject in ('CAPTURE', 'REFUND', 'RELEASE', 'ATTEMPT', 'WEBHOOK')),
        reference text not null,
        payment_id text,
        ours_minor bigint,
        ours_currency char(3),
        theirs_minor bigint,
        theirs_currency char(3),
        opened_at timestamptz not null,
        closed_at timestamptz,
        resolution text,
        check ((closed_at is null) = (resolution is null))
      )`);
    this.addSql('create unique index finding_open on finding (key) where closed_at is null');
    this.addSql('create index finding_newest on finding (opened_at desc, id desc)');
  }

  override down(): void {
    this.addSql('drop table finding');
  }
}
