import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key as a registry keeps it: enough to recognise the key, never enough to make it. */
export interface ApiKeyEntry {
  readonly id: string;
  /** `sha256:` and the hex digest of the whole key. A key is random, so that no salt is needed. */
  readonly hash: string;
  /** RFC 3339. The key is good before this moment; without it the key does not end. */
  readonly notAfter?: string;
}

export interface IssuedApiKey {
  /** Shown once, to the client, and kept by nobody else. */
  readonly key: string;
  readonly entry: ApiKeyEntry;
}

/** Shorter can be guessed; longer gains nothing. */
const SECRET_BYTES = 32;
const ID_BYTES = 6;
const KEY = /^pk_([0-9a-f]{12})_[\w-]{43}$/;
/** Compared with when the id is unknown, so that the answer takes as long as for a known one. */
const NO_DIGEST = Buffer.alloc(32);

export const API_KEY_HASH = /^sha256:[0-9a-f]{64}$/;
export const API_KEY_ID = /^[0-9a-f]{12}$/;

/** Makes a key `pk_<id>_<secret>`; the id is public and names the key in logs and registries. */
export function issueApiKey(notAfter?: string): IssuedApiKey {
  const id = randomBytes(ID_BYTES).toString('hex');
  const key = `pk_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const hash = `sha256:${digestOf(key).toString('hex')}`;
  return { key, entry: { id, hash, ...(notAfter !== undefined && { notAfter }) } };
}

/** The id inside a well-formed key, or null. */
export function apiKeyId(key: string): string | null {
  return KEY.exec(key)?.[1] ?? null;
}

/** Takes the same time whatever differs, and whether there is an entry or not. */
export function isApiKeyOf(key: string, entry: ApiKeyEntry | undefined): boolean {
  const expected = entry ? Buffer.from(entry.hash.slice('sha256:'.length), 'hex') : NO_DIGEST;
  return timingSafeEqual(digestOf(key), expected) && entry !== undefined;
}

export function isActive(entry: ApiKeyEntry, nowMs: number): boolean {
  return entry.notAfter === undefined || nowMs < Date.parse(entry.notAfter);
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
