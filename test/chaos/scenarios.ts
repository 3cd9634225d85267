import { type Arena, NoAnswer, until } from './arena.ts';
import type { Scenario } from './failpoints.ts';
import { DAY_MS, type Sale, type World } from './world.ts';

/** A call younger than this is still its caller's; older ones are settled by reconciliation. */
const RECONCILED_AFTER_MS = 61_000;
const WAIT_MS = 45_000;

/** What is done before a point is armed, what reaches it, and how everybody carries on afterwards. */
export interface Plot {
  /** Resolves to the sale that the point will strike. */
  prepare(world: World): Promise<Sale>;
  /** Whatever comes of it: the process may die under it. */
  strike(world: World, sale: Sale): Promise<unknown>;
  /** The client repeats its call under the same key, and time passes. */
  recover(world: World, sale: Sale): Promise<void>;
  /** Exactly one effect of each kind: captures, orders, refunds, payouts, shipments. */
  readonly effects: Effects;
}

export interface Effects {
  readonly captures: 1;
  readonly orders: 1;
  readonly refunds: 0 | 1;
  readonly payouts: 0 | 1;
  readonly shipments: 0 | 1;
}

const PAID: Effects = { captures: 1, orders: 1, refunds: 0, payouts: 0, shipments: 0 };
const pendingCaptures = new WeakMap<Sale, string>();

async function sold(world: World): Promise<Sale> {
  const sale = await world.offer();
  await world.pay(sale);
  await world.sold(sale);
  return sale;
}

async function sent(world: World): Promise<Sale> {
  const sale = await sold(world);
  await world.markSent(sale);
  await world.scheduled(sale);
  return sale;
}

/** A call whose answer was lost is made again, as it was, until it is answered. */
function insisting(arena: Arena, call: () => Promise<unknown>): Promise<unknown> {
  return until('an answer', WAIT_MS, async () => {
    if (!arena.isAlive) throw new NoAnswer('the process is dead');
    await call();
    return true;
  });
}

export const PLOTS: Readonly<Record<Scenario, Plot>> = {
  pay: {
    prepare: (world) => world.offer(),
    strike: (world, sale) => world.pay(sale),
    async recover(world, sale) {
      const answered = insisting(world.arena, () => world.pay(sale));
      await world.arena.advance(RECONCILED_AFTER_MS);
      await answered;
      await until('the payment', WAIT_MS, async () => (await world.pay(sale)) === 'PAID');
      await world.sold(sale);
    },
    effects: PAID,
  },
  send: {
    prepare: sold,
    strike: (world, sale) => world.markSent(sale),
    async recover(world, sale) {
      await insisting(world.arena, () => world.markSent(sale));
      await world.scheduled(sale);
    },
    effects: { ...PAID, shipments: 1 },
  },
  webhook: {
    async prepare(world) {
      const sale = await world.offer();
      pendingCaptures.set(sale, await world.payPending(sale));
      return sale;
    },
    strike: (world, sale) => world.decide(pendingCaptures.get(sale) ?? ''),
    async recover(world, sale) {
      await world.arena.advance(RECONCILED_AFTER_MS);
      await world.sold(sale);
    },
    effects: PAID,
  },
  refund: {
    prepare: sold,
    strike: (world, sale) => world.refund(sale),
    async recover(world, sale) {
      await insisting(world.arena, () => world.refund(sale));
      await world.refunded(sale);
    },
    effects: { ...PAID, refunds: 1 },
  },
  release: {
    prepare: sent,
    strike: (world) => world.arena.advanceOurs(8 * DAY_MS),
    async recover(world, sale) {
      await world.released(sale);
      await world.arena.simulator('clock', { advanceMs: 8 * DAY_MS });
    },
    effects: { ...PAID, payouts: 1, shipments: 1 },
  },
};
