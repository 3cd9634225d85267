import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { issueApiKey } from '../../gateway/api-keys.ts';
import {
  API_KEY_ISSUER,
  type AuthenticatorOptions,
  createAuthenticator,
} from '../../gateway/authentication.ts';
import { Revocations } from '../../gateway/revocations.ts';
import { AUDIENCE, clientsOf, ISSUER, type TestIssuer, testIssuer } from './support/credentials.ts';

let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await testIssuer();
});

function authenticator(options: Partial<AuthenticatorOptions> = {}) {
  const authenticate = createAuthenticator({
    issuers: [issuer.options],
    clients: clientsOf([{ name: 'web', kind: 'first-party', mode: 'safelist' }]),
    ...options,
  });
  return (credentials: Partial<Parameters<typeof authenticate>[0]>) =>
    authenticate({ headers: {}, ...credentials });
}

function withToken(token: string, options: Partial<AuthenticatorOptions> = {}) {
  return authenticator(options)({ authorization: `Bearer ${token}` });
}

function refusedFor(reason: string) {
  return expect.objectContaining({
    extensions: expect.objectContaining({ code: 'UNAUTHENTICATED', reason }),
  });
}

const seconds = () => Math.floor(Date.now() / 1_000);

describe('a caller without credentials', () => {
  it('is anonymous, of the client it names', async () => {
    expect(await authenticator()({ clientName: 'web' })).toMatchObject({
      identity: { key: 'anonymous', claims: null, expiresAt: null },
      client: { name: 'web', mode: 'safelist' },
    });
  });

  it('is of the default client when it names none, or one that is not registered', async () => {
    const authenticate = authenticator();

    for (const credentials of [{}, { clientName: 'stranger' }]) {
      const { client } = await authenticate(credentials);
      expect(client).toMatchObject({ name: 'default', mode: 'ids-only' });
    }
  });

  it('is known by the headers of its socket when the first message says nothing', async () => {
    const headers = {
      'graphql-client-name': 'web',
      authorization: `Bearer ${await issuer.token()}`,
    };

    const { identity, client } = await authenticator()({ headers });

    expect([identity.claims?.sub, client.name]).toEqual(['u1', 'web']);
  });
});

describe('a token', () => {
  it('gives its claims, and nothing that was not asked for', async () => {
    const exp = seconds() + 100;
    const token = await issuer.token({
      exp,
      name: 'Asha',
      region: 'US',
      scope: 'refunds:write',
      email: 'asha@example.com',
      sellerIds: ['sel_1'],
    });

    const { identity } = await withToken(token);

    expect(identity.claims).toEqual({
      iss: ISSUER,
      sub: 'u1',
      kind: 'member',
      name: 'Asha',
      region: 'US',
      scope: 'refunds:write',
    });
    expect(identity.expiresAt).toBe(exp);
  });

  it('passes on the claims its issuer was allowed, but none that identifies the caller', async () => {
    const token = await issuer.token({ tier: { level: 2 }, role: 'support' });

    const { identity } = await withToken(token, {
      issuers: [{ ...issuer.options, kindClaim: 'role', claims: ['tier', 'sub', 'kind'] }],
    });

    expect(identity.claims).toEqual({
      iss: ISSUER,
      sub: 'u1',
      kind: 'support',
      tier: { level: 2 },
    });
  });

  it('reads scopes in the shapes issuers send them', async () => {
    for (const claims of [{ scope: 'a b' }, { scope: ['a', 'b'] }, { scp: ['a', 'b'] }]) {
      const { identity } = await withToken(await issuer.token(claims));
      expect(identity.claims?.scope).toBe('a b');
    }
  });

  it('has an equal key when it is refreshed, and another for other rights or another subject', async () => {
    const key = async (claims: object) =>
      (await withToken(await issuer.token({ jti: String(Math.random()), ...claims }))).identity.key;

    const first = await key({ exp: seconds() + 50 });

    expect(await key({ exp: seconds() + 250 })).toBe(first);
    expect(await key({ scope: 'more' })).not.toBe(first);
    expect(await key({ sub: 'u2' })).not.toBe(first);
  });

  it.each([
    ['TOKEN_EXPIRED', () => ({ exp: seconds() - 60 })],
    ['TOKEN_NOT_YET_VALID', () => ({ nbf: seconds() + 60 })],
    ['AUDIENCE_WRONG', () => ({ aud: 'https://other.example' })],
    ['ISSUER_UNKNOWN', () => ({ iss: 'https://elsewhere.example' })],
    ['ISSUER_UNKNOWN', () => ({ iss: API_KEY_ISSUER })],
    ['CLAIMS_INVALID', () => ({ sub: undefined })],
    ['CLAIMS_INVALID', () => ({ sub: '' })],
    ['CLAIMS_INVALID', () => ({ sub: 'u'.repeat(256) })],
    ['CLAIMS_INVALID', () => ({ exp: undefined })],
    ['CLAIMS_INVALID', () => ({ region: { code: 'US' } })],
    ['CLAIMS_INVALID', () => ({ name: 'n'.repeat(201) })],
    ['KIND_NOT_ALLOWED', () => ({ kind: 'system' })],
    ['KIND_NOT_ALLOWED', () => ({ kind: 'partner' })],
  ])('is refused for %s, case %#', async (reason, claims) => {
    await expect(withToken(await issuer.token(claims() as never))).rejects.toEqual(
      refusedFor(reason),
    );
  });

  it('is taken for as long as clocks may differ, and no longer', async () => {
    const token = await issuer.token({ exp: seconds() - 20 });

    await expect(withToken(token, { clockToleranceSeconds: 30 })).resolves.toMatchObject({
      identity: { claims: { sub: 'u1' } },
    });
    await expect(withToken(token, { clockToleranceSeconds: 10 })).rejects.toEqual(
      refusedFor('TOKEN_EXPIRED'),
    );
  });

  it('is refused unsigned, however "none" is spelled', async () => {
    const unsigned = new UnsecuredJWT({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'u1',
      exp: seconds() + 60,
    });
    const [, payload] = unsigned.encode().split('.');

    for (const alg of ['none', 'None', 'NONE']) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      await expect(withToken(`${header}.${payload}.`)).rejects.toEqual(
        refusedFor('TOKEN_UNSIGNED'),
      );
    }
  });

  it('is refused when a public key was used as a shared secret', async () => {
    const [key] = issuer.options.jwks.keys;
    const forged = await new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'u1' })
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .setExpirationTime('5m')
      .sign(Buffer.from(String(key?.x).padEnd(32, 'x')));

    await expect(withToken(forged)).rejects.toEqual(refusedFor('ALGORITHM_NOT_ALLOWED'));
  });

  it("is refused when signed by another's key, altered, or made for another purpose", async () => {
    const stranger = await testIssuer();
    const [header, , signature] = (await issuer.token()).split('.');
    const [, otherPayload] = (await issuer.token({ sub: 'u2' })).split('.');

    await expect(withToken(await stranger.token())).rejects.toEqual(
      refusedFor('SIGNATURE_INVALID'),
    );
    await expect(withToken(`${header}.${otherPayload}.${signature}`)).rejects.toEqual(
      refusedFor('SIGNATURE_INVALID'),
    );
    await expect(withToken(await issuer.token({}, { typ: 'logout+jwt' }))).rejects.toEqual(
      refusedFor('TOKEN_MALFORMED'),
    );
  });

  it.each([
    ['CREDENTIALS_MALFORMED', 'Basic dTpw'],
    ['CREDENTIALS_MALFORMED', ''],
    ['CREDENTIALS_MALFORMED', 'Bearer a b'],
    ['TOKEN_MALFORMED', 'Bearer not-a-token'],
    ['TOKEN_MALFORMED', `Bearer ${'a'.repeat(9_000)}`],
  ])('is refused as %s, case %#', async (reason, authorization) => {
    await expect(authenticator()({ authorization })).rejects.toEqual(refusedFor(reason));
  });

  it('never appears in what its refusal says', async () => {
    const token = await issuer.token({ sub: 'secret-subject', aud: 'https://other.example' });

    const error = await withToken(token).catch((refusal: unknown) => refusal);

    expect(JSON.stringify(error)).not.toMatch(/secret-subject|other\.example/);
  });

  it.each(['ES256', 'RS256', 'PS256'])('may be signed by %s', async (alg) => {
    const other = await testIssuer('https://other-issuer.example', alg);

    const { identity } = await withToken(await other.token(), {
      issuers: [issuer.options, other.options],
    });

    expect(identity.claims?.iss).toBe('https://other-issuer.example');
  });
});

describe('a verified token', () => {
  it('is remembered, and refused all the same once it has expired', async () => {
    const authenticate = authenticator({ clockToleranceSeconds: 0 });
    const authorization = `Bearer ${await issuer.token({ exp: seconds() + 2 })}`;

    const first = await authenticate({ authorization });
    const second = await authenticate({ authorization });

    expect(second.identity).toBe(first.identity);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await expect(authenticate({ authorization })).rejects.toEqual(refusedFor('TOKEN_EXPIRED'));
  });

  it('is refused once its subject is revoked, until the subject signs in anew', async () => {
    const revocations = new Revocations();
    const authenticate = authenticator({ revocations });
    const authorization = `Bearer ${await issuer.token({ iat: seconds() - 10 })}`;
    await authenticate({ authorization });

    revocations.revoke({ iss: ISSUER, sub: 'u1' });

    await expect(authenticate({ authorization })).rejects.toEqual(refusedFor('TOKEN_REVOKED'));
    const fresh = await issuer.token({ iat: seconds() + 1 });
    await expect(authenticate({ authorization: `Bearer ${fresh}` })).resolves.toBeDefined();
    const other = await issuer.token({ sub: 'u2', iat: seconds() - 10 });
    await expect(authenticate({ authorization: `Bearer ${other}` })).resolves.toBeDefined();
  });

  it('can be revoked by its id alone', async () => {
    const revocations = new Revocations();
    const authenticate = authenticator({ revocations });

    revocations.revoke({ iss: ISSUER, sub: 'u1', jti: 'lost' });

    const lost = await issuer.token({ jti: 'lost' });
    const kept = await issuer.token({ jti: 'kept' });
    await expect(authenticate({ authorization: `Bearer ${lost}` })).rejects.toEqual(
      refusedFor('TOKEN_REVOKED'),
    );
    await expect(authenticate({ authorization: `Bearer ${kept}` })).resolves.toBeDefined();
  });
});

describe('an API key', () => {
  const issued = issueApiKey();
  const ended = issueApiKey('2020-01-01T00:00:00Z');
  const inApp = issueApiKey();
  const clients = clientsOf([
    {
      name: 'acme',
      kind: 'partner',
      mode: 'ids-only',
      apiKeys: [issued.entry, ended.entry],
      sellers: ['sel_1'],
    },
    { name: 'web', kind: 'first-party', mode: 'open', apiKeys: [inApp.entry] },
  ]);

  it('is its partner, who acts for the sellers that granted it', async () => {
    const { identity, client } = await authenticator({ clients })({ apiKey: issued.key });

    expect(client).toMatchObject({ name: 'acme', mode: 'ids-only' });
    expect(identity).toMatchObject({
      claims: { iss: API_KEY_ISSUER, sub: 'acme', kind: 'partner', sellerIds: ['sel_1'] },
      expiresAt: null,
    });
  });

  it('outranks the name a caller gives itself', async () => {
    const caller = await authenticator({ clients })({ apiKey: issued.key, clientName: 'web' });

    expect(caller.client.name).toBe('acme');
  });

  it('cannot be replaced by the name of a partner', async () => {
    const { identity, client } = await authenticator({ clients })({ clientName: 'acme' });

    expect([identity.claims, client.name]).toEqual([null, 'default']);
  });

  it('names a first-party client, whose user is still the one of the token', async () => {
    const caller = await authenticator({ clients })({
      apiKey: inApp.key,
      authorization: `Bearer ${await issuer.token()}`,
    });

    expect([caller.client.name, caller.identity.claims?.sub]).toEqual(['web', 'u1']);
  });

  it.each([
    ['API_KEY_UNKNOWN', { apiKey: issueApiKey().key }],
    [
      'API_KEY_UNKNOWN',
      { apiKey: `${issued.key.slice(0, -1)}${issued.key.endsWith('A') ? 'B' : 'A'}` },
    ],
    ['API_KEY_UNKNOWN', { apiKey: '' }],
    ['API_KEY_UNKNOWN', { apiKey: issued.entry.hash }],
    ['API_KEY_EXPIRED', { apiKey: ended.key }],
    ['CREDENTIALS_AMBIGUOUS', { apiKey: issued.key, authorization: 'Bearer x' }],
  ])('is refused for %s, case %#', async (reason, credentials) => {
    await expect(authenticator({ clients })(credentials)).rejects.toEqual(refusedFor(reason));
  });
});

describe('an OpenID Connect issuer', () => {
  let server: Server;
  let url: string;
  let discovery: object | null = null;
  let remote: TestIssuer;
  const asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const body = request.url === '/keys' ? remote.options.jwks : discovery;
      response.writeHead(body ? 200 : 500, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    remote = await testIssuer(url);
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is discovered once, and its keys are fetched once', async () => {
    discovery = { issuer: url, jwks_uri: `${url}/keys` };
    const authenticate = authenticator({ issuers: [{ issuer: url, audience: AUDIENCE }] });
    asked.length = 0;

    const callers = await Promise.all(
      ['a', 'b', 'c'].map(async (sub) =>
        authenticate({ authorization: `Bearer ${await remote.token({ sub })}` }),
      ),
    );

    expect(callers.map(({ identity }) => identity.claims?.sub)).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it.each([
    ['does not answer', null],
    [
      'speaks for another issuer',
      { issuer: 'https://evil.example', jwks_uri: 'http://localhost/' },
    ],
    [
      'sends its keys over a plain connection',
      { issuer: '', jwks_uri: 'http://evil.example/keys' },
    ],
  ])('that %s is unavailable, which is not the fault of the token', async (_case, answer) => {
    discovery = answer && { ...answer, issuer: answer.issuer || url };
    const reported: Error[] = [];
    const authenticate = authenticator({
      issuers: [{ issuer: url, audience: AUDIENCE }],
      onIssuerUnavailable: (error) => reported.push(error),
    });

    const refusal = authenticate({ authorization: `Bearer ${await remote.token()}` });

    await expect(refusal).rejects.toMatchObject({
      message: 'Tokens cannot be checked at the moment.',
      extensions: { code: 'AUTHENTICATION_UNAVAILABLE' },
    });
    expect(reported).toHaveLength(1);
  });

  it('cannot be configured on a plain connection, nor under the reserved name', () => {
    expect(() =>
      authenticator({ issuers: [{ issuer: 'http://id.example', audience: 'a' }] }),
    ).toThrow('must be an https address');
    expect(() =>
      authenticator({ issuers: [{ ...issuer.options, issuer: API_KEY_ISSUER }] }),
    ).toThrow('reserved');
  });
});
