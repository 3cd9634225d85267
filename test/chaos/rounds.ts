import type { Arena } from './arena.ts';
import type { Failpoint } from './failpoints.ts';
import { PLOTS } from './scenarios.ts';
import { effectsOf, quiescence, wrongs } from './verdict.ts';
import type { World } from './world.ts';

export interface Outcome {
  readonly label: string;
  /** From the kill until the process served again. */
  readonly restartMs: number;
  /** From the kill until the client had its answer and all was done. */
  readonly recoveredMs: number;
  /** Empty when the round is as it should be. */
  readonly wrong: readonly string[];
}

/** A point that is not reached within this is never reached. */
const HIT_MS = 15_000;

/** Kills the process at one point, lets it come back, and looks at everything. */
export async function killAt(world: World, { label, scenario }: Failpoint): Promise<Outcome> {
  const { arena } = world;
  const plot = PLOTS[scenario];
  if (!arena.isAlive) await arena.start();
  try {
    const sale = await plot.prepare(world);
    await quiescenceOf(arena, scenario);
    await arena.arm(label);
    const struck = plot.strike(world, sale).catch(() => {}); // its answer was lost with the process
    if (!(await arena.dies(HIT_MS))) return failed(label, 'never reached');
    const diedAt = Date.now();
    await struck;
    const restartMs = await arena.start();
    await plot.recover(world, sale);
    await quiescence(arena);
    const recoveredMs = Date.now() - diedAt;
    const wrong = await wrongs(arena);
    const effects = await effectsOf(arena, sale);
    for (const [what, expected] of Object.entries(plot.effects)) {
      const seen = effects[what as keyof typeof effects];
      if (seen !== expected) wrong.push(`${what}: ${seen} and not ${expected}`);
    }
    return { label, restartMs, recoveredMs, wrong };
  } catch (error) {
    return failed(label, error instanceof Error ? error.message : String(error));
  }
}

// A capture that waits for the processor's decision is what the scenario of webhooks begins with.
async function quiescenceOf(arena: Arena, scenario: Failpoint['scenario']): Promise<void> {
  if (scenario !== 'webhook') await quiescence(arena);
}

function failed(label: string, problem: string): Outcome {
  return { label, restartMs: 0, recoveredMs: 0, wrong: [problem] };
}
