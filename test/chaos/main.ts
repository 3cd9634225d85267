import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../local/postgres.ts';
import { Arena } from './arena.ts';
import { FAILPOINTS } from './failpoints.ts';
import { killAt, type Outcome } from './rounds.ts';
import { World } from './world.ts';

const USAGE = `Kills real processes at labelled points of the work and looks at what is left.

  npm run chaos [-- --points LABEL,LABEL --rounds N --json]

On TEST_DATABASE_URL, or an embedded PostgreSQL of its own. Exit code 0: after each kill one effect, and
every invariant holds; 1: not so; 2: it could not be run.
`;

const { values } = parseArgs({
  options: {
    points: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}

const wanted = values.points?.split(',');
const points = FAILPOINTS.filter(({ label }) => wanted === undefined || wanted.includes(label));
const unknown = wanted?.filter((label) => !FAILPOINTS.some((point) => point.label === label)) ?? [];
const rounds = Number(values.rounds);
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(
    `chaos: ${unknown.length > 0 ? `no point ${unknown.join(', ')}` : '--rounds takes 1 or more'}; try --help.\n`,
  );
  process.exit(2);
}

const server = await serverOf();
const began = Date.now();
const outcomes: Outcome[] = [];
try {
  const arena = await Arena.open(server.databaseUrl);
  try {
    const world = new World(arena);
    await world.prepare();
    for (let round = 1; round <= rounds; round += 1) {
      for (const point of points) {
        const outcome = await killAt(world, point);
        outcomes.push(outcome);
        if (!values.json) process.stdout.write(line(outcome));
      }
    }
  } finally {
    await arena.close();
  }
} finally {
  await server.close();
}

const bad = outcomes.filter(({ wrong }) => wrong.length > 0);
const restarts = outcomes.map(({ restartMs }) => restartMs).sort((a, b) => a - b);
const summary = {
  points: points.length,
  kills: outcomes.length - bad.length,
  wrong: bad.map(({ label, wrong }) => ({ label, wrong })),
  restartMsMedian: restarts[Math.floor(restarts.length / 2)] ?? 0,
  restartMsMax: restarts.at(-1) ?? 0,
  seconds: Math.round((Date.now() - began) / 1_000),
};
process.stdout.write(
  values.json
    ? `${JSON.stringify(summary)}\n`
    : `${summary.kills} of ${outcomes.length} kills as they should be, ${summary.points} points, restart ${summary.restartMsMedian} ms (at most ${summary.restartMsMax}), ${summary.seconds} s\n`,
);
process.exitCode = bad.length > 0 ? 1 : 0;

function line({ label, restartMs, recoveredMs, wrong }: Outcome): string {
  const verdict = wrong.length === 0 ? 'ok   ' : 'WRONG';
  const times = wrong.length === 0 ? `  back in ${restartMs} ms, done in ${recoveredMs} ms` : '';
  return `${verdict}  ${label.padEnd(28)}${times}\n${wrong.map((text) => `         ${text}\n`).join('')}`;
}

/** A database of its own, on a server that is there or on one that is started for it. */
async function serverOf() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
  chmodSync(folder, 0o755); // PostgreSQL may have to run as another user
  const embedded = process.env.TEST_DATABASE_URL
    ? null
    : await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres'), durable: false });
  const serverUrl = embedded?.url ?? process.env.TEST_DATABASE_URL ?? '';
  const name = `parley_chaos_${randomBytes(6).toString('hex')}`;
  const admin = async (statement: string) => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await admin(`create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    databaseUrl: url.toString(),
    close: async () => {
      if (embedded) await embedded.stop();
      else await admin(`drop database ${name} with (force)`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
