import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../local/postgres.ts';
import { Arena, until } from './arena.ts';
import { PLOTS } from './scenarios.ts';
import { effectsOf, quiescence, wrongs } from './verdict.ts';
import { type Sale, World } from './world.ts';

const DISK_BYTES = 320 * 1_024 * 1_024;
const PAGE = 8_192;
/** What the gateway says of a subgraph that could not answer: the call may be made again with its key. */
const UNAVAILABLE = 'This part of the answer is unavailable.';
const DISK_FULL = '53100';

const folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
chmodSync(folder, 0o755); // PostgreSQL may have to run as another user
const hasSmallDisk = mountSmallDisk();
if (!hasSmallDisk)
  console.warn(
    'Skipped: a full disk needs a small file system of its own, which only root on Linux can mount.',
  );

let postgres: EmbeddedPostgres;
let arena: Arena;
let world: World;

const start = (port: number) =>
  startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres'), durable: true, port });

beforeAll(async () => {
  postgres = await start(0);
  arena = await Arena.open(postgres.url);
  world = new World(arena);
  await world.prepare();
}, 120_000);

afterAll(async () => {
  await arena?.close();
  await postgres?.stop();
  if (hasSmallDisk) spawnSync('umount', ['--lazy', folder]);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** What a buyer's screen shows: a status, or that nothing is known. */
const tried = (sale: Sale) => PLOTS.pay.strike(world, sale).catch((error: Error) => error.message);

async function allIsRightAfter(sales: readonly Sale[]): Promise<void> {
  for (const sale of sales) await PLOTS.pay.recover(world, sale);
  await quiescence(arena);
  expect(arena.isAlive).toBe(true);
  expect(await wrongs(arena)).toEqual([]);
  for (const sale of sales) expect(await effectsOf(arena, sale)).toEqual(PLOTS.pay.effects);
}

describe('PostgreSQL without', () => {
  it('connections: nobody is charged, and the same call goes through once there are some', async () => {
    const sale = await PLOTS.pay.prepare(world);
    await arena.rows('alter role parley_payments connection limit 0');
    await arena.rows(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'parley_payments'`,
    );

    const answer = await tried(sale);
    const charged = (await effectsOf(arena, sale)).captures;
    await arena.rows('alter role parley_payments connection limit -1');

    expect(answer).toBe(UNAVAILABLE);
    expect(charged).toBe(0);
    await allIsRightAfter([sale]);
  }, 120_000);

  it('an answer in time: the statement is given up, and nothing of it stays', async () => {
    const sale = await PLOTS.pay.prepare(world);
    const other = new pg.Client({ connectionString: arena.ground.databaseUrl });
    await other.connect();
    await other.query('begin; lock table payments.payment_attempt in access exclusive mode');

    const answer = await tried(sale);
    await until('the statement to be given up', 30_000, async () => {
      const waiting = await other.query(
        `select 1 from pg_stat_activity where usename = 'parley_payments' and wait_event_type = 'Lock'
         and query like '%payment_attempt%' and xact_start < clock_timestamp() - interval '15 seconds'`,
      );
      return waiting.rows.length === 0;
    });
    await other.query('rollback');
    await other.end();

    expect(answer).toBe(UNAVAILABLE);
    await allIsRightAfter([sale]);
  }, 120_000);

  (hasSmallDisk ? it : it.skip)(
    'room on its disk: no payment is half there, and all go through when there is room',
    async () => {
      const sales: Sale[] = [];
      for (let n = 0; n < 8; n += 1) sales.push(await PLOTS.pay.prepare(world));
      const filler = join(folder, 'filler');
      // A few pages are left, so that it is in the middle of something that the disk ends.
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - 4 * PAGE));
      // Small tables grow inside pages they have; a big row needs new ones, and the log a new segment.
      const answers = await Promise.all([...sales.map(tried), filled()]);
      rmSync(filler);
      if (!isRunning()) postgres = await start(postgres.port);
      await until('the database', 30_000, () => arena.rows('select 1'));

      expect(answers).toContain(UNAVAILABLE);
      expect(answers.at(-1)).toBe(DISK_FULL);
      await allIsRightAfter(sales);
    },
    180_000,
  );
});

/** Writes until the disk is full; resolves to what PostgreSQL said then. */
async function filled(): Promise<string> {
  for (;;) {
    try {
      await arena.rows(`create table if not exists public.filler (content text)`);
      await arena.rows(
        `insert into public.filler select string_agg(md5(random()::text), '') from generate_series(1, 2000)`,
      );
    } catch (error) {
      return (error as { code?: string }).code ?? 'gone';
    }
  }
}

function isRunning(): boolean {
  try {
    const pid = Number(
      readFileSync(join(postgres.directory, 'postmaster.pid'), 'utf8').split('\n', 1)[0],
    );
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function mountSmallDisk(): boolean {
  const options = ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=755`, 'tmpfs', folder];
  return process.platform === 'linux' && spawnSync('mount', options).status === 0;
}
