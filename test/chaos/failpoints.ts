/** What is under way while a point is armed; see scenarios.ts. */
export type Scenario = 'pay' | 'refund' | 'release' | 'webhook' | 'send';

/** One place in the product where a process is killed. */
export interface Failpoint {
  readonly label: string;
  readonly scenario: Scenario;
  /** From the root of the project. */
  readonly file: string;
  /** Text that stands exactly once in the file, at the beginning or the end of a statement. */
  readonly anchor: string;
  readonly position: 'before' | 'after';
}

const PAY = 'subgraphs/payments/application/pay-payment-request.ts';
const CAPTURE = 'subgraphs/payments/processor/paypal/paypal-capture.gateway.ts';
const SETTLE = 'subgraphs/payments/application/settle-attempt.ts';
const LEDGER = 'subgraphs/payments/persistence/money.store.ts';
const REFUND = 'subgraphs/payments/application/refund-payment.ts';
const RELEASE = 'subgraphs/payments/application/release-due.ts';
const WEBHOOK = 'subgraphs/payments/application/process-webhook.ts';
const RECONCILE = 'subgraphs/payments/application/reconcile-attempts.ts';
const HOLD = 'subgraphs/catalog/application/hold-stock.ts';
const CONVERT = 'subgraphs/catalog/application/convert-hold.ts';
const ORDER = 'subgraphs/orders/application/place-order.ts';
const SENT = 'subgraphs/orders/application/mark-sent.ts';
const KEYS = 'subgraphs/kernel/persistence/idempotency.ts';
const TRANSACTION = 'subgraphs/kernel/persistence/transaction.ts';
const OUTBOX = 'subgraphs/kernel/events/outbox.ts';
const RELAY = 'subgraphs/kernel/events/relay.ts';
const CONSUMER = 'subgraphs/kernel/events/consumer.ts';

type Row = readonly [string, string, string, ('before' | 'after')?];

const during = (scenario: Scenario, rows: readonly Row[]): Failpoint[] =>
  rows.map(([label, file, anchor, position = 'before']) => ({
    label,
    scenario,
    file,
    anchor,
    position,
  }));

/** In the order of the work, so that the table reads as the story of a payment. */
export const FAILPOINTS: readonly Failpoint[] = [
  ...during('pay', [
    ['pay/before-hold', PAY, `const changes = request.status === 'SENT'`],
    ['hold/counted', HOLD, 'const short = shortItems(lines, levels);'],
    ['hold/before-move', HOLD, 'await tx.move(movements);\n    return [];'],
    [
      'hold/committed',
      HOLD,
      'return { isHeld: refusedVariantIds.length === 0, refusedVariantIds, lines };',
    ],
    ['pay/held', PAY, 'const begun = await this.begin(command, request);'],
    ['capture/before-create', CAPTURE, 'const order = await this.client.call('],
    ['capture/created', CAPTURE, "return { kind: 'READY', processorOrderId: order.id };"],
    ['pay/prepared', PAY, 'let begun: Begun | null = null;'],
    ['key/claimed', KEYS, 'const response = await work();'],
    ['pay/before-attempt', PAY, 'tx.addAttempt('],
    ['pay/before-begin-commit', PAY, 'return { isNew: true, attempt, vaultId, order };'],
    ['key/completed', KEYS, 'return { response, replayed: false };'],
    ['pay/begun', PAY, 'const isNew = response.isNew && !replayed;'],
    ['pay/before-capture', PAY, 'const outcome ='],
    ['capture/before-take', CAPTURE, 'const order = await this.take(attemptId, orderId, vaultId);'],
    [
      'capture/taken',
      CAPTURE,
      `return (order && outcomeOf(order)) ?? { kind: 'UNKNOWN', processorOrderId: orderId };`,
    ],
    ['pay/before-settle', PAY, 'const settled = await this.settle.execute(attempt.id, outcome);'],
    ['settle/locked', SETTLE, 'const request = await tx.lockRequest(seen.requestId);'],
    ['settle/before-payment', SETTLE, 'tx.addPayment(payment);'],
    ['settle/before-books', SETTLE, 'await this.books.captured(payment, outcome.takenAt, now);'],
    ['ledger/before-post', LEDGER, `let previous = last?.hash ?? '';`],
    ['ledger/posted', LEDGER, 'await em.execute(sql, rows.flat());', 'after'],
    ['settle/booked', SETTLE, 'await this.books.captured(payment, outcome.takenAt, now);', 'after'],
    ['settle/committed', SETTLE, 'if (attempt && released)'],
    ['pay/before-answer', PAY, 'if (settled === null) throw'],
    ['outbox/appended', OUTBOX, 'this.transactions.afterCommit(() => this.wake());'],
    ['transaction/committed', TRANSACTION, 'for (const callback of afterCommit) callback();'],
    ['relay/before-publish', RELAY, 'await this.transport.publish('],
    ['relay/published', RELAY, `await em.execute('update relay_cursor`],
    ['consumer/received', CONSUMER, 'if (this.isAnyParked && (await this.hasParkedBefore(event)))'],
    ['consumer/noted', CONSUMER, 'if (fresh.length > 0) await handler.handle(event);'],
    ['consumer/handled', CONSUMER, 'if (fresh.length > 0) await handler.handle(event);', 'after'],
    [
      'consumer/before-cursor',
      CONSUMER,
      'if (batch.position !== null && batch.position !== position)',
    ],
    ['convert/before-levels', CONVERT, 'await tx.lockLevels(hold.lines'],
    ['convert/before-allocation', CONVERT, 'for (const line of merged(hold.lines))'],
    ['order/before-insert', ORDER, 'await tx.addOrder(order);'],
    ['order/inserted', ORDER, 'await tx.addOrder(order);', 'after'],
    ['order/before-address', ORDER, 'this.fetchAddresses();'],
  ]),
  ...during('send', [['sent/before-shipment', SENT, 'tx.add(shipment);']]),
  ...during('webhook', [
    ['webhook/verified', WEBHOOK, 'await this.store.storeWebhook('],
    [
      'webhook/stored',
      WEBHOOK,
      'await this.store.storeWebhook(eventId, eventType, rawBody);',
      'after',
    ],
    ['webhook/before-work', WEBHOOK, 'const end = await this.act(row.rawBody);'],
    [
      'webhook/before-read',
      WEBHOOK,
      "await this.reconcile.one(attemptId);\n    return 'PROCESSED';",
    ],
    [
      'webhook/settled',
      RECONCILE,
      'await this.settle.execute(attemptId, await this.gateway.lookUp(attempt));',
      'after',
    ],
    ['webhook/worked', WEBHOOK, 'await this.store.closeWebhook(row.eventId, end, null);'],
  ]),
  ...during('refund', [
    ['refund/before-decided', REFUND, 'const platformFeeShare = payment.addRefund(amount);'],
    [
      'refund/set-aside',
      REFUND,
      `const event = disbursement?.setReason('REFUND_PENDING', true, now);`,
    ],
    ['refund/decided', REFUND, 'await this.carryOut(response.refundId);'],
    ['refund/submitted', REFUND, 'if (asked === null) return;'],
    ['refund/answered', REFUND, `if (answer?.status === 'COMPLETED')`],
    ['refund/before-books', REFUND, 'const by = { refundId };'],
    ['refund/before-commit', REFUND, 'await tx.recordRefund(payment, refund);', 'after'],
  ]),
  ...during('release', [
    [
      'release/before-begin',
      RELEASE,
      'await tx.recordDisbursement(disbursement.beginRelease(now));',
    ],
    ['release/begun', RELEASE, 'const release = begun.releaseId'],
    ['release/answered', RELEASE, `if (release.status === 'PENDING') {`],
    ['release/booked', RELEASE, 'await tx.recordDisbursement(disbursement.markReleased('],
    ['release/done', RELEASE, 'if (await this.release(paymentId)) released += 1;', 'after'],
  ]),
];

/** The change of the source that puts a point in its place: for `patchSources`. */
export function patchesOf(points: readonly Failpoint[]) {
  // Two points of one anchor are one change, or the second would not find its anchor alone.
  const places = Map.groupBy(points, ({ file, anchor }) => `${file}\n${anchor}`);
  return [...places.values()].map((here) => {
    const { file, anchor } = here[0] as Failpoint;
    const calls = (position: Failpoint['position']) =>
      here
        .filter((point) => point.position === position)
        .map(({ label }) => `globalThis.parleyFailpoint(${JSON.stringify(label)});`)
        .join('');
    return { file, find: anchor, replace: `${calls('before')}${anchor}${calls('after')}` };
  });
}
