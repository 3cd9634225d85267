import type { Logger } from '../logger.ts';
import type { Transactions } from '../persistence/transaction.ts';
import type { EventEnvelope } from './envelope.ts';
import { Loop } from './loop.ts';
import type { EventTransport } from './transport.ts';

/** Larger batches publish more per commit; smaller ones repeat less after a crash. */
const BATCH_MAX = 200;
/**
 * One relay at a time, so that an aggregate's events are never published by two at once: another gets
 * no rows. Columns are qualified, because a bare name would order by the text selected under it.
 */
const NEXT = `with place as materialized (select xid, id from relay_cursor limit 1 for update skip locked)
  select o.xid::text, o.id::text, o.xid < pg_snapshot_xmin(pg_current_snapshot()) as settled, o.event_id, o.type,
         o.schema_version, o.aggregate_id, o.aggregate_version::text, to_json(o.occurred_at) #>> '{}' as occurred_at, o.payload
  from place cross join lateral (
    select * from outbox where (outbox.xid, outbox.id) > (place.xid, place.id)
    order by outbox.xid, outbox.id limit ${BATCH_MAX}
  ) as o order by o.xid, o.id`;

interface OutboxRow {
  readonly xid: string;
  readonly id: string;
  readonly settled: boolean;
  readonly event_id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly aggregate_id: string;
  readonly aggregate_version: string;
  readonly occurred_at: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * Moves committed outbox rows to the transport. Publishes first and remembers after: a crash between
 * the two publishes again, and the transport and every inbox drop what they know.
 */
export class Relay {
  private readonly loop: Loop;

  constructor(
    private readonly source: string,
    private readonly transactions: Transactions,
    private readonly transport: EventTransport,
    logger: Logger,
  ) {
    this.loop = new Loop(`relay ${source}`, () => this.pass(), logger);
  }

  start(): void {
    this.loop.start();
  }

  wake(): void {
    this.loop.wake();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private pass(): Promise<boolean | 'soon'> {
    return this.transactions.run(async (em) => {
      const rows = await em.execute<OutboxRow[]>(NEXT);
      const unsettled = rows.findIndex((row) => !row.settled);
      const ready = unsettled === -1 ? rows : rows.slice(0, unsettled);
      const last = ready.at(-1);
      if (last) {
        await this.transport.publish(ready.map((row) => this.envelope(row)));
        await em.execute('update relay_cursor set xid = ?::xid8, id = ?::bigint', [
          last.xid,
          last.id,
        ]);
      }
      if (unsettled !== -1) return 'soon';
      return rows.length === BATCH_MAX;
    });
  }

  private envelope(row: OutboxRow): EventEnvelope {
    return {
      eventId: row.event_id,
      type: row.type,
      schemaVersion: row.schema_version,
      source: this.source,
      aggregateId: row.aggregate_id,
      aggregateVersion: Number(row.aggregate_version),
      occurredAt: new Date(row.occurred_at).toISOString(),
      payload: row.payload,
    };
  }
}
