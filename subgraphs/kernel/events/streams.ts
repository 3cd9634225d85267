import { GraphQLError } from 'graphql';
import type { Logger } from '../logger.ts';
import type { Database } from '../persistence/database.ts';
import { Loop } from './loop.ts';

/** One event of a live stream, read from the outbox. `position` is opaque to everybody else. */
export interface StreamEvent {
  readonly position: string;
  readonly type: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  readonly occurredAt: Date;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A live stream of events that can be resumed before its first. */
export interface EventStream extends AsyncIterableIterator<StreamEvent> {
  /** Everything the stream brings comes after this position. */
  readonly bookmark: string;
}

/** How far back a client can resume. Longer keeps more rows; shorter makes returning clients refetch. */
export const REPLAY_WINDOW_MS = 7 * 24 * 3_600_000;
/** A reader that falls behind this many events reads on from the table instead of from memory. */
const BUFFER_MAX = 256;
const PAGE_MAX = 200;

interface Row {
  readonly xid: string;
  readonly id: string;
  readonly settled: boolean;
  readonly type: string;
  readonly aggregate_id: string;
  readonly aggregate_version: string;
  readonly occurred_at: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly topics: string[];
}

type Position = readonly [xid: bigint, id: bigint];

/**
 * Live streams over the outbox: replay what was missed from the table, then go live, with no gap,
 * no duplicate and no reordering. Memory per reader is bounded: a slow one is served by the table.
 */
export class Streams {
  private readonly readers = new Map<string, Set<Reader>>();
  private readonly loop: Loop;
  private head: Position | null = null;

  constructor(
    private readonly database: Database,
    logger: Logger,
  ) {
    this.loop = new Loop('streams', () => this.pass(), logger);
  }

  /** Called when this process, or another of the same subgraph, committed events. */
  wake(): void {
    if (this.readers.size > 0) this.loop.wake();
  }

  async stop(): Promise<void> {
    for (const readers of this.readers.values()) for (const reader of [...readers]) reader.close();
    await this.loop.stop();
  }

  /**
   * Events of `topic` after `position`, or from now on when it is null. Rejects with CURSOR_INVALID
   * or RESYNC_REQUIRED; never falls back to live in silence.
   */
  async open(topic: string, position: string | null): Promise<EventStream> {
    const from = position === null ? await this.now() : await this.resumable(position);
    const reader = new Reader(
      from,
      position ?? `${from[0]}.${from[1]}.${Date.now()}`,
      (after) => this.page(topic, after),
      () => this.leave(topic, reader),
    );
    const readers = this.readers.get(topic) ?? new Set();
    readers.add(reader);
    this.readers.set(topic, readers);
    if (this.head === null || before(from, this.head)) reader.lag();
    else this.loop.start();
    this.head ??= from;
    return reader;
  }

  private leave(topic: string, reader: Reader): void {
    const readers = this.readers.get(topic);
    readers?.delete(reader);
    if (readers?.size === 0) this.readers.delete(topic);
    if (this.readers.size === 0) this.head = null;
  }

  /** Everything committed so far is before this position, and everything later is after it. */
  private async now(): Promise<Position> {
    const [row] = await this.database.em
      .fork()
      .execute<{ xid: string }[]>('select pg_snapshot_xmin(pg_current_snapshot())::text as xid');
    // Rows below xmin are settled; a transaction still running counts as "from now on".
    return [BigInt(row?.xid ?? '0') - 1n, MAX_ID];
  }

  private async resumable(position: string): Promise<Position> {
    const match = /^(\d{1,20})\.(\d{1,19})\.(\d{1,15})$/.exec(position);
    if (!match)
      throw streamError('CURSOR_INVALID', 'This position does not belong to this stream.');
    const [, xid = '', id = '', occurredAtMs = ''] = match;
    if (Number(occurredAtMs) < Date.now() - REPLAY_WINDOW_MS) {
      throw streamError(
        'RESYNC_REQUIRED',
        'This position is too old. Read the present state and subscribe anew.',
      );
    }
    if (!(await this.isKnown(xid, id))) {
      throw streamError(
        'RESYNC_REQUIRED',
        'This position is not known here. Read the present state and subscribe anew.',
      );
    }
    return [BigInt(xid), BigInt(id)];
  }

  // A position is an event's, or a bookmark: a place between events, which this database has reached.
  private async isKnown(xid: string, id: string): Promise<boolean> {
    const [row] = await this.database.em
      .fork()
      .execute<{ known: boolean }[]>(
        BigInt(id) === MAX_ID
          ? 'select ?::xid8 < pg_snapshot_xmax(pg_current_snapshot()) as known'
          : 'select exists(select 1 from outbox where xid = ?::xid8 and id = ?::bigint) as known',
        BigInt(id) === MAX_ID ? [xid] : [xid, id],
      );
    return row?.known === true;
  }

  private async page(
    topic: string,
    after: Position,
  ): Promise<{ events: Placed[]; more: boolean; soon: boolean }> {
    const rows = await this.rows('and topics @> array[?]::text[]', [topic], after);
    const unsettled = rows.findIndex((row) => !row.settled);
    const ready = unsettled === -1 ? rows : rows.slice(0, unsettled);
    return { events: ready.map(placed), more: rows.length === PAGE_MAX, soon: unsettled !== -1 };
  }

  private async pass(): Promise<boolean | 'soon'> {
    if (this.head === null) return false;
    const rows = await this.rows('', [], this.head);
    const unsettled = rows.findIndex((row) => !row.settled);
    const ready = unsettled === -1 ? rows : rows.slice(0, unsettled);
    for (const row of ready) {
      const event = placed(row);
      this.head = event.at;
      for (const topic of row.topics) {
        for (const reader of this.readers.get(topic) ?? []) reader.offer(event);
      }
    }
    if (unsettled !== -1) return 'soon';
    return rows.length === PAGE_MAX;
  }

  private rows(filter: string, parameters: readonly unknown[], after: Position): Promise<Row[]> {
    return this.database.em.fork().execute<Row[]>(
      `select xid::text, id::text, xid < pg_snapshot_xmin(pg_current_snapshot()) as settled, type, aggregate_id,
              aggregate_version::text, to_json(occurred_at) #>> '{}' as occurred_at, payload, to_json(topics) as topics
       from outbox where (xid, id) > (?::xid8, ?::bigint) ${filter} order by outbox.xid, outbox.id limit ${PAGE_MAX}`,
      [after[0].toString(), after[1].toString(), ...parameters],
    );
  }
}

interface Placed {
  readonly at: Position;
  readonly event: StreamEvent;
}

const MAX_ID = 9_223_372_036_854_775_807n;

function placed(row: Row): Placed {
  const occurredAt = new Date(row.occurred_at);
  return {
    at: [BigInt(row.xid), BigInt(row.id)],
    event: {
      position: `${row.xid}.${row.id}.${occurredAt.getTime()}`,
      type: row.type,
      aggregateId: row.aggregate_id,
      aggregateVersion: Number(row.aggregate_version),
      occurredAt,
      payload: row.payload,
    },
  };
}

function before(a: Position, b: Position): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

function streamError(code: 'CURSOR_INVALID' | 'RESYNC_REQUIRED', message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

/** An iterator with its own return(): a quiet stream ends at once, not at its next event. */
class Reader implements EventStream {
  private buffer: Placed[] = [];
  private lagging = false;
  private closed = false;
  private waiting: ((result: IteratorResult<StreamEvent>) => void) | null = null;

  constructor(
    private last: Position,
    readonly bookmark: string,
    private readonly page: (
      after: Position,
    ) => Promise<{ events: Placed[]; more: boolean; soon: boolean }>,
    private readonly onClose: () => void,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  lag(): void {
    this.lagging = true;
  }

  offer(placedEvent: Placed): void {
    if (this.closed || !before(this.last, placedEvent.at)) return;
    if (this.waiting && !this.lagging && this.buffer.length === 0) {
      this.last = placedEvent.at;
      this.settle({ done: false, value: placedEvent.event });
      return;
    }
    // Falling behind: forget the buffer and read on from the table, which never forgets.
    if (this.buffer.length >= BUFFER_MAX) {
      this.buffer = [];
      this.lagging = true;
    }
    if (!this.lagging) this.buffer.push(placedEvent);
  }

  async next(): Promise<IteratorResult<StreamEvent>> {
    while (!this.closed) {
      const buffered = this.buffer.shift();
      if (buffered) {
        if (!before(this.last, buffered.at)) continue;
        this.last = buffered.at;
        return { done: false, value: buffered.event };
      }
      if (!this.lagging)
        return new Promise((resolve) => {
          this.waiting = resolve;
        });
      await this.catchUp();
    }
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<StreamEvent>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.buffer = [];
    this.onClose();
    this.settle({ done: true, value: undefined });
  }

  private async catchUp(): Promise<void> {
    // Cleared first: what is offered while the page is read is either in the page or in the buffer.
    this.lagging = false;
    const { events, more, soon } = await this.page(this.last);
    const live = this.buffer;
    this.buffer = [...events];
    const newest = events.at(-1)?.at ?? this.last;
    for (const item of live) if (before(newest, item.at)) this.buffer.push(item);
    if (more || soon) {
      // Anything offered meanwhile comes again from the table, in order.
      this.buffer = [...events];
      this.lagging = true;
      if (soon && events.length === 0) await new Promise((resolve) => setTimeout(resolve, 3));
    }
  }

  private settle(result: IteratorResult<StreamEvent>): void {
    const waiting = this.waiting;
    this.waiting = null;
    waiting?.(result);
  }
}
