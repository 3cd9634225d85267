import { newId } from '../ids.ts';
import { canonicalJson } from '../persistence/idempotency.ts';
import type { Transactions } from '../persistence/transaction.ts';
import type { PublishedEvent } from './envelope.ts';

/** Writes events in the transaction that changed the state, and wakes their readers when it commits. */
export class Outbox {
  private readonly listeners = new Set<() => void>();

  constructor(private readonly transactions: Transactions) {}

  /**
   * Must run inside a transaction. Versions are dense per aggregate: its row is locked until commit.
   * Readers go by (xid, id), so the row has the highest xid that told of the aggregate so far. It is
   * not read too early for that: below the oldest running transaction lies this one as well.
   */
  async append(events: readonly PublishedEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.transactions.run(async (em) => {
      for (const event of events) {
        await em.execute(
          `with next as (
             insert into event_version as v (aggregate_id, version, xid) values (?, 1, pg_current_xact_id())
             on conflict (aggregate_id) do update
             set version = v.version + 1, xid = greatest(v.xid, pg_current_xact_id()) returning version, xid
           )
           insert into outbox (xid, event_id, type, schema_version, aggregate_id, aggregate_version, occurred_at, payload, topics)
           select next.xid, ?, ?, ?, ?, next.version, ?, ?::jsonb, array(select jsonb_array_elements_text(?::jsonb)) from next`,
          [
            event.aggregateId,
            newId('event'),
            event.type,
            event.schemaVersion,
            event.aggregateId,
            event.occurredAt,
            canonicalJson(event.payload),
            JSON.stringify(event.topics ?? []),
          ],
        );
      }
      this.transactions.afterCommit(() => this.wake());
    });
  }

  onAppended(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private wake(): void {
    for (const listener of this.listeners) listener();
  }
}
