import { Migration } from './migration.ts';

/** What operators do by hand: asked for here, done by the subgraph itself, and kept for good. */
export class KernelOperations extends Migration {
  override up(): void {
    this.addSql('alter table parked_event add column replay_asked_at timestamptz');
    this.addSql(`
      create table operator_action (
        id bigint generated always as identity primary key,
        principal text not null,
        action text not null,
        subject text not null,
        reason text not null check (reason <> ''),
        at timestamptz not null default clock_timestamp()
      )`);
    this.addSql('create index operator_action_subject on operator_action (subject)');
    this.addSql(`
      create function keep_operator_action() returns trigger language plpgsql as
      $$ begin raise exception 'rows of % are only ever added', tg_table_name; end $$`);
    this.addSql(`
      create trigger operator_action_append_only before update or delete on operator_action
      for each row execute function keep_operator_action()`);
    this.addSql(`
      create trigger operator_action_never_emptied before truncate on operator_action
      for each statement execute function keep_operator_action()`);
  }

  override down(): void {
    this.addSql('drop table operator_action');
    this.addSql('drop function keep_operator_action');
    this.addSql('alter table parked_event drop column replay_asked_at');
  }
}
