import pg from 'pg';
import type { EventEnvelope } from './envelope.ts';
import type { EventTransport, PublishedNews, TransportBatch } from './transport.ts';

interface BusRow {
  readonly xid: string;
  readonly id: string;
  readonly settled: boolean;
  readonly envelope: EventEnvelope;
}

/**
 * Events between subgraphs that share a PostgreSQL server, through the append-only table
 * `event_bus.event`. A role may insert events of its own subgraph and read all; the table itself is
 * made by bootstrap.ts. NOTIFY goes out once per published batch, because one in every business
 * transaction would make their commits queue.
 */
export class PostgresTransport implements EventTransport {
  private readonly pool: pg.Pool;
  private readonly callbacks = new Set<(news: PublishedNews) => void>();
  private listener: pg.Client | null = null;
  private closed = false;

  private constructor(private readonly url: string) {
    this.pool = new pg.Pool({
      connectionString: url,
      max: 3,
      application_name: 'parley-event-bus',
    });
    this.pool.on('error', () => {}); // an idle connection that dies is replaced at the next query
  }

  static async connect(url: string): Promise<PostgresTransport> {
    const transport = new PostgresTransport(url);
    await transport.listen();
    return transport;
  }

  async publish(events: readonly EventEnvelope[]): Promise<void> {
    await this.pool.query({
      name: 'publish',
      text: `with added as (
               insert into event_bus.event (event_id, source, type, aggregate_id, aggregate_version, envelope)
               select e->>'eventId', e->>'source', e->>'type', e->>'aggregateId', (e->>'aggregateVersion')::bigint, e
               from jsonb_array_elements($1::jsonb) with ordinality as t(e, n) order by n
               on conflict (event_id) do nothing returning type)
             select pg_notify('parley_events', types) from (select string_agg(distinct type, ' ') as types from added) where types is not null`,
      values: [JSON.stringify(events)],
    });
  }

  async read(
    position: string | null,
    types: readonly string[],
    limit: number,
  ): Promise<TransportBatch> {
    const [xid = '0', id = '0'] = position?.split('.') ?? [];
    const { rows } = await this.pool.query<BusRow>({
      name: 'read',
      text: `select xid::text, id::text, xid < pg_snapshot_xmin(pg_current_snapshot()) as settled, envelope
             from event_bus.event where (xid, id) > ($1::xid8, $2::bigint) and type = any($3::text[])
             order by event.xid, event.id limit $4`,
      values: [xid, id, types, limit],
    });
    const unsettled = rows.findIndex((row) => !row.settled);
    const ready = unsettled === -1 ? rows : rows.slice(0, unsettled);
    const last = ready.at(-1);
    return {
      events: ready.map((row) => row.envelope),
      position: last ? `${last.xid}.${last.id}` : position,
      more: unsettled !== -1 || rows.length === limit,
    };
  }

  onPublished(callback: (news: PublishedNews) => void): () => void {
    this.callbacks.add(callback);
    return () => this.callbacks.delete(callback);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.listener?.end().catch(() => {});
    await this.pool.end();
  }

  // Readers also look every second by themselves, so a lost connection costs time, not events.
  private async listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'parley-event-listener',
    });
    client.on('notification', ({ payload }) => {
      this.tell(payload ? new Set(payload.split(' ')) : null);
    });
    const again = () => {
      if (this.closed || this.listener !== client) return;
      this.listener = null;
      const retry = () => {
        if (!this.closed) this.listen().catch(() => setTimeout(retry, 500).unref());
      };
      setTimeout(retry, 200).unref();
    };
    client.on('error', again);
    client.on('end', again);
    await client.connect();
    await client.query('listen parley_events');
    this.listener = client;
    this.tell(null);
  }

  private tell(news: PublishedNews): void {
    for (const callback of this.callbacks) callback(news);
  }
}
