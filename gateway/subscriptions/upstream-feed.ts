import type { PreparedOperation, UpstreamEvent, UpstreamSink } from '../types.ts';
import type { StreamCounters } from './counters.ts';

/**
 * Events accepted from a subgraph and not yet executed. Smaller makes a long replay stop and go more
 * often; larger holds more memory per stream whose events are slow to join.
 */
export const QUEUED_EVENTS_MAX = 1024;
const BACKOFF_FIRST_MILLISECONDS = 100;
/** Longer leaves clients without events after a long outage; shorter hammers a subgraph that starts. */
const BACKOFF_MAX_MILLISECONDS = 5_000;
/** A connection that held this long was good: the next loss starts the backoff anew. */
const STEADY_MILLISECONDS = 5_000;
/** How long a stream is kept alive without its subgraph before its clients are told. */
export const OUTAGE_MILLISECONDS_MAX = 60_000;

export interface QueuedEvent {
  readonly event: UpstreamEvent;
  /** The operation the event was fetched for; a reload may replace the feed's while it waits. */
  readonly prepared: PreparedOperation;
}

export type FeedEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'interrupted'; readonly reason: string }
  | { readonly kind: 'refused'; readonly errors: Parameters<UpstreamSink['error']>[0] };

export type OpenUpstream = (
  prepared: PreparedOperation,
  position: string | null,
  sink: UpstreamSink,
) => { close(): void };

export interface FeedLimits {
  readonly queuedEventsMax: number;
  readonly outageMillisecondsMax: number;
}

/**
 * One subgraph stream that outlives its connections: reopened after its last position, never with a
 * gap or a duplicate. Where that cannot be promised it ends, and says so.
 */
export class UpstreamFeed {
  /** The last event accepted. Null until a subgraph told one: until then nothing can be resumed. */
  position: string | null;
  /** Set once nothing more will come; what is queued is still to be taken first. */
  end: FeedEnd | null = null;
  private queue: QueuedEvent[] = [];
  private connection: { close(): void } | null = null;
  private generation = 0;
  private retry: NodeJS.Timeout | null = null;
  private attempts = 0;
  private openedAt = 0;
  private brokenSince: number | null = null;
  /** After a reopening, events at this very position were already accepted. */
  private repeated: string | null = null;
  private paused = false;

  constructor(
    public prepared: PreparedOperation,
    position: string | null,
    private readonly open: OpenUpstream,
    private readonly onChange: () => void,
    private readonly counters: StreamCounters,
    private readonly limits: FeedLimits,
  ) {
    this.position = position;
  }

  start(): void {
    this.connect();
  }

  take(): QueuedEvent | null {
    const next = this.queue.shift() ?? null;
    if (this.paused && this.queue.length === 0 && !this.end) this.connect();
    return next;
  }

  get isIdle(): boolean {
    return this.queue.length === 0;
  }

  /** Goes on with the same connection and another plan for its events. */
  replacePrepared(prepared: PreparedOperation): void {
    this.prepared = prepared;
  }

  /** Opens the new operation after the last event. False when there is no position to open it at. */
  reopenWith(prepared: PreparedOperation): boolean {
    if (this.end) return true;
    if (this.position === null) return false;
    this.prepared = prepared;
    this.disconnect();
    this.connect();
    return true;
  }

  close(): void {
    this.end ??= { kind: 'complete' };
    this.queue = [];
    this.disconnect();
  }

  private connect(): void {
    const generation = ++this.generation;
    const current = () => generation === this.generation && !this.end;
    this.paused = false;
    this.repeated = this.position;
    this.openedAt = Date.now();
    this.counters.upstreamsOpened++;
    let connection: { close(): void };
    try {
      connection = this.open(this.prepared, this.position, {
        next: (event) => current() && this.accept(event),
        error: (errors) => current() && this.finish({ kind: 'refused', errors }),
        complete: () => current() && this.finish({ kind: 'complete' }),
        disconnected: (reason, neverOpened) => current() && this.lost(reason, neverOpened === true),
      });
    } catch (error) {
      // No address, or none that can be dialled: perhaps the next supergraph brings one.
      if (current()) this.lost(String(error), true);
      return;
    }
    // A transport may have reported the end, or filled the queue, before it returned.
    if (current()) this.connection = connection;
    else connection.close();
  }

  private disconnect(): void {
    this.generation++;
    if (this.retry) clearTimeout(this.retry);
    this.retry = null;
    this.connection?.close();
    this.connection = null;
  }

  private accept(event: UpstreamEvent): void {
    const position = event.extensions?.position;
    this.brokenSince = null;
    this.attempts = 0;
    if (position !== undefined) {
      this.position = position;
      if (!event.extensions?.bookmark) {
        if (position === this.repeated) return;
        this.repeated = null;
      }
    }
    this.queue.push({ event, prepared: this.prepared });
    if (this.queue.length >= this.limits.queuedEventsMax) this.pause();
    this.onChange();
  }

  // The subgraph keeps the events better than memory does: leave, and come back for the rest.
  private pause(): void {
    if (this.position === null) {
      this.finish({ kind: 'interrupted', reason: 'more events than can be executed' });
      return;
    }
    this.paused = true;
    this.disconnect();
  }

  private lost(reason: string, neverOpened: boolean): void {
    const now = Date.now();
    if (now - this.openedAt > STEADY_MILLISECONDS) {
      this.attempts = 0;
      this.brokenSince = null;
    }
    this.brokenSince ??= now;
    this.disconnect();
    const hopeless = now - this.brokenSince > this.limits.outageMillisecondsMax;
    if (hopeless || (this.position === null && !neverOpened)) {
      this.finish({ kind: 'interrupted', reason });
      return;
    }
    this.counters.upstreamReconnects++;
    // Jitter: a restarted subgraph is not met by all its streams in the same millisecond.
    const wait = Math.min(
      BACKOFF_MAX_MILLISECONDS,
      BACKOFF_FIRST_MILLISECONDS * 2 ** this.attempts++,
    );
    this.retry = setTimeout(
      () => {
        this.retry = null;
        this.connect();
      },
      wait * (0.5 + Math.random() / 2),
    );
  }

  private finish(end: FeedEnd): void {
    this.end = end;
    this.disconnect();
    this.onChange();
  }
}
