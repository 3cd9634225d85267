import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The gateway, and subgraphs among themselves, sign every request. The signature covers the method,
 * the path, the body, the time, a nonce and the claims, so none of them can be changed or replayed.
 */
export interface SigningKey {
  readonly keyId: string;
  readonly secret: string;
}

export interface SignedParts {
  readonly method: string;
  readonly path: string;
  readonly body: string | Buffer;
  /** The `parley-actor` header: base64url of the claims as JSON. */
  readonly actor: string;
}

/** Longer lets a captured request live longer; shorter refuses requests between skewed clocks. */
export const SIGNATURE_WINDOW_MS = 30_000;

export function encodeActor(claims: Readonly<Record<string, unknown>> | null): string {
  return Buffer.from(JSON.stringify(claims)).toString('base64url');
}

export function decodeActor(actor: string): Readonly<Record<string, unknown>> | null {
  const value: unknown = JSON.parse(Buffer.from(actor, 'base64url').toString('utf8'));
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw new TypeError('the actor is not an object');
  }
  return value as Readonly<Record<string, unknown>> | null;
}

/** The value of the `parley-signature` header. */
export function sign(parts: SignedParts, key: SigningKey, nowMs = Date.now()): string {
  const nonce = randomBytes(16).toString('base64url');
  return `v1;kid=${key.keyId};t=${nowMs};n=${nonce};s=${mac(parts, key.secret, nowMs, nonce)}`;
}

function mac(parts: SignedParts, secret: string, timeMs: number, nonce: string): string {
  const bodyHash = createHash('sha256').update(parts.body).digest('hex');
  return createHmac('sha256', secret)
    .update(`v1\n${parts.method}\n${parts.path}\n${bodyHash}\n${timeMs}\n${nonce}\n${parts.actor}`)
    .digest('base64url');
}

/** Remembers nonces for as long as their signatures could be presented again. */
export class SignatureVerifier {
  private readonly secrets: ReadonlyMap<string, string>;
  private seen = new Set<string>();
  private seenBefore = new Set<string>();
  private turnedAtMs = Date.now();

  constructor(keys: readonly SigningKey[]) {
    this.secrets = new Map(keys.map((key) => [key.keyId, key.secret]));
  }

  /** Returns why the request is refused, or null when it is good. A nonce is good once. */
  refusal(signature: string | undefined, parts: SignedParts, nowMs = Date.now()): string | null {
    const fields = /^v1;kid=([\w.-]{1,64});t=(\d{1,15});n=([\w-]{22});s=([\w-]{43})$/.exec(
      signature ?? '',
    );
    if (!fields) return 'unsigned';
    const [, keyId = '', time = '', nonce = '', given = ''] = fields;
    const secret = this.secrets.get(keyId);
    if (secret === undefined) return 'unknown key';
    const timeMs = Number(time);
    const expected = mac(parts, secret, timeMs, nonce);
    if (!timingSafeEqual(Buffer.from(expected), Buffer.from(given))) return 'wrong signature';
    if (Math.abs(nowMs - timeMs) > SIGNATURE_WINDOW_MS) return 'stale';
    this.turn(nowMs);
    if (this.seen.has(nonce) || this.seenBefore.has(nonce)) return 'replayed';
    this.seen.add(nonce);
    return null;
  }

  // Two generations, each as long as the window on both sides of now: memory stays bounded by traffic.
  private turn(nowMs: number): void {
    if (nowMs - this.turnedAtMs < 2 * SIGNATURE_WINDOW_MS) return;
    this.seenBefore = this.seen;
    this.seen = new Set();
    this.turnedAtMs = nowMs;
  }
}
