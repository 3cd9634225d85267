import { planOf } from './generate.ts';
import type { Plan } from './plan.ts';
import { type Result, runSchedule } from './schedule.ts';

export interface Failure {
  readonly seed: number;
  readonly invariant: string;
  readonly text: string;
}

/** What a range of seeds came to. */
export interface Tally {
  seeds: number;
  steps: number;
  readonly failures: Failure[];
  readonly faults: Record<string, number>;
}

export function emptyTally(): Tally {
  return { seeds: 0, steps: 0, failures: [], faults: {} };
}

/** Runs every `stride`th seed from `first` on, `count` of them; stops early at the first failure if told to. */
export async function runSeeds(
  first: number,
  count: number,
  stride: number,
  stopsAtFailure: boolean,
  run: (plan: Plan) => Promise<Result> = runSchedule,
): Promise<Tally> {
  const tally = emptyTally();
  // A refusal is an error, and nobody reads its stack here: `--seed` has it.
  Error.stackTraceLimit = 0;
  for (let index = 0; index < count; index += 1) {
    const seed = first + index * stride;
    const result = await run(planOf(seed)).catch((cause: unknown) => {
      throw new Error(`seed ${seed} did not end: ${(cause as Error).message}`, { cause });
    });
    tally.seeds += 1;
    tally.steps += result.steps;
    for (const [name, times] of result.struck)
      tally.faults[name] = (tally.faults[name] ?? 0) + times;
    for (const { invariant, text } of result.violations)
      tally.failures.push({ seed, invariant, text });
    if (stopsAtFailure && tally.failures.length > 0) return tally;
  }
  return tally;
}

export function added(a: Tally, b: Tally): Tally {
  const faults = { ...a.faults };
  for (const [name, times] of Object.entries(b.faults)) faults[name] = (faults[name] ?? 0) + times;
  return {
    seeds: a.seeds + b.seeds,
    steps: a.steps + b.steps,
    failures: [...a.failures, ...b.failures],
    faults,
  };
}
