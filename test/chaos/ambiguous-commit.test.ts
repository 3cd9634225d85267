import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { Arena } from './arena.ts';
import { CommitCutter } from './commit-cutter.ts';
import { PLOTS } from './scenarios.ts';
import { effectsOf, quiescence, wrongs } from './verdict.ts';
import { World } from './world.ts';

let database: TestDatabase;
let cutter: CommitCutter;
let arena: Arena;
let world: World;

beforeAll(async () => {
  database = await createTestDatabase();
  cutter = await CommitCutter.before(database.url);
  arena = await Arena.open(database.url, `postgres://127.0.0.1:${cutter.port}/`);
  world = new World(arena);
  await world.prepare();
}, 120_000);

afterAll(async () => {
  await arena?.close();
  await cutter?.close();
  await database?.drop();
}, 60_000);

describe('a commit whose answer is lost', () => {
  it.each([1, 2, 3, 4, 6, 9])(
    'leaves one effect of a payment and its order: commit %d',
    async (count) => {
      const sale = await PLOTS.pay.prepare(world);
      await quiescence(arena);
      const before = cutter.cuts;

      cutter.arm(count);
      await PLOTS.pay.strike(world, sale).catch(() => {}); // the answer may be lost as well
      await PLOTS.pay.recover(world, sale);
      await quiescence(arena);

      expect(cutter.cuts).toBe(before + 1);
      expect(arena.isAlive).toBe(true);
      expect(await wrongs(arena)).toEqual([]);
      expect(await effectsOf(arena, sale)).toEqual(PLOTS.pay.effects);
    },
    90_000,
  );
});
