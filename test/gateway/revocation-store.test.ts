import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createEdgePolicy } from '../../gateway/edge-policy.ts';
import { RevocationStore, shareRevocation } from '../../gateway/revocation-store.ts';
import { type CredentialRevocation, Revocations } from '../../gateway/revocations.ts';
import { runRevokeCredentials } from '../../gateway/revoke-credentials.ts';
import { startGateway } from '../../gateway/server.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { testIssuer } from './support/credentials.ts';
import { compose, type Definitions, handlersOf } from './support/federation.ts';
import { SocketClient } from './support/socket-client.ts';

const ISSUER = 'https://issuer.test';
const OLD_S = 1_000_000;

let database: TestDatabase;
let pool: pg.Pool;
const open: RevocationStore[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
});

afterAll(async () => {
  for (const store of open) store.close();
  await pool.end();
  await database.drop();
});

/** A gateway process, as far as revocations go. */
async function startProcess() {
  const revocations = new Revocations();
  const heard: CredentialRevocation[] = [];
  const store = new RevocationStore({ pool, revocations });
  open.push(store);
  await store.open();
  revocations.onRevoke((revocation) => heard.push(revocation));
  const refuses = (sub: string, jti: string | null = null, issuedAt = OLD_S) =>
    revocations.covers({ iss: ISSUER, sub, jti, issuedAt });
  return { heard, refuses };
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !condition(); ) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('revocations through a store', () => {
  it('reach every process that runs, once, and every one that starts later', async () => {
    const [one, two] = await Promise.all([startProcess(), startProcess()]);
    await shareRevocation(pool, { iss: ISSUER, sub: 'ada' });
    await until(() => one.refuses('ada') && two.refuses('ada'));
    const late = await startProcess();
    // Two more looks at the store: what was heard is not heard again.
    await new Promise((resolve) => setTimeout(resolve, 2_500));

    expect(one.heard).toEqual([{ iss: ISSUER, sub: 'ada' }]);
    expect(two.heard).toEqual([{ iss: ISSUER, sub: 'ada' }]);
    expect(late.refuses('ada')).toBe(true);
    expect(late.refuses('bob')).toBe(false);
    expect(late.refuses('ada', null, Math.floor(Date.now() / 1_000) + 60)).toBe(false);
  });

  it('of one token leave the others of its subject alone', async () => {
    const process = await startProcess();
    const printed = await runRevokeCredentials(
      ['--issuer', ISSUER, '--subject', 'cyd', '--token', 'lost', '--store', database.url],
      {},
    );
    await until(() => process.refuses('cyd', 'lost'));

    expect(printed).toBe(
      'Token lost of cyd is revoked. Gateways refuse it within about a second.\n',
    );
    expect(process.refuses('cyd', 'kept')).toBe(false);
  });

  it('that cannot be read keep a process from serving', async () => {
    const broken = new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
    const store = new RevocationStore({ pool: broken, revocations: new Revocations() });

    await expect(store.open()).rejects.toThrow();
    await broken.end();
  });

  it('made while the store could not be read are heard when it can be again', async () => {
    const failures: Error[] = [];
    const revocations = new Revocations();
    const fragile = new pg.Pool({ connectionString: database.url, max: 1 });
    const query = fragile.query.bind(fragile);
    let broken = false;
    // The network between them, for as long as it is down.
    fragile.query = ((...args: Parameters<typeof query>) =>
      broken ? Promise.reject(new Error('down')) : query(...args)) as typeof fragile.query;
    const store = new RevocationStore({
      pool: fragile,
      revocations,
      onStoreFailed: (error) => failures.push(error),
    });
    open.push(store);
    await store.open();
    broken = true;
    await shareRevocation(pool, { iss: ISSUER, sub: 'dan' });
    await until(() => failures.length > 0);
    const token = { iss: ISSUER, sub: 'dan', jti: null, issuedAt: OLD_S };
    expect(revocations.covers(token)).toBe(false);

    broken = false;
    await until(() => revocations.covers(token));
    store.close();
    await fragile.end();
  });
});

/** Ticks every 20 ms, for as long as somebody listens. */
const TICKING: Definitions = {
  a: {
    typeDefs: 'type Query { who: String } type Subscription { tick: Int }',
    resolvers: {
      Query: {
        who: (_: unknown, __: unknown, { claims }: { claims: { sub: string } }) => claims.sub,
      },
      Subscription: {
        tick: {
          async *subscribe() {
            for (let tick = 0; tick < 1_000; tick++) {
              yield { tick };
              await new Promise((resolve) => setTimeout(resolve, 20));
            }
          },
        },
      },
    },
  },
};
/** What a revocation may take at the most. */
const CUT_MS = 5_000;

describe('a subject whose tokens are revoked', () => {
  it('is cut off every gateway within seconds, and nobody else is', async () => {
    const issuer = await testIssuer();
    const policies = [1, 2].map(() =>
      createEdgePolicy({
        issuers: [issuer.options],
        clients: { clients: [] },
        defaultMode: 'open',
        storeUrl: database.url,
      }),
    );
    const gateways = await Promise.all(
      policies.map(async (policy) => {
        await policy.ready();
        const gateway = await startGateway({
          supergraphSdl: compose(TICKING),
          handlers: handlersOf(TICKING),
          ...policy.gatewayOptions,
        });
        policy.attach(gateway.subscriptions);
        return gateway;
      }),
    );
    const tokens = {
      eve: await issuer.token({ sub: 'eve' }),
      fay: await issuer.token({ sub: 'fay' }),
    };
    const listen = async (url: string, token: string) => {
      const client = await SocketClient.connect(url.replace('http', 'ws'), {
        authorization: `Bearer ${token}`,
      });
      client.subscribe('1', 'subscription { tick }');
      await client.until(() => client.of('1', 'next').length > 1);
      return client;
    };
    const eves = await Promise.all(gateways.map(({ url }) => listen(url, tokens.eve)));
    const fay = await listen(gateways[1]!.url, tokens.fay);
    const ask = async (url: string, token: string) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: '{"query":"{ who }"}',
      });
      return response.status;
    };

    const revokedAt = Date.now();
    await runRevokeCredentials(
      ['--issuer', issuer.options.issuer, '--subject', 'eve', '--store', database.url],
      {},
    );
    await Promise.all(eves.map((client) => client.untilClosed()));
    const tookMs = Date.now() - revokedAt;
    const received = eves.map((client) => client.of('1', 'next').length);
    const fays = fay.of('1', 'next').length;
    await fay.until(() => fay.of('1', 'next').length > fays + 5);

    expect(tookMs).toBeLessThan(CUT_MS);
    for (const client of eves) {
      expect(client.closed).toEqual({ code: 4403, reason: 'Credential revoked' });
    }
    expect(eves.map((client) => client.of('1', 'next').length)).toEqual(received);
    for (const { url } of gateways) {
      expect([await ask(url, tokens.eve), await ask(url, tokens.fay)]).toEqual([401, 200]);
    }
    expect(fay.closed).toBeNull();
    fay.close();
    for (const gateway of gateways) await gateway.close();
    for (const policy of policies) await policy.close();
  });
});

describe('npm run credentials:revoke', () => {
  it.each<[string, string[], string]>([
    ['no issuer', ['--subject', 'a'], '--issuer ISS is missing; try --help'],
    ['no subject', ['--issuer', 'a'], '--subject SUB is missing; try --help'],
    ['no store', ['--issuer', 'a', '--subject', 'b'], 'set GATEWAY_STORE_URL, or give --store URL'],
    ['a flag that is none', ['--everything'], "Unknown option '--everything'; try --help"],
  ])('says what to do: %s', async (_case, args, message) => {
    await expect(runRevokeCredentials(args, {})).rejects.toThrow(message);
  });
});
