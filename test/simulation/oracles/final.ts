import type { Disbursement } from '../../../subgraphs/payments/domain/disbursement.ts';
import type { PayPalEntry } from '../paypal/paypal-log.ts';
import type { Rows } from '../storage.ts';
import { FEE_BASIS_POINTS } from '../world/people.ts';
import type { Violations } from './violation.ts';

/** Ends the ids of webhooks that PayPal did not send. */
export const FORGED_SUFFIX = '-forged';

// What must hold once faults have stopped and everybody is done: the domain's rows against PayPal's
// own log, and against one another. Nothing here calls the code under test.

type Capture = Extract<PayPalEntry, { kind: 'CAPTURE' }>;
type Refund = Extract<PayPalEntry, { kind: 'REFUND' }>;
type Reversal = Extract<PayPalEntry, { kind: 'REVERSAL' }>;
type Restored = Extract<PayPalEntry, { kind: 'RESTORED' }>;
type Payout = Extract<PayPalEntry, { kind: 'PAYOUT' }>;

export interface Ending {
  readonly rows: Rows;
  readonly log: readonly PayPalEntry[];
  /** Under which ids PayPal was asked for the payout of each capture. */
  readonly payoutRequestIds: ReadonlyMap<string, ReadonlySet<string>>;
  /** Payouts that PayPal began and that reached nobody. */
  readonly failedPayoutIds: ReadonlySet<string>;
  readonly answers: ReadonlyMap<string, readonly string[]>;
  readonly handled: ReadonlyMap<string, readonly string[]>;
  readonly published: ReadonlySet<string>;
  readonly publishedTypes: ReadonlyMap<string, string>;
  readonly cancellations: readonly Cancellation[];
  readonly initialStock: number;
  readonly nowMs: number;
  /** Our processes were all down for days. */
  readonly wasDown: boolean;
}

/** What an order-cancelled message said of goods that have stock. */
export interface Cancellation {
  readonly orderId: string;
  readonly units: number;
  readonly restock: boolean;
  readonly reason: string;
}

const CLOSED_REQUESTS = ['DECLINED', 'WITHDRAWN', 'EXPIRED', 'SUPERSEDED', 'SENT'];

export function judge(ending: Ending, violations: Violations): void {
  const money = moneyAtPayPal(ending.log);
  oneCapturePerRequest(ending, money, violations);
  booksAreTheProcessors(ending, money, violations);
  everyPaymentHasItsOrder(ending, violations);
  everyOrderHasItsGoods(ending, violations);
  ledgerAddsUp(ending, money, violations);
  stockAddsUp(ending, violations);
  paidOnceAndNotTooMuch(money, violations);
  askedForOnce(ending, violations);
  day28IsWatched(ending, money, violations);
  closedRequestsKeptNothing(ending, money, violations);
  everyMessageTakenOnce(ending, violations);
  sameKeySameAnswer(ending, violations);
  nothingIsStuck(ending, violations);
}

interface Money {
  readonly captures: ReadonlyMap<string, Capture>;
  readonly refunds: readonly Refund[];
  readonly reversals: readonly Reversal[];
  readonly restored: readonly Restored[];
  readonly payouts: readonly Payout[];
  /** What its buyer got back, by refunds and by disputes. */
  refunded(captureId: string): bigint;
}

function moneyAtPayPal(log: readonly PayPalEntry[]): Money {
  const captures = new Map<string, Capture>();
  const refunds: Refund[] = [];
  const reversals: Reversal[] = [];
  const restored: Restored[] = [];
  const payouts: Payout[] = [];
  for (const entry of log) {
    if (entry.kind === 'CAPTURE') captures.set(entry.captureId, entry);
    else if (entry.kind === 'REFUND') refunds.push(entry);
    else if (entry.kind === 'REVERSAL') reversals.push(entry);
    else if (entry.kind === 'RESTORED') restored.push(entry);
    else payouts.push(entry);
  }
  const refunded = (captureId: string) =>
    [...refunds, ...reversals].reduce(
      (sum, entry) => (entry.captureId === captureId ? sum + entry.minor : sum),
      0n,
    );
  return { captures, refunds, reversals, restored, payouts, refunded };
}

function oneCapturePerRequest({ rows }: Ending, money: Money, violations: Violations): void {
  const requestOf = new Map(rows.attempts.map((attempt) => [attempt.id, attempt.requestId]));
  const kept = new Map<string, number>();
  for (const capture of money.captures.values()) {
    const requestId = requestOf.get(capture.attemptId);
    if (requestId === undefined) {
      violations.add('I1', 'money was captured for an attempt that does not exist');
      continue;
    }
    // Money of another amount than was asked for is given back at once, and does not count.
    if (capture.minor !== capture.askedMinor) continue;
    kept.set(requestId, (kept.get(requestId) ?? 0) + 1);
  }
  for (const count of kept.values())
    violations.require(count <= 1, 'I1', () => `${count} captures for one request`);
}

function booksAreTheProcessors({ rows }: Ending, money: Money, violations: Violations): void {
  const paymentOf = new Map(rows.payments.map((payment) => [payment.captureId, payment]));
  for (const capture of money.captures.values()) {
    const payment = paymentOf.get(capture.captureId);
    if (!payment) {
      violations.require(
        money.refunded(capture.captureId) === capture.minor,
        'I2',
        () => 'money was captured that no payment knows of, and not given back',
      );
      // An attempt that is given up is ended at PayPal first: money that is taken all the same means
      // that somebody did not know what had happened and said otherwise.
      violations.require(
        capture.minor !== capture.askedMinor,
        'I2',
        () => 'what was asked for was captured, and no payment stands for it',
      );
      continue;
    }
    const isSame =
      payment.amount.amountMinor === capture.minor &&
      payment.processorFee.amountMinor === capture.feeMinor &&
      payment.attemptId === capture.attemptId;
    violations.require(isSame, 'I2', () => 'a payment differs from its capture');
    violations.require(
      capture.minor === capture.askedMinor,
      'I2',
      () => 'another amount than was asked for stands as a payment',
    );
  }
  for (const payment of rows.payments)
    violations.require(
      money.captures.has(payment.captureId),
      'I2',
      () => 'a payment without a capture at PayPal',
    );
  const refundOf = new Map(rows.refunds.map((refund) => [refund.processorRefundId, refund]));
  for (const entry of money.refunds) {
    const refund = refundOf.get(entry.refundId);
    if (!refund) {
      violations.require(
        !paymentOf.has(entry.captureId),
        'I2',
        () => `a refund at PayPal that no refund knows of (${entry.requestId.split(':')[0]})`,
      );
      continue;
    }
    violations.require(
      refund.status === 'COMPLETED' && refund.amount.amountMinor === entry.minor,
      'I2',
      () => `a refund is ${refund.status} here and done at PayPal, or of another amount`,
    );
  }
  const done = new Set(money.refunds.map((entry) => entry.refundId));
  for (const refund of rows.refunds)
    if (refund.status === 'COMPLETED')
      violations.require(
        done.has(refund.processorRefundId ?? ''),
        'I2',
        () => 'a refund is completed here and unknown at PayPal',
      );
  const asked = new Set(money.refunds.map(({ requestId }) => requestId));
  for (const refund of rows.refunds) {
    if (refund.status !== 'CANCELLED') continue;
    violations.require(
      !asked.has(`refund:${refund.id}`),
      'I9',
      () => 'a refund was cancelled and given back all the same',
    );
    violations.require(
      money.reversals.some(({ captureId }) => captureId === refund.captureId),
      'I9',
      () => 'a refund was cancelled, and no dispute gave its money back',
    );
  }
  for (const payment of rows.payments)
    if (money.captures.has(payment.captureId))
      violations.require(
        payment.refundedTotal.amountMinor === money.refunded(payment.captureId),
        'I2',
        () => 'what went back to a buyer is not what PayPal gave back',
      );
  // What no payment knows of went back whole, by whatever way.
  for (const entry of money.reversals)
    violations.require(
      !paymentOf.has(entry.captureId) ||
        rows.disputes.some(
          ({ processorDisputeId, lost }) =>
            processorDisputeId === entry.disputeId && lost.amountMinor === entry.minor,
        ),
      'I2',
      () => 'a dispute took money that is not in the books',
    );
  payoutsAreTheProcessors(rows, money, violations);
}

/** PayPal pays by itself only what was sent, and only after a person was told twice. */
function day28IsWatched({ rows, wasDown }: Ending, money: Money, violations: Violations): void {
  for (const { captureId, cause } of money.payouts) {
    const held = rows.disbursements.find((one) => one.captureId === captureId);
    if (cause !== 'AUTOMATIC' || wasDown || !held) continue;
    violations.require(held.fullySentAt !== null, 'I8', () => 'PayPal paid what was never sent');
    for (const kind of ['UNSETTLED_NEAR_DEADLINE', 'DECISION_OVERDUE'])
      violations.require(
        rows.alarms.some((one) => one.paymentId === held.paymentId && one.kind === kind),
        'I8',
        () => `PayPal paid by itself, and nobody was told: ${kind}`,
      );
  }
}

/**
 * A payout that was asked for under a second id would be a second payout, if PayPal forgot the first.
 * Only one that failed is asked for anew, once, by an id that ends in its own.
 */
function askedForOnce({ payoutRequestIds, failedPayoutIds }: Ending, violations: Violations): void {
  for (const ids of payoutRequestIds.values()) {
    const own = [...ids].filter((id) => !failedPayoutIds.has(id.split(':').at(-1) ?? ''));
    violations.require(
      own.length === 1,
      'I7',
      () => `a payout was asked for under ${own.length} ids`,
    );
  }
}

function payoutsAreTheProcessors(rows: Rows, money: Money, violations: Violations): void {
  const paid = new Map(money.payouts.map((payout) => [payout.captureId, payout]));
  for (const disbursement of rows.disbursements) {
    const payout = paid.get(disbursement.captureId);
    const isPaid = disbursement.status === 'RELEASED' || disbursement.status === 'AUTO_DISBURSED';
    violations.require(
      isPaid === (payout !== undefined),
      'I2',
      () => `a payout is ${disbursement.status} here and ${payout ? 'done' : 'unknown'} at PayPal`,
    );
    if (!isPaid || !payout) continue;
    violations.require(
      (disbursement.status === 'AUTO_DISBURSED') === (payout.cause === 'AUTOMATIC'),
      'I2',
      () => `a payout of cause ${payout.cause} is booked as ${disbursement.status}`,
    );
    violations.require(
      disbursement.net.amountMinor === payout.minor,
      'I2',
      () => 'a payout of another amount than the books say',
    );
  }
}

function everyPaymentHasItsOrder({ rows }: Ending, violations: Violations): void {
  for (const payment of rows.payments) {
    const orders = rows.orders.filter((order) => order.paymentId === payment.id);
    violations.require(orders.length <= 1, 'I3', () => 'two orders for one payment');
    const order = orders[0];
    if (!order) {
      const returned = rows.refunds
        .filter((refund) => refund.paymentId === payment.id && refund.status === 'COMPLETED')
        .reduce((sum, refund) => sum + refund.amount.amountMinor, 0n);
      violations.require(
        returned === payment.amount.amountMinor,
        'I3',
        () => 'a payment without an order that was not refunded',
      );
      continue;
    }
    violations.require(
      payment.orderId === order.id,
      'I3',
      () => 'a payment does not know its order',
    );
    const units = rows.items.filter((item) => item.orderId === order.id);
    // An order that cannot be served any more is refunded, whole.
    if (units.every((item) => item.cancelled === item.quantity))
      violations.require(
        payment.refundable.isZero(),
        'I3',
        () => 'an order was cancelled whole and not refunded',
      );
    // What the order says it owes is what payments set aside, unless others refunded more.
    violations.require(
      !order.refundOwed.exceeds(payment.refundedTotal),
      'I3',
      () => 'an order owes a refund that payments never decided',
    );
  }
  for (const order of rows.orders)
    violations.require(
      rows.payments.some((payment) => payment.id === order.paymentId),
      'I3',
      () => 'an order without a payment',
    );
}

/** An order of goods that could not be had ends before it began. */
function everyOrderHasItsGoods({ rows, cancellations }: Ending, violations: Violations): void {
  for (const order of rows.orders) {
    const takesStock = rows.items.some(
      (item) => item.orderId === order.id && item.variantId !== null,
    );
    const { paymentRequestId } = order;
    const hasStock = rows.allocations.some(({ reference }) => reference === paymentRequestId);
    const isEnded = cancellations.some(({ orderId }) => orderId === order.id);
    violations.require(
      !takesStock || hasStock || isEnded,
      'I3',
      () => 'an order without goods goes on',
    );
  }
}

function ledgerAddsUp({ rows }: Ending, money: Money, violations: Violations): void {
  const balances = new Map<string, bigint>();
  const add = (account: string, minor: bigint) =>
    balances.set(account, (balances.get(account) ?? 0n) + minor);
  for (const { debit, credit, amount } of rows.entries) {
    violations.require(amount.isPositive(), 'I4', () => 'an entry that moves nothing');
    add(debit, -amount.amountMinor);
    add(credit, amount.amountMinor);
  }
  let total = 0n;
  for (const minor of balances.values()) total += minor;
  violations.require(total === 0n, 'I4', () => 'the books do not balance');
  feesAreSplit(rows, money, balances.get('platform:fees') ?? 0n, violations);
  let expected = 0n;
  const isBooked = new Set(rows.payments.map((payment) => payment.captureId));
  for (const capture of money.captures.values())
    if (isBooked.has(capture.captureId)) expected += capture.minor - capture.feeMinor;
  for (const entry of [...money.refunds, ...money.reversals, ...money.payouts])
    if (isBooked.has(entry.captureId)) expected -= entry.minor;
  restoredIsBooked(rows, money, isBooked, violations);
  // What a payout, or a won appeal, settled of the seller's own debt was paid to the seller's account all the same.
  let netted = 0n;
  for (const { debit, credit, amount } of rows.entries)
    if (
      credit.endsWith(':receivable') &&
      (debit.endsWith(':paid-out') || debit === 'processor:clearing')
    )
      netted += amount.amountMinor;
  const clearing = -(balances.get('processor:clearing') ?? 0n) - netted;
  violations.require(
    clearing === expected,
    'I5',
    () => `clearing is ${clearing} and PayPal holds ${expected}`,
  );
  heldIsWhatIsOpen(rows, balances, violations);
}

/** What PayPal gave a seller after an appeal is in the books once, and nothing else is called so. */
function restoredIsBooked(
  rows: Rows,
  money: Money,
  isBooked: ReadonlySet<string>,
  violations: Violations,
): void {
  let [booked, given] = [0n, 0n];
  for (const { reference, debit, amount } of rows.entries)
    if (debit === 'processor:clearing' && reference.includes(':restored'))
      booked += amount.amountMinor;
  for (const { captureId, minor } of money.restored) if (isBooked.has(captureId)) given += minor;
  violations.require(
    booked === given,
    'I2',
    () => `appeals gave sellers ${given}, and the books say ${booked}`,
  );
}

/** The platform takes its percents of each sale and gives them back with refunds, as PayPal did. */
function feesAreSplit(rows: Rows, money: Money, kept: bigint, violations: Violations): void {
  const require = (isSo: boolean, what: string) => violations.require(isSo, 'I5', () => what);
  let expected = 0n;
  for (const payment of rows.payments) {
    const capture = money.captures.get(payment.captureId);
    const origin = rows.requests.find(({ id }) => id === payment.requestId)?.origin;
    if (!capture || !origin) continue;
    const fee = (capture.minor * BigInt(FEE_BASIS_POINTS[origin])) / 10_000n;
    require(capture.platformFeeMinor === fee, 'another platform fee was taken than its percents');
    let [refunded, shares] = [0n, 0n];
    for (const { captureId, minor, shareMinor } of money.refunds) {
      if (captureId !== payment.captureId) continue;
      refunded += minor;
      shares += shareMinor;
    }
    // As much of the fee as of the payment, but for what rounding moves to another refund.
    const proportional = (fee * refunded) / capture.minor;
    const difference = shares - proportional;
    require(difference >= -2n && difference <= 2n, `the platform gave back ${shares}`);
    require(refunded < capture.minor || shares === fee, 'the fee of a refunded sale was kept');
    expected += fee - shares;
  }
  require(kept === expected, `the platform has ${kept} of fees, and ${expected} is right`);
}

function heldIsWhatIsOpen(
  rows: Rows,
  balances: ReadonlyMap<string, bigint>,
  violations: Violations,
): void {
  const open = new Map<string, bigint>();
  for (const { sellerId, net, status } of rows.disbursements) {
    const isOver = ['RELEASED', 'RETURNED', 'AUTO_DISBURSED'].includes(status);
    const was = open.get(sellerId) ?? 0n;
    open.set(sellerId, isOver ? was : was + net.amountMinor);
  }
  for (const [sellerId, minor] of open) {
    const held = balances.get(`seller:${sellerId}:held`) ?? 0n;
    violations.require(held >= 0n, 'I5', () => `a seller's held money is ${held}`);
    violations.require(held === minor, 'I5', () => `held are ${held}, and open are ${minor}`);
    const paidOut = balances.get(`seller:${sellerId}:paid-out`) ?? 0n;
    violations.require(paidOut === 0n, 'I5', () => `paid out passes through, and keeps ${paidOut}`);
    const receivable = -(balances.get(`seller:${sellerId}:receivable`) ?? 0n);
    violations.require(receivable >= 0n, 'I5', () => `a seller owes ${receivable}`);
  }
  const refunded = balances.get('buyers:refunded') ?? 0n;
  violations.require(refunded === 0n, 'I5', () => `refunds pass through, and keep ${refunded}`);
}

function stockAddsUp(ending: Ending, violations: Violations): void {
  const { rows } = ending;
  for (const level of rows.levels) {
    const sum = { onHand: 0, allocated: 0, held: 0 };
    for (const movement of rows.movements) {
      if (movement.inventoryItemId !== level.inventoryItemId) continue;
      sum.onHand += movement.onHand;
      sum.allocated += movement.allocated;
      sum.held += movement.held;
    }
    const isSum =
      sum.onHand === level.onHand && sum.allocated === level.allocated && sum.held === level.held;
    violations.require(isSum, 'I6', () => 'a level is not the sum of its movements');
    violations.require(level.held === 0, 'I6', () => `${level.held} units are held for nobody`);
    violations.require(
      level.onHand >= level.allocated + level.held,
      'I6',
      () => 'more is promised than there is',
    );
    const waiting = rows.allocations.reduce(
      (units, { quantities: q }) => units + q.ordered - q.sold - q.released,
      0,
    );
    violations.require(
      level.allocated === waiting,
      'I6',
      () => `${level.allocated} units are allocated, and ${waiting} wait`,
    );
    const expected = expectedOnHand(ending);
    if (expected !== null)
      violations.require(
        level.onHand === expected,
        'I6',
        () => `${level.onHand} units are there, and by the orders there must be ${expected}`,
      );
  }
}

// By what orders say happened to units. A voided parcel's units are away for the catalog until they
// are sent again, so a schedule with one is not counted here.
function expectedOnHand({ rows, initialStock, cancellations }: Ending): number | null {
  if (rows.shipments.some((shipment) => shipment.status === 'VOIDED')) return null;
  let units = initialStock;
  const gone = new Set<string>();
  for (const order of rows.orders) {
    const isConverted = rows.allocations.some(
      (allocation) => allocation.reference === order.paymentRequestId,
    );
    if (!isConverted) {
      gone.add(order.id);
      continue;
    }
    for (const item of rows.items) {
      if (item.orderId !== order.id || item.variantId === null) continue;
      units -= item.sent + item.delivered + item.returned;
      for (const one of rows.returns)
        if (one.orderItemId === item.id && one.status !== 'DECLINED') units += one.goodQuantity;
    }
  }
  for (const cancelled of cancellations)
    if (!cancelled.restock && !gone.has(cancelled.orderId)) units -= cancelled.units;
  return units;
}

function paidOnceAndNotTooMuch(money: Money, violations: Violations): void {
  for (const capture of money.captures.values()) {
    const payouts = money.payouts.filter((payout) => payout.captureId === capture.captureId);
    violations.require(payouts.length <= 1, 'I7', () => 'a seller was paid twice');
    const refunded = money.refunded(capture.captureId);
    violations.require(refunded <= capture.minor, 'I9', () => 'more was refunded than captured');
  }
  const perRefund = new Set<string>();
  for (const { requestId, captureId } of money.refunds) {
    const key = `${captureId}/${requestId}`;
    violations.require(!perRefund.has(key), 'I9', () => 'one refund was made twice');
    perRefund.add(key);
  }
}

function closedRequestsKeptNothing({ rows }: Ending, money: Money, violations: Violations): void {
  for (const request of rows.requests) {
    const attempts = new Set(
      rows.attempts.filter(({ requestId }) => requestId === request.id).map(({ id }) => id),
    );
    let net = 0n;
    for (const capture of money.captures.values())
      if (attempts.has(capture.attemptId)) net += capture.minor - money.refunded(capture.captureId);
    if (CLOSED_REQUESTS.includes(request.status))
      violations.require(net === 0n, 'I10', () => `${request.status}, and ${net} was kept`);
    const isPaid = rows.payments.some(({ requestId }) => requestId === request.id);
    violations.require(
      (request.status === 'PAID') === isPaid,
      'I10',
      () => `a request is ${request.status} and has ${isPaid ? 'a' : 'no'} payment`,
    );
  }
}

function everyMessageTakenOnce(ending: Ending, violations: Violations): void {
  for (const subgraph of ending.rows.subgraphs) {
    const versions = new Map<string, number[]>();
    for (const row of subgraph.outbox) {
      const known = versions.get(row.aggregateId) ?? [];
      known.push(row.aggregateVersion);
      versions.set(row.aggregateId, known);
      violations.require(
        ending.published.has(row.eventId),
        'I17',
        () => `${row.type} was never published`,
      );
    }
    for (const all of versions.values()) {
      const isDense = all.sort((a, b) => a - b).every((version, index) => version === index + 1);
      violations.require(isDense, 'I11', () => 'versions of an aggregate are not dense');
    }
    for (const { type, error } of subgraph.parked)
      violations.add('I11', `${subgraph.name} parked ${type}: ${withoutIds(error)}`);
    const types = ending.handled.get(subgraph.name) ?? [];
    for (const [eventId, type] of ending.publishedTypes)
      if (types.includes(type))
        violations.require(
          subgraph.received.has(eventId),
          'I11',
          () => `${subgraph.name} never took ${type}`,
        );
  }
}

function sameKeySameAnswer({ answers }: Ending, violations: Violations): void {
  for (const [key, all] of answers)
    violations.require(
      all.every((answer) => answer === all[0]),
      'I15',
      () => `one key, several answers: ${key.split('/')[0]}`,
    );
}

const SETTLED_REFUNDS = ['COMPLETED', 'ESCALATED', 'CANCELLED'];
const OVER_REQUESTS = ['PAYING', 'PENDING'];
const UNSENT = ['ON_HOLD', 'AWAITING_SHIPMENT', 'PARTIALLY_SENT'];

function nothingIsStuck({ rows, nowMs }: Ending, violations: Violations): void {
  const stuck = (what: string) => violations.add('I17', what);
  for (const { status, settledAt } of rows.attempts)
    if (settledAt === null) stuck(`an attempt is still ${status}`);
  for (const request of rows.requests) {
    if (OVER_REQUESTS.includes(request.status)) stuck(`a request is still ${request.status}`);
    if (request.status === 'SENT' && request.expiresAt.getTime() <= nowMs)
      stuck('a request is past its time and not expired');
  }
  for (const { status, failureCode } of rows.refunds)
    if (!SETTLED_REFUNDS.includes(status)) stuck(`a refund is still ${status} (${failureCode})`);
    else if (status === 'ESCALATED') stuck(`a refund was given up: ${failureCode}`);
  for (const order of rows.orders)
    if (UNSENT.includes(order.status) && order.autoCancelAt.getTime() <= nowMs)
      stuck('an order was never sent and goes on');
  for (const { state, error } of rows.webhooks)
    if (state === 'RECEIVED' || state === 'PARKED') stuck(`a webhook is ${state}: ${error}`);
  for (const { eventId } of rows.webhooks)
    if (eventId.endsWith(FORGED_SUFFIX))
      violations.add('I2', 'a webhook that PayPal did not sign was taken');
  for (const { status } of rows.holds) if (status === 'HELD') stuck('stock is held for nobody');
  for (const disbursement of rows.disbursements) {
    if (disbursement.status === 'RELEASING') stuck('a payout is still RELEASING');
    const isDue = disbursement.releaseAt !== null && disbursement.releaseAt.getTime() <= nowMs;
    if (disbursement.status === 'SCHEDULED' && isDue) stuck('a payout is due and not made');
    const order = rows.orders.find(({ paymentId }) => paymentId === disbursement.paymentId);
    const items = rows.items.filter(({ orderId }) => orderId === order?.id);
    const isSent =
      items.every((item) => item.open === 0) &&
      items.some((item) => item.sent + item.delivered > 0);
    if (disbursement.status === 'HELD' && isSent) stuck('everything was sent, and nothing is due');
    if (disbursement.status === 'FROZEN' && !isRightlyFrozen(disbursement, rows, order?.id))
      stuck(`money is frozen without need: ${disbursement.reasons.join(', ')}`);
  }
}

function isRightlyFrozen(
  { reasons, paymentId }: Disbursement,
  rows: Rows,
  orderId: string | undefined,
): boolean {
  const isOpen: Readonly<Record<string, boolean>> = {
    CANCEL_REQUESTED: rows.cancelRequests.some(
      (one) => one.orderId === orderId && one.status === 'REQUESTED',
    ),
    RETURN_OPEN: rows.returns.some((one) => one.orderId === orderId && one.isOpen),
    CASE_OPEN: rows.cases.some((one) => one.orderId === orderId && one.isOpen),
    REFUND_PENDING: false,
    DISPUTE_OPEN: rows.disputes.some((one) => one.paymentId === paymentId && one.isOpen()),
  };
  return reasons.every((reason) => isOpen[reason] ?? true);
}

function withoutIds(text: string): string {
  return text.replace(/[a-z]{3}_[0-9a-f]{32}/g, '…');
}
