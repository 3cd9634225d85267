import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { HIVE } from '../gateway/targets.ts';
import { type BenchOptions, readBenchOptions } from '../support/options.ts';
import { providePeer } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { canPin, LOAD_CORE, pinSelf, ServerProcess, TARGET_CORE } from '../support/processes.ts';
import { describeMachine, saveResults, table } from '../support/results.ts';
import { type Pace as FleetPace, type LiveTarget, measureTarget } from './measure.ts';
import { type LiveFigures, NAMES, type ProductFigures, productRatios, ratiosOf } from './ratios.ts';
import { liveSupergraph } from './supergraph.ts';

/**
 * One joined subscription, many subscribers: how many deliveries a second, how late, and how much
 * memory each takes. Servers are started one after the other, each alone on its core.
 */
interface Pace extends FleetPace {
  /** Chat messages whose way from the commit to the client is measured. */
  readonly messages: number;
  readonly commitsMs: number;
}

const QUICK: Pace = { window: 3, milliseconds: 600, singles: 10, messages: 10, commitsMs: 600 };
const FULL: Pace = { window: 3, milliseconds: 5_000, singles: 50, messages: 100, commitsMs: 6_000 };
const PROGRAM = [
  process.execPath,
  '--expose-gc',
  '--import',
  join(process.cwd(), 'local', 'typescript.mjs'),
];
const TARGETS = 'test/bench/live/targets';

const options = readBenchOptions(process.argv.slice(2));
const pinned = canPin();
const running = new Set<ServerProcess>();
const parent = join(process.cwd(), '.data');
mkdirSync(parent, { recursive: true });
const directory = mkdtempSync(join(parent, 'bench-live-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void stopAll().finally(() => process.exit(130));
  });
}
try {
  await run(options);
} finally {
  await stopAll();
  rmSync(directory, { recursive: true, force: true });
}

async function run({ quick, install, json, only, subscribers }: BenchOptions): Promise<void> {
  if (pinned) pinSelf(LOAD_CORE);
  const sizes = subscribers.length > 0 ? subscribers : quick ? [1_000] : [1_000, 5_000];
  const targets: Record<string, Record<string, LiveFigures>> = {};
  const absent: { name: string; reason: string }[] = [];
  const bySize = new Map<number, Map<string, LiveFigures>>();
  for (const size of sizes) {
    const figures = new Map<string, LiveFigures>();
    for (const [name, start] of starts(install || !quick)) {
      if (only.length > 0 && !only.some((part) => name.includes(part))) continue;
      try {
        const target = await start();
        if (target === null) throw new Error('not installed');
        figures.set(name, await measureTarget(target, size, quick ? QUICK : FULL));
        process.stderr.write(`${name}, ${size}: done\n`);
      } catch (error) {
        const [reason = ''] = (error as Error).message.split('\n');
        if (name === NAMES.parley) throw error;
        absent.push({ name, reason });
      }
      await stopAll();
    }
    for (const [name, each] of figures) targets[name] = { ...targets[name], [size]: each };
    bySize.set(size, figures);
  }
  const machine = describeMachine(pinned);
  const product = only.length > 0 ? null : measureProduct(quick ? QUICK : FULL);
  const ratios = { ...ratiosOf(bySize), ...(product && productRatios(product)) };
  const result = { bench: 'live', machine, quick, targets, product, absent, ratios };
  print(targets, ratios);
  for (const { name, reason } of absent) process.stdout.write(`absent: ${name}: ${reason}\n`);
  process.stdout.write(`${saveResults(result)}\n`);
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
}

function starts(
  mayInstall: boolean,
): readonly (readonly [string, () => Promise<LiveTarget | null>])[] {
  const alone = (name: string, program: string, resumes: boolean) => async () => {
    const server = await startProgram(program, TARGET_CORE, []);
    return { name, server, publisher: server, resumes };
  };
  return [
    [NAMES.parley, alone(NAMES.parley, 'parley.ts', true)],
    [NAMES.stock, alone(NAMES.stock, 'graphql-ws.ts', false)],
    [NAMES.raw, alone(NAMES.raw, 'raw-ws.ts', false)],
    [
      NAMES.remote,
      async () => {
        const publisher = await startProgram('subgraphs.ts', LOAD_CORE, []);
        const origin = `http://127.0.0.1:${publisher.port}`;
        const server = await startProgram('parley.ts', TARGET_CORE, [origin]);
        return { name: NAMES.remote, server, publisher, resumes: false };
      },
    ],
    [NAMES.hive, () => startHive(mayInstall)],
  ];
}

/** In a process of its own that may use every core: it is the whole product and its database. */
function measureProduct({ messages, commitsMs }: Pace): ProductFigures {
  if (pinned) pinSelf(`0-${cpus().length - 1}`);
  const [command = '', ...flags] = PROGRAM;
  const args = [...flags, 'test/bench/live/product.ts', String(messages), String(commitsMs)];
  const output = execFileSync(command, args, { encoding: 'utf8' });
  process.stderr.write('the whole product: done\n');
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as ProductFigures;
}

async function startHive(mayInstall: boolean): Promise<LiveTarget | null> {
  const programs = ['test/bench/live/peers/hive-live.config.mjs'];
  const home = providePeer({ ...HIVE, programs }, mayInstall);
  if (home === null) return null;
  const publisher = await startProgram('subgraphs.ts', LOAD_CORE, []);
  const supergraph = join(directory, 'supergraph.graphql');
  writeFileSync(supergraph, liveSupergraph(`http://127.0.0.1:${publisher.port}`));
  const port = await freePort();
  const server = await ServerProcess.start({
    command: [
      ...[process.execPath, 'node_modules/@graphql-hive/gateway/dist/bin.js', 'supergraph'],
      ...[supergraph, '--config-path', 'hive-live.config.mjs'],
      ...['--port', String(port), '--host', '127.0.0.1', '--fork', '1'],
    ],
    cwd: home,
    env: { NODE_ENV: 'production' },
    port,
    core: pinned ? TARGET_CORE : null,
  });
  running.add(server);
  return { name: NAMES.hive, server, publisher, resumes: false };
}

async function startProgram(
  program: string,
  core: number,
  args: readonly string[],
): Promise<ServerProcess> {
  const port = await freePort();
  const server = await ServerProcess.start({
    command: [...PROGRAM, `${TARGETS}/${program}`, String(port), ...args],
    env: { NODE_ENV: 'production' },
    port,
    core: pinned ? core : null,
    ipc: true,
  });
  running.add(server);
  return server;
}

async function stopAll(): Promise<void> {
  await Promise.all([...running].map((server) => server.stop()));
  running.clear();
}

function print(
  targets: Readonly<Record<string, Readonly<Record<string, LiveFigures>>>>,
  ratios: Readonly<Record<string, readonly (number | null)[]>>,
): void {
  const heads = ['', 'clients', 'events/s', 'CPU us', 'p50 ms', 'p99 ms', 'KiB idle', 'KiB extra'];
  const rows = Object.entries(targets).flatMap(([name, bySize]) =>
    Object.entries(bySize).map(([size, each]) => [
      ...[name, size, each.eventsPerSecond, each.cpuUsPerEvent, each.p50Ms, each.p99Ms],
      ...[each.kibPerIdleSubscriber, each.kibPerExtraSubscription],
    ]),
  );
  process.stdout.write(`${table([heads, ...rows])}\n\n`);
  const lines = Object.entries(ratios).map(([row, values]) => [
    row,
    values.map((value) => value ?? '-').join(' / '),
  ]);
  process.stdout.write(`${table(lines)}\n`);
}
