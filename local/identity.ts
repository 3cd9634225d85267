import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

export const AUDIENCE = 'parley';
const KEY_ID = 'local';
/** Long enough for a working day; tokens are printed at every start anyway. */
const TOKEN_SECONDS = 12 * 3_600;

export interface TokenClaims {
  readonly sub: string;
  readonly kind: 'member' | 'support';
  readonly name: string;
  readonly region?: string;
  readonly scope?: string;
}

export interface LocalIdentity {
  readonly issuer: string;
  readonly jwksUri: string;
  issueToken(claims: TokenClaims, expiresInSeconds?: number): Promise<string>;
  close(): Promise<void>;
}

/**
 * An OpenID Connect issuer for one machine: anybody who can start it can be anybody. It lives beside
 * the product, which never imports it, listens on the loopback address only, and refuses to exist
 * where NODE_ENV says production.
 */
export async function startLocalIdentity(dataDirectory: string): Promise<LocalIdentity> {
  if (process.env.NODE_ENV === 'production')
    throw new Error('the local issuer never runs in production');
  const privateJwk = await signingKey(dataDirectory);
  const key = await importJWK(privateJwk, 'EdDSA');
  const { d: _secret, ...publicJwk } = privateJwk;
  const keys = JSON.stringify({ keys: [{ ...publicJwk, kid: KEY_ID, alg: 'EdDSA', use: 'sig' }] });
  let issuer = '';
  const server = createServer((request, response) => {
    const answers: Record<string, string> = {
      '/.well-known/jwks.json': keys,
      '/.well-known/openid-configuration': JSON.stringify({
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        id_token_signing_alg_values_supported: ['EdDSA'],
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
      }),
    };
    const answer = answers[request.url ?? ''];
    response
      .writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
      .end(answer ?? '{}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.unref();
  return {
    issuer,
    jwksUri: `${issuer}/.well-known/jwks.json`,
    issueToken: (claims, expiresInSeconds = TOKEN_SECONDS) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'EdDSA', kid: KEY_ID })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresInSeconds)
        .sign(key),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function signingKey(dataDirectory: string): Promise<JWK> {
  const file = join(dataDirectory, 'identity.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JWK;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
  }
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  const jwk = await exportJWK(privateKey);
  mkdirSync(dataDirectory, { recursive: true });
  writeFileSync(file, JSON.stringify(jwk), { mode: 0o600 });
  return jwk;
}
