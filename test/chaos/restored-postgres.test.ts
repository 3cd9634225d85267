import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
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

/** Keeps the owner, who may be another user. */
function copy(from: string, to: string): void {
  rmSync(join(folder, to), { recursive: true, force: true });
  const { status } = spawnSync('cp', ['-a', join(folder, from), join(folder, to)]);
  if (status !== 0) throw new Error(`could not copy ${from}`);
}

const FINDINGS = 'report { open { kind subject reference theirs { amountMinor } } }';

interface Reconciled {
  readonly report: { readonly open: readonly object[] };
}

describe('a database that is older than what PayPal did', () => {
  it('says which money moved without it, and guesses nothing', async () => {
    const [kept, lost] = [await PLOTS.pay.prepare(world), await PLOTS.pay.prepare(world)];
    await PLOTS.pay.strike(world, kept);
    await PLOTS.pay.recover(world, kept);
    await quiescence(arena);
    await postgres.stop();
    copy('postgres', 'backup');
    postgres = await start(postgres.port);
    await until('the database', 30_000, () => arena.rows('select 1'));
    await PLOTS.pay.recover(world, lost);
    const captured = (await arena.processorLog()).findLast(
      ({ what }) => what === 'capture.completed',
    );

    await postgres.stop();
    copy('backup', 'postgres');
    postgres = await start(postgres.port);
    await until('the database', 30_000, () => arena.rows('select 1'));
    await arena.advance(10 * 60_000);
    const { report } = await world.reconcile<Reconciled>(FINDINGS);

    expect(report.open).toEqual([
      {
        kind: 'MISSING_HERE',
        subject: 'CAPTURE',
        reference: captured?.id,
        theirs: { amountMinor: '2900' },
      },
    ]);
    // What was there is as it was, and nobody's money was moved on a guess.
    expect(await effectsOf(arena, kept)).toEqual(PLOTS.pay.effects);
    expect((await arena.processorLog()).filter(({ what }) => what === 'refund.completed')).toEqual(
      [],
    );
    expect(await wrongs(arena)).toEqual([
      `I2 ${captured?.id}: MISSING_HERE CAPTURE ${captured?.id}`,
      `I2 capture ${captured?.id}: 2900 USD there, nothing here`,
    ]);
  }, 180_000);
});
