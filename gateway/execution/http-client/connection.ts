import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Exchange } from './exchange.ts';
import { MalformedResponse, type ResponseHead, ResponseReader } from './response-reader.ts';

interface Slot {
  readonly exchange: Exchange;
  readonly sentAt: number;
}

export interface ConnectionOwner {
  /** An answer came; nothing is waited for when `isIdle`. */
  answered(connection: Connection, exchange: Exchange, isIdle: boolean): void;
  /** The connection is gone with these unanswered; the first one's answer may have begun. */
  ended(connection: Connection, left: readonly Exchange[], reason: ConnectionEnd): void;
}

export interface ConnectionEnd {
  readonly kind: 'broken' | 'malformed' | 'too-large';
  readonly reason: string;
  /** The server said that it would answer no more: what is left was not begun. */
  readonly isOrderly: boolean;
}

/** What a server that says nothing about it keeps an idle connection for; Node's own is 5 s. */
const IDLE_DEFAULT_MS = 4_000;
const IDLE_MAX_MS = 30_000;
/** A server's clock and ours do not end at the same moment. */
const IDLE_MARGIN_MS = 1_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a socket cannot be given as text
const NOT_ASCII = /[^\x00-\x7f]/;

/** One HTTP/1.1 connection: requests go out in order, and their answers come back in that order. */
export class Connection {
  /** Others may be added behind what is on its way. */
  isShared = false;
  isEnded = false;
  private readonly socket: Socket;
  private readonly slots: Slot[] = [];
  private readonly reader: ResponseReader;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private closesAfter = false;
  private outgoing = '';
  private flushing = false;
  private lastAnswerAt = performance.now();
  private idleMaxMs = IDLE_DEFAULT_MS;

  constructor(
    url: URL,
    private readonly owner: ConnectionOwner,
  ) {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const isTls = url.protocol === 'https:';
    const port = Number(url.port || (isTls ? 443 : 80));
    this.socket = isTls
      ? connectTls({ host, port, servername: host, ALPNProtocols: ['http/1.1'] })
      : connect({ host, port });
    this.socket.setNoDelay(true);
    this.reader = new ResponseReader({
      head: (head) => this.head(head),
      body: (chunk) => this.body(chunk),
      end: () => this.answer(),
    });
    this.socket.on('data', (chunk: Buffer) => this.read(chunk));
    this.socket.on('error', (error) => this.end('broken', error.message));
    this.socket.on('end', () => this.closed());
    this.socket.on('close', () => this.closed());
  }

  get inFlight(): number {
    return this.slots.length;
  }

  get first(): Exchange | null {
    return this.slots[0]?.exchange ?? null;
  }

  /** How long the first one has been the first. */
  waitedMs(now: number): number {
    const first = this.slots[0];
    return first === undefined ? 0 : now - Math.max(first.sentAt, this.lastAnswerAt);
  }

  /** The server may be closing it at this moment. */
  isStale(now: number): boolean {
    return this.slots.length === 0 && now - this.lastAnswerAt > this.idleMaxMs;
  }

  send(exchange: Exchange, now: number): void {
    if (this.slots.length === 0) {
      this.socket.ref();
      this.lastAnswerAt = now;
    }
    this.slots.push({ exchange, sentAt: now });
    exchange.copies += 1;
    const { head, body } = exchange.request;
    const length = Buffer.byteLength(body);
    const text = `${head}content-length: ${length}\r\n\r\n`;
    if (NOT_ASCII.test(text)) {
      // Header values are bytes, not UTF-8.
      this.flush();
      this.socket.cork();
      this.socket.write(text, 'latin1');
      this.socket.write(body);
      this.socket.uncork();
    } else if (!this.isShared) {
      this.socket.write(text + body);
    } else {
      this.outgoing += text + body;
      this.flushLater();
    }
  }

  /** Everything that waits behind the first. */
  behind(): Exchange[] {
    return this.slots.slice(1).map(({ exchange }) => exchange);
  }

  /** Ends it without asking its owner for anything. */
  destroy(): void {
    this.isEnded = true;
    for (const { exchange } of this.slots.splice(0)) exchange.copies -= 1;
    this.socket.destroy();
  }

  // What came in with one turn of the event loop goes out in one write.
  private flushLater(): void {
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(() => {
      this.flushing = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.outgoing === '' || this.isEnded) return;
    this.socket.write(this.outgoing);
    this.outgoing = '';
  }

  private read(chunk: Buffer): void {
    if (this.isEnded) return;
    // Nobody asked: a server that is about to close, or one that cannot count.
    if (this.slots.length === 0) {
      this.end('broken', 'an answer to nothing');
      return;
    }
    try {
      this.reader.read(chunk);
    } catch (error) {
      if (!(error instanceof MalformedResponse)) throw error;
      this.end('malformed', error.message);
    }
  }

  private head({ status, contentType, keepsAlive, idleMs }: ResponseHead): void {
    const slot = this.slots[0];
    if (slot === undefined) throw new MalformedResponse('an answer to nothing');
    this.closesAfter = !keepsAlive;
    this.idleMaxMs =
      idleMs === null
        ? IDLE_DEFAULT_MS
        : Math.min(Math.max(0, idleMs - IDLE_MARGIN_MS), IDLE_MAX_MS);
    slot.exchange.head(status, contentType);
  }

  private body(chunk: Buffer): void {
    this.bytes += chunk.length;
    const slot = this.slots[0];
    if (this.isEnded || slot === undefined) return;
    if (this.bytes > slot.exchange.request.bytesMax) {
      this.end('too-large', 'the answer is too large');
    } else {
      this.chunks.push(chunk);
    }
  }

  private answer(): void {
    if (this.isEnded) return;
    const slot = this.slots.shift();
    if (slot === undefined) throw new MalformedResponse('an answer to nothing');
    const { exchange, sentAt } = slot;
    exchange.copies -= 1;
    const now = performance.now();
    exchange.request.pace.observe(now - Math.max(sentAt, this.lastAnswerAt));
    this.lastAnswerAt = now;
    const [only] = this.chunks;
    const bytes = this.chunks.length === 1 ? only! : Buffer.concat(this.chunks);
    this.chunks.length = 0;
    this.bytes = 0;
    if (this.closesAfter) this.end('broken', 'the server closes', true);
    const isIdle = this.slots.length === 0;
    if (isIdle && !this.isEnded) this.socket.unref();
    this.owner.answered(this, exchange, isIdle);
    exchange.answered(bytes.toString('utf8'));
  }

  private closed(): void {
    if (this.isEnded) return;
    if (this.slots.length > 0 && this.reader.close()) return;
    this.end('broken', 'the connection was closed');
  }

  private end(kind: ConnectionEnd['kind'], reason: string, isOrderly = false): void {
    if (this.isEnded) return;
    const left = this.slots.map(({ exchange }) => exchange);
    this.destroy();
    this.owner.ended(this, left, { kind, reason, isOrderly });
  }
}
