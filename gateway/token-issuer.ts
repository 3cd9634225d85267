import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import { z } from 'zod';
import { ConfigError } from './config.ts';

/** An OpenID Connect issuer, or any other that signs JWTs and publishes its keys. */
export interface IssuerOptions {
  /** The `iss` of its tokens, to the letter. */
  readonly issuer: string;
  /** The `aud` that tokens for this gateway carry; one of them is enough. */
  readonly audience: string | readonly string[];
  /** Where its keys are. Without it, and without `jwks`, OpenID Connect discovery says where. */
  readonly jwksUri?: string;
  readonly jwks?: JSONWebKeySet;
  /** The claim that says what sort of caller this is. Default `kind`. */
  readonly kindClaim?: string;
  /** The kind of a token without that claim. Default `member`. */
  readonly kindDefault?: string;
  /** Kinds this issuer may vouch for; others are refused. Default `member` and `support`. */
  readonly kinds?: readonly string[];
  /** Claims that are passed on beside name, scope and region. */
  readonly claims?: readonly string[];
}

/** Keys could not be had: nobody's fault who presents a token. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

/** Longer holds requests up when an issuer hangs; shorter fails on a slow first connection. */
const ISSUER_TIMEOUT_MS = 5_000;
/** A failed discovery is repeated after this: sooner would hammer an issuer that is down. */
const DISCOVERY_COOLDOWN_MS = 5_000;
/** How long a key of an unknown id is not asked for again: strangers can make up ids. */
const KEYS_COOLDOWN_MS = 30_000;
/** A key the issuer withdrew is good for this long at most. */
const KEYS_AGE_MS = 10 * 60_000;

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** Finds the key of a token among its issuer's. Rejects with IssuerUnavailable or jose's errors. */
export function keysOf(options: IssuerOptions): JWTVerifyGetKey {
  if (options.jwks) return createLocalJWKSet(options.jwks);
  if (options.jwksUri) return remoteKeys(options.jwksUri);
  return discoveredKeys(options.issuer);
}

function remoteKeys(uri: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(safeUrl(uri), {
    timeoutDuration: ISSUER_TIMEOUT_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
    cacheMaxAge: KEYS_AGE_MS,
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      // These say something about the token; the others, that there was no key set to be had.
      const { code } = error as { code?: string };
      if (code === 'ERR_JWKS_NO_MATCHING_KEY' || code === 'ERR_JWKS_MULTIPLE_MATCHING_KEYS') {
        throw error;
      }
      throw new IssuerUnavailable(`no keys from ${uri}: ${(error as Error).message}`);
    }
  };
}

function discoveredKeys(issuer: string): JWTVerifyGetKey {
  const url = safeUrl(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  let keys: Promise<JWTVerifyGetKey> | null = null;
  let failedAt = 0;
  const discover = (): Promise<JWTVerifyGetKey> => {
    keys ??= jwksUriOf(url, issuer).then(remoteKeys);
    keys.catch(() => {
      keys = null;
      failedAt = Date.now();
    });
    return keys;
  };
  return async (header, token) => {
    if (keys === null && Date.now() - failedAt < DISCOVERY_COOLDOWN_MS) {
      throw new IssuerUnavailable(`${issuer} could not be discovered a moment ago`);
    }
    return (await discover())(header, token);
  };
}

async function jwksUriOf(url: URL, issuer: string): Promise<string> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    const found = discoverySchema.parse(await response.json());
    if (found.issuer !== issuer) throw new Error(`it speaks for ${found.issuer}`);
    return safeUrl(found.jwks_uri).href;
  } catch (error) {
    throw new IssuerUnavailable(`${url.href} is of no use: ${(error as Error).message}`);
  }
}

/** Keys that came over a plain connection could be anybody's; on this machine there is no other. */
function safeUrl(text: string): URL {
  if (!URL.canParse(text)) throw new ConfigError(`"${text}" is not a URL`);
  const url = new URL(text);
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) return url;
  throw new ConfigError(`"${text}" must be an https address`);
}
