import { Migration } from './migration.ts';

/**
 * An event is read under the highest transaction number that has told of its aggregate, not under its
 * own: one that began first and then waited for the aggregate has a lower number and a later event.
 */
export class OutboxOrder extends Migration {
  override up(): void {
    this.addSql(`alter table event_version add column xid xid8 not null default '0'`);
  }

  override down(): void {
    this.addSql('alter table event_version drop column xid');
  }
}
