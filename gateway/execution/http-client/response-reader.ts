/** What a response's head says that matters to whoever reads its body. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string;
  /** False when the server will close after this response. */
  readonly keepsAlive: boolean;
  /** How long the server keeps an idle connection, where it says so. */
  readonly idleMs: number | null;
}

export interface ResponseSink {
  head(head: ResponseHead): void;
  /** Bytes of the body, as they come. */
  body(bytes: Buffer): void;
  end(): void;
}

/** The answer is not HTTP/1.1 that can be trusted; the connection must end. */
export class MalformedResponse extends Error {
  constructor(reason: string) {
    super(`malformed response: ${reason}`);
    this.name = 'MalformedResponse';
  }
}

type Phase = 'head' | 'counted' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer';

interface Framing {
  length: number | null;
  chunked: boolean;
}

/** More is an attack on our memory, not a head. */
const HEAD_BYTES_MAX = 16 * 1024;
const LINE_BYTES_MAX = 4 * 1024;
const NOTHING = Buffer.alloc(0);
const HEAD_END = Buffer.from('\r\n\r\n');
const HEAD_BEGIN = Buffer.from('HTTP/1.');
const LINE_END = Buffer.from('\r\n');
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: |$)/;

/**
 * Reads one response after another from the bytes of a connection (RFC 9112). Strict: with several
 * answers on one connection, a length that can be read in two ways would put one caller's answer
 * into another's hands, so whatever is ambiguous ends the connection.
 */
export class ResponseReader {
  private phase: Phase = 'head';
  private remaining = 0;
  /** The beginning of a head or line whose end has not come. */
  private pending: Buffer = NOTHING;

  constructor(private readonly sink: ResponseSink) {}

  /** Throws MalformedResponse; nothing may be read after that. */
  read(chunk: Buffer): void {
    let bytes = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    this.pending = NOTHING;
    while (bytes.length > 0) {
      const rest = this.step(bytes);
      if (rest === null) {
        this.pending = bytes;
        return;
      }
      bytes = rest;
    }
  }

  /** The connection ended: true when that is how the body was to end. */
  close(): boolean {
    if (this.phase !== 'until-close') return false;
    this.finish();
    return true;
  }

  /** The bytes that are left, or null when more are needed. */
  private step(bytes: Buffer): Buffer | null {
    switch (this.phase) {
      case 'head':
        return this.head(bytes);
      case 'counted':
      case 'chunk':
        return this.counted(bytes);
      case 'until-close':
        this.sink.body(bytes);
        return NOTHING;
      case 'chunk-size':
        return this.chunkSize(bytes);
      case 'chunk-end':
        return this.chunkEnd(bytes);
      case 'trailer':
        return this.trailer(bytes);
    }
  }

  private head(bytes: Buffer): Buffer | null {
    // Before its end is there: a server that sent too much before would let the next caller wait.
    const begun = Math.min(bytes.length, HEAD_BEGIN.length);
    if (bytes.compare(HEAD_BEGIN, 0, begun, 0, begun) !== 0) {
      throw new MalformedResponse('the status line');
    }
    const end = bytes.indexOf(HEAD_END);
    if (end < 0 ? bytes.length > HEAD_BYTES_MAX : end > HEAD_BYTES_MAX) {
      throw new MalformedResponse('the head is too long');
    }
    if (end < 0) return null;
    const rest = bytes.subarray(end + HEAD_END.length);
    const framing: Framing = { length: null, chunked: false };
    const head = readHead(bytes.toString('latin1', 0, end), framing);
    // 100 and 103 announce the response; 101 would be another protocol.
    if (head.status === 101) throw new MalformedResponse('an upgrade nobody asked for');
    if (head.status < 200) return rest;
    this.sink.head(head);
    if (head.status === 204 || head.status === 304) {
      this.finish();
    } else if (framing.chunked) {
      this.phase = 'chunk-size';
    } else if (framing.length === null) {
      this.phase = 'until-close';
    } else {
      this.begin('counted', framing.length);
    }
    return rest;
  }

  private begin(phase: 'counted' | 'chunk', length: number): void {
    this.phase = phase;
    this.remaining = length;
    if (length === 0) this.finish();
  }

  private counted(bytes: Buffer): Buffer {
    const size = Math.min(this.remaining, bytes.length);
    this.remaining -= size;
    this.sink.body(size === bytes.length ? bytes : bytes.subarray(0, size));
    if (this.remaining === 0) {
      if (this.phase === 'chunk') this.phase = 'chunk-end';
      else this.finish();
    }
    return bytes.subarray(size);
  }

  private chunkSize(bytes: Buffer): Buffer | null {
    const line = lineOf(bytes);
    if (line === null) return null;
    const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(line)?.[1];
    if (size === undefined) throw new MalformedResponse('the size of a chunk');
    const length = Number.parseInt(size, 16);
    if (length === 0) this.phase = 'trailer';
    else this.begin('chunk', length);
    return bytes.subarray(line.length + LINE_END.length);
  }

  private chunkEnd(bytes: Buffer): Buffer | null {
    if (bytes.length < LINE_END.length) return null;
    if (bytes[0] !== LINE_END[0] || bytes[1] !== LINE_END[1]) {
      throw new MalformedResponse('the end of a chunk');
    }
    this.phase = 'chunk-size';
    return bytes.subarray(LINE_END.length);
  }

  private trailer(bytes: Buffer): Buffer | null {
    const line = lineOf(bytes);
    if (line === null) return null;
    if (line === '') this.finish();
    return bytes.subarray(line.length + LINE_END.length);
  }

  private finish(): void {
    this.phase = 'head';
    this.sink.end();
  }
}

function lineOf(bytes: Buffer): string | null {
  const end = bytes.indexOf(LINE_END);
  if (end < 0 ? bytes.length > LINE_BYTES_MAX : end > LINE_BYTES_MAX) {
    throw new MalformedResponse('a line is too long');
  }
  return end < 0 ? null : bytes.toString('latin1', 0, end);
}

function readHead(text: string, framing: Framing): ResponseHead {
  let at = text.indexOf('\r\n');
  const status = STATUS_LINE.exec(at < 0 ? text : text.slice(0, at));
  if (status === null) throw new MalformedResponse('the status line');
  let contentType = '';
  let keepsAlive = status[1] === '1';
  let idleMs: number | null = null;
  while (at >= 0) {
    const start = at + 2;
    at = text.indexOf('\r\n', start);
    const colon = text.indexOf(':', start);
    if (colon < 0 || (at >= 0 && colon > at)) throw new MalformedResponse('a header line');
    // Only a few names matter, and their lengths tell them from most others.
    const nameLength = colon - start;
    if (nameLength < 10 || nameLength > 17) continue;
    const name = text.slice(start, colon).toLowerCase();
    const value = text.slice(colon + 1, at < 0 ? undefined : at).trim();
    if (name === 'content-type') contentType = value.toLowerCase();
    else if (name === 'content-length') framing.length = lengthOf(value, framing);
    else if (name === 'transfer-encoding') framing.chunked = isChunked(value, framing);
    else if (name === 'connection') keepsAlive = keepsAliveBy(value, keepsAlive);
    else if (name === 'keep-alive') idleMs = idleOf(value);
    else if (name === 'content-encoding' && value !== 'identity')
      throw new MalformedResponse('an encoding nobody asked for');
  }
  if (framing.chunked && framing.length !== null) {
    throw new MalformedResponse('a length and chunks');
  }
  // Without either the body ends with the connection.
  if (!framing.chunked && framing.length === null) keepsAlive = false;
  return { status: Number(status[2]), contentType, keepsAlive, idleMs };
}

function lengthOf(value: string, framing: Framing): number {
  if (!/^\d{1,15}$/.test(value) || (framing.length !== null && framing.length !== Number(value))) {
    throw new MalformedResponse('content-length');
  }
  return Number(value);
}

function isChunked(value: string, framing: Framing): boolean {
  if (value.toLowerCase() !== 'chunked' || framing.chunked) {
    throw new MalformedResponse('transfer-encoding');
  }
  return true;
}

function keepsAliveBy(value: string, before: boolean): boolean {
  const options = value.toLowerCase();
  if (/(^|[\s,])close($|[\s,])/.test(options)) return false;
  return before || /(^|[\s,])keep-alive($|[\s,])/.test(options);
}

function idleOf(value: string): number | null {
  const seconds = /(?:^|[\s,;])timeout=(\d{1,6})/i.exec(value)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}
