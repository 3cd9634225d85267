import type { Action, Fault, Goods, Phase, Plan } from './plan.ts';
import { Random } from './random.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** From a moment to more than the longest wait of a payout. */
const MOVES = [
  ...[0, 5_000, 2 * MINUTE_MS, 16 * MINUTE_MS, 2 * HOUR_MS, 7 * HOUR_MS, 25 * HOUR_MS],
  ...[3 * DAY_MS, 5 * DAY_MS, 8 * DAY_MS],
];
const JUMPS = [-2 * HOUR_MS, 20_000, 70_000, 16 * MINUTE_MS];
const GOODS: readonly Goods[] = ['CUSTOM', 'LISTING', 'LISTING', 'TWO_LINES'];
/** From what a worker takes another for dead after, to longer than PayPal knows an order's request id. */
const STANDSTILLS = [
  ...[70_000, 16 * MINUTE_MS, 2 * HOUR_MS, 7 * HOUR_MS, 25 * HOUR_MS, 4 * DAY_MS],
];
const PAYMENT_JOBS = [
  'release-due',
  'carry-out-refunds',
  'process-webhooks',
  'expire-payment-requests',
  'reconcile-attempts',
  'expire-stock-holds',
];
const FAULTS_MAX = 5;

/** A short life of one to three requests, with a few faults: everything follows from the seed. */
export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const phases = [opening(random), paying(random)];
  if (random.chance(0.8)) phases.push(sending(random));
  if (random.chance(0.6)) phases.push(waiting(random));
  if (random.chance(0.45)) phases.push(afterSale(random));
  if (random.chance(0.2)) phases.push(afterSale(random));
  if (random.chance(0.12)) phases.push(...quarrel(random));
  const faults: Fault[] = [];
  if (random.chance(0.85))
    for (let left = random.between(1, FAULTS_MAX); left > 0; left -= 1) faults.push(fault(random));
  const order = random.below(2 ** 31);
  const stock = random.pick([1, 1, 2, 3]);
  const disputesEndFor = random.chance(0.7) ? 'BUYER' : 'SELLER';
  if (random.chance(0.1)) faults.push(...standstills(random, phases));
  if (random.chance(0.015)) phases.push(...returned(random));
  const plan = { seed, order, stock, phases, faults, disputesEndFor } as const;
  const whole = random.chance(0.05) ? { ...plan, ...untilDay28(random, phases) } : plan;
  if (random.chance(0.03)) faults.push(...silence(random));
  return whole;
}

/** PayPal does what it is asked and answers nothing, as often as one call is repeated. */
function silence(random: Random): Fault[] {
  const from = random.between(2, 8);
  return [0, 1, 2].map((times) => ({
    ...{ fault: 'network', nth: from + times, how: 'TIMEOUT_AFTER' },
  }));
}

/** Goods come back, step by step, and then the bus tells everything again. */
function returned(random: Random): Phase[] {
  const steps: readonly Action[] = [
    { do: 'markSent', request: 0, key: 6, units: 'ALL', hoursAgo: 0 },
    { do: 'confirmDelivery', request: 0 },
    { do: 'askReturn', request: 0 },
    { do: 'approveReturn', request: 0 },
    { do: 'sendReturn', request: 0 },
    { do: 'receiveReturn', request: 0, isGood: random.chance(0.7) },
    { do: 'repeatMessages' },
  ];
  return steps.map((step) => ({ actions: [step], jumpDuring: null, thenMove: 0 }));
}

/** Money that is neither paid nor given back when PayPal pays it by itself, or nearly so. */
function untilDay28(random: Random, phases: Phase[]): Pick<Plan, 'down' | 'disputesEndOn'> {
  const actions: Action[] = [];
  const others: readonly (() => Action)[] = [
    () => ({ do: 'restrict' }),
    () => ({ do: 'restrict' }),
    () => ({ do: 'openCase', request: 0 }),
    () => ({ do: 'dispute', request: 0, ...(random.chance(0.3) ? { part: 'HALF' } : {}) }),
    () => ({ do: 'askReturn', request: 0 }),
    () => ({ do: 'voidShipment', request: 0 }),
    () => refund(random, 0, 8),
  ];
  some(random, others, 2, actions);
  phases.push(phase(random, actions, [0, HOUR_MS]));
  const isDown = random.chance(0.6);
  // Most often over day 21, when what was never sent goes back, and over day 28.
  const from = random.pick([18, 20, 20, 20, 24, 26, 28, 36]);
  return {
    down: isDown ? { from, until: from + random.pick([3, 6, 9, 9, 12]) } : { from: 0, until: 0 },
    disputesEndOn: random.pick([18, 18, 28, 29, 40]),
  };
}

/** A process stands still, and life goes on without it. */
function standstills(random: Random, phases: Phase[]): Fault[] {
  const milliseconds = random.pick(STANDSTILLS);
  if (random.chance(0.3)) {
    const strike = { process: random.below(4), atStep: random.between(60, 420) };
    return [{ fault: 'freeze', ...strike, milliseconds }];
  }
  const how = random.chance(0.75) ? 'BEFORE_PAYPAL' : 'AFTER_PAYPAL';
  // Most often while the buyer pays; else wherever PayPal is asked.
  if (random.chance(0.4))
    return [{ fault: 'standstill', nth: random.between(1, 12), how, milliseconds }];
  const meanwhile: Action[] = [];
  if (random.chance(0.5))
    meanwhile.push({ do: 'pay', request: 0, key: 5, worker: 1, buyer: 0, total: 'RIGHT' });
  some(random, whileOneStandsStill(random), 3, meanwhile);
  phases.splice(
    2,
    0,
    phase(random, [], [2 * MINUTE_MS, 16 * MINUTE_MS, 7 * HOUR_MS]),
    phase(random, meanwhile, [0, 16 * MINUTE_MS, 2 * HOUR_MS, 25 * HOUR_MS]),
  );
  return [{ fault: 'standstill', nth: random.pick([1, 1, 2, 3]), how, milliseconds }];
}

function whileOneStandsStill(random: Random): readonly (() => Action)[] {
  const again = (key: number): Action => ({
    ...{ do: 'pay', request: 0, key, worker: 1, buyer: 0, total: 'RIGHT' },
  });
  return [
    () => again(0),
    () => again(6),
    () => ({ do: 'withdraw', request: 0 }),
    () => ({ do: 'decline', request: 0 }),
    () => ({ do: 'send', request: 5, goods: random.pick(GOODS), replaces: 0 }),
    () => checkout(random, 4),
    () => ({ do: 'job', job: 'reconcile-attempts', worker: 1 }),
    () => ({ do: 'job', job: 'expire-stock-holds', worker: 1 }),
    () => ({ do: 'job', job: 'expire-payment-requests', worker: 1 }),
    () => ({ do: 'dispute', request: 0 }),
  ];
}

function phase(random: Random, actions: Action[], moves: readonly number[] = MOVES): Phase {
  const jumpDuring = random.chance(0.12)
    ? { afterSteps: random.between(5, 120), milliseconds: random.pick(JUMPS) }
    : null;
  return { actions, jumpDuring, thenMove: random.pick(moves) };
}

function opening(random: Random): Phase {
  const send = (request: number): Action => ({
    ...{ do: 'send', request, goods: random.pick(GOODS), replaces: null },
  });
  const actions: Action[] = [send(0)];
  if (random.chance(0.4)) actions.push(send(1));
  if (random.chance(0.05)) actions.push({ do: 'restrict' });
  // The last: past the time in which a request can be paid.
  return phase(random, actions, [0, 0, 0, 0, 5_000, 2 * HOUR_MS, 25 * HOUR_MS]);
}

function paying(random: Random): Phase {
  const pay = (request: number, key: number, worker: number, buyer = request): Action => ({
    ...{ do: 'pay', request, key, worker, buyer, total: random.chance(0.05) ? 'WRONG' : 'RIGHT' },
  });
  const actions: Action[] = [pay(0, 0, 0)];
  if (random.chance(0.5)) actions.push(pay(1, 1, 1));
  const others: readonly (() => Action)[] = [
    () => pay(0, 0, 1),
    () => pay(0, 2, 1),
    () => pay(0, 0, 0),
    () => ({ do: 'withdraw', request: 0 }),
    () => ({ do: 'decline', request: 0 }),
    () => ({ do: 'view', request: 0 }),
    () => ({ do: 'send', request: 2, goods: random.pick(GOODS), replaces: 0 }),
    () => ({ do: 'strangerPays', request: 0 }),
    () => ({ do: 'dispute', request: 0 }),
    () => ({ do: 'dispute', request: 0 }),
    () => ({ do: 'reprice', cents: random.between(2_000, 3_000) }),
    () => checkout(random, 3),
    () => ({ do: 'job', job: 'expire-payment-requests', worker: 1 }),
    () => ({ do: 'job', job: 'reconcile-attempts', worker: 1 }),
    () => ({ do: 'job', job: 'expire-stock-holds', worker: 1 }),
  ];
  some(random, others, 3, actions);
  if (random.chance(0.3)) actions.push(checkout(random, 4));
  return phase(random, actions);
}

function checkout(random: Random, request: number): Action {
  return {
    ...{ do: 'checkout', request, key: request, worker: random.below(2) },
    ...{ buyer: random.below(2), quantity: random.between(1, 2) },
  };
}

function sending(random: Random): Phase {
  const target = () => requestOf(random);
  const actions: Action[] = [
    {
      ...{ do: 'markSent', request: 0, key: 0, units: random.chance(0.7) ? 'ALL' : 'ONE' },
      hoursAgo: random.pick([0, 0, 12]),
    },
  ];
  const others: readonly (() => Action)[] = [
    () => ({ do: 'markSent', request: 1, key: 1, units: 'ALL', hoursAgo: 0 }),
    () => ({ do: 'markSent', request: 0, key: 0, units: 'ALL', hoursAgo: 0 }),
    () => ({ do: 'markSent', request: random.pick([3, 4]), key: 2, units: 'ALL', hoursAgo: 0 }),
    () => ({
      do: 'cancel',
      request: target(),
      key: 0,
      by: random.pick(['BUYER', 'SELLER']),
      units: random.pick(['ALL', 'ONE']),
    }),
    () => refund(random, target(), 0),
    () => ({ do: 'pay', request: 0, key: 4, worker: 1, buyer: 0, total: 'RIGHT' }),
    () => ({ do: 'decidePending', complete: random.chance(0.6) }),
    () => ({ do: 'restrict' }),
    () => ({ do: 'promote' }),
    () => ({ do: 'openCase', request: target() }),
    () => ({ do: 'dispute', request: target() }),
    () => ({ do: 'repeatMessages' }),
    () => checkout(random, 4),
    () => checkout(random, 4),
    () => job(random),
  ];
  some(random, others, 3, actions);
  return phase(random, actions);
}

function waiting(random: Random): Phase {
  const target = () => requestOf(random);
  const actions: Action[] = [];
  const others: readonly (() => Action)[] = [
    () => ({ do: 'markSent', request: target(), key: 3, units: 'ALL', hoursAgo: 0 }),
    () => ({ do: 'voidShipment', request: target() }),
    () => ({ do: 'carrier', request: target() }),
    () => ({ do: 'askToCancel', request: target() }),
    () => ({ do: 'answerCancel', request: target(), accept: random.chance(0.5) }),
    () => ({ do: 'dispute', request: target() }),
    () => ({ do: 'endDispute', request: target(), sellerWins: random.chance(0.5) }),
    () => ({ do: 'restrict' }),
    () => ({ do: 'unrestrict' }),
    () => refund(random, target(), 1),
    () => refund(random, target(), 2),
    () => ({ do: 'job', job: 'release-due', worker: 0 }),
    () => ({ do: 'job', job: 'release-due', worker: 1 }),
    () => ({ do: 'decidePending', complete: random.chance(0.6) }),
    () => ({ do: 'openCase', request: target() }),
    () => ({ do: 'repeatMessages' }),
    () => ({ do: 'repeatMessages' }),
    () => ({ do: 'cancel', request: target(), key: 1, by: 'SELLER', units: 'ALL' }),
    () => ({ do: 'decidePending', complete: true }),
    () => job(random),
  ];
  some(random, others, 5, actions);
  return phase(random, actions, [...MOVES, 5 * DAY_MS, 8 * DAY_MS]);
}

function afterSale(random: Random): Phase {
  const target = () => requestOf(random);
  const actions: Action[] = [];
  const others: readonly (() => Action)[] = [
    () => ({ do: 'confirmDelivery', request: target() }),
    () => ({ do: 'askReturn', request: target() }),
    () => ({ do: 'approveReturn', request: target() }),
    () => ({ do: 'sendReturn', request: target() }),
    () => ({ do: 'receiveReturn', request: target(), isGood: random.chance(0.6) }),
    () => ({ do: 'openCase', request: target() }),
    () => ({ do: 'decideCase', request: target(), forBuyer: random.chance(0.5) }),
    () => ({ do: 'answerCancel', request: target(), accept: random.chance(0.5) }),
    () => ({ do: 'endDispute', request: target(), sellerWins: random.chance(0.5) }),
    () => ({ do: 'unrestrict' }),
    () => ({ do: 'dispute', request: target() }),
    () => refund(random, target(), 3),
    () => refund(random, target(), 3),
    () => ({ do: 'job', job: 'release-due', worker: random.below(2) }),
    () => job(random),
  ];
  some(random, others, 4, actions);
  return phase(random, actions);
}

/** A dispute is decided while refunds of the same payment are on their way. */
function quarrel(random: Random): Phase[] {
  const request = requestOf(random);
  const soon = [0, 5_000, 2 * MINUTE_MS, 2 * HOUR_MS];
  const opening: Action[] = [
    { do: 'dispute', request, ...(random.chance(0.3) ? { part: 'HALF' } : {}) },
  ];
  if (random.chance(0.3)) opening.push(refund(random, request, 5));
  const ending: Action[] = [{ do: 'endDispute', request, sellerWins: random.chance(0.25) }];
  const others: readonly (() => Action)[] = [
    () => refund(random, request, 6),
    () => refund(random, request, 7),
    () => ({ do: 'cancel', request, key: 2, by: 'SELLER', units: random.pick(['ALL', 'ONE']) }),
    () => ({ do: 'decideCase', request, forBuyer: true }),
    () => ({ do: 'receiveReturn', request, isGood: true }),
    () => ({ do: 'job', job: 'carry-out-refunds', worker: random.below(2) }),
    () => ({ do: 'job', job: 'follow-disputes', worker: random.below(2) }),
    () => ({ do: 'job', job: 'release-due', worker: random.below(2) }),
  ];
  some(random, others, 4, ending);
  const both = [phase(random, opening, soon), phase(random, ending, soon)];
  return random.chance(0.5) ? [...both, ...appealed(random, request)] : both;
}

/** Whoever lost appeals in time, and it ends either way. */
function appealed(random: Random, request: number): Phase[] {
  const between: Action[] = [];
  const others: readonly (() => Action)[] = [
    () => refund(random, request, 9),
    () => ({ do: 'markSent', request, key: 5, units: 'ALL', hoursAgo: 0 }),
    () => ({ do: 'job', job: 'release-due', worker: random.below(2) }),
    () => ({ do: 'cancel', request, key: 4, by: 'SELLER', units: 'ALL' }),
  ];
  some(random, others, 2, between);
  const soon = [0, 2 * MINUTE_MS, 2 * HOUR_MS];
  return [
    phase(random, between, [25 * HOUR_MS, 3 * DAY_MS, 5 * DAY_MS]),
    phase(random, [{ do: 'appeal', request }], [...soon, 25 * HOUR_MS]),
    phase(random, [{ do: 'endDispute', request, sellerWins: random.chance(0.5) }], soon),
  ];
}

function requestOf(random: Random): number {
  return random.chance(0.75) ? 0 : random.pick([1, 2, 3, 4]);
}

function refund(random: Random, request: number, key: number): Action {
  return {
    ...{ do: 'refund', request, key, part: random.pick(['ALL', 'HALF', 'CENT']) },
    worker: random.below(2),
  };
}

function job(random: Random): Action {
  return { do: 'job', job: random.pick(PAYMENT_JOBS), worker: random.below(2) };
}

function some(random: Random, from: readonly (() => Action)[], most: number, into: Action[]): void {
  for (let left = random.below(most + 1); left > 0; left -= 1) into.push(random.pick(from)());
}

function fault(random: Random): Fault {
  switch (random.below(13)) {
    case 0:
    case 1:
      return { fault: 'crash', process: random.below(4), atStep: random.between(60, 420) };
    case 2:
      return {
        ...{ fault: 'commit', nth: random.between(1, 40) },
        how: random.pick(['SERIALIZATION', 'LOST_BEFORE', 'LOST_AFTER']),
      };
    case 3:
    case 4:
    case 5:
      return {
        ...{ fault: 'network', nth: random.between(1, 10) },
        how: random.pick([
          'TIMEOUT_BEFORE',
          'TIMEOUT_AFTER',
          'LATE_EFFECT',
          'NEVER_SENT',
          'SERVER_ERROR',
          'SERVER_ERROR_AFTER',
          'RATE_LIMITED',
          'RESET_AFTER',
        ]),
      };
    case 6:
    case 7:
      return {
        ...{ fault: 'capture', nth: random.between(1, 3) },
        how: random.pick(['DECLINED', 'REFUSED', 'PENDING', 'AMOUNT_DIFFERS']),
      };
    case 8:
      return {
        ...{ fault: 'refund', nth: random.between(1, 2) },
        how: random.pick(['PENDING', 'REFUSED']),
      };
    case 9:
      return {
        ...{ fault: 'payout', nth: random.between(1, 2) },
        how: random.pick(['PENDING', 'REFUSED', 'FAILED', 'SLOW', 'SILENT']),
      };
    case 10:
      return {
        ...{ fault: 'webhook', nth: random.between(1, 4) },
        how: random.pick(['LOST', 'REPEATED', 'LATE', 'FORGED']),
      };
    case 11:
      return {
        ...{ fault: 'publish', nth: random.between(1, 12) },
        how: random.pick(['LOST', 'UNCONFIRMED', 'REPEATED', 'SILENT']),
      };
    default:
      return {
        ...{ fault: 'neighbour', nth: random.between(1, 6) },
        how: random.pick(['LOST_BEFORE', 'LOST_AFTER']),
      };
  }
}
