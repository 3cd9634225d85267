import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../local/postgres.ts';
import { Arena, until } from './arena.ts';
import { PLOTS } from './scenarios.ts';
import { effectsOf, quiescence, wrongs } from './verdict.ts';
import { World } from './world.ts';

let folder: string;
let postgres: EmbeddedPostgres;
let arena: Arena;
let world: World;

// Durable: what was acknowledged must outlive the server's memory.
const start = (port: number) =>
  startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres'), durable: true, port });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
  chmodSync(folder, 0o755); // PostgreSQL may have to run as another user
  postgres = await start(0);
  arena = await Arena.open(postgres.url);
  world = new World(arena);
  await world.prepare();
}, 120_000);

afterAll(async () => {
  await arena?.close();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('PostgreSQL killed while buyers pay', () => {
  it('has lost nothing when it is back, and every buyer was charged once', async () => {
    const sales = [];
    for (let n = 0; n < 16; n += 1) sales.push(await PLOTS.pay.prepare(world));
    const paying = sales.map((sale) => PLOTS.pay.strike(world, sale).catch(() => {}));
    await until('the first of them to begin', 30_000, async () => {
      const begun = await arena.rows(`select 1 from payments.payment_attempt`);
      return begun.length > 0;
    });

    const pid = Number(
      readFileSync(join(postgres.directory, 'postmaster.pid'), 'utf8').split('\n', 1)[0],
    );
    process.kill(pid, 'SIGKILL');
    const answers = await Promise.all(paying);
    postgres = await start(postgres.port);
    for (const sale of sales) await PLOTS.pay.recover(world, sale);
    await quiescence(arena);

    // It struck while they paid, or it would have shown nothing.
    expect(answers.filter((answer) => answer !== 'PAID').length).toBeGreaterThan(0);
    // No process of ours ended over it: they reconnected.
    expect(arena.isAlive).toBe(true);
    expect(await wrongs(arena)).toEqual([]);
    for (const sale of sales) expect(await effectsOf(arena, sale)).toEqual(PLOTS.pay.effects);
  }, 120_000);
});
