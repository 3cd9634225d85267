import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { patched } from '../../support/patched-sources.mjs';
import { BUGS, type Bug, bugCalled, type Patch } from './bugs.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
/** The rarest bug must be found within so many seeds: a tenth of what a whole run has. */
const SEEDS_MAX = 20_000;
/** As many processes at once as a small machine has processors. */
const AT_ONCE = 2;
const MINUTE_MS = 60_000;
/** Found within a few seeds: what a test has time for. */
const QUICK: readonly string[] = [
  ...['acknowledged-before-it-is-done', 'relay-does-not-wait', 'hold-too-short'],
  ...['paid-before-all-was-sent', 'freeze-ignored', 'amount-not-checked', 'not-given-back'],
  ...['refund-not-set-aside', 'pending-taken-for-declined', 'posted-to-the-wrong-account'],
  ...['posting-missing', 'no-hold-expiry', 'cross-tenant-read', 'never-sent-not-cancelled'],
];

interface Caught {
  readonly bug: Bug;
  /** What noticed it, or null. */
  readonly by: string | null;
  readonly seeds: number | null;
  readonly how: string;
}

/** Plants bugs one at a time and says who noticed. Resolves to the exit code: 0 when each was caught. */
export async function runGate(
  name: string,
  isJson: boolean,
  say: (text: string) => void,
): Promise<number> {
  const wanted = bugsOf(name);
  const begun = performance.now();
  const queue = [...wanted];
  const results: Caught[] = [];
  const work = async () => {
    for (let bug = queue.shift(); bug; bug = queue.shift()) {
      const caught = bug.caughtBy === 'simulation' ? await simulate(bug) : await test(bug);
      results.push(caught);
      const seeds = caught.seeds === null ? '' : `seed ${caught.seeds}`;
      say(
        `${pad(bug.name, 34)}${pad(caught.by ?? 'NOT CAUGHT', 34)}${pad(seeds, 12)}${caught.how}`,
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  // By itself: a test that fails because everything runs at once would say nothing either.
  const untouched = await failingUntouched(wanted);
  if (untouched !== null) say(`Nothing planted, and yet: ${untouched}`);
  const missed = results.filter(({ by }) => by === null).map(({ bug }) => bug.name);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  if (isJson)
    say(
      JSON.stringify({
        planted: results.length,
        caught: results.length - missed.length,
        missed,
        untouched,
        seconds,
        bugs: results.map(({ bug, by, seeds, how }) => ({
          ...{ name: bug.name, faultClass: bug.faultClass, by, seeds, how },
        })),
      }),
    );
  else say(`${results.length - missed.length} of ${results.length} caught in ${seconds} s`);
  return missed.length === 0 && untouched === null ? 0 : 1;
}

function bugsOf(name: string): readonly Bug[] {
  if (name === 'all') return BUGS;
  if (name === 'simulated') return BUGS.filter((bug) => bug.caughtBy === 'simulation');
  if (name === 'quick') return BUGS.filter((bug) => QUICK.includes(bug.name));
  return [bugCalled(name)];
}

async function simulate(bug: Bug): Promise<Caught> {
  const args = [
    ...['--import', './local/typescript.mjs', '--import', './test/simulation/planted/hook.mjs'],
    ...['test/simulation/main.ts', '--seeds', String(SEEDS_MAX), '--workers', '1'],
    ...['--until-failure', '--json'],
  ];
  const env = { ...process.env, PLANTED: bug.name, NODE_OPTIONS: '' };
  const { stdout, failed } = await outcome(process.execPath, args, root, env);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const answer = last.startsWith('{') ? JSON.parse(last) : null;
  if (answer === null)
    return {
      bug,
      by: null,
      seeds: null,
      how: `the simulation did not end: ${failed.slice(0, 300)}`,
    };
  const [first] = answer.failures as { seed: number; invariant: string; text: string }[];
  return {
    bug,
    by: first ? 'simulation' : null,
    seeds: first?.seed ?? null,
    how: first ? `${first.invariant}: ${first.text}` : `not in ${answer.seeds} seeds`,
  };
}

/** Runs a test file in a copy of the sources that has the bug: it must fail there. */
async function test(bug: Bug): Promise<Caught> {
  if (bug.caughtBy === 'simulation') throw new TypeError('not for a test');
  const { test: file, matching } = bug.caughtBy;
  const only = matching === undefined ? [] : ['-t', matching];
  const { failures, failed } = await inCopy(bug.patches, [file, ...only]);
  const by = failures > 0 ? (file.split('/').at(-1) ?? file) : null;
  const how = failures > 0 ? `${failures} tests fail` : `no test fails: ${failed}`;
  return { bug, by, seeds: null, how };
}

/**
 * The same tests in a copy without any bug must pass there, or a failure would say nothing of one.
 * Resolves to what went wrong, or to null.
 */
async function failingUntouched(bugs: readonly Bug[]): Promise<string | null> {
  const files = new Set(
    bugs.flatMap(({ caughtBy }) => (caughtBy === 'simulation' ? [] : [caughtBy.test])),
  );
  if (files.size === 0) return null;
  const { passes, failures, failed } = await inCopy([], [...files]);
  return failures === 0 && passes > 0 ? null : `${failures} tests fail, ${passes} pass. ${failed}`;
}

async function inCopy(
  patches: readonly Patch[],
  args: readonly string[],
): Promise<{ passes: number; failures: number; failed: string }> {
  const copy = mkdtempSync(join(tmpdir(), 'parley-planted-'));
  try {
    const entries = ['gateway', 'local', 'schema', 'subgraphs', 'test', 'package.json'];
    for (const entry of [...entries, 'jest.config.js', 'tsconfig.json', '.npmrc'])
      cpSync(join(root, entry), join(copy, entry), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const patch of patches) {
      const path = join(copy, patch.file);
      writeFileSync(path, patched(readFileSync(path, 'utf8'), patch));
    }
    const env = { ...process.env, NODE_OPTIONS: '' };
    const { stdout, failed } = await outcome('npm', ['test', '--', ...args, '--json'], copy, env);
    const answer = /\{"numFailedTestSuites".*\}/s.exec(stdout);
    const { numFailedTests = 0, numPassedTests = 0 } = answer ? JSON.parse(answer[0]) : {};
    return { passes: numPassedTests, failures: numFailedTests, failed };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function outcome(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ stdout: string; failed: string }> {
  const options = { cwd, env, maxBuffer: 64 * 1_024 * 1_024, timeout: 10 * MINUTE_MS };
  try {
    const { stdout } = await run(command, [...args], options);
    return { stdout, failed: '' };
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      message,
    } = error as {
      stdout?: string;
      stderr?: string;
      message: string;
    };
    return { stdout, failed: stderr.slice(0, 500) || message };
  }
}

function pad(text: string, width: number): string {
  return text.padEnd(width);
}
