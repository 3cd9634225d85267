import { Migration } from '../../../kernel/persistence/migration.ts';

/** The books cannot be emptied, and a reason to wait that comes up while money is paid is kept. */
export class GuardMoney extends Migration {
  override up(): void {
    this.addSql(`
      create trigger ledger_entry_never_emptied before truncate on ledger_entry
      for each statement execute function refuse_change()`);
    this.addSql('alter table disbursement drop constraint disbursement_check');
    this.addSql('alter table disbursement drop constraint disbursement_check1');
    this.addSql(`
      alter table disbursement
        -- Not marked as sent, never paid.
        add constraint disbursement_sent check
          (status not in ('RELEASING', 'RELEASED') or fully_sent_at is not null),
        add constraint disbursement_settled check
          (status <> 'RELEASED' or jsonb_array_length(reasons) = 0),
        -- Frozen is what waits for a reason; what is being paid keeps it for the case of a refusal.
        add constraint disbursement_frozen check
          ((status = 'FROZEN') = (jsonb_array_length(reasons) > 0)
            or status in ('RELEASING', 'RELEASED', 'RETURNED', 'AUTO_DISBURSED'))`);
  }

  override down(): void {
    this.addSql(
      `alter table disbursement drop constraint disbursement_sent, drop constraint disbursement_settled,
        drop constraint disbursement_frozen,
        add constraint disbursement_check check
          (status not in ('RELEASING', 'RELEASED') or (fully_sent_at is not null and jsonb_array_length(reasons) = 0)),
        add constraint disbursement_check1 check
          ((status = 'FROZEN') = (jsonb_array_length(reasons) > 0) or status in ('RELEASED', 'RETURNED', 'AUTO_DISBURSED'))`,
    );
    this.addSql('drop trigger ledger_entry_never_emptied on ledger_entry');
  }
}
