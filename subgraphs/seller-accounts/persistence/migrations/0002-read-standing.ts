import { Migration } from '../../../kernel/persistence/migration.ts';

/** What the processor still wants, who waits for a person, and whose standing is read next. */
export class ReadStanding extends Migration {
  override up(): void {
    this.addSql(`
      alter table seller_account
        add column processor_due jsonb not null default '[]',
        add column due_at timestamptz,
        add column decided_at timestamptz,
        add column is_under_review boolean not null default false,
        add column standing_read_at timestamptz not null default '2020-01-01T00:00:00Z'`);
    this.addSql('drop index seller_account_to_read');
    this.addSql(
      `create index seller_account_to_read on seller_account (standing_read_at)
       where status in ('SUBMITTED', 'VERIFYING', 'ACTION_REQUIRED', 'ACTIVE', 'RESTRICTED', 'SUSPENDED')`,
    );
    // The data is erased when the processor has it; the fingerprint stays, to know the person again.
    this.addSql(`
      alter table seller_identity
        alter column wrapped_key drop not null,
        alter column sealed drop not null,
        add column erased_at timestamptz,
        add check ((wrapped_key is null) = (sealed is null)),
        add check ((sealed is null) = (erased_at is not null))`);
    this.addSql('alter table region_policy add column changed_by text');
  }

  override down(): void {
    this.addSql('alter table region_policy drop column changed_by');
    this.addSql('delete from seller_identity where sealed is null');
    this.addSql(
      'alter table seller_identity alter column wrapped_key set not null, alter column sealed set not null, drop column erased_at',
    );
    this.addSql(
      'alter table seller_account drop column processor_due, drop column due_at, drop column decided_at, drop column is_under_review, drop column standing_read_at',
    );
  }
}
