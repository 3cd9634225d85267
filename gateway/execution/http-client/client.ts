import { Connection, type ConnectionEnd, type ConnectionOwner } from './connection.ts';
import { Exchange, type ExchangeHandler, type ExchangeRequest } from './exchange.ts';

/** Connections that quick requests share: enough that one that stalls is not the only one. */
const SHARED_MAX = 4;
/** Requests on their way on one of them. More saves nothing; fewer needs more writes. */
const PIPELINE_MAX = 32;
/** The first one of a shared connection held up the others for so long: they go another way. */
const STALL_MS = 50;
const WATCH_MS = 20;
const SWEEP_MS = 5_000;

/**
 * Speaks HTTP/1.1 to one server. A request that changes something, is new or is not answered quickly
 * has a connection for itself. Reads that are known to be quick share a few, one behind the other and
 * many in one write: that is most of what a gateway's call costs. When one of them stalls after all,
 * those behind it are asked again elsewhere; they are reads, and whichever answers first counts.
 */
export class HttpClient implements ConnectionOwner {
  private readonly shared: Connection[] = [];
  /** No longer shared: what is on them is waited for. */
  private readonly retired = new Set<Connection>();
  private readonly alone = new Set<Connection>();
  private readonly idle: Connection[] = [];
  private readonly waiting: Exchange[] = [];
  /** Those behind a stalled one follow when the probe of that connection is answered. */
  private readonly probes = new Map<Exchange, Connection>();
  private watch: NodeJS.Timeout | null = null;
  private watchedAt = 0;
  private readonly sweep: NodeJS.Timeout;
  private closing: (() => void) | null = null;

  constructor(
    private readonly url: URL,
    /** Connections at once; further requests wait. */
    private readonly connectionsMax: number,
  ) {
    this.sweep = setInterval(() => this.closeStale(), SWEEP_MS).unref();
  }

  /** Nothing is thrown: the handler learns of everything, later. */
  send(request: ExchangeRequest, handler: ExchangeHandler): Exchange {
    const exchange = new Exchange(request, handler);
    const now = performance.now();
    const connection =
      request.isSafe && request.pace.isQuick(now) ? this.sharedConnection(now) : null;
    if (connection === null) {
      this.sendAlone(exchange, now);
    } else {
      connection.send(exchange, now);
      this.watchStalls();
    }
    return exchange;
  }

  /** Nobody waits for it any more. The server learns of it where no other request is affected. */
  abandon(exchange: Exchange): void {
    exchange.isSettled = true;
    this.probes.delete(exchange);
    if (exchange.copies === 0) return;
    for (const connection of this.alone) {
      if (connection.first === exchange) this.drop(connection);
    }
    for (const connection of [...this.shared, ...this.retired]) {
      if (connection.first === exchange && connection.waitedMs(performance.now()) > STALL_MS) {
        this.giveUp(connection);
      }
    }
  }

  /** Resolves when what is on its way was answered. */
  close(): Promise<void> {
    for (const connection of this.idle.splice(0)) this.drop(connection);
    return new Promise((resolve) => {
      this.closing = resolve;
      this.closeWhenDone();
    });
  }

  destroy(): void {
    clearInterval(this.sweep);
    this.stopWatching();
    const left = this.waiting.splice(0);
    for (const connection of [...this.shared, ...this.retired, ...this.alone]) {
      if (connection.first) left.push(connection.first, ...connection.behind());
      this.drop(connection);
    }
    this.idle.length = 0;
    for (const exchange of left) exchange.fail('broken', 'the gateway is stopping');
  }

  answered(connection: Connection, exchange: Exchange, isIdle: boolean): void {
    const stalled = this.probes.get(exchange);
    if (stalled) {
      this.probes.delete(exchange);
      if (this.retired.has(stalled) && stalled !== connection) this.moveAll(stalled.behind());
    }
    if (isIdle && !connection.isEnded) {
      if (this.closing) this.drop(connection);
      else if (!connection.isShared) this.becameIdle(connection);
    }
    this.closeWhenDone();
  }

  ended(connection: Connection, left: readonly Exchange[], end: ConnectionEnd): void {
    this.drop(connection);
    // The first one may have been begun; the others are asked again if that can do no harm.
    const first = end.isOrderly ? undefined : left[0];
    if (first?.copies === 0) first.fail(end.kind, end.reason);
    this.moveAll(first ? left.slice(1) : left, end);
    this.serveWaiting();
    this.closeWhenDone();
  }

  private sharedConnection(now: number): Connection | null {
    for (let index = 0; index < this.shared.length; index += 1) {
      const connection = this.shared[index]!;
      if (connection.inFlight >= PIPELINE_MAX) continue;
      if (!connection.isStale(now)) return connection;
      this.drop(connection);
      index -= 1;
    }
    if (this.shared.length >= SHARED_MAX || this.count() >= this.connectionsMax) return null;
    const connection = this.takeIdle(now) ?? new Connection(this.url, this);
    this.alone.delete(connection);
    connection.isShared = true;
    this.shared.push(connection);
    return connection;
  }

  private sendAlone(exchange: Exchange, now: number): boolean {
    const idle = this.takeIdle(now);
    if (idle === null && this.count() >= this.connectionsMax) {
      this.waiting.push(exchange);
      return false;
    }
    const connection = idle ?? new Connection(this.url, this);
    this.alone.add(connection);
    connection.send(exchange, now);
    return true;
  }

  private takeIdle(now: number): Connection | null {
    for (;;) {
      const connection = this.idle.pop();
      if (connection === undefined) return null;
      if (!connection.isEnded && !connection.isStale(now)) return connection;
      this.drop(connection);
    }
  }

  private becameIdle(connection: Connection): void {
    this.retired.delete(connection);
    this.alone.add(connection);
    this.idle.push(connection);
    this.serveWaiting();
  }

  private serveWaiting(): void {
    while (this.waiting.length > 0) {
      if (this.idle.length === 0 && this.count() >= this.connectionsMax) return;
      const exchange = this.waiting.shift()!;
      if (!exchange.isSettled) this.sendAlone(exchange, performance.now());
    }
  }

  private count(): number {
    return this.shared.length + this.retired.size + this.alone.size;
  }

  private watchStalls(): void {
    if (this.watch !== null) return;
    this.watchedAt = performance.now();
    this.watch = setInterval(() => this.look(), WATCH_MS).unref();
  }

  private stopWatching(): void {
    if (this.watch !== null) clearInterval(this.watch);
    this.watch = null;
  }

  private look(): void {
    const now = performance.now();
    const lateMs = now - this.watchedAt - WATCH_MS;
    this.watchedAt = now;
    if (lateMs > WATCH_MS) return; // It was this process that stood still; answers may be waiting.
    for (const connection of [...this.shared]) {
      if (connection.waitedMs(now) > STALL_MS) this.retire(connection, now);
    }
    for (const connection of [...this.retired]) {
      if (connection.first?.isSettled && connection.waitedMs(now) > STALL_MS)
        this.giveUp(connection);
    }
    const isQuiet = this.retired.size === 0 && this.shared.every(({ inFlight }) => inFlight === 0);
    if (isQuiet) this.stopWatching();
  }

  // One of those behind goes ahead. If it is answered while the first one still is not, the server is
  // well and the others follow; if not, asking again would only add to its load.
  private retire(connection: Connection, now: number): void {
    connection.first?.request.pace.stalled(now);
    connection.isShared = false;
    this.shared.splice(this.shared.indexOf(connection), 1);
    this.retired.add(connection);
    const probe = connection.behind().find((exchange) => this.canMove(exchange));
    if (probe === undefined) return;
    this.probes.set(probe, connection);
    this.move(probe);
  }

  /** Its first request was abandoned and its answer may never come. */
  private giveUp(connection: Connection): void {
    const behind = connection.behind();
    this.drop(connection);
    this.moveAll(behind);
    this.serveWaiting();
  }

  private canMove(exchange: Exchange): boolean {
    return !exchange.isSettled && !exchange.wasMoved;
  }

  private move(exchange: Exchange): void {
    exchange.wasMoved = true;
    this.sendAlone(exchange, performance.now());
  }

  private moveAll(exchanges: readonly Exchange[], end?: ConnectionEnd): void {
    for (const exchange of exchanges) {
      if (this.canMove(exchange)) this.move(exchange);
      else if (exchange.copies === 0 && !this.waiting.includes(exchange)) {
        exchange.fail(end?.kind ?? 'broken', end?.reason ?? 'the connection stalled');
      }
    }
  }

  private drop(connection: Connection): void {
    connection.destroy();
    this.alone.delete(connection);
    this.retired.delete(connection);
    for (const list of [this.shared, this.idle]) {
      const at = list.indexOf(connection);
      if (at >= 0) list.splice(at, 1);
    }
  }

  private closeStale(): void {
    const now = performance.now();
    for (const connection of [...this.idle, ...this.shared]) {
      if (connection.isStale(now)) this.drop(connection);
    }
  }

  private closeWhenDone(): void {
    if (!this.closing || this.waiting.length > 0) return;
    const connections = [...this.shared, ...this.retired, ...this.alone];
    if (connections.some(({ inFlight }) => inFlight > 0)) return;
    this.destroy();
    this.closing();
  }
}
