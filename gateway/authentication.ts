import { createHash } from 'node:crypto';
import type { GraphQLError } from 'graphql';
import {
  decodeJwt,
  decodeProtectedHeader,
  type JWTPayload,
  type JWTVerifyGetKey,
  errors as joseErrors,
  jwtVerify,
} from 'jose';
import type { ApiKeyEntry } from './api-keys.ts';
import type { Clients, RegisteredClient } from './clients.ts';
import { ConfigError } from './config.ts';
import { ErrorCode, refusal } from './errors.ts';
import { LruCache } from './lru-cache.ts';
import type { RevocableToken, Revocations } from './revocations.ts';
import { canonicalJson } from './subscriptions/canonical-json.ts';
import type { Credentials } from './subscriptions/contract.ts';
import { type IssuerOptions, IssuerUnavailable, keysOf } from './token-issuer.ts';
import type { ActorClaims, Identity } from './types.ts';

export interface AuthenticatorOptions {
  readonly issuers: readonly IssuerOptions[];
  readonly clients: Clients;
  readonly revocations?: Revocations;
  /** Seconds that clocks may differ. More keeps ended tokens alive; less refuses fresh ones. */
  readonly clockToleranceSeconds?: number;
  /** An issuer's keys could not be had. For the log; names addresses. */
  readonly onIssuerUnavailable?: (error: Error) => void;
}

export interface Caller {
  readonly identity: Identity;
  readonly client: RegisteredClient;
}

/** Why credentials were refused: `extensions.reason` beside the code UNAUTHENTICATED. */
export type AuthenticationReason = keyof typeof MESSAGES;

const MESSAGES = {
  CREDENTIALS_MALFORMED: 'The authorization is not a bearer token.',
  CREDENTIALS_AMBIGUOUS: "A partner's API key stands alone: send no token beside it.",
  TOKEN_MALFORMED: 'The token is not a JSON Web Token.',
  TOKEN_UNSIGNED: 'The token is not signed.',
  ALGORITHM_NOT_ALLOWED: 'The token is signed by an algorithm that is not accepted.',
  ISSUER_UNKNOWN: "The token's issuer is not known.",
  SIGNATURE_INVALID: "The token's signature is not valid.",
  AUDIENCE_WRONG: 'The token was issued for another audience.',
  TOKEN_EXPIRED: 'The token has expired.',
  TOKEN_NOT_YET_VALID: 'The token is not valid yet.',
  CLAIMS_INVALID: 'The token lacks a claim that is needed, or has one that cannot be used.',
  KIND_NOT_ALLOWED: "The token's issuer may not vouch for this kind of caller.",
  TOKEN_REVOKED: 'The token was revoked.',
  API_KEY_UNKNOWN: 'The API key is not known.',
  API_KEY_EXPIRED: 'The API key has expired.',
} as const;

/** The issuer in the claims of a partner that called with its key. No token may carry it. */
export const API_KEY_ISSUER = 'gateway:clients';
/** Asymmetric only: with a shared secret whoever checks a token could also make one. */
const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'];
/** Kinds of JWT made for other purposes are refused, whoever signed them (RFC 8725, 3.11). */
const TOKEN_TYPES = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];
const CLOCK_TOLERANCE_SECONDS = 5;
const TOKEN_CHARACTERS_MAX = 8 * 1_024;
/** Characters of a claim that subgraphs accept; scope and further claims may be longer. */
const CLAIM_CHARACTERS_MAX: Readonly<Record<string, number>> = { sub: 255, name: 200, region: 8 };
const OTHER_CLAIM_CHARACTERS_MAX = 2_000;
const PASSED_ON = ['name', 'region'];
/** A verified token is not looked at again for so long, so that withdrawn keys lose their force. */
const VERIFIED_SECONDS_MAX = 300;
/** Fewer verifies more often, at a seventh of a millisecond each; more takes a kilobyte each. */
const VERIFIED_TOKENS_MAX = 20_000;
const VERIFIED_BYTES_MAX = 32 * 1_024 * 1_024;
const VERIFIED_BYTES = 1_024;

const ANONYMOUS: Identity = { key: 'anonymous', claims: null, expiresAt: null };

interface Issuer {
  readonly options: IssuerOptions;
  readonly keys: JWTVerifyGetKey;
}

interface VerifiedToken {
  readonly identity: Identity;
  readonly token: RevocableToken;
  readonly verifyAgainMs: number;
}

/**
 * Turns what a caller presented into who it is and which client it uses. Rejects with a GraphQLError
 * of code UNAUTHENTICATED; its message never repeats anything of the credential.
 */
export function createAuthenticator(options: AuthenticatorOptions) {
  const authenticator = new Authenticator(options);
  return (credentials: Credentials): Promise<Caller> => authenticator.authenticate(credentials);
}

class Authenticator {
  private readonly issuers: ReadonlyMap<string, Issuer>;
  /** By the entry of the key: a changed registry has other entries. */
  private readonly partners = new WeakMap<ApiKeyEntry, Identity>();
  private readonly verified = new LruCache<VerifiedToken>(VERIFIED_TOKENS_MAX, VERIFIED_BYTES_MAX);

  constructor(private readonly options: AuthenticatorOptions) {
    if (options.issuers.some(({ issuer }) => issuer === API_KEY_ISSUER)) {
      throw new ConfigError(`"${API_KEY_ISSUER}" is reserved and cannot issue tokens`);
    }
    this.issuers = new Map(
      options.issuers.map((issuer) => [issuer.issuer, { options: issuer, keys: keysOf(issuer) }]),
    );
  }

  async authenticate(credentials: Credentials): Promise<Caller> {
    const { authorization, apiKey, clientName } = presented(credentials);
    if (apiKey !== undefined) return this.byApiKey(apiKey, authorization);
    const client = this.options.clients.byHeader(clientName);
    if (authorization === undefined) return { identity: ANONYMOUS, client };
    return { identity: await this.byToken(authorization), client };
  }

  private async byApiKey(apiKey: string, authorization: string | undefined): Promise<Caller> {
    const outcome = this.options.clients.byApiKey(apiKey);
    if (outcome === 'unknown') throw refused('API_KEY_UNKNOWN');
    if (outcome === 'expired') throw refused('API_KEY_EXPIRED');
    const { client, entry } = outcome;
    if (client.kind === 'partner') {
      if (authorization !== undefined) throw refused('CREDENTIALS_AMBIGUOUS');
      return { identity: this.partner(client, entry), client };
    }
    if (authorization === undefined) return { identity: ANONYMOUS, client };
    return { identity: await this.byToken(authorization), client };
  }

  private partner(client: RegisteredClient, entry: ApiKeyEntry): Identity {
    let identity = this.partners.get(entry);
    if (identity === undefined) {
      identity = partnerIdentity(client, entry);
      this.partners.set(entry, identity);
    }
    return identity;
  }

  private async byToken(authorization: string): Promise<Identity> {
    const [, jwt] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
    if (jwt === undefined) throw refused('CREDENTIALS_MALFORMED');
    if (jwt.length > TOKEN_CHARACTERS_MAX) throw refused('TOKEN_MALFORMED');
    const key = createHash('sha256').update(jwt).digest('base64');
    const known = this.verified.get(key);
    const verified = known && Date.now() < known.verifyAgainMs ? known : await this.verify(jwt);
    if (this.options.revocations?.covers(verified.token)) throw refused('TOKEN_REVOKED');
    if (verified !== known) this.verified.set(key, verified, VERIFIED_BYTES);
    return verified.identity;
  }

  private async verify(jwt: string): Promise<VerifiedToken> {
    const issuer = this.issuerOf(jwt);
    try {
      const { payload } = await jwtVerify(jwt, issuer.keys, {
        issuer: issuer.options.issuer,
        audience: [issuer.options.audience].flat(),
        algorithms: ALGORITHMS,
        clockTolerance: this.options.clockToleranceSeconds ?? CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['sub', 'exp'],
      });
      return verifiedToken(payload, issuer.options);
    } catch (error) {
      throw this.explained(error);
    }
  }

  /** Read before anything is verified: it only chooses whose keys must have signed. */
  private issuerOf(jwt: string): Issuer {
    const { header, payload } = decoded(jwt);
    if (String(header.alg).toLowerCase() === 'none') throw refused('TOKEN_UNSIGNED');
    if (!ALGORITHMS.includes(String(header.alg))) throw refused('ALGORITHM_NOT_ALLOWED');
    const type = typeof header.typ === 'string' ? header.typ.toLowerCase() : header.typ;
    if (!TOKEN_TYPES.includes(type)) throw refused('TOKEN_MALFORMED');
    const issuer = typeof payload.iss === 'string' ? this.issuers.get(payload.iss) : undefined;
    if (!issuer) throw refused('ISSUER_UNKNOWN');
    return issuer;
  }

  private explained(error: unknown): unknown {
    if (error instanceof IssuerUnavailable) {
      this.options.onIssuerUnavailable?.(error);
      return refusal(
        ErrorCode.authenticationUnavailable,
        'Tokens cannot be checked at the moment.',
      );
    }
    if (error instanceof joseErrors.JWTExpired) return refused('TOKEN_EXPIRED');
    if (error instanceof joseErrors.JWTClaimValidationFailed) {
      if (error.claim === 'aud') return refused('AUDIENCE_WRONG');
      return refused(error.claim === 'nbf' ? 'TOKEN_NOT_YET_VALID' : 'CLAIMS_INVALID');
    }
    if (error instanceof joseErrors.JOSEAlgNotAllowed) return refused('ALGORITHM_NOT_ALLOWED');
    if (
      error instanceof joseErrors.JWSSignatureVerificationFailed ||
      error instanceof joseErrors.JWKSNoMatchingKey ||
      error instanceof joseErrors.JWKSMultipleMatchingKeys
    ) {
      return refused('SIGNATURE_INVALID');
    }
    return error instanceof joseErrors.JOSEError ? refused('TOKEN_MALFORMED') : error;
  }
}

/** On a socket the first message carries the credentials; headers stand in where it has none. */
function presented(credentials: Credentials): Omit<Credentials, 'headers'> {
  // A refreshed token comes with what the first message said, which is anything at all.
  const headers = credentials.headers ?? {};
  return {
    authorization: textOf(credentials.authorization ?? headers.authorization),
    apiKey: textOf(credentials.apiKey ?? headers['parley-api-key']),
    clientName: textOf(
      credentials.clientName ??
        headers['apollographql-client-name'] ??
        headers['graphql-client-name'],
    ),
  };
}

/** What is present but no text is presented as a text that cannot be good, never overlooked. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : '';
}

function decoded(jwt: string) {
  try {
    return { header: decodeProtectedHeader(jwt), payload: decodeJwt(jwt) };
  } catch {
    throw refused('TOKEN_MALFORMED');
  }
}

function verifiedToken(payload: JWTPayload, issuer: IssuerOptions): VerifiedToken {
  const claims = claimsOf(payload, issuer);
  const expiresAt = payload.exp!;
  return {
    identity: { key: keyOf(claims), claims, expiresAt },
    token: {
      iss: claims.iss,
      sub: claims.sub,
      jti: payload.jti ?? null,
      issuedAt: payload.iat ?? null,
    },
    verifyAgainMs: Math.min(expiresAt * 1_000, Date.now() + VERIFIED_SECONDS_MAX * 1_000),
  };
}

function claimsOf(payload: JWTPayload, issuer: IssuerOptions): ActorClaims {
  const kind = payload[issuer.kindClaim ?? 'kind'] ?? issuer.kindDefault ?? 'member';
  if (typeof kind !== 'string') throw refused('CLAIMS_INVALID');
  if (!(issuer.kinds ?? ['member', 'support']).includes(kind)) throw refused('KIND_NOT_ALLOWED');
  const claims: Record<string, unknown> = {
    iss: issuer.issuer,
    sub: text('sub', payload.sub),
    kind,
  };
  for (const name of PASSED_ON) {
    if (payload[name] !== undefined) claims[name] = text(name, payload[name]);
  }
  const scope = scopeOf(payload);
  if (scope !== undefined) claims.scope = text('scope', scope);
  for (const name of issuer.claims ?? []) {
    // What identifies the caller was checked above and is not another claim's to say.
    if (payload[name] === undefined || Object.hasOwn(claims, name)) continue;
    if (JSON.stringify(payload[name]).length > OTHER_CLAIM_CHARACTERS_MAX) {
      throw refused('CLAIMS_INVALID');
    }
    claims[name] = payload[name];
  }
  return claims as unknown as ActorClaims;
}

/** A text by RFC 8693; some issuers send a list, or call it `scp`. */
function scopeOf(payload: JWTPayload): unknown {
  const scope = payload.scope ?? payload.scp;
  return Array.isArray(scope) ? scope.join(' ') : scope;
}

function text(name: string, value: unknown): string {
  const maximum = CLAIM_CHARACTERS_MAX[name] ?? OTHER_CLAIM_CHARACTERS_MAX;
  if (typeof value === 'string' && value.length <= maximum && (name !== 'sub' || value !== '')) {
    return value;
  }
  throw refused('CLAIMS_INVALID');
}

function partnerIdentity(client: RegisteredClient, { notAfter }: ApiKeyEntry): Identity {
  const expiresAt = notAfter === undefined ? null : Math.floor(Date.parse(notAfter) / 1_000);
  const claims: ActorClaims = {
    iss: API_KEY_ISSUER,
    sub: client.name,
    kind: 'partner',
    ...(client.sellers.length > 0 && { sellerIds: client.sellers }),
  };
  return { key: keyOf(claims), claims, expiresAt };
}

/** Over what is passed on and nothing else: a refreshed token of equal rights has an equal key. */
function keyOf(claims: ActorClaims): string {
  return createHash('sha256').update(canonicalJson(claims)).digest('hex');
}

function refused(reason: AuthenticationReason): GraphQLError {
  return refusal(ErrorCode.unauthenticated, MESSAGES[reason], { reason });
}
