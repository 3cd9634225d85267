import type { SimBus } from './bus.ts';
import type { Faults } from './faults.ts';
import { MemoryStorage } from './memory/storage.ts';
import { type Cancellation, judge } from './oracles/final.ts';
import { type Violation, Violations } from './oracles/violation.ts';
import { Watcher } from './oracles/watcher.ts';
import type { Plan } from './plan.ts';
import { NeverIdle, Scheduler } from './scheduler.ts';
import type { Storage } from './storage.ts';
import { Actions } from './world/actions.ts';
import { World } from './world/world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A Monday: what a weekend does is reached by moving the clock. */
const BEGINNING = Date.parse('2030-01-07T09:00:00.000Z');
/** Timed work is repeated while it finds something to do, so often at most. */
const ROUNDS_MAX = 8;
const DAYS = [9, 18, 23];
/** After each capture: until PayPal's own day 28 is over. */
const LAST_DAYS = [21.1, 25.1, 27.1, 28.1, 28.7];
/** People act until then; what follows is left to the timers. */
const LAST_ACTION_MS = 17 * DAY_MS;

export interface Result {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly steps: number;
  readonly struck: ReadonlyMap<string, number>;
  readonly trace: readonly string[] | null;
}

type StorageOf = (scheduler: Scheduler, faults: Faults, bus: SimBus) => Storage;

const inMemory: StorageOf = (...given) => new MemoryStorage(...given);

/** Runs one plan: the actions with their faults, then peace, then the oracles. */
export async function runSchedule(
  plan: Plan,
  isTraced = false,
  storageOf: StorageOf = inMemory,
): Promise<Result> {
  const scheduler = new Scheduler(plan.order, BEGINNING, isTraced);
  const violations = new Violations();
  const world = new World(scheduler, plan, storageOf);
  await scheduler.owningGlobals(async () => {
    try {
      await play(world, violations);
    } catch (error) {
      if (!(error instanceof NeverIdle)) throw error;
      violations.add('I17', error.message);
    }
  });
  for (const leak of world.leaks) violations.add('I16', leak);
  for (const defect of world.defects) violations.add('DEFECT', defect.message);
  return {
    seed: plan.seed,
    violations: violations.found,
    steps: scheduler.steps,
    struck: world.faults.struck,
    trace: scheduler.trace,
  };
}

async function play(world: World, violations: Violations): Promise<void> {
  const { scheduler, plan } = world;
  const { storage } = world;
  if (storage instanceof MemoryStorage) {
    const watcher = new Watcher(violations, scheduler, world.bus, world.paypal);
    storage.watch((database, written) => watcher.committed(database, written));
  }
  await world.open();
  const actions = new Actions(world);
  for (const phase of plan.phases) {
    for (const action of phase.actions) actions.begin(action);
    const { jumpDuring } = phase;
    if (jumpDuring) {
      const until = scheduler.steps + jumpDuring.afterSteps;
      await scheduler.runUntilIdle(() => scheduler.steps >= until);
      world.faults.count('clock jump');
      move(world, jumpDuring.milliseconds);
    }
    await scheduler.runUntilIdle();
    // Timed work runs every few seconds: before a long time has passed all of it has run twice.
    if (phase.thenMove > 12 * HOUR_MS) world.paypal.decidePayouts();
    if (phase.thenMove > HOUR_MS)
      for (let round = 0; round < 2; round += 1) {
        await storage.look();
        await world.runJobs(round);
        await scheduler.runUntilIdle();
      }
    const left = BEGINNING + LAST_ACTION_MS - scheduler.nowMs;
    move(world, Math.min(phase.thenMove, Math.max(0, left)));
    await storage.look();
    await world.runJobs(scheduler.steps);
    await scheduler.runUntilIdle();
    world.deliverLate();
  }
  world.faults.stop();
  const settle = async (milliseconds: number) => {
    move(world, milliseconds);
    await storage.look();
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const before = storage.commits;
      await world.runJobs(round);
      await scheduler.runUntilIdle();
      await storage.look();
      if (storage.commits === before) return;
      move(world, 2 * MINUTE_MS);
    }
  };
  await settle(2 * MINUTE_MS);
  world.paypal.decidePending(true);
  await settle(HOUR_MS);
  // Payouts come due, then what was never sent is cancelled; each well before PayPal's own day 28.
  const { down, disputesEndOn = 18 } = plan;
  let isEnded = false;
  for (const day of down ? daysUntil28(world) : DAYS) {
    if (down && day >= down.from && day < down.until) continue;
    const left = BEGINNING + day * DAY_MS - scheduler.nowMs;
    if (left > 0) await settle(left);
    if (isEnded || day < disputesEndOn) continue;
    isEnded = true;
    world.paypal.endDisputes(plan.disputesEndFor !== 'BUYER');
    await settle(HOUR_MS);
  }
  if (down) {
    if (down.until > 0) world.faults.count('all down for days');
    world.paypal.endDisputes(plan.disputesEndFor !== 'BUYER');
    await settle(HOUR_MS);
    // PayPal lists a payout some hours after it was made; a webhook of what is not ours waits for days.
    await settle(4 * DAY_MS);
  }
  await settle(HOUR_MS);
  await finish(world, violations);
  if (storage instanceof MemoryStorage)
    violations.require(storage.server.locksHeld === 0, 'I17', () => 'locks are held by nobody');
}

function daysUntil28({ paypal }: World): number[] {
  const days = [...paypal.captures.values()].flatMap(({ at }) =>
    LAST_DAYS.map((day) => (at - BEGINNING) / DAY_MS + day),
  );
  return [...new Set([...DAYS, ...days])].sort((a, b) => a - b);
}

async function finish(world: World, violations: Violations): Promise<void> {
  const { bus } = world;
  const publishedTypes = new Map(bus.events.map((event) => [event.eventId, event.type]));
  judge(
    {
      rows: await world.storage.rows(),
      log: world.paypal.log,
      payoutRequestIds: world.paypal.payoutRequestIds,
      failedPayoutIds: world.paypal.failedPayoutIds,
      answers: world.answers,
      handled: world.handled,
      published: new Set(publishedTypes.keys()),
      publishedTypes,
      cancellations: cancellationsOn(world),
      initialStock: world.plan.stock,
      nowMs: world.scheduler.nowMs,
      wasDown: (world.plan.down?.until ?? 0) > 0,
    },
    violations,
  );
}

function cancellationsOn({ bus }: World): Cancellation[] {
  const seen = new Set<string>();
  const found: Cancellation[] = [];
  for (const event of bus.events) {
    if (event.type !== 'orders.order-cancelled' || seen.has(event.eventId)) continue;
    seen.add(event.eventId);
    const { orderId, restock, reason, items } = event.payload as unknown as {
      orderId: string;
      reason: string;
      restock: boolean;
      items: { variantId: string | null; quantity: number }[];
    };
    const units = items.reduce((sum, item) => (item.variantId ? sum + item.quantity : sum), 0);
    found.push({ orderId, restock, reason, units });
  }
  return found;
}

function move(world: World, milliseconds: number): void {
  if (milliseconds < 0) world.paypal.aheadMs -= milliseconds;
  world.scheduler.moveClock(milliseconds);
  world.paypal.timePassed();
}
