import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { ActorClaims } from '../types.ts';

export interface SigningKey {
  readonly keyId: string;
  readonly secret: string | Buffer;
}

export interface SignedHeaders {
  readonly 'parley-actor': string;
  readonly 'parley-signature': string;
}

/**
 * Signs a subgraph request over everything that gives it meaning: method, path, body, time, nonce
 * and the caller's claims. A subgraph checks it before it parses the body, so that nobody but the
 * gateway can ask it anything, and nobody can repeat or alter what the gateway asked.
 */
export function signRequest(
  key: SigningKey,
  method: string,
  path: string,
  body: string,
  claims: ActorClaims | null,
  now: number = Date.now(),
): SignedHeaders {
  const actor = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const nonce = randomBytes(16).toString('base64url');
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const text = `v1\n${method}\n${path}\n${bodyHash}\n${now}\n${nonce}\n${actor}`;
  const signature = createHmac('sha256', key.secret).update(text).digest('base64url');
  return {
    'parley-actor': actor,
    'parley-signature': `v1;kid=${key.keyId};t=${now};n=${nonce};s=${signature}`,
  };
}
