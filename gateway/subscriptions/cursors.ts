import { createHmac, timingSafeEqual } from 'node:crypto';
import type { GraphQLError } from 'graphql';
import { cursorInvalid, resyncRequired } from './stream-errors.ts';

/** One signing key. To rotate: add the new key first in the list, remove the old after the window. */
export interface CursorKey {
  /** 0 to 255, written into every cursor. */
  readonly id: number;
  /** At least 32 bytes; equal in every gateway process that should accept the other's cursors. */
  readonly secret: string | Buffer;
}

/** A week, as long as subgraphs keep events. Longer promises what they no longer have. */
export const RESUME_WINDOW_SECONDS = 7 * 24 * 3600;

const VERSION = 1;
const TAG_BYTES = 16;
const HEADER_BYTES = 2;
const TIME_BYTES = 6;
/** Longer than any position seen; a longer text is refused before it is decoded. */
const CURSOR_CHARACTERS_MAX = 2048;

/**
 * Signed, opaque places in a stream: base64url(version | key id | issued at | position | tag).
 * The tag covers the scope (field, arguments, subject), so a cursor is of no use elsewhere. It does
 * not cover the selection: a client may ask for other fields when it returns. A cursor is a
 * position, not a permission.
 */
export class Cursors {
  private readonly secrets: ReadonlyMap<number, string | Buffer>;
  private readonly current: CursorKey;

  constructor(
    keys: readonly CursorKey[],
    private readonly windowSeconds = RESUME_WINDOW_SECONDS,
    private readonly now: () => number = Date.now,
  ) {
    const [current] = keys;
    if (!current) throw new Error('Cursors need at least one key.');
    for (const key of keys) requireUsable(key);
    this.current = current;
    this.secrets = new Map(keys.map((key) => [key.id, key.secret]));
  }

  issue(position: string, scope: Buffer): string {
    const positionBytes = Buffer.byteLength(position);
    const length = HEADER_BYTES + TIME_BYTES + positionBytes;
    const cursor = Buffer.allocUnsafe(length + TAG_BYTES);
    cursor[0] = VERSION;
    cursor[1] = this.current.id;
    cursor.writeUIntBE(this.now(), HEADER_BYTES, TIME_BYTES);
    cursor.write(position, HEADER_BYTES + TIME_BYTES);
    tagOf(cursor.subarray(0, length), scope, this.current.secret).copy(cursor, length);
    return cursor.toString('base64url');
  }

  /** The position; or CURSOR_INVALID, or RESYNC_REQUIRED when the cursor is genuine but too old. */
  read(cursor: unknown, scope: Buffer): string | GraphQLError {
    if (typeof cursor !== 'string' || !isCanonical(cursor)) return cursorInvalid();
    const bytes = Buffer.from(cursor, 'base64url');
    const length = bytes.length - TAG_BYTES;
    if (length <= HEADER_BYTES + TIME_BYTES || bytes[0] !== VERSION) return cursorInvalid();
    const secret = this.secrets.get(bytes[1] ?? -1);
    if (secret === undefined) return cursorInvalid();
    const signed = bytes.subarray(0, length);
    if (!timingSafeEqual(tagOf(signed, scope, secret), bytes.subarray(length))) {
      return cursorInvalid();
    }
    const issuedAt = signed.readUIntBE(HEADER_BYTES, TIME_BYTES);
    if (this.now() - issuedAt > this.windowSeconds * 1000) return resyncRequired();
    return signed.toString('utf8', HEADER_BYTES + TIME_BYTES);
  }
}

function tagOf(signed: Buffer, scope: Buffer, secret: string | Buffer): Buffer {
  // The scope is a digest of fixed length, so it cannot run into what follows it.
  return createHmac('sha256', secret).update(scope).update(signed).digest().subarray(0, TAG_BYTES);
}

// Node skips what is not base64url; a cursor with anything added is not the one that was issued.
function isCanonical(cursor: string): boolean {
  return (
    cursor.length <= CURSOR_CHARACTERS_MAX &&
    /^[\w-]+$/.test(cursor) &&
    Buffer.from(cursor, 'base64url').toString('base64url') === cursor
  );
}

function requireUsable(key: CursorKey): void {
  if (!Number.isInteger(key.id) || key.id < 0 || key.id > 255) {
    throw new RangeError('A cursor key id is a whole number from 0 to 255.');
  }
  if (Buffer.byteLength(key.secret) < 32) {
    throw new RangeError('A cursor key secret needs at least 32 bytes.');
  }
}
