import type { Logger } from '../logger.ts';
import type { Transactions } from '../persistence/transaction.ts';
import type { EventEnvelope } from './envelope.ts';
import { Loop } from './loop.ts';
import type { EventTransport } from './transport.ts';

/** Larger batches publish more per commit; smaller ones repeat less after a crash. */
const BATCH_MAX = 200;

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
      // One relay at a time, so that an aggregate's events are never published by two at once.
      const [cursor] = await em.execute<{ xid: string; id: string }[]>(
        'select xid::text, id::text from relay_cursor for update skip locked',
      );
      if (!cursor) return false;
      // Qualified, because a bare name would order by the text that is selected under it.
      const rows = await em.execute<OutboxRow[]>(
        `select xid::text, id::text, xid < pg_snapshot_xmin(pg_current_snapshot()) as settled, event_id, type,
                schema_version, aggregate_id, aggregate_version::text, to_json(occurred_at) #>> '{}' as occurred_at, payload
         from outbox where (xid, id) > (?::xid8, ?::bigint) order by outbox.xid, outbox.id limit ${BATCH_MAX}`,
        [cursor.xid, cursor.id],
      );
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
