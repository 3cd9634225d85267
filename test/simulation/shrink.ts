import type { Phase, Plan } from './plan.ts';
import { runSchedule } from './schedule.ts';

/** The smallest plan that still breaks the same promise: actions, faults and moves are taken out one by one. */
export async function shrink(plan: Plan, invariant: string): Promise<Plan> {
  const stillFails = async (candidate: Plan) =>
    (await runSchedule(candidate)).violations.some((found) => found.invariant === invariant);
  let smallest = plan;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smallerThan(smallest)) {
      if (!(await stillFails(candidate))) continue;
      smallest = candidate;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

function* smallerThan(plan: Plan): Iterable<Plan> {
  const { phases, faults } = plan;
  for (let index = 0; index < phases.length; index += 1)
    yield { ...plan, phases: without(phases, index) };
  for (let index = 0; index < faults.length; index += 1)
    yield { ...plan, faults: without(faults, index) };
  for (const [index, phase] of phases.entries()) {
    const replaced = (smaller: Phase): Plan => ({
      ...plan,
      phases: phases.map((known, at) => (at === index ? smaller : known)),
    });
    for (let action = 0; action < phase.actions.length; action += 1)
      yield replaced({ ...phase, actions: without(phase.actions, action) });
    if (phase.jumpDuring) yield replaced({ ...phase, jumpDuring: null });
    if (phase.thenMove > 0) yield replaced({ ...phase, thenMove: 0 });
  }
}

function without<T>(from: readonly T[], index: number): T[] {
  return [...from.slice(0, index), ...from.slice(index + 1)];
}
