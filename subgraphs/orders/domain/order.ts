import { after, afterBusinessDays, DAY_MS, MINUTE_MS } from '../../kernel/clock.ts';
import { NotFound } from '../../kernel/errors.ts';
import { Money } from '../../kernel/money.ts';
import { IllegalTransition, step } from '../../kernel/state-machine.ts';
import {
  AlreadyOpen,
  CancelNeedsRequest,
  PaymentNotCaptured,
  PayoutAlreadyReleased,
  SentAtInvalid,
} from './order.errors.ts';
import type {
  CancelledBy,
  OrderChange,
  OrderEvent,
  OrderRef,
  RefundOwed,
  ReleaseHold,
} from './order.events.ts';
import { headlineOf, ORDER_TRANSITIONS, type OrderStatus } from './order.states.ts';
import type { OrderItem } from './order-item.ts';
import type { CarrierStatus } from './shipment.states.ts';
import { Shipment, type ShipmentItem } from './shipment.ts';

export type Origin = 'CHAT' | 'CHECKOUT';
export type PaymentState = 'PENDING' | 'PAID' | 'PARTIALLY_REFUNDED' | 'REFUNDED' | 'DISPUTED';
export type AfterSale = 'NONE' | 'CANCEL_REQUESTED' | 'RETURN_OPEN' | 'CASE_OPEN';

/** Payouts after which the seller's money no longer waits on the order. */
const PAID_OUT = new Set(['RELEASED', 'AUTO_DISBURSED']);
const SETTLED_PAYOUTS = new Set([...PAID_OUT, 'RETURNED']);

export interface OrderTerms {
  readonly returnWindowDays: number;
  readonly handlingBusinessDays: number;
  readonly isFinalSale: boolean;
}

export interface Placement {
  readonly id: string;
  readonly paymentRequestId: string;
  readonly paymentId: string;
  readonly conversationId: string | null;
  readonly origin: Origin;
  readonly buyerId: string;
  readonly sellerId: string;
  readonly total: Money;
  readonly shipping: Money;
  readonly capturedAt: Date;
  readonly terms: OrderTerms;
  readonly items: readonly OrderItem[];
  /** Time policy of this moment; the order keeps the dates that follow from it. */
  readonly remorseHoldMinutes: number;
  readonly autoCancelDays: number;
}

export interface Selection {
  readonly orderItemId: string;
  readonly quantity: number;
}

/**
 * What a buyer paid for and a seller sends. Three axes move by themselves: the payment, the units of
 * each item, and what is open after the sale. The headline follows from them.
 */
export class Order {
  /** Attached by the store; one transaction changes the order and its items together. */
  readonly items!: readonly OrderItem[];

  private constructor(
    readonly id: string,
    readonly paymentRequestId: string,
    readonly paymentId: string,
    readonly conversationId: string | null,
    readonly origin: Origin,
    readonly buyerId: string,
    readonly sellerId: string,
    readonly status: OrderStatus,
    readonly total: Money,
    readonly shipping: Money,
    /** Refunds that went through, as payments tells. */
    readonly refunded: Money,
    /** How far refunds will go once all that this order has asked for went through. */
    readonly refundOwed: Money,
    readonly isDisputed: boolean,
    readonly onHoldUntil: Date | null,
    readonly isOnHold: boolean,
    readonly shipBy: Date,
    readonly autoCancelAt: Date,
    readonly capturedAt: Date,
    readonly returnWindowDays: number,
    readonly isFinalSale: boolean,
    readonly lastSentAt: Date | null,
    readonly lastMarkedSentAt: Date | null,
    readonly deliveredAt: Date | null,
    readonly completedAt: Date | null,
    /** From then on nothing can be returned; null until everything was sent. */
    readonly returnsEndAt: Date | null,
    readonly hasCancelRequest: boolean,
    readonly openReturns: number,
    readonly openCases: number,
    readonly payoutStatus: string | null,
    readonly payoutReleaseAt: Date | null,
    readonly payoutReasons: readonly string[],
    readonly version: number,
  ) {}

  static place(given: Placement): { order: Order; events: OrderEvent[] } {
    const { total, capturedAt, terms } = given;
    const isOnHold = given.remorseHoldMinutes > 0;
    const holdUntil = after(capturedAt, given.remorseHoldMinutes * MINUTE_MS);
    const order = new Order(
      given.id,
      given.paymentRequestId,
      given.paymentId,
      given.conversationId,
      given.origin,
      given.buyerId,
      given.sellerId,
      isOnHold ? 'ON_HOLD' : 'AWAITING_SHIPMENT',
      total,
      // A discount beyond the goods comes off the shipping: so much of the total is for it.
      smaller(given.shipping, total),
      Money.zero(total.currency),
      Money.zero(total.currency),
      false,
      isOnHold ? holdUntil : null,
      isOnHold,
      afterBusinessDays(holdUntil, terms.handlingBusinessDays),
      after(capturedAt, given.autoCancelDays * DAY_MS),
      capturedAt,
      terms.returnWindowDays,
      terms.isFinalSale,
      null,
      null,
      null,
      null,
      null,
      false,
      0,
      0,
      // Captured money is held until payments says otherwise.
      'HELD',
      null,
      [],
      1,
    );
    order.attach(given.items);
    const { paymentRequestId, paymentId, conversationId, buyerId, sellerId } = given;
    const payload = {
      ...{ orderId: given.id, paymentRequestId, paymentId, conversationId },
      ...{ buyerId, sellerId, total },
    };
    const placed = { type: 'order-placed' as const, order: order.ref, occurredAt: capturedAt };
    return { order, events: [{ ...placed, payload }] };
  }

  attach(items: readonly OrderItem[]): void {
    Object.defineProperty(this, 'items', { value: items, enumerable: false, configurable: true });
  }

  get ref(): OrderRef {
    return { orderId: this.id, buyerId: this.buyerId, sellerId: this.sellerId };
  }

  get paymentState(): PaymentState {
    if (this.isDisputed) return 'DISPUTED';
    if (this.refunded.isZero()) return 'PAID';
    return this.total.exceeds(this.refunded) ? 'PARTIALLY_REFUNDED' : 'REFUNDED';
  }

  get afterSale(): AfterSale {
    if (this.openCases > 0) return 'CASE_OPEN';
    if (this.openReturns > 0) return 'RETURN_OPEN';
    return this.hasCancelRequest ? 'CANCEL_REQUESTED' : 'NONE';
  }

  /** Something was sent and nothing is left to send. */
  get isFullySent(): boolean {
    if (this.lastMarkedSentAt === null || this.items.some((item) => item.open > 0)) return false;
    return this.items.some((item) => item.cancelled < item.quantity);
  }

  releaseHold(now: Date): OrderEvent[] {
    this.become({ isOnHold: false, onHoldUntil: null });
    return [this.updated('HOLD_RELEASED', null, now)];
  }

  /** The seller's word that units are on their way. It moves no money; it starts the clock. */
  markSent(sending: {
    readonly shipmentId: string;
    /** Null sends everything that is open. */
    readonly selection: readonly Selection[] | null;
    readonly carrier: string | null;
    readonly trackingNumber: string | null;
    /** Null: now. */
    readonly sentAt: Date | null;
    readonly now: Date;
  }): { shipment: Shipment; events: OrderEvent[] } {
    const { now } = sending;
    this.requireSendable();
    const sentAt = sending.sentAt ?? now;
    if (sentAt > now || sentAt < this.capturedAt) throw new SentAtInvalid();
    const items = this.select(sending.selection, (item) => item.open);
    items.forEach(({ item, quantity }, index) => {
      item.send(quantity, ['items', String(index), 'quantity']);
    });
    const shipment = Shipment.send({
      id: sending.shipmentId,
      orderId: this.id,
      carrier: sending.carrier,
      trackingNumber: sending.trackingNumber,
      sentAt,
      markedSentAt: now,
      items: items.map(({ item, quantity }) => ({ orderItemId: item.id, quantity })),
    });
    this.become({ lastSentAt: later(this.lastSentAt, sentAt), lastMarkedSentAt: now });
    return { shipment, events: [this.sent(shipment, now), ...this.fullySent(now)] };
  }

  /** Takes the word back, while no carrier has seen the parcel and the seller was not paid for it. */
  voidShipment(shipment: Shipment, remaining: readonly Shipment[], now: Date): OrderEvent[] {
    if (PAID_OUT.has(this.payoutStatus ?? '') || this.payoutStatus === 'RELEASING')
      throw new PayoutAlreadyReleased();
    const wasFullySent = this.isFullySent;
    shipment.void();
    for (const { orderItemId, quantity } of shipment.items) this.item(orderItemId).unsend(quantity);
    this.become({
      lastSentAt: latest(remaining.map((one) => one.sentAt)),
      lastMarkedSentAt: latest(remaining.map((one) => one.markedSentAt)),
      returnsEndAt: null,
    });
    const { paymentId, conversationId } = this;
    const events: OrderEvent[] = [
      {
        type: 'shipment-voided',
        order: this.ref,
        occurredAt: now,
        payload: { orderId: this.id, shipmentId: shipment.id, paymentId, conversationId },
      },
    ];
    if (!wasFullySent) return events;
    const payload = { orderId: this.id, paymentId };
    events.push({ type: 'order-sending-reopened', order: this.ref, occurredAt: now, payload });
    return events;
  }

  /** A parcel's headline moved; its arrival moves the units in it. */
  shipmentMoved(shipment: Shipment, status: CarrierStatus, at: Date, now: Date): OrderEvent[] {
    shipment.move(status, at);
    if (status === 'DELIVERED') {
      for (const { orderItemId, quantity } of shipment.items)
        this.item(orderItemId).deliver(quantity, at);
    }
    const hasArrived =
      status === 'DELIVERED' && this.items.every((item) => item.open + item.sent === 0);
    this.become(hasArrived ? { deliveredAt: at, returnsEndAt: this.returnsEnd(at) } : {});
    const { conversationId, buyerId, sellerId } = this;
    const payload = {
      ...{ orderId: this.id, shipmentId: shipment.id, conversationId, buyerId, sellerId },
      ...{ status, occurredAt: at },
    };
    return [{ type: 'shipment-updated', order: this.ref, occurredAt: now, payload }];
  }

  /**
   * Cancels units that were not sent, and says what is owed for them. A buyer is free to do so until
   * something is sent, and again once the ship-by date has passed.
   */
  cancel(cancelling: {
    readonly by: CancelledBy;
    readonly selection: readonly Selection[] | null;
    readonly reason: string;
    readonly restock: boolean;
    readonly now: Date;
  }): OrderEvent[] {
    const { by, now } = cancelling;
    if (!this.items.some((item) => item.open > 0)) {
      if (by === 'BUYER' && (this.status === 'SENT' || this.status === 'DELIVERED'))
        throw new CancelNeedsRequest(this.status);
      this.refuse('CANCELLED');
    }
    if (by === 'BUYER' && this.lastMarkedSentAt !== null && now <= this.shipBy)
      throw new CancelNeedsRequest(this.status);
    const items = this.select(cancelling.selection, (item) => item.open);
    items.forEach(({ item, quantity }, index) => {
      item.cancelOpen(quantity, ['items', String(index), 'quantity']);
    });
    return [...this.cancelled(items, cancelling), ...this.fullySent(now)];
  }

  /** The seller agreed: everything that has not arrived is cancelled, sent or not. */
  acceptCancellation(reason: string, now: Date): OrderEvent[] {
    const wasFullySent = this.isFullySent;
    const items = this.items
      .map((item) => ({ item, quantity: item.cancelUndelivered() }))
      .filter(({ quantity }) => quantity > 0);
    return [
      ...this.holdChanged('CANCEL_REQUESTED', { hasCancelRequest: false }, now),
      // What is on its way is not back on the shelf.
      ...this.cancelled(items, { by: 'SELLER', reason, restock: false, now }),
      ...(wasFullySent ? [] : this.fullySent(now)),
    ];
  }

  requestCancellation(now: Date): OrderEvent[] {
    if (this.status !== 'SENT' && this.status !== 'PARTIALLY_SENT') this.refuse('CANCELLED');
    if (this.hasCancelRequest) throw new AlreadyOpen('request to cancel');
    return this.holdChanged('CANCEL_REQUESTED', { hasCancelRequest: true }, now);
  }

  cancellationEnded(now: Date): OrderEvent[] {
    return this.holdChanged('CANCEL_REQUESTED', { hasCancelRequest: false }, now);
  }

  returnOpened(now: Date): OrderEvent[] {
    return this.holdChanged('RETURN_OPEN', { openReturns: this.openReturns + 1 }, now);
  }

  returnEnded(now: Date): OrderEvent[] {
    return this.holdChanged('RETURN_OPEN', { openReturns: this.openReturns - 1 }, now);
  }

  caseOpened(now: Date): OrderEvent[] {
    return this.holdChanged('CASE_OPEN', { openCases: this.openCases + 1 }, now);
  }

  caseEnded(now: Date): OrderEvent[] {
    return this.holdChanged('CASE_OPEN', { openCases: this.openCases - 1 }, now);
  }

  /** What these units of one item cost the buyer, with their share of discount and tax. */
  shareOf(item: OrderItem, quantity: number): Money {
    return this.shareOfValue(item.valueOf(quantity), this.goneValue());
  }

  /** Never more than is left of the payment. */
  owe(
    amount: Money,
    source: { readonly returnId?: string; readonly caseId?: string },
    reason: string,
    now: Date,
  ): { owed: Money; events: RefundOwed[] } {
    const owed = smaller(amount, this.refundable);
    this.become({ refundOwed: this.given.plus(owed) });
    if (owed.isZero()) return { owed, events: [] };
    const payload = {
      orderId: this.id,
      paymentId: this.paymentId,
      ...source,
      amount: owed,
      reason,
    };
    return { owed, events: [{ type: 'refund-owed', order: this.ref, occurredAt: now, payload }] };
  }

  /** What can still be given back. Refunds on their way count as given. */
  get refundable(): Money {
    return this.total.exceeds(this.given)
      ? this.total.minus(this.given)
      : Money.zero(this.total.currency);
  }

  paymentRefunded(refundedTotal: Money, now: Date): OrderEvent[] {
    // Totals only grow: an older word that comes late changes nothing.
    if (!refundedTotal.exceeds(this.refunded)) return [];
    this.become({ refunded: refundedTotal });
    return [this.updated('PAYMENT_REFUNDED', null, now)];
  }

  disputed(isDisputed: boolean, now: Date): OrderEvent[] {
    if (this.isDisputed === isDisputed) return [];
    this.become({ isDisputed });
    return [this.updated(isDisputed ? 'PAYMENT_DISPUTED' : 'DISPUTE_ENDED', null, now)];
  }

  payoutChanged(
    payout: { status: string; releaseAt: Date | null; reasons: readonly string[] },
    now: Date,
  ): OrderEvent[] {
    this.become({
      payoutStatus: payout.status,
      payoutReleaseAt: payout.releaseAt,
      payoutReasons: payout.reasons,
    });
    return [this.updated('PAYOUT_CHANGED', null, now)];
  }

  /** The seller is paid, or the buyer has everything back, and nothing can be returned any more. */
  isCompletable(now: Date): boolean {
    return (
      (this.status === 'SENT' || this.status === 'DELIVERED') &&
      SETTLED_PAYOUTS.has(this.payoutStatus ?? '') &&
      this.afterSale === 'NONE' &&
      !this.isDisputed &&
      this.returnsEndAt !== null &&
      now >= this.returnsEndAt
    );
  }

  complete(now: Date): OrderEvent[] {
    this.become({ completedAt: now });
    const payload = { orderId: this.id, paymentId: this.paymentId };
    return [{ type: 'order-completed', order: this.ref, occurredAt: now, payload }];
  }

  item(orderItemId: string, path: readonly string[] = []): OrderItem {
    const item = this.items.find(({ id }) => id === orderItemId);
    if (!item) throw new NotFound('item of this order', path);
    return item;
  }

  updated(change: OrderChange, subjectId: string | null, now: Date): OrderEvent {
    return {
      type: 'order-updated',
      order: this.ref,
      occurredAt: now,
      payload: { ...this.ref, change, subjectId },
    };
  }

  private requireSendable(): void {
    if (this.status !== 'AWAITING_SHIPMENT' && this.status !== 'PARTIALLY_SENT')
      this.refuse('SENT');
    if (this.paymentState === 'REFUNDED' || this.paymentState === 'PENDING')
      throw new PaymentNotCaptured(this.paymentState);
  }

  private refuse(to: OrderStatus): never {
    throw new IllegalTransition(
      `Order ${this.id}`,
      this.status,
      to,
      ORDER_TRANSITIONS[this.status].filter((next) => next !== to),
    );
  }

  private select(
    selection: readonly Selection[] | null,
    available: (item: OrderItem) => number,
  ): { item: OrderItem; quantity: number }[] {
    if (selection === null || selection.length === 0) {
      return this.items
        .filter((item) => available(item) > 0)
        .map((item) => ({ item, quantity: available(item) }));
    }
    return selection.map(({ orderItemId, quantity }, index) => ({
      item: this.item(orderItemId, ['items', String(index), 'orderItemId']),
      quantity,
    }));
  }

  private sent(shipment: Shipment, now: Date): OrderEvent {
    const { paymentId, conversationId, buyerId, sellerId } = this;
    const { carrier, trackingNumber, sentAt, markedSentAt, items } = shipment;
    return {
      type: 'shipment-sent',
      order: this.ref,
      occurredAt: now,
      payload: {
        ...{ orderId: this.id, shipmentId: shipment.id, paymentId, conversationId },
        ...{ buyerId, sellerId, carrier, trackingNumber, sentAt, markedSentAt },
        // Stock is counted by variant; an item of no listing has none.
        items: items.map((item: ShipmentItem) => ({
          ...item,
          variantId: this.item(item.orderItemId).variantId,
        })),
      },
    };
  }

  private fullySent(now: Date): OrderEvent[] {
    const { lastSentAt, lastMarkedSentAt, paymentId, sellerId } = this;
    if (!this.isFullySent || !lastSentAt || !lastMarkedSentAt) return [];
    // Without news of delivery the window runs from the last mark.
    this.become({ returnsEndAt: this.returnsEnd(this.deliveredAt ?? lastMarkedSentAt) });
    const payload = { orderId: this.id, paymentId, sellerId, lastSentAt, lastMarkedSentAt };
    return [{ type: 'order-fully-sent', order: this.ref, occurredAt: now, payload }];
  }

  private cancelled(
    items: readonly { item: OrderItem; quantity: number }[],
    how: { by: CancelledBy; reason: string; restock: boolean; now: Date },
  ): OrderEvent[] {
    const value = items.reduce((sum, { item, quantity }) => sum + item.valueOf(quantity), 0n);
    const isWholeOrder = this.items.every((item) => item.cancelled === item.quantity);
    const due = isWholeOrder ? this.refundable : this.shareOfValue(value, this.goneValue() - value);
    const refundAmount = smaller(due, this.refundable);
    this.become({ refundOwed: this.given.plus(refundAmount) });
    const { paymentId, paymentRequestId, conversationId, buyerId, sellerId } = this;
    const cancelled: OrderEvent = {
      type: 'order-cancelled',
      order: this.ref,
      occurredAt: how.now,
      payload: {
        ...{ orderId: this.id, paymentId, paymentRequestId, conversationId, buyerId, sellerId },
        ...{ by: how.by, reason: how.reason, refundAmount, isWholeOrder, restock: how.restock },
        items: items.map(({ item, quantity }) => ({
          orderItemId: item.id,
          variantId: item.variantId,
          quantity,
        })),
      },
    };
    return [cancelled];
  }

  /**
   * What was given back or promised. Refunds that others made come on top of what was promised
   * before; payments, which knows every one of them, has the last word.
   */
  private get given(): Money {
    return this.refundOwed.exceeds(this.refunded) ? this.refundOwed : this.refunded;
  }

  /** Listed value of all units that are cancelled or came back. */
  private goneValue(): bigint {
    return this.items.reduce((sum, item) => sum + item.valueOf(item.cancelled + item.returned), 0n);
  }

  // Shares are differences of running totals, so that all of them add up to the whole exactly.
  private shareOfValue(value: bigint, before: bigint): Money {
    const listed = this.items.reduce((sum, item) => sum + item.valueOf(item.quantity), 0n);
    if (listed === 0n) return Money.zero(this.total.currency);
    const goods = this.total.minus(this.shipping).amountMinor;
    const upTo = (part: bigint) => (goods * part) / listed;
    return Money.of(upTo(before + value) - upTo(before), this.total.currency);
  }

  private holdChanged(
    hold: ReleaseHold,
    change: Partial<Pick<Order, 'hasCancelRequest' | 'openReturns' | 'openCases'>>,
    now: Date,
  ): OrderEvent[] {
    const isOpen = () =>
      ({
        CANCEL_REQUESTED: this.hasCancelRequest,
        RETURN_OPEN: this.openReturns > 0,
        CASE_OPEN: this.openCases > 0,
      })[hold];
    const before = isOpen();
    this.become(change);
    if (isOpen() === before) return [];
    const payload = { orderId: this.id, paymentId: this.paymentId, hold, isOpen: isOpen() };
    return [{ type: 'release-hold-changed', order: this.ref, occurredAt: now, payload }];
  }

  private returnsEnd(from: Date): Date {
    return after(from, this.isFinalSale ? 0 : this.returnWindowDays * DAY_MS);
  }

  // The only writer: its parameter lists everything about an order that can ever change. The
  // headline is derived here and may only move along its table.
  private become(
    change: Partial<
      Pick<
        Order,
        | 'refunded'
        | 'refundOwed'
        | 'isDisputed'
        | 'onHoldUntil'
        | 'isOnHold'
        | 'lastSentAt'
        | 'lastMarkedSentAt'
        | 'deliveredAt'
        | 'completedAt'
        | 'returnsEndAt'
        | 'hasCancelRequest'
        | 'openReturns'
        | 'openCases'
        | 'payoutStatus'
        | 'payoutReleaseAt'
        | 'payoutReasons'
      >
    >,
  ): void {
    Object.assign(this, change, { version: this.version + 1 });
    const { isOnHold, completedAt, items } = this;
    const headline = headlineOf({ isOnHold, isCompleted: completedAt !== null, items });
    if (headline === this.status) return;
    const status = step(`Order ${this.id}`, ORDER_TRANSITIONS, this.status, headline);
    Object.assign(this, { status });
  }
}

function smaller(a: Money, b: Money): Money {
  return a.exceeds(b) ? b : a;
}

function later(a: Date | null, b: Date): Date {
  return a !== null && a > b ? a : b;
}

function latest(dates: readonly Date[]): Date | null {
  return dates.reduce<Date | null>((best, date) => later(best, date), null);
}
