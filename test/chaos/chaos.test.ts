import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { patched } from '../support/patched-sources.mjs';
import { Arena } from './arena.ts';
import { FAILPOINTS, type Failpoint, patchesOf } from './failpoints.ts';
import { killAt } from './rounds.ts';
import { effectsOf, quiescence, wrongs } from './verdict.ts';
import { World } from './world.ts';

/** One of each kind of work, where most is at stake; `npm run chaos` goes to all of them. */
const TRIED = [
  'pay/held',
  'capture/taken',
  'settle/booked',
  'relay/published',
  'consumer/handled',
  'webhook/settled',
  'refund/answered',
  'release/answered',
];

const sourceOf = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

describe('the failpoints', () => {
  it('are at least forty, each with a name of its own', () => {
    expect(FAILPOINTS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(FAILPOINTS.map(({ label }) => label)).size).toBe(FAILPOINTS.length);
  });

  it('stand each at one place of the sources', () => {
    for (const patch of patchesOf(FAILPOINTS)) {
      expect(patched(sourceOf(patch.file), patch)).toContain(patch.replace);
    }
  });

  it('are refused where their place is gone, or no longer one', () => {
    const [patch] = patchesOf(FAILPOINTS);

    expect(() => patched('nothing of it', patch as never)).toThrow(/expected once and found 0/);
    expect(() => patched(`${patch?.find} ${patch?.find}`, patch as never)).toThrow(/found 2 times/);
  });
});

describe('a process killed under its work', () => {
  let database: TestDatabase;
  let arena: Arena;
  let world: World;

  beforeAll(async () => {
    database = await createTestDatabase();
    arena = await Arena.open(database.url);
    world = new World(arena);
    await world.prepare();
  }, 120_000);

  afterAll(async () => {
    await arena?.close();
    await database?.drop();
  }, 60_000);

  it.each(TRIED)(
    'at %s has had one effect when it is back',
    async (label) => {
      const point = FAILPOINTS.find((one) => one.label === label) as Failpoint;

      expect((await killAt(world, point)).wrong).toEqual([]);
    },
    120_000,
  );

  it('is noticed where a point is never reached', async () => {
    const unreached = {
      ...(FAILPOINTS.find(({ label }) => label === 'refund/answered') as Failpoint),
    };
    const outcome = await killAt(world, { ...unreached, scenario: 'send' });

    expect(outcome.wrong).toEqual(['never reached']);
  }, 120_000);

  it('would be found out: a row that the processor knows nothing of, and an effect too many', async () => {
    if (!arena.isAlive) await arena.start();
    await quiescence(arena);
    const sale = await world.offer();
    await world.pay(sale);
    await world.sold(sale);
    await quiescence(arena);
    expect(await wrongs(arena)).toEqual([]);
    await arena.rows('update payments.payment set capture_id = $2 where id = $1', [
      sale.paymentId,
      'CAPTURE-OF-NOBODY',
    ]);

    const found = await wrongs(arena);

    expect(found.filter((text) => text.startsWith('I2 '))).toHaveLength(2);
    expect(found).toContain(`I2 capture CAPTURE-OF-NOBODY: nothing there, 2900 USD here`);
    expect(await effectsOf(arena, sale)).toEqual({
      captures: 1,
      orders: 1,
      refunds: 0,
      payouts: 0,
      shipments: 0,
    });
  }, 120_000);
});
