import { connect, type Socket } from 'node:net';
import { percentile } from './statistics.ts';

export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly milliseconds: number;
  /** JSON bodies, sent in turn. */
  readonly bodies: readonly string[];
  /** Bytes of the right answer to each body: another length is a failure. */
  readonly answerBytes: readonly number[];
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Keeps one request in flight on each of some keep-alive connections. Raw sockets, and no more of
 * HTTP than answers need: the generator shares its core with the subgraphs and must not be the limit.
 */
export async function generateLoad(options: LoadOptions): Promise<LoadResult> {
  const requests = options.bodies.map((body) => requestBytes(options.path, body));
  const run = new Run(requests, options.answerBytes, options.milliseconds);
  await Promise.all(
    Array.from({ length: options.connections }, (_, index) => run.connection(options.port, index)),
  );
  return run.result();
}

/** One answer, whole, for comparing. */
export async function ask(
  port: number,
  path: string,
  body: string,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body,
  });
  return { status: response.status, text: await response.text() };
}

function requestBytes(path: string, body: string): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
      `accept: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

class Run {
  private readonly latencies: number[] = [];
  private readonly started = performance.now();
  private readonly end: number;
  private finished = 0;
  private failures = 0;

  constructor(
    private readonly requests: readonly Buffer[],
    private readonly answerBytes: readonly number[],
    milliseconds: number,
  ) {
    this.end = this.started + milliseconds;
  }

  connection(port: number, index: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const answers = new AnswerReader();
      let turn = index;
      let sent = 0;
      const send = () => {
        sent = performance.now();
        socket.write(this.requests[++turn % this.requests.length]!);
      };
      socket.on('connect', send);
      socket.on('data', (chunk: Buffer) => {
        const status = answers.read(chunk);
        if (status === null) return;
        const now = performance.now();
        const expected = this.answerBytes[turn % this.answerBytes.length]!;
        if (status !== 200 || answers.bodyBytes !== expected) this.failures++;
        this.latencies.push(now - sent);
        this.finished = Math.max(this.finished, now);
        if (now < this.end) send();
        else finish(socket, resolve);
      });
      socket.on('error', reject);
      socket.on('close', () => resolve());
    });
  }

  result(): LoadResult {
    const sorted = Float64Array.from(this.latencies).sort();
    return {
      requests: sorted.length,
      failures: this.failures,
      seconds: (this.finished - this.started) / 1_000,
      p50Ms: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
    };
  }
}

function finish(socket: Socket, done: () => void): void {
  socket.destroy();
  done();
}

const HEADERS_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** Finds the end of each answer: by its length, or by its last chunk. */
class AnswerReader {
  /** Of the last complete answer. */
  bodyBytes = 0;
  private readonly chunks: Buffer[] = [];
  private pending: Buffer | null = null;
  private status = 0;
  /** Bytes of the body to come; -1 while the answer is chunked; null between answers. */
  private remaining: number | null = null;
  private tail = Buffer.alloc(0);

  /** The status once the answer is complete, else null. */
  read(chunk: Buffer): number | null {
    if (this.remaining !== null) return this.body(chunk);
    const bytes = this.pending === null ? chunk : Buffer.concat([this.pending, chunk]);
    const headersEnd = bytes.indexOf(HEADERS_END);
    if (headersEnd < 0) {
      this.pending = bytes;
      return null;
    }
    this.pending = null;
    const head = bytes.toString('latin1', 0, headersEnd + 2);
    this.status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head);
    this.remaining = length ? Number(length[1]) : -1;
    this.tail = Buffer.alloc(0);
    this.bodyBytes = length ? Number(length[1]) : 0;
    return this.body(bytes.subarray(headersEnd + 4));
  }

  private body(chunk: Buffer): number | null {
    if (this.remaining === -1) {
      this.chunks.push(chunk);
      const end = Buffer.concat([this.tail, chunk.subarray(-LAST_CHUNK.length)]);
      this.tail = end.subarray(-LAST_CHUNK.length);
      if (!this.tail.equals(LAST_CHUNK)) return null;
      this.bodyBytes = unframedBytes(Buffer.concat(this.chunks));
      this.chunks.length = 0;
    } else {
      this.remaining! -= chunk.length;
      if (this.remaining! > 0) return null;
    }
    this.remaining = null;
    return this.status;
  }
}

/** Bytes of a chunked body without the sizes between. */
function unframedBytes(body: Buffer): number {
  let total = 0;
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    if (!(size > 0)) return total;
    total += size;
    at = lineEnd + 2 + size + 2;
  }
}
