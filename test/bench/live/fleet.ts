import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface FleetOptions {
  readonly port: number;
  readonly size: number;
  readonly query: string;
}

const HEADERS_END = Buffer.from('\r\n\r\n');
const CONNECTS_AT_ONCE = 100;
const CONNECT_TIMEOUT_MS = 60_000;
const OPCODE_TEXT = 1;
const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;
const OPCODE_PONG = 10;

/**
 * Many graphql-transport-ws clients on raw sockets. Frames are counted and only the first client's
 * are read: the clients must not be what is measured.
 */
export class Fleet {
  /** Told of every frame after the handshake, with the client's number and the frame's text. */
  onFrame: (client: number, payload: Buffer) => void = () => undefined;
  onClosed: (client: number) => void = () => undefined;
  private readonly members: Member[] = [];

  private constructor(private readonly options: FleetOptions) {}

  /** Connected and acknowledged, nothing subscribed. */
  static async connect(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    for (let from = 0; from < options.size; from += CONNECTS_AT_ONCE) {
      const count = Math.min(CONNECTS_AT_ONCE, options.size - from);
      await Promise.all(Array.from({ length: count }, (_, index) => fleet.join(from + index)));
    }
    return fleet;
  }

  get size(): number {
    return this.members.length;
  }

  subscribe(id: string, cursor?: string): void {
    const { query } = this.options;
    const extensions = cursor === undefined ? undefined : { cursor };
    const frame = textFrame(
      JSON.stringify({ id, type: 'subscribe', payload: { query, extensions } }),
    );
    for (const { socket } of this.members) socket.write(frame);
  }

  close(): void {
    for (const { socket } of this.members) socket.destroy();
  }

  private async join(index: number): Promise<void> {
    const member = new Member(this.options.port, (payload) => this.onFrame(index, payload));
    this.members[index] = member;
    await member.acknowledged;
    member.socket.on('close', () => this.onClosed(index));
  }
}

class Member {
  readonly socket: Socket;
  readonly acknowledged: Promise<void>;
  private acknowledge: () => void = () => undefined;
  private ready = false;
  private upgraded = false;
  private pending: Buffer | null = null;

  constructor(
    port: number,
    private readonly onFrame: (payload: Buffer) => void,
  ) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.acknowledged = new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error('A socket was not acknowledged.')),
        CONNECT_TIMEOUT_MS,
      );
      this.acknowledge = () => {
        clearTimeout(timer);
        resolve();
      };
      this.socket.on('error', reject);
    });
    this.socket.on('connect', () => {
      this.socket.write(
        `GET /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
          `sec-websocket-version: 13\r\nsec-websocket-protocol: graphql-transport-ws\r\n` +
          `sec-websocket-key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
    });
    this.socket.on('data', (chunk: Buffer) => this.read(chunk));
  }

  private read(chunk: Buffer): void {
    let bytes = this.pending === null ? chunk : Buffer.concat([this.pending, chunk]);
    this.pending = null;
    if (!this.upgraded) {
      const end = bytes.indexOf(HEADERS_END);
      if (end >= 0) {
        this.upgraded = true;
        this.socket.write(textFrame('{"type":"connection_init"}'));
        bytes = bytes.subarray(end + HEADERS_END.length);
      }
    }
    const used = this.upgraded ? this.frames(bytes) : 0;
    if (used < bytes.length) this.pending = Buffer.from(bytes.subarray(used));
  }

  /** Handles whole frames and returns how many bytes they took. */
  private frames(bytes: Buffer): number {
    let at = 0;
    while (bytes.length - at >= 2) {
      let length = bytes[at + 1]!;
      let header = 2;
      if (length === 126) {
        if (bytes.length - at < 4) break;
        length = bytes.readUInt16BE(at + 2);
        header = 4;
      } else if (length === 127) {
        if (bytes.length - at < 10) break;
        length = Number(bytes.readBigUInt64BE(at + 2));
        header = 10;
      }
      const end = at + header + length;
      if (bytes.length < end) break;
      this.frame(bytes[at]! & 15, bytes.subarray(at + header, end));
      at = end;
    }
    return at;
  }

  private frame(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE_PING) this.socket.write(maskedFrame(OPCODE_PONG, payload));
    else if (opcode === OPCODE_CLOSE) this.socket.destroy();
    else if (opcode === OPCODE_TEXT && this.ready) this.onFrame(payload);
    else if (opcode === OPCODE_TEXT) {
      this.ready = true;
      this.acknowledge();
    }
  }
}

function textFrame(text: string): Buffer {
  return maskedFrame(OPCODE_TEXT, Buffer.from(text));
}

/** A client has to mask; a mask of zeros is one, and costs nothing. */
function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const length = payload.length;
  const header =
    length < 126
      ? Buffer.from([128 | opcode, 128 | length, 0, 0, 0, 0])
      : Buffer.from([128 | opcode, 128 | 126, length >> 8, length & 255, 0, 0, 0, 0]);
  return Buffer.concat([header, payload]);
}
