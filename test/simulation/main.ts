import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { planOf } from './generate.ts';
import type { Plan } from './plan.ts';
import { runGate } from './planted/gate.ts';
import { runSchedule } from './schedule.ts';
import { added, emptyTally, type Failure, runSeeds, type Tally } from './seeds.ts';
import { shrink } from './shrink.ts';

const USAGE = `npm run simulate -- [options]
  --seeds N       how many schedules (10000)
  --from S        the first seed (1)
  --seed S        one schedule: its plan, its trace, and its smallest failing form
  --corpus        plans that once failed, each in several orders of steps
  --workers K     threads (as many as there are processors; one more with --postgres, where they wait)
  --planted NAME  plants a bug and says who caught it; "all" plants each in turn, "quick" the
                  ones that are found at once
  --postgres      with the real stores on PostgreSQL: TEST_DATABASE_URL, or one of its own
  --until-failure stops at the first failing seed
  --json          the last line is one JSON object`;

/** Each plan of the corpus is run in so many orders of steps. */
const ORDERS = 25;
/** For what a thread has made lately, MB. Smaller is collected while schedules still use more of it; larger no longer helps. */
const YOUNG_GENERATION_MB = 192;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    workers: { type: 'string' },
    corpus: { type: 'boolean', default: false },
    planted: { type: 'string' },
    postgres: { type: 'boolean', default: false },
    'until-failure': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (text: string) => process.stdout.write(`${text}\n`);

if (values.help) say(USAGE);
else if (values.planted !== undefined)
  process.exitCode = await runGate(values.planted, values.json, say);
else if (values.corpus) process.exitCode = await replay();
else if (values.seed !== undefined) process.exitCode = await explain(wholeNumber(values.seed));
else process.exitCode = await runAll();

/** Everything about one seed: for a person who looks for the reason. */
async function explain(seed: number): Promise<number> {
  const plan = planOf(seed);
  const result = await runSchedule(plan, true);
  for (const line of result.trace ?? []) say(line);
  say(JSON.stringify(plan, null, 2));
  const [first] = result.violations;
  if (!first) {
    say(`seed ${seed}: no violation in ${result.steps} steps`);
    return 0;
  }
  for (const { invariant, text } of result.violations) say(`seed ${seed}: ${invariant}: ${text}`);
  say('The smallest plan that still fails:');
  say(JSON.stringify(await shrink(plan, first.invariant), null, 2));
  return 1;
}

/** Plans that once failed; in other orders of steps too, because the old order may lead past the fault now. */
async function replay(): Promise<number> {
  const file = new URL('./corpus.json', import.meta.url);
  const corpus = JSON.parse(readFileSync(file, 'utf8')) as { why: string; plan: Plan }[];
  const failures: Failure[] = [];
  for (const { plan, why } of corpus) {
    for (let order = 0; order < ORDERS; order += 1) {
      const result = await runSchedule({ ...plan, order: plan.order + order });
      for (const { invariant, text } of result.violations) {
        failures.push({ seed: plan.seed, invariant, text });
        say(`${why} (order ${plan.order + order}): ${invariant}: ${text}`);
      }
    }
  }
  const summary = { plans: corpus.length, orders: ORDERS, violations: failures.length };
  say(
    values.json ? JSON.stringify(summary) : `${corpus.length} plans, ${failures.length} violations`,
  );
  return failures.length === 0 ? 0 : 1;
}

async function runAll(): Promise<number> {
  await using postgres = values.postgres ? await serverOf() : null;
  const begun = performance.now();
  const tally = await spread(
    wholeNumber(values.from),
    wholeNumber(values.seeds),
    values.workers === undefined
      ? availableParallelism() + (postgres ? 1 : 0)
      : wholeNumber(values.workers),
    postgres?.url ?? null,
  );
  const seconds = (performance.now() - begun) / 1_000;
  report(tally.failures);
  const { seeds, faults } = tally;
  const violations = new Set(tally.failures.map(({ seed }) => seed)).size;
  const seedsPerSecond = Math.round(seeds / seconds);
  if (values.json)
    say(
      JSON.stringify({
        seeds,
        violations,
        seedsPerSecond,
        seconds: Math.round(seconds * 10) / 10,
        stepsPerSeed: Math.round(tally.steps / Math.max(1, seeds)),
        faults: sorted(faults),
        failures: tally.failures.slice(0, 20),
      }),
    );
  else {
    for (const [name, times] of Object.entries(sorted(faults)))
      say(`${String(times).padStart(9)} ${name}`);
    say(`${seeds} seeds, ${violations} violating, ${seedsPerSecond} a second`);
  }
  return violations === 0 ? 0 : 1;
}

/** The server that is named, or an embedded one that ends with this run. */
async function serverOf(): Promise<{ readonly url: string } & AsyncDisposable> {
  const named = process.env.TEST_DATABASE_URL;
  if (named) return { url: named, [Symbol.asyncDispose]: async () => {} };
  const { startEmbeddedPostgres } = await import('../../local/postgres.ts');
  const folder = mkdtempSync(join(tmpdir(), 'parley-simulation-'));
  chmodSync(folder, 0o755);
  const dataDirectory = join(folder, 'postgres');
  const server = await startEmbeddedPostgres({ dataDirectory, durable: false });
  return {
    url: server.socketUrl,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function spread(
  first: number,
  count: number,
  workers: number,
  serverUrl: string | null,
): Promise<Tally> {
  const stopsAtFailure = values['until-failure'];
  if (workers <= 1 && serverUrl === null) return runSeeds(first, count, 1, stopsAtFailure);
  const parts = Array.from({ length: workers }, (_, index) => ({
    ...{ first: first + index, stride: workers, stopsAtFailure, serverUrl },
    count: Math.ceil((count - index) / workers),
  }));
  const run = (part: object) =>
    new Promise<Tally>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), {
        workerData: part,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
      });
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`a worker ended with ${code}`)));
    });
  return Promise.all(parts.map(run)).then((tallies) => tallies.reduce(added, emptyTally()));
}

function report(failures: readonly Failure[]): void {
  const kinds = new Map<string, number[]>();
  for (const { seed, invariant, text } of failures) {
    const kind = `${invariant}: ${text}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), seed]);
  }
  for (const [kind, seeds] of kinds)
    say(`${kind} (${seeds.length}; npm run simulate -- --seed ${seeds.slice(0, 5).join(', ')})`);
}

function sorted(faults: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(faults).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function wholeNumber(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new Error(`"${text}" is not a whole number.\n${USAGE}`);
  return Number(text);
}
