import type { EntityManager } from '@mikro-orm/postgresql';
import { newId } from '../ids.ts';
import type { Transactions } from '../persistence/transaction.ts';
import { HELD } from '../persistence/transaction-client.ts';
import type { PublishedEvent } from './envelope.ts';

/**
 * Versions are dense per aggregate: its row is locked until commit, several in the order of their
 * ids. Readers go by (xid, id), so an event has the highest xid that told of its aggregate so far. It
 * is not read too early for that: below the oldest running transaction lies this one as well.
 */
const APPEND = `${HELD}with event as (
    select e, n, e->>'aggregateId' as aggregate_id,
           row_number() over (partition by e->>'aggregateId' order by n) as place,
           count(*) over (partition by e->>'aggregateId') as of
    from jsonb_array_elements(?::jsonb) with ordinality as t(e, n)
  ), next as (
    insert into event_version as v (aggregate_id, version, xid)
    select aggregate_id, count(*), pg_current_xact_id() from event group by aggregate_id order by aggregate_id
    on conflict (aggregate_id) do update
    set version = v.version + excluded.version, xid = greatest(v.xid, pg_current_xact_id())
    returning aggregate_id, version, xid
  )
  insert into outbox (xid, event_id, type, schema_version, aggregate_id, aggregate_version, occurred_at, payload, topics)
  select next.xid, e->>'eventId', e->>'type', (e->>'schemaVersion')::int, aggregate_id, next.version - event.of + event.place,
         (e->>'occurredAt')::timestamptz, e->'payload', array(select jsonb_array_elements_text(e->'topics'))
  from event join next using (aggregate_id) order by n`;

/** Writes events in the transaction that changed the state, and wakes their readers when it commits. */
export class Outbox {
  private readonly listeners = new Set<() => void>();

  constructor(private readonly transactions: Transactions) {}

  /** In one transaction events are told in the order they are given here, at its end. */
  async append(events: readonly PublishedEvent[]): Promise<void> {
    if (events.length === 0) return;
    if (!this.transactions.isOpen()) return this.transactions.run(() => this.append(events));
    this.transactions.beforeCommit(this.write, events);
  }

  onAppended(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private readonly write = async (em: EntityManager, events: readonly PublishedEvent[]) => {
    const rows = events.map((event) => ({
      ...event,
      eventId: newId('event'),
      topics: event.topics ?? [],
    }));
    await em.execute(APPEND, [JSON.stringify(rows, bigintAsText)]);
    this.transactions.afterCommit(() => this.wake());
  };

  private wake(): void {
    for (const listener of this.listeners) listener();
  }
}

/** JSON has no integers beyond a double: amounts in minor units travel as text. */
function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
