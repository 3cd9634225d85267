import { isDeepStrictEqual } from 'node:util';
import { ask, generateLoad } from '../support/load.ts';
import { type BenchOptions, readBenchOptions } from '../support/options.ts';
import { canPin, LOAD_CORE, pinSelf } from '../support/processes.ts';
import { describeMachine, saveResults, table } from '../support/results.ts';
import { figuresOf, type LoadName, NAMES, type Round, ratiosOf } from './ratios.ts';
import { LOADS, type Load } from './scenario.ts';
import { Stage, type Target } from './targets.ts';

/**
 * How fast this gateway is beside others: one scenario, one machine, rounds interleaved, and no
 * target is timed before its answers were compared.
 */
const CONNECTIONS = 50;
/** Longer is steadier; each is spent once per target and load. */
const QUICK = { rounds: 2, roundMs: 300, warmUpMs: 350 };
const FULL = { rounds: 5, roundMs: 3_000, warmUpMs: 2_000 };

const options = readBenchOptions(process.argv.slice(2));
const pace = options.quick ? QUICK : FULL;
const pinned = canPin();
const stage = new Stage(pinned);
let ending = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    ending = true;
    void stage.stop().finally(() => process.exit(130));
  });
}
try {
  await run(options);
} catch (error) {
  if (!ending) throw error;
} finally {
  if (!ending) await stage.stop();
}

async function run({ quick, install, json, only }: BenchOptions): Promise<void> {
  if (pinned) pinSelf(LOAD_CORE);
  await startTargets({ mayInstall: install || !quick, only });
  const { wrong, answerBytes } = await compareAnswers();
  // Bare node:http is among the targets by now.
  const rounds = new Map(
    stage.targets.map(({ name }) => [name, new Map<LoadName, Round[]>()] as const),
  );
  const right = ({ name }: Target, load: Load) => !wrong.has(`${name}, ${load.name}`);
  const measure = (target: Target, load: Load, milliseconds: number) =>
    measured(target, load, answerBytes.get(`${target.name}, ${load.name}`)!, milliseconds);
  await eachTarget(right, (target, load) => measure(target, load, pace.warmUpMs));
  for (let round = 0; round < pace.rounds; round++) {
    await eachTarget(right, async (target, load) => {
      const byLoad = rounds.get(target.name)!;
      const figures = await measure(target, load, pace.roundMs);
      byLoad.set(load.name, [...(byLoad.get(load.name) ?? []), figures]);
    });
    process.stderr.write(`round ${round + 1} of ${pace.rounds}\n`);
  }
  report(rounds, wrong, json);
}

async function startTargets({
  mayInstall,
  only,
}: {
  mayInstall: boolean;
  only: readonly string[];
}): Promise<void> {
  await stage.startSubgraphs();
  const hive = (planner: 'javascript' | 'rust', coalesce: boolean) => (name: string) =>
    stage.startHive(name, { planner, coalesce }, mayInstall);
  const starts: readonly (readonly [string, (name: string) => Promise<void>])[] = [
    [NAMES.http, (name) => stage.startParley(name, [])],
    [NAMES.coalescing, (name) => stage.startParley(name, ['coalesce'])],
    [NAMES.inProcess, (name) => stage.startParley(name, ['in-process'])],
    [NAMES.apollo, (name) => stage.startApollo(name)],
    [NAMES.hive, hive('javascript', false)],
    [NAMES.hiveCoalescing, hive('javascript', true)],
    [NAMES.rust, hive('rust', false)],
    [NAMES.rustCoalescing, hive('rust', true)],
    [NAMES.mercurius, (name) => stage.startMercurius(name, mayInstall)],
  ];
  for (const [name, start] of starts) {
    if (only.length === 0 || only.some((part) => name.includes(part))) await start(name);
  }
}

interface Comparison {
  /** What is answered wrongly, as `target, load`. */
  readonly wrong: ReadonlySet<string>;
  /** Length of the right answers, which differ in white space and order, by `target, load`. */
  readonly answerBytes: ReadonlyMap<string, number[]>;
}

/** Every target against the first, and then bare node:http with the bytes of the first. */
async function compareAnswers(): Promise<Comparison> {
  const wrong = new Set<string>();
  const answerBytes = new Map<string, number[]>();
  const [reference] = stage.targets;
  if (!reference) throw new Error('There is no such target.');
  const bare: Record<string, string> = {};
  for (const load of LOADS) {
    for (const body of load.bodies) {
      const expected = await ask(reference.server.port, reference.path(load.name), body);
      bare[load.name] = expected.text;
      if (expected.status !== 200 || expected.text.includes('"errors"')) {
        throw new Error(`${reference.name} fails: ${expected.text.slice(0, 500)}`);
      }
      for (const { name, server, path } of stage.targets) {
        const answer = await ask(server.port, path(load.name), body);
        const place = `${name}, ${load.name}`;
        const bytes = Buffer.byteLength(answer.text);
        answerBytes.set(place, [...(answerBytes.get(place) ?? []), bytes]);
        if (answer.status === 200 && sameJson(answer.text, expected.text)) continue;
        wrong.add(place);
        process.stderr.write(`${name} answers ${load.name} wrongly and is not timed\n`);
      }
    }
  }
  await stage.startBare(NAMES.bare, bare);
  for (const load of LOADS) {
    answerBytes.set(`${NAMES.bare}, ${load.name}`, [Buffer.byteLength(bare[load.name]!)]);
  }
  return { wrong, answerBytes };
}

function sameJson(left: string, right: string): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(left), JSON.parse(right));
  } catch {
    return false;
  }
}

/** Load by load, so that what is compared runs within seconds of each other. */
async function eachTarget(
  right: (target: Target, load: Load) => boolean,
  visit: (target: Target, load: Load) => Promise<unknown>,
): Promise<void> {
  for (const load of LOADS) {
    for (const target of stage.targets) if (right(target, load)) await visit(target, load);
  }
}

async function measured(
  target: Target,
  load: Load,
  answerBytes: readonly number[],
  milliseconds: number,
): Promise<Round> {
  const { server } = target;
  const cpuBefore = server.cpuSeconds();
  const result = await generateLoad({
    port: server.port,
    path: target.path(load.name),
    connections: CONNECTIONS,
    milliseconds,
    bodies: load.bodies,
    answerBytes,
  });
  if (result.failures > 0) {
    process.stderr.write(`${target.name}, ${load.name}: ${result.failures} requests failed\n`);
  }
  return {
    rps: (result.requests - result.failures) / result.seconds,
    cpuUsPerRequest: ((server.cpuSeconds() - cpuBefore) * 1e6) / result.requests,
    p99Ms: result.p99Ms,
  };
}

function report(
  rounds: ReadonlyMap<string, ReadonlyMap<LoadName, readonly Round[]>>,
  wrong: ReadonlySet<string>,
  json: boolean,
): void {
  const targets = Object.fromEntries(
    [...rounds].map(([name, byLoad]) => [
      name,
      Object.fromEntries([...byLoad].map(([load, each]) => [load, figuresOf(each)])),
    ]),
  );
  const ratios = ratiosOf(rounds);
  const result = {
    bench: 'gateway',
    machine: describeMachine(pinned),
    quick: options.quick,
    targets,
    absent: stage.absent,
    wrong: [...wrong],
    ratios,
  };
  const cells = (name: string): (string | number)[] =>
    LOADS.flatMap((load): (string | number)[] => {
      const figures = targets[name]?.[load.name];
      return figures ? [figures.rps, figures.cpuUsPerRequest, figures.p99Ms] : ['-', '-', '-'];
    });
  const heads = LOADS.flatMap(({ name }) => [`${name} rps`, 'CPU us', 'p99 ms']);
  process.stdout.write(
    `${table([['', ...heads], ...Object.keys(targets).map((name) => [name, ...cells(name)])])}\n\n`,
  );
  process.stdout.write(
    `${table(Object.entries(ratios).map(([row, values]) => [row, values.map((value) => value ?? '-').join(' / ')]))}\n`,
  );
  for (const { name, reason } of stage.absent) process.stdout.write(`absent: ${name}: ${reason}\n`);
  process.stdout.write(`${saveResults(result)}\n`);
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
}
