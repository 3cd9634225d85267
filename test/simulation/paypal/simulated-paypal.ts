import type {
  PayPalAnswer,
  PayPalExchange,
} from '../../../subgraphs/payments/processor/paypal/paypal-network.ts';
import type { Faults } from '../faults.ts';
import { type Scheduler, SimProcess } from '../scheduler.ts';
import type { PayPalEntry } from './paypal-log.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long PayPal knows a request id: orders, payments, referenced payouts. */
const MEMORY_MS = { orders: 6 * HOUR_MS, payments: 45 * DAY_MS, payouts: 3 * DAY_MS };
const AUTOMATIC_DISBURSEMENT_MS = 28 * DAY_MS;
/** Longer than the request id of a payout is known. */
const SLOW_PAYOUT_MS = 4 * DAY_MS;
/** A movement is listed so much after it happened. */
const LISTED_AFTER_MS = 3 * HOUR_MS;
const APPEALED_WITHIN_MS = 9 * DAY_MS;
/** Told of an appeal alone. */
export const APPEALED = 'CUSTOMER.DISPUTE.UPDATED';

interface SimOrder {
  readonly id: string;
  readonly attemptId: string;
  readonly minor: bigint;
  readonly platformFeeMinor: bigint;
  readonly payee: string;
  captureId: string | null;
  intent: 'CAPTURE' | 'AUTHORIZE';
}

interface SimCapture {
  readonly id: string;
  readonly orderId: string;
  readonly attemptId: string;
  readonly minor: bigint;
  readonly askedMinor: bigint;
  readonly feeMinor: bigint;
  readonly platformFeeMinor: bigint;
  readonly payee: string;
  readonly at: number;
  status: 'COMPLETED' | 'PENDING' | 'DECLINED';
  payoutId: string | null;
}

interface SimRefund {
  readonly id: string;
  readonly captureId: string;
  readonly minor: bigint;
  /** Out of the platform's fee. */
  readonly shareMinor: bigint;
  status: 'COMPLETED' | 'PENDING' | 'FAILED';
  readonly requestId: string;
}

interface SimPayout {
  readonly id: string;
  readonly captureId: string;
  readonly minor: bigint;
  status: 'SUCCESS' | 'PENDING' | 'FAILED';
  /** One that is pending is decided then at the earliest. */
  readonly decidedAt: number;
}

interface SimDispute {
  readonly id: string;
  readonly captureId: string;
  readonly minor: bigint;
  status: 'WAITING_FOR_SELLER_RESPONSE' | 'UNDER_REVIEW' | 'RESOLVED';
  outcome: 'RESOLVED_SELLER_FAVOUR' | 'RESOLVED_BUYER_FAVOUR' | null;
  reversedMinor: bigint;
  resolvedAt: number;
  isAppealed: boolean;
  updatedAt: number;
}

interface Remembered {
  readonly at: number;
  readonly memoryMs: number;
  readonly again: () => PayPalAnswer;
}

/** A refusal with PayPal's issue. */
class Refused extends Error {
  constructor(
    readonly issue: string,
    readonly status = 422,
  ) {
    super(issue);
  }
}

type Body = Record<string, unknown>;

/**
 * PayPal, written from its documents and not from our client: orders that move nothing, captures,
 * refunds, referenced payouts, disputes and the transaction search, behind an HTTP that loses,
 * repeats and delays. It keeps a log of its own.
 */
export class SimulatedPayPal {
  readonly log: PayPalEntry[] = [];
  /** Called with every webhook as its raw body; the world delivers, loses or repeats it. */
  onWebhook: (body: Buffer, eventType: string) => void = () => {};
  /** Called before a payout is made: the moment a release is decided for good. */
  onPayout: (captureId: string) => void = () => {};
  /** Called where a process is to stand still around an exchange. */
  onStandstill: (process: SimProcess, how: string, milliseconds: number) => void = () => {};
  readonly captures = new Map<string, SimCapture>();
  readonly refunds = new Map<string, SimRefund>();
  readonly disputes = new Map<string, SimDispute>();
  private readonly orders = new Map<string, SimOrder>();
  private readonly payouts = new Map<string, SimPayout>();
  /** Under which ids the payout of each capture was asked for. */
  readonly payoutRequestIds = new Map<string, Set<string>>();
  readonly failedPayoutIds = new Set<string>();
  private readonly invoices = new Map<string, string>();
  private readonly remembered = new Map<string, Remembered>();
  private made = 0;
  /** Until then nobody hears what becomes of payouts. */
  private silentUntil = 0;
  /** How far our clock is behind PayPal's. */
  aheadMs = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly faults: Faults,
  ) {}

  /** PayPal's clock does not go back when ours does. */
  private get nowMs(): number {
    return this.scheduler.nowMs + this.aheadMs;
  }

  /** One exchange, with what the network does to it. */
  async exchange(process: SimProcess, request: PayPalExchange): Promise<PayPalAnswer> {
    if (request.path === '/v1/oauth2/token')
      return { status: 200, text: '{"access_token":"token","expires_in":32400}' };
    const label = `${request.method} ${request.path.slice(0, 44)}`;
    const standstill = this.faults.strike('standstill');
    if (standstill?.how === 'BEFORE_PAYPAL')
      this.onStandstill(process, standstill.how, standstill.milliseconds);
    await this.scheduler.step(process, `ask PayPal: ${label}`);
    const fault = this.faults.next('network');
    if (fault !== null) this.scheduler.note(`network fault ${fault} at ${label}`);
    switch (fault) {
      case 'NEVER_SENT':
        throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      case 'TIMEOUT_BEFORE':
        throw await this.timeout(process);
      case 'SERVER_ERROR':
        return { status: 503, text: '{"name":"SERVICE_UNAVAILABLE"}' };
      case 'RATE_LIMITED':
        return { status: 429, text: '{"name":"RATE_LIMIT_REACHED"}' };
      case 'LATE_EFFECT':
        // The connection is gone; what was sent is worked on all the same, some time later.
        this.scheduler.spawn(PAYPAL, `late: ${label}`, async () => void this.answer(request));
        throw await this.timeout(process);
      default:
    }
    const answer = this.answer(request);
    if (request.path.includes('referenced-payouts') && this.nowMs < this.silentUntil)
      throw await this.timeout(process);
    switch (fault) {
      case 'TIMEOUT_AFTER':
        throw await this.timeout(process);
      case 'RESET_AFTER':
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      case 'SERVER_ERROR_AFTER':
        return { status: 500, text: '{"name":"INTERNAL_SERVER_ERROR"}' };
      default:
    }
    if (standstill?.how === 'AFTER_PAYPAL')
      this.onStandstill(process, standstill.how, standstill.milliseconds);
    await this.scheduler.step(process, `PayPal answered ${answer.status}`);
    return answer;
  }

  /** PayPal decides about captures and refunds that were left open. */
  decidePending(complete: boolean): void {
    for (const capture of this.captures.values()) {
      if (capture.status !== 'PENDING') continue;
      capture.status = complete ? 'COMPLETED' : 'DECLINED';
      if (complete) this.logCapture(capture);
      this.publish(`PAYMENT.CAPTURE.${complete ? 'COMPLETED' : 'DENIED'}`, captureJson(capture));
    }
    for (const refund of this.refunds.values()) {
      if (refund.status !== 'PENDING') continue;
      refund.status = 'COMPLETED';
      this.logRefund(refund);
      this.publish('PAYMENT.CAPTURE.REFUNDED', refundJson(refund));
    }
    this.decidePayouts();
  }

  /** A payout is seldom left open for long: PayPal decides within a day, or within days. */
  decidePayouts(): void {
    for (const payout of this.payouts.values())
      if (payout.status === 'PENDING' && this.nowMs >= payout.decidedAt)
        this.completePayout(payout, 'REQUESTED');
  }

  /** The money that one of these attempts took. */
  captureOf(attemptIds: readonly string[]): string | null {
    for (const { id, attemptId, status } of this.captures.values())
      if (status === 'COMPLETED' && attemptIds.includes(attemptId)) return id;
    return null;
  }

  openDispute(captureId: string, part?: 'HALF'): void {
    const capture = this.captures.get(captureId);
    if (capture?.status !== 'COMPLETED' || this.disputeOf(captureId)) return;
    const dispute: SimDispute = {
      id: this.newId('PP-D'),
      captureId,
      minor: part === 'HALF' ? capture.minor / 2n : capture.minor,
      status: 'WAITING_FOR_SELLER_RESPONSE',
      outcome: null,
      reversedMinor: 0n,
      resolvedAt: 0,
      isAppealed: false,
      updatedAt: this.nowMs,
    };
    this.disputes.set(dispute.id, dispute);
    this.publish('CUSTOMER.DISPUTE.CREATED', disputeJson(dispute));
  }

  endDispute(captureId: string, sellerWins: boolean): void {
    const dispute = this.disputeOf(captureId);
    if (!dispute || dispute.status === 'RESOLVED') return;
    dispute.status = 'RESOLVED';
    dispute.outcome = sellerWins ? 'RESOLVED_SELLER_FAVOUR' : 'RESOLVED_BUYER_FAVOUR';
    dispute.resolvedAt = this.nowMs;
    dispute.updatedAt = this.nowMs;
    if (sellerWins) this.restore(dispute);
    else if (dispute.reversedMinor === 0n) this.reverse(dispute);
    this.publish('CUSTOMER.DISPUTE.RESOLVED', disputeJson(dispute));
  }

  /** Once, and when a decision is a day old: before that nobody has read it. */
  appeal(captureId: string): boolean {
    const dispute = this.disputeOf(captureId);
    if (dispute?.status !== 'RESOLVED' || dispute.isAppealed) return false;
    const age = this.nowMs - dispute.resolvedAt;
    if (age < DAY_MS || age > APPEALED_WITHIN_MS) return false;
    dispute.isAppealed = true;
    dispute.status = 'UNDER_REVIEW';
    dispute.outcome = null;
    dispute.updatedAt = this.nowMs;
    this.publish(APPEALED, disputeJson(dispute));
    return true;
  }

  isOfAppeal(body: Buffer, eventType: string): boolean {
    if (!eventType.startsWith('CUSTOMER.DISPUTE.')) return false;
    const { resource } = JSON.parse(body.toString());
    return this.disputes.get(resource.dispute_id)?.isAppealed ?? false;
  }

  private restore({ id: disputeId, captureId, reversedMinor: minor }: SimDispute): void {
    if (minor > 0n)
      this.log.push({ kind: 'RESTORED', captureId, minor, disputeId, at: this.nowMs });
  }

  endDisputes(sellerWins: boolean): void {
    for (const { captureId } of this.disputes.values()) this.endDispute(captureId, sellerWins);
  }

  // What was disputed, as far as the buyer has not got it back already.
  private reverse(dispute: SimDispute): void {
    const capture = this.captures.get(dispute.captureId);
    if (!capture) return;
    const { captureId, id: disputeId } = dispute;
    let minor = capture.minor - this.refundedOf(captureId);
    if (dispute.minor < minor) minor = dispute.minor;
    dispute.reversedMinor = minor;
    if (minor === 0n) return;
    this.log.push({ kind: 'REVERSAL', captureId, minor, disputeId, at: this.nowMs });
  }

  disputeOf(captureId: string): SimDispute | undefined {
    for (const dispute of this.disputes.values())
      if (dispute.captureId === captureId) return dispute;
    return undefined;
  }

  /** What PayPal does by itself as time passes: it never holds money for more than 28 days. */
  timePassed(): void {
    this.decideSlowPayouts();
    for (const capture of this.captures.values()) {
      const isHeld = capture.status === 'COMPLETED' && capture.payoutId === null;
      if (!isHeld || this.nowMs - capture.at < AUTOMATIC_DISBURSEMENT_MS) continue;
      if (this.refundedOf(capture.id) === capture.minor) continue;
      this.faults.count('payout AUTOMATIC');
      const payout = this.newPayout(capture, 'PENDING');
      // On its own time, however far the clock was moved at once.
      this.completePayout(payout, 'AUTOMATIC', capture.at + AUTOMATIC_DISBURSEMENT_MS);
    }
  }

  private decideSlowPayouts(): void {
    for (const payout of this.payouts.values())
      if (payout.status === 'PENDING' && payout.decidedAt > 0 && this.nowMs >= payout.decidedAt)
        this.completePayout(payout, 'REQUESTED');
  }

  private async timeout(process: SimProcess): Promise<Error> {
    await this.scheduler.step(process, 'PayPal does not answer');
    return Object.assign(new Error('timeout'), { code: 'UND_ERR_HEADERS_TIMEOUT' });
  }

  private answer({ method, path, headers, body }: PayPalExchange): PayPalAnswer {
    const route = `${method} ${path}`;
    try {
      const known = this.known(route, headers['paypal-request-id']);
      if (known) return known;
      const parsed: Body = body === undefined ? {} : JSON.parse(body);
      const made = this.route(method, path, parsed, headers['paypal-request-id'] ?? '');
      return made;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.scheduler.note(`PayPal refuses ${route}: ${error.issue}`);
      const { issue, status } = error;
      return { status, text: JSON.stringify({ name: 'REFUSED', details: [{ issue }] }) };
    }
  }

  private known(route: string, requestId: string | undefined): PayPalAnswer | null {
    if (requestId === undefined) return null;
    const known = this.remembered.get(`${route} ${requestId}`);
    if (!known || this.nowMs - known.at > known.memoryMs) return null;
    return known.again();
  }

  private remember(
    path: string,
    requestId: string,
    memoryMs: number,
    again: () => PayPalAnswer,
  ): PayPalAnswer {
    const at = this.nowMs;
    this.remembered.set(`POST ${path} ${requestId}`, { at, memoryMs, again });
    return again();
  }

  private route(method: string, path: string, body: Body, requestId: string): PayPalAnswer {
    const [plain = '', query = ''] = path.split('?');
    const parts = plain.split('/');
    const id = decodeURIComponent(parts[4] ?? '');
    if (plain.startsWith('/v2/checkout/orders')) {
      if (method === 'GET') return this.getOrder(id);
      if (method === 'PATCH') return this.patchOrder(id, body);
      if (parts[5] === 'capture') return this.capture(path, id, requestId);
      if (parts[5] === 'track')
        return this.remember(path, requestId, MEMORY_MS.orders, () => ok({}));
      return this.createOrder(path, body, requestId);
    }
    if (plain.startsWith('/v2/payments/captures')) {
      if (method === 'POST') return this.refund(path, id, body, requestId);
      return this.found(this.captures.get(id), (capture) => this.refreshedCapture(capture));
    }
    if (plain.startsWith('/v2/payments/refunds'))
      return this.found(this.refunds.get(id), refundJson);
    if (plain.startsWith('/v1/payments/referenced-payouts-items')) {
      if (method === 'POST') return this.payOut(path, body, requestId);
      return this.found(this.payouts.get(id), payoutJson);
    }
    if (plain.startsWith('/v1/customer/disputes')) return this.dispute(method, parts, query);
    if (plain.startsWith('/v1/reporting/transactions')) return this.search(query);
    throw new Refused('RESOURCE_NOT_FOUND', 404);
  }

  private found<T>(known: T | undefined, json: (known: T) => unknown): PayPalAnswer {
    if (known === undefined) throw new Refused('RESOURCE_NOT_FOUND', 404);
    return ok(json(known));
  }

  private createOrder(path: string, body: Body, requestId: string): PayPalAnswer {
    const [unit] = body.purchase_units as {
      invoice_id: string;
      amount: { value: string };
      payee: { merchant_id: string };
      payment_instruction?: { platform_fees?: { amount: { value: string } }[] };
    }[];
    if (!unit) throw new Refused('MISSING_REQUIRED_PARAMETER', 400);
    const paid = this.invoices.get(unit.invoice_id);
    if (paid !== undefined) throw new Refused('DUPLICATE_INVOICE_ID');
    const fee = unit.payment_instruction?.platform_fees?.[0]?.amount.value;
    const order: SimOrder = {
      id: this.newId('ORDER'),
      attemptId: unit.invoice_id,
      minor: minorOf(unit.amount.value),
      platformFeeMinor: fee === undefined ? 0n : minorOf(fee),
      payee: unit.payee.merchant_id,
      captureId: null,
      intent: 'CAPTURE',
    };
    this.orders.set(order.id, order);
    return this.remember(path, requestId, MEMORY_MS.orders, () => this.getOrder(order.id));
  }

  private getOrder(id: string): PayPalAnswer {
    const order = this.orders.get(id);
    if (!order) throw new Refused('RESOURCE_NOT_FOUND', 404);
    const capture = order.captureId === null ? undefined : this.captures.get(order.captureId);
    return ok({
      id: order.id,
      status: capture ? 'COMPLETED' : 'CREATED',
      purchase_units: [{ payments: { captures: capture ? [this.refreshedCapture(capture)] : [] } }],
    });
  }

  private patchOrder(id: string, body: Body): PayPalAnswer {
    const order = this.orders.get(id);
    if (!order) throw new Refused('RESOURCE_NOT_FOUND', 404);
    if (order.captureId !== null) throw new Refused('ORDER_ALREADY_COMPLETED');
    for (const { op, path, value } of body as unknown as Record<string, string>[]) {
      if (op !== 'replace' || path !== '/intent') throw new Refused('NOT_PATCHABLE');
      order.intent = value as SimOrder['intent'];
    }
    return { status: 204, text: '' };
  }

  private capture(path: string, orderId: string, requestId: string): PayPalAnswer {
    const order = this.orders.get(orderId);
    if (!order) throw new Refused('RESOURCE_NOT_FOUND', 404);
    if (order.captureId !== null) throw new Refused('ORDER_ALREADY_CAPTURED');
    if (order.intent !== 'CAPTURE') throw new Refused('ACTION_DOES_NOT_MATCH_INTENT');
    if (this.invoices.has(order.attemptId)) throw new Refused('DUPLICATE_INVOICE_ID');
    const fault = this.faults.next('capture');
    if (fault === 'REFUSED') throw new Refused('INSTRUMENT_DECLINED');
    const minor = fault === 'AMOUNT_DIFFERS' ? order.minor - 1n : order.minor;
    const capture: SimCapture = {
      id: this.newId('CAPTURE'),
      orderId,
      attemptId: order.attemptId,
      minor,
      askedMinor: order.minor,
      feeMinor: (minor * 3n) / 100n + 30n,
      platformFeeMinor: order.platformFeeMinor,
      payee: order.payee,
      at: this.nowMs,
      status: fault === 'PENDING' ? 'PENDING' : fault === 'DECLINED' ? 'DECLINED' : 'COMPLETED',
      payoutId: null,
    };
    this.captures.set(capture.id, capture);
    order.captureId = capture.id;
    if (capture.status !== 'DECLINED') this.invoices.set(order.attemptId, capture.id);
    if (capture.status === 'COMPLETED') this.logCapture(capture);
    this.publish(
      `PAYMENT.CAPTURE.${capture.status === 'DECLINED' ? 'DENIED' : capture.status}`,
      captureJson(capture),
    );
    return this.remember(path, requestId, MEMORY_MS.orders, () => this.getOrder(orderId));
  }

  private refund(path: string, captureId: string, body: Body, requestId: string): PayPalAnswer {
    const capture = this.captures.get(captureId);
    if (!capture) throw new Refused('RESOURCE_NOT_FOUND', 404);
    if (capture.status !== 'COMPLETED') throw new Refused('PENDING_CAPTURE');
    const left = capture.minor - this.refundedOf(captureId);
    if (left === 0n) throw new Refused('CAPTURE_FULLY_REFUNDED');
    const asked = body.amount as { value: string } | undefined;
    const minor = asked === undefined ? left : minorOf(asked.value);
    if (minor > left) throw new Refused('REFUND_AMOUNT_EXCEEDED');
    if (this.disputeOf(captureId)?.status === 'UNDER_REVIEW' && minor < capture.minor)
      throw new Refused('TRANSACTION_DISPUTED');
    const share = shareOf(body);
    if (share + this.sharesOf(captureId) > capture.platformFeeMinor || share > minor)
      throw new Refused('PLATFORM_FEE_EXCEEDED');
    const fault = this.faults.next('refund');
    if (fault === 'REFUSED') throw new Refused('REFUND_FAILED_INSUFFICIENT_FUNDS');
    const refund: SimRefund = {
      id: this.newId('REFUND'),
      captureId,
      minor,
      shareMinor: share,
      status: fault === 'PENDING' ? 'PENDING' : 'COMPLETED',
      requestId,
    };
    this.refunds.set(refund.id, refund);
    if (refund.status === 'COMPLETED') this.logRefund(refund);
    this.publish('PAYMENT.CAPTURE.REFUNDED', refundJson(refund));
    return this.remember(path, requestId, MEMORY_MS.payments, () => ok(refundJson(refund), 201));
  }

  private payOut(path: string, body: Body, requestId: string): PayPalAnswer {
    const capture = this.captures.get(String(body.reference_id));
    if (!capture) throw new Refused('RESOURCE_NOT_FOUND', 404);
    const asked = this.payoutRequestIds.get(capture.id);
    if (asked) asked.add(requestId);
    else this.payoutRequestIds.set(capture.id, new Set([requestId]));
    if (capture.payoutId !== null) throw new Refused('PAYOUT_ALREADY_COMPLETED_FOR_REFERENCE');
    if (capture.status !== 'COMPLETED') throw new Refused('PENDING_CAPTURE');
    if (this.refundedOf(capture.id) === capture.minor) throw new Refused('CAPTURE_FULLY_REFUNDED');
    const fault = this.faults.next('payout');
    if (fault === 'REFUSED') throw new Refused('PAYEE_ACCOUNT_RESTRICTED');
    this.onPayout(capture.id);
    const decidedAt = fault === 'SLOW' ? this.nowMs + SLOW_PAYOUT_MS : 0;
    const payout = this.newPayout(capture, fault === 'FAILED' ? 'FAILED' : 'PENDING', decidedAt);
    if (fault === 'SILENT') this.silentUntil = this.nowMs + SLOW_PAYOUT_MS;
    if (fault === null || fault === 'SILENT') this.completePayout(payout, 'REQUESTED');
    if (fault === 'FAILED') {
      capture.payoutId = null;
      this.failedPayoutIds.add(payout.id);
    }
    return this.remember(path, requestId, MEMORY_MS.payouts, () => ok(payoutJson(payout), 201));
  }

  private newPayout(capture: SimCapture, status: SimPayout['status'], decidedAt = 0): SimPayout {
    const payout: SimPayout = {
      id: this.newId('PAYOUT'),
      captureId: capture.id,
      minor: positive(
        capture.minor -
          capture.feeMinor -
          capture.platformFeeMinor -
          this.refundedOf(capture.id) +
          this.sharesOf(capture.id),
      ),
      status,
      decidedAt,
    };
    this.payouts.set(payout.id, payout);
    capture.payoutId = payout.id;
    return payout;
  }

  private completePayout(
    payout: SimPayout,
    cause: 'REQUESTED' | 'AUTOMATIC',
    at = this.nowMs,
  ): void {
    payout.status = 'SUCCESS';
    const { captureId, minor, id: payoutId } = payout;
    this.log.push({ kind: 'PAYOUT', captureId, minor, payoutId, cause, at });
    this.publish('PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED', payoutJson(payout));
  }

  private dispute(method: string, parts: readonly string[], query: string): PayPalAnswer {
    const id = decodeURIComponent(parts[4] ?? '');
    if (id === '') {
      const captureId = new URLSearchParams(query).get('disputed_transaction_id') ?? '';
      const dispute = this.disputeOf(captureId);
      return ok({ items: dispute ? [{ dispute_id: dispute.id }] : [] });
    }
    const dispute = this.disputes.get(id);
    if (!dispute) throw new Refused('RESOURCE_NOT_FOUND', 404);
    if (method === 'POST') {
      if (dispute.status === 'RESOLVED') throw new Refused('DISPUTE_ALREADY_RESOLVED');
      if (parts[5] === 'accept-claim') this.endDispute(dispute.captureId, false);
      else {
        dispute.status = 'UNDER_REVIEW';
        dispute.updatedAt = this.nowMs;
      }
      return ok({});
    }
    return ok(disputeJson(dispute));
  }

  private search(query: string): PayPalAnswer {
    const asked = new URLSearchParams(query);
    const from = Date.parse(asked.get('start_date') ?? '');
    const until = Date.parse(asked.get('end_date') ?? '');
    const listed = this.log.filter(
      ({ at, kind }) =>
        kind !== 'RESTORED' && at >= from && at <= until && this.nowMs - at >= LISTED_AFTER_MS,
    );
    const undecided = [...this.captures.values()].filter(
      ({ status, at }) =>
        status === 'PENDING' && at >= from && at <= until && this.nowMs - at >= LISTED_AFTER_MS,
    );
    const infos = [
      ...listed.map((entry) => this.infoOf(entry)),
      // Listed as pending, and with nothing moved.
      ...undecided.map((capture) => ({
        transaction_initiation_date: new Date(capture.at).toISOString(),
        transaction_amount: amountJson(capture.minor),
        transaction_status: 'P',
        transaction_id: capture.id,
        transaction_event_code: 'T0006',
        paypal_reference_id: capture.orderId,
        invoice_id: capture.attemptId,
      })),
    ];
    return ok({
      total_pages: 1,
      transaction_details: infos.map((info) => ({ transaction_info: info })),
    });
  }

  private infoOf(entry: PayPalEntry) {
    const capture = this.captures.get(entry.captureId);
    const common = {
      transaction_initiation_date: new Date(entry.at).toISOString(),
      transaction_amount: amountJson(entry.minor),
      transaction_status: 'S',
    };
    switch (entry.kind) {
      case 'CAPTURE':
        return {
          ...common,
          transaction_id: entry.captureId,
          transaction_event_code: 'T0006',
          paypal_reference_id: capture?.orderId ?? '',
          invoice_id: entry.attemptId,
        };
      case 'REFUND':
        return {
          ...common,
          transaction_id: entry.refundId,
          transaction_event_code: 'T1107',
          paypal_reference_id: entry.captureId,
        };
      case 'REVERSAL':
        return {
          ...common,
          transaction_id: `${entry.disputeId}-reversal`,
          transaction_event_code: 'T1106',
          paypal_reference_id: entry.captureId,
        };
      case 'RESTORED':
        throw new TypeError('an own gift of PayPal is not listed');
      case 'PAYOUT':
        return {
          ...common,
          transaction_id: entry.payoutId,
          transaction_event_code: 'T0015',
          paypal_reference_id: entry.captureId,
        };
    }
  }

  private refreshedCapture(capture: SimCapture) {
    const refunded = this.refundedOf(capture.id);
    const status =
      capture.status !== 'COMPLETED' || refunded === 0n
        ? capture.status
        : refunded === capture.minor
          ? 'REFUNDED'
          : 'PARTIALLY_REFUNDED';
    return { ...captureJson(capture), status };
  }

  private refundedOf(captureId: string): bigint {
    let minor = 0n;
    for (const refund of this.refunds.values())
      if (refund.captureId === captureId && refund.status !== 'FAILED') minor += refund.minor;
    return minor + (this.disputeOf(captureId)?.reversedMinor ?? 0n);
  }

  private sharesOf(captureId: string): bigint {
    let minor = 0n;
    for (const refund of this.refunds.values())
      if (refund.captureId === captureId && refund.status !== 'FAILED') minor += refund.shareMinor;
    return minor;
  }

  private logCapture(capture: SimCapture): void {
    const { id: captureId, minor, feeMinor, platformFeeMinor, attemptId, askedMinor } = capture;
    const at = this.nowMs;
    this.log.push({
      ...{
        kind: 'CAPTURE',
        captureId,
        minor,
        feeMinor,
        platformFeeMinor,
        attemptId,
        askedMinor,
        at,
      },
    });
  }

  private logRefund({ id: refundId, captureId, minor, shareMinor, requestId }: SimRefund): void {
    this.log.push({
      ...{ kind: 'REFUND', captureId, minor, refundId, requestId, shareMinor, at: this.nowMs },
    });
  }

  private publish(eventType: string, resource: object): void {
    const id = this.newId('WH');
    this.onWebhook(Buffer.from(JSON.stringify({ id, event_type: eventType, resource })), eventType);
  }

  private newId(prefix: string): string {
    this.made += 1;
    return `${prefix}-${this.made}`;
  }
}

/** PayPal does not die with us: what it was sent, it works on. */
const PAYPAL = new SimProcess('paypal');

function ok(json: unknown, status = 200): PayPalAnswer {
  return { status, text: JSON.stringify(json) };
}

/** What the platform gives back of its fee with this refund. */
function shareOf(body: Body): bigint {
  const instruction = body.payment_instruction as
    | { platform_fees?: { amount: { value: string } }[] }
    | undefined;
  const share = instruction?.platform_fees?.[0]?.amount.value;
  return share === undefined ? 0n : minorOf(share);
}

function minorOf(value: string): bigint {
  return BigInt(value.replace('.', ''));
}

function positive(minor: bigint): bigint {
  return minor < 0n ? 0n : minor;
}

function amountJson(minor: bigint) {
  const digits = minor.toString().padStart(3, '0');
  return { currency_code: 'USD', value: `${digits.slice(0, -2)}.${digits.slice(-2)}` };
}

function captureJson(capture: SimCapture) {
  return {
    id: capture.id,
    status: capture.status as string,
    create_time: new Date(capture.at).toISOString(),
    amount: amountJson(capture.minor),
    invoice_id: capture.attemptId,
    custom_id: capture.attemptId,
    ...(capture.status === 'COMPLETED'
      ? { seller_receivable_breakdown: breakdownOf(capture) }
      : {}),
    ...(capture.status === 'PENDING' ? { status_details: { reason: 'PENDING_REVIEW' } } : {}),
    ...(capture.status === 'DECLINED' ? { processor_response: { response_code: '5120' } } : {}),
    supplementary_data: { related_ids: { order_id: capture.orderId } },
  };
}

function breakdownOf(capture: SimCapture) {
  return {
    paypal_fee: amountJson(capture.feeMinor),
    ...(capture.platformFeeMinor > 0n
      ? { platform_fees: [{ amount: amountJson(capture.platformFeeMinor) }] }
      : {}),
  };
}

function refundJson(refund: SimRefund) {
  return {
    id: refund.id,
    status: refund.status,
    amount: amountJson(refund.minor),
    links: [{ rel: 'up', href: `https://paypal/v2/payments/captures/${refund.captureId}` }],
  };
}

function payoutJson(payout: SimPayout) {
  return {
    item_id: payout.id,
    processing_state: { status: payout.status },
    reference_id: payout.captureId,
    reference_type: 'TRANSACTION_ID',
    payout_amount: amountJson(payout.minor),
  };
}

function disputeJson(dispute: SimDispute) {
  return {
    dispute_id: dispute.id,
    update_time: new Date(dispute.updatedAt).toISOString(),
    status: dispute.status as string,
    reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
    dispute_amount: amountJson(dispute.minor),
    disputed_transactions: [{ seller_transaction_id: dispute.captureId }],
    ...(dispute.outcome
      ? {
          dispute_outcome: {
            outcome_code: dispute.outcome,
            ...(dispute.outcome === 'RESOLVED_BUYER_FAVOUR' && dispute.reversedMinor > 0n
              ? { amount_refunded: amountJson(dispute.reversedMinor) }
              : {}),
          },
        }
      : {}),
    links:
      dispute.status === 'WAITING_FOR_SELLER_RESPONSE'
        ? [
            {
              rel: 'provide_evidence',
              href: `https://paypal/v1/customer/disputes/${dispute.id}/provide-evidence`,
            },
          ]
        : [],
  };
}
