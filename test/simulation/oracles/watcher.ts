import type { OrderItem } from '../../../subgraphs/orders/domain/order-item.ts';
import type { Disbursement } from '../../../subgraphs/payments/domain/disbursement.ts';
import type { PaymentAttempt } from '../../../subgraphs/payments/domain/payment-attempt.ts';
import type { PaymentRequest } from '../../../subgraphs/payments/domain/payment-request.ts';
import type { SimBus } from '../bus.ts';
import type { MemoryDatabase, Written } from '../memory/database.ts';
import type { InboxRow, OutboxRow } from '../memory/kernel-statements.ts';
import type { StoredWebhook } from '../memory/stored-money.ts';
import { APPEALED, type SimulatedPayPal } from '../paypal/simulated-paypal.ts';
import type { Scheduler } from '../scheduler.ts';
import { UNAPPROVED } from '../world/actions.ts';
import { ALLOWED } from './transitions.ts';
import type { Violations } from './violation.ts';

const DAY_MS = 86_400_000;

/** What payments was told about one payment, by the messages that it took. */
interface Told {
  /** The seller may be paid from then on; null while something is to be sent. */
  dueAt: number | null;
  readonly holds: Set<string>;
}

/**
 * Looks at every commit. A payout is judged at the moment it is decided, by what payments had been
 * told until then and by rules written here a second time, not by what its own row says.
 */
export class Watcher {
  private readonly told = new Map<string, Told>();
  private readonly disputed = new Set<string>();
  private readonly appealed = new Set<string>();
  private isRestricted = false;
  private tier: 'NEW' | 'ESTABLISHED' = 'NEW';

  constructor(
    private readonly violations: Violations,
    private readonly scheduler: Scheduler,
    private readonly bus: SimBus,
    private readonly paypal: SimulatedPayPal,
  ) {}

  committed(database: MemoryDatabase, written: readonly Written[]): void {
    if (database.name === 'payments') this.attempts(database, written);
    if (database.name === 'orders') this.fullySent(database, written);
    for (const { table, before, after } of written) {
      const rules = ALLOWED[table];
      if (rules) this.step(table, rules, before as Stated | null, after as Stated | null);
      if (database.name !== 'payments' || after === null) continue;
      if (table === 'inbox') this.hear((after as InboxRow).event_id);
      if (table === 'webhook_event') this.processed(after as StoredWebhook);
      if (table !== 'disbursement') continue;
      const [was, is] = [before as Disbursement | null, after as Disbursement];
      if (is.status === 'RELEASING' && was?.status !== 'RELEASING') this.decided(is);
    }
  }

  /** What begins to be paid must be open to be paid, for the total that its buyer said yes to. */
  private attempts(database: MemoryDatabase, written: readonly Written[]): void {
    for (const { table, before, after } of written) {
      if (table !== 'payment_attempt' || before !== null || after === null) continue;
      const { requestId, createdAt } = after as PaymentAttempt;
      const request = database.table<PaymentRequest>('payment_request').rows.get(requestId);
      const isOver = request !== undefined && request.expiresAt.getTime() <= createdAt.getTime();
      if (isOver) this.violations.add('I10', 'an expired request is being paid');
      const isUnapproved = written.some(
        (other) => other.table === 'idempotency_key' && other.key.includes(`/${UNAPPROVED}`),
      );
      if (isUnapproved) this.violations.add('I10', 'a buyer is charged what they did not agree to');
    }
  }

  /** An order says that everything was sent only when it was. */
  private fullySent(database: MemoryDatabase, written: readonly Written[]): void {
    for (const { table, after } of written) {
      const row = after as OutboxRow | null;
      if (table !== 'outbox' || row?.type !== 'orders.order-fully-sent') continue;
      for (const item of database.table<OrderItem>('order_item').rows.values())
        if (item.orderId === row.aggregate_id && item.open > 0)
          this.violations.add('I8', 'an order was called sent while something is to be sent');
    }
  }

  private step(
    table: string,
    rules: Readonly<Record<string, readonly string[]>>,
    before: Stated | null,
    after: Stated | null,
  ): void {
    if (before === null) return;
    if (after === null) {
      this.violations.add('I10', `${table} ${before.id} was deleted`);
      return;
    }
    if (before.status === after.status) return;
    this.violations.require(
      rules[before.status]?.includes(after.status) ?? false,
      'I10',
      () => `${table} went from ${before.status} to ${after.status}`,
    );
  }

  private hear(eventId: string): void {
    const event = this.bus.events.find((known) => known.eventId === eventId);
    if (!event) {
      this.violations.add('I11', 'an event was taken that the bus never had');
      return;
    }
    const payload = event.payload as Record<string, string> & { isOpen?: boolean };
    if (event.type === 'seller-accounts.seller-standing-changed') {
      this.isRestricted = !(payload as unknown as { canReceivePayouts: boolean }).canReceivePayouts;
      this.tier = payload.tier as 'NEW' | 'ESTABLISHED';
      return;
    }
    const paymentId = payload.paymentId;
    if (!event.type.startsWith('orders.') || paymentId === undefined) return;
    const told = this.told.get(paymentId) ?? { dueAt: null, holds: new Set() };
    this.told.set(paymentId, told);
    switch (event.type) {
      case 'orders.order-fully-sent': {
        const sent = Date.parse(payload.lastSentAt ?? '');
        const marked = Date.parse(payload.lastMarkedSentAt ?? '');
        const days = this.tier === 'NEW' ? 5 : 3;
        told.dueAt = businessDaysLater(Math.max(sent, marked), days);
        break;
      }
      case 'orders.order-sending-reopened':
        told.dueAt = null;
        break;
      case 'orders.release-hold-changed':
        if (payload.isOpen) told.holds.add(payload.hold ?? '');
        else told.holds.delete(payload.hold ?? '');
        break;
      default:
    }
  }

  /** A dispute counts from the moment its webhook was worked off. */
  private processed(row: StoredWebhook): void {
    if (row.state !== 'PROCESSED' || !row.eventType.startsWith('CUSTOMER.DISPUTE.')) return;
    const { resource } = JSON.parse(row.rawBody.toString());
    const captureId = resource.disputed_transactions[0].seller_transaction_id as string;
    if (row.eventType === APPEALED) this.appealed.add(captureId);
    else this.disputed.add(captureId);
  }

  private decided(disbursement: Disbursement): void {
    const { paymentId, captureId } = disbursement;
    const told = this.told.get(paymentId);
    const { nowMs } = this.scheduler;
    const refuse = (why: string) => this.violations.add('I8', `a payout was decided ${why}`);
    if (!told || told.dueAt === null) refuse('before everything was sent');
    else if (nowMs < told.dueAt) refuse('before its days were over');
    for (const hold of told?.holds ?? []) refuse(`while ${hold} is open`);
    if (this.isRestricted) refuse('while the seller is restricted');
    const dispute = this.paypal.disputeOf(captureId);
    const heard = dispute?.isAppealed ? this.appealed : this.disputed;
    if (dispute && dispute.status !== 'RESOLVED' && heard.has(captureId))
      refuse('while a dispute is open');
  }
}

interface Stated {
  readonly id: string;
  readonly status: string;
}

/** Monday to Friday, UTC, keeping the time of day; counted day by day, as a person would. */
function businessDaysLater(from: number, days: number): number {
  let at = from;
  for (let counted = 0; counted < days; ) {
    at += DAY_MS;
    if (![0, 6].includes(new Date(at).getUTCDay())) counted += 1;
  }
  return at;
}
