import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { RevocationStore, shareRevocation } from '../../gateway/revocation-store.ts';
import { type CredentialRevocation, Revocations } from '../../gateway/revocations.ts';
import { runRevokeCredentials } from '../../gateway/revoke-credentials.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

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
