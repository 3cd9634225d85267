import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import { z } from 'zod';
import { makeFolder, StartError } from './start-error.ts';

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
  /** Good for twelve hours unless told otherwise; a negative number makes an expired one. */
  issueToken(claims: TokenClaims, expiresInSeconds?: number): Promise<string>;
  close(): Promise<void>;
}

const keptSchema = z.object({
  key: z.looseObject({ kty: z.literal('OKP'), d: z.string(), x: z.string() }),
  /** Part of the issuer's name: another port makes every token of before worthless. */
  port: z.number().int(),
});
type Kept = z.infer<typeof keptSchema>;

/**
 * An OpenID Connect issuer for one machine: anybody who can start it can be anybody. It lives beside
 * the product, which never imports it, listens on the loopback address only, and refuses to exist
 * where NODE_ENV says production. Its key and its port are kept, so tokens outlive a restart.
 */
export async function startLocalIdentity(
  dataDirectory: string,
  wantedPort?: number,
): Promise<LocalIdentity> {
  if (process.env.NODE_ENV === 'production') {
    throw new StartError(
      'The local issuer hands out tokens to anybody and never runs in production.',
    );
  }
  const file = join(dataDirectory, 'identity.json');
  const kept = readKept(file) ?? { key: await newKey(), port: 0 };
  const { d: _secret, ...publicKey } = kept.key;
  const documents = new Map<string, object>();
  const server = createServer((request, response) => {
    const document = documents.get(request.url ?? '');
    response
      .writeHead(document ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(document ?? { error: 'not found' }));
  });
  const port = await listen(server, wantedPort ?? kept.port, wantedPort === undefined);
  if (port !== kept.port) keep(file, { ...kept, port });
  const issuer = `http://127.0.0.1:${port}`;
  const jwksUri = `${issuer}/.well-known/jwks.json`;
  documents.set('/.well-known/jwks.json', {
    keys: [{ ...publicKey, kid: KEY_ID, alg: 'EdDSA', use: 'sig' }],
  });
  documents.set('/.well-known/openid-configuration', {
    issuer,
    jwks_uri: jwksUri,
    id_token_signing_alg_values_supported: ['EdDSA'],
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
  });
  server.unref();
  const key = await importJWK(kept.key, 'EdDSA');
  return {
    issuer,
    jwksUri,
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

/** Listens on `port`, or on any other where `orAny` allows it and that one is taken. */
async function listen(server: Server, port: number, orAny: boolean): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
    return (server.address() as AddressInfo).port;
  } catch (error) {
    if (orAny && port !== 0) return listen(server, 0, false);
    throw new StartError(
      `The local issuer cannot listen on port ${port} (${(error as { code?: string }).code ?? 'error'}).`,
    );
  }
}

function readKept(file: string): Kept | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return keptSchema.parse(JSON.parse(text));
  } catch {
    throw new StartError(`${file} is damaged. Remove it to have a new one made.`);
  }
}

function keep(file: string, kept: Kept): void {
  makeFolder(join(file, '..'));
  writeFileSync(file, JSON.stringify(kept), { mode: 0o600 });
}

async function newKey(): Promise<Kept['key']> {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  return (await exportJWK(privateKey)) as Kept['key'];
}
