import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { TrustedProxies } from '../../gateway/client-address.ts';
import { type BudgetOptions, type ClientBudgets, CostBudgets } from '../../gateway/rate-limits.ts';
import type { Client, Identity, PreparedOperation } from '../../gateway/types.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const PREPARED = {} as PreparedOperation;
const ANONYMOUS: Identity = { key: 'anonymous', claims: null, expiresAt: null };

function user(sub: string): Identity {
  return { key: sub, claims: { iss: 'i', sub, kind: 'member' }, expiresAt: null };
}

function budgets(limits: Partial<ClientBudgets>, options: Partial<BudgetOptions> = {}) {
  const found = {
    costPerMinute: null,
    userCostPerMinute: null,
    anonymousCostPerMinute: null,
    ...limits,
  };
  const costs = new CostBudgets({ budgetsOf: () => found, ...options });
  return (
    cost: number,
    identity: Identity = ANONYMOUS,
    name = 'web',
    peerAddress = '192.0.2.1',
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const client: Client = { name, mode: 'open', costPerMinute: null };
    return costs.spend(cost, PREPARED, { client, identity, headers, peerAddress });
  };
}

describe('a budget', () => {
  it('costs nothing, not even a promise, where there is none', () => {
    expect(budgets({})(1_000_000, user('u1'))).toBeNull();
    expect(budgets({ userCostPerMinute: 10 })(1_000_000, ANONYMOUS)).toBeNull();
  });

  it('is spent to the last point, and then says how much is left and how long to wait', async () => {
    const spend = budgets({ costPerMinute: 100 });

    expect(await spend(60)).toBeNull();
    expect(await spend(40)).toBeNull();
    const refused = await spend(1);

    expect(refused?.extensions).toEqual({
      code: 'RATE_LIMITED',
      scope: 'client',
      cost: 1,
      limit: 100,
      remaining: 0,
      retryAfterMs: expect.any(Number),
    });
    const retryAfterMs = Number(refused?.extensions.retryAfterMs);
    expect(retryAfterMs).toBeGreaterThan(58_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it('is not touched by an operation that is refused', async () => {
    const spend = budgets({ costPerMinute: 100 });

    expect(await spend(80)).toBeNull();
    for (let attempt = 0; attempt < 5; attempt++) {
      expect((await spend(30))?.extensions).toMatchObject({ remaining: 20 });
    }
    expect(await spend(20)).toBeNull();
  });

  it('takes a point for an operation that costs nothing', async () => {
    const spend = budgets({ costPerMinute: 2 });

    expect([await spend(0), await spend(0)]).toEqual([null, null]);
    expect((await spend(0))?.extensions).toMatchObject({ code: 'RATE_LIMITED', cost: 1 });
  });

  it('refuses what could never be paid as too dear, not as too early', async () => {
    const spend = budgets({ costPerMinute: 100 });

    expect((await spend(101))?.extensions).toEqual({
      code: 'COST_LIMIT_EXCEEDED',
      cost: 101,
      maximum: 100,
    });
    expect(await spend(100)).toBeNull();
  });

  it('belongs to one client, and to one user of it', async () => {
    const spend = budgets({ costPerMinute: 100, userCostPerMinute: 50 });

    expect(await spend(50, user('u1'))).toBeNull();
    expect((await spend(1, user('u1')))?.extensions).toMatchObject({ scope: 'user', limit: 50 });
    expect(await spend(49, user('u2'))).toBeNull();
    expect(await spend(100, user('u3'), 'mobile')).toMatchObject({
      extensions: { code: 'COST_LIMIT_EXCEEDED' },
    });
    expect(await spend(50, user('u1'), 'mobile')).toBeNull();
  });

  it('of the user is given back what the client cannot pay, and the other way round', async () => {
    const spend = budgets({ costPerMinute: 60, userCostPerMinute: 50 });

    expect(await spend(50, user('u1'))).toBeNull();
    expect((await spend(20, user('u2')))?.extensions).toMatchObject({
      scope: 'client',
      remaining: 10,
    });
    expect((await spend(5, user('u1')))?.extensions).toMatchObject({ scope: 'user' });
    expect(await spend(10, user('u2'))).toBeNull();
  });

  it('of an address is all its anonymous callers have, whatever client they name', async () => {
    const spend = budgets({ anonymousCostPerMinute: 50 });

    expect(await spend(30, ANONYMOUS, 'web')).toBeNull();
    expect((await spend(30, ANONYMOUS, 'mobile'))?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      scope: 'address',
      limit: 50,
      remaining: 20,
    });
    expect(await spend(50, ANONYMOUS, 'web', '192.0.2.2')).toBeNull();
    expect(spend(1_000, user('u1'))).toBeNull();
  });

  it('of an address is not renewed by naming another one, unless a trusted proxy does', async () => {
    const forwarded = { 'x-forwarded-for': '198.51.100.7' };
    const spend = budgets({ anonymousCostPerMinute: 50 });
    const behind = budgets(
      { anonymousCostPerMinute: 50 },
      { trustedProxies: new TrustedProxies(['192.0.2.0/24']) },
    );

    expect(await spend(50)).toBeNull();
    expect(await spend(50, ANONYMOUS, 'web', '192.0.2.1', forwarded)).not.toBeNull();
    expect(await behind(50)).toBeNull();
    expect(await behind(50, ANONYMOUS, 'web', '192.0.2.1', forwarded)).toBeNull();
    expect(await behind(50, ANONYMOUS, 'web', '192.0.2.9', forwarded)).not.toBeNull();
  });

  it('lets no more through than it holds when everybody comes at once', async () => {
    const spend = budgets({ costPerMinute: 100 });

    const outcomes = await Promise.all(Array.from({ length: 50 }, () => spend(10)));

    expect(outcomes.filter((refused) => refused === null)).toHaveLength(10);
  });
});

describe('a shared budget', () => {
  let database: TestDatabase;
  let pools: pg.Pool[];

  beforeAll(async () => {
    database = await createTestDatabase();
    pools = [1, 2].map(() => new pg.Pool({ connectionString: database.url, max: 4 }));
  });

  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await database.drop();
  });

  it('is one for all processes, and makes its own table', async () => {
    const [one, two] = pools.map((pool) => budgets({ costPerMinute: 100 }, { pool }));

    expect(await one!(60)).toBeNull();
    expect((await two!(60))?.extensions).toMatchObject({ code: 'RATE_LIMITED', remaining: 40 });
    expect(await two!(40)).toBeNull();
    expect((await one!(1))?.extensions).toMatchObject({ code: 'RATE_LIMITED', remaining: 0 });
  });

  it('keeps the budgets of users with long names apart', async () => {
    const [one, two] = pools.map((pool) => budgets({ userCostPerMinute: 10 }, { pool }));
    const long = 'u'.repeat(255);

    expect(await one!(10, user(`${long.slice(1)}a`))).toBeNull();
    expect(await two!(10, user(`${long.slice(1)}b`))).toBeNull();
    expect((await two!(10, user(`${long.slice(1)}a`)))?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
    });
  });

  it('falls back to one per process while its store cannot be reached', async () => {
    const pool = new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
    const failures: Error[] = [];
    const spend = budgets(
      { costPerMinute: 100 },
      { pool, onStoreFailed: (error) => failures.push(error) },
    );

    expect(await spend(100)).toBeNull();
    expect((await spend(1))?.extensions).toMatchObject({ code: 'RATE_LIMITED' });
    expect(failures).toHaveLength(1);
    await pool.end();
  });

  it('goes on in this process when its store goes away', async () => {
    const pool = new pg.Pool({ connectionString: database.url });
    const spend = budgets({ costPerMinute: 77 }, { pool });
    expect(await spend(7, ANONYMOUS, 'kiosk')).toBeNull();

    await pool.end();

    expect(await spend(77, ANONYMOUS, 'kiosk')).toBeNull();
    expect((await spend(1, ANONYMOUS, 'kiosk'))?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
    });
  });
});
