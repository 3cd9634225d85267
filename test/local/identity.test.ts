import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, type JWTVerifyOptions, jwtVerify } from 'jose';
import { AUDIENCE, type LocalIdentity, startLocalIdentity } from '../../local/identity.ts';

const AMIRA = {
  sub: 'usr_000000000000000000000000000000a1',
  kind: 'member',
  name: 'Amira',
  region: 'US',
} as const;

let folder = '';
let identity: LocalIdentity | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-identity-'));
});

afterEach(async () => {
  await identity?.close();
  identity = null;
  rmSync(folder, { recursive: true, force: true });
});

async function verified({ issuer, jwksUri }: LocalIdentity, token: string) {
  const options: JWTVerifyOptions = { issuer, audience: AUDIENCE, algorithms: ['EdDSA'] };
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(jwksUri)), options);
  return payload;
}

async function restarted(): Promise<LocalIdentity> {
  await identity?.close();
  identity = await startLocalIdentity(folder);
  return identity;
}

describe('a token', () => {
  it('carries its claims, and is verified with the published key', async () => {
    identity = await startLocalIdentity(folder);
    const before = Math.floor(Date.now() / 1_000);

    const payload = await verified(identity, await identity.issueToken(AMIRA, 60));

    const { iat = 0, exp = 0, ...rest } = payload;
    expect(rest).toEqual({ ...AMIRA, iss: identity.issuer, aud: 'parley' });
    expect(exp - iat).toBe(60);
    expect(iat - before).toBeLessThanOrEqual(2);
  });

  it('is good for twelve hours unless told otherwise, and can be made expired', async () => {
    identity = await startLocalIdentity(folder);

    const { iat = 0, exp } = decodeJwt(await identity.issueToken(AMIRA));
    expect(exp).toBe(iat + 43_200);
    await expect(verified(identity, await identity.issueToken(AMIRA, -120))).rejects.toMatchObject({
      code: 'ERR_JWT_EXPIRED',
    });
  });

  it('of before is still good after a restart', async () => {
    identity = await startLocalIdentity(folder);
    const token = await identity.issueToken(AMIRA);

    expect(await verified(await restarted(), token)).toMatchObject(AMIRA);
  });

  it('of another installation is refused', async () => {
    identity = await startLocalIdentity(folder);
    const token = await identity.issueToken(AMIRA);
    rmSync(join(folder, 'identity.json'));

    await expect(verified(await restarted(), token)).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_J/),
    });
  });
});

describe('the issuer', () => {
  it('is found by OpenID Connect discovery, and publishes no private key', async () => {
    identity = await startLocalIdentity(folder);

    const discovery = await fetch(`${identity.issuer}/.well-known/openid-configuration`);
    const keys = (await (await fetch(identity.jwksUri)).json()) as { keys: object[] };

    expect(await discovery.json()).toMatchObject({
      issuer: identity.issuer,
      jwks_uri: identity.jwksUri,
    });
    expect(keys.keys.map((key) => Object.keys(key).sort())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
    ]);
  });

  it('has nothing else to say', async () => {
    identity = await startLocalIdentity(folder);

    expect((await fetch(`${identity.issuer}/token`, { method: 'POST' })).status).toBe(404);
  });

  it('keeps its key where nobody else reads it', async () => {
    identity = await startLocalIdentity(folder);

    expect(statSync(join(folder, 'identity.json')).mode & 0o777).toBe(0o600);
  });

  it('takes another port where its own is taken by now', async () => {
    identity = await startLocalIdentity(folder);
    const { port } = new URL(identity.issuer);
    await identity.close();
    const other = createServer().listen(Number(port), '127.0.0.1');
    await once(other, 'listening');

    identity = await startLocalIdentity(folder);

    expect(new URL(identity.issuer).port).not.toBe(port);
    expect(await verified(identity, await identity.issueToken(AMIRA))).toMatchObject(AMIRA);
    other.close();
  });

  it('does not exist in production', async () => {
    const { NODE_ENV } = process.env;
    process.env.NODE_ENV = 'production';
    try {
      await expect(startLocalIdentity(folder)).rejects.toThrow('never runs in production');
    } finally {
      process.env.NODE_ENV = NODE_ENV;
    }
    expect(() => readFileSync(join(folder, 'identity.json'))).toThrow('ENOENT');
  });

  it('says in one line that its file is damaged, and leaves it', async () => {
    writeFileSync(join(folder, 'identity.json'), '{"key":');

    await expect(startLocalIdentity(folder)).rejects.toThrow(
      `${join(folder, 'identity.json')} is damaged. Remove it to have a new one made.`,
    );
    expect(readFileSync(join(folder, 'identity.json'), 'utf8')).toBe('{"key":');
  });
});
