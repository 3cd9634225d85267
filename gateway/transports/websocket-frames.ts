import type { Duplex } from 'node:stream';
import type { SharedPayload } from '../subscriptions/shared-payload.ts';

const TEXT_FRAME = 0x81;
/** Above this, two writes in one packet cost less than a copy of the payload for every reader. */
const COPIED_BYTES_MAX = 4096;

/**
 * Writes a `next` message as a ready WebSocket frame. The payload's bytes are made once for all
 * readers; only the operation id in front of them differs, and often not even that.
 */
export function writeNextFrame(socket: Duplex, payload: SharedPayload, idJson: string): void {
  payload.rendered(nextFrames).write(socket, idJson);
}

function nextFrames(payload: SharedPayload): NextFrames {
  return new NextFrames(payload.json);
}

class NextFrames {
  private readonly tail: Buffer;
  private lastIdJson = '';
  private lastFrame: Buffer | null = null;

  constructor(json: string) {
    this.tail = Buffer.from(`${json}}`);
  }

  write(socket: Duplex, idJson: string): void {
    if (this.tail.length > COPIED_BYTES_MAX) {
      socket.cork();
      socket.write(this.frame(idJson, 0));
      socket.write(this.tail);
      socket.uncork();
      return;
    }
    if (idJson !== this.lastIdJson || !this.lastFrame) {
      this.lastFrame = this.frame(idJson, this.tail.length);
      this.tail.copy(this.lastFrame, this.lastFrame.length - this.tail.length);
      this.lastIdJson = idJson;
    }
    socket.write(this.lastFrame);
  }

  // Header and prefix, with room for `room` bytes of the payload behind them.
  private frame(idJson: string, room: number): Buffer {
    const prefix = `{"id":${idJson},"type":"next","payload":`;
    const prefixBytes = Buffer.byteLength(prefix);
    const length = prefixBytes + this.tail.length;
    const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    const frame = Buffer.allocUnsafe(headerBytes + prefixBytes + room);
    frame[0] = TEXT_FRAME;
    if (headerBytes === 2) frame[1] = length;
    else if (headerBytes === 4) {
      frame[1] = 126;
      frame.writeUInt16BE(length, 2);
    } else {
      frame[1] = 127;
      frame.writeBigUInt64BE(BigInt(length), 2);
    }
    frame.write(prefix, headerBytes);
    return frame;
  }
}
