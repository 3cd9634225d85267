import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type ClientRegistryFile, Clients } from '../../../gateway/clients.ts';
import type { IssuerOptions } from '../../../gateway/token-issuer.ts';

export const ISSUER = 'https://identity.example';
export const AUDIENCE = 'https://graph.example';

export interface TestIssuer {
  readonly options: IssuerOptions & { readonly jwks: NonNullable<IssuerOptions['jwks']> };
  readonly privateKey: CryptoKey;
  /** A token that is good for five minutes, but for what is given. */
  token(claims?: JWTPayload, header?: { readonly typ?: string }): Promise<string>;
}

export async function testIssuer(issuer = ISSUER, alg = 'EdDSA'): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg };
  return {
    options: { issuer, audience: AUDIENCE, jwks: { keys: [jwk] } },
    privateKey,
    token(claims = {}, header = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const payload = {
        iss: issuer,
        aud: AUDIENCE,
        sub: 'u1',
        iat: now,
        exp: now + 300,
        ...claims,
      };
      return new SignJWT(payload)
        .setProtectedHeader({ alg, kid: 'key-1', ...header })
        .sign(privateKey);
    },
  };
}

export function clientsOf(
  clients: ClientRegistryFile['clients'] = [],
  defaultMode?: 'open' | 'ids-only',
): Clients {
  return new Clients({ registry: { clients }, defaultMode });
}
