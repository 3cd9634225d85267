import { after, afterBusinessDays, DAY_MS } from '../../kernel/clock.ts';
import type { Money } from '../../kernel/money.ts';
import { step } from '../../kernel/state-machine.ts';
import { RETURN_TRANSITIONS, type ReturnStatus } from './after-sale.states.ts';
import { FinalSale, QuantityInvalid, ReturnPeriodEnded } from './order.errors.ts';
import type { Order } from './order.ts';
import { type OrderItem, requireBetween } from './order-item.ts';

/** Units of one item that go back to the seller. */
export class Return {
  private constructor(
    readonly id: string,
    readonly orderId: string,
    readonly orderItemId: string,
    readonly quantity: number,
    readonly status: ReturnStatus,
    readonly reason: string,
    readonly note: string | null,
    readonly declineReason: string | null,
    readonly requestedAt: Date,
    /** When the present wait ends: for an answer while REQUESTED, for the parcel while APPROVED. */
    readonly dueAt: Date | null,
    readonly carrier: string | null,
    readonly trackingNumber: string | null,
    readonly goodQuantity: number,
    readonly damagedQuantity: number,
    readonly refundMinor: bigint | null,
    readonly changedAt: Date,
  ) {}

  /** Refuses a final sale, an item that has not arrived, and one that arrived too long ago. */
  static request(
    order: Order,
    item: OrderItem,
    asked: {
      readonly id: string;
      readonly quantity: number;
      /** Units of the item that other open returns already hold. */
      readonly alreadyAsked: number;
      readonly reason: string;
      readonly note: string | null;
      readonly answerBusinessDays: number;
      readonly now: Date;
    },
  ): Return {
    const { id, quantity, reason, note, now } = asked;
    if (order.isFinalSale) throw new FinalSale();
    if (item.deliveredAt && now > after(item.deliveredAt, order.returnWindowDays * DAY_MS))
      throw new ReturnPeriodEnded();
    requireBetween(quantity, item.delivered - asked.alreadyAsked, ['quantity']);
    const answerBy = afterBusinessDays(now, asked.answerBusinessDays);
    return new Return(
      id,
      order.id,
      item.id,
      quantity,
      'REQUESTED',
      reason,
      note,
      null,
      now,
      answerBy,
      null,
      null,
      0,
      0,
      null,
      now,
    );
  }

  get isOpen(): boolean {
    return ['REQUESTED', 'APPROVED', 'IN_TRANSIT', 'RECEIVED'].includes(this.status);
  }

  approve(sendWithinDays: number, now: Date): void {
    this.move('APPROVED', now, { dueAt: after(now, sendWithinDays * DAY_MS) });
  }

  decline(declineReason: string, now: Date): void {
    this.move('DECLINED', now, { declineReason, dueAt: null });
  }

  sent(carrier: string | null, trackingNumber: string | null, now: Date): void {
    this.move('IN_TRANSIT', now, { carrier, trackingNumber, dueAt: null });
  }

  /** The seller has it back, part of it perhaps damaged; what is missing counts as damaged. */
  received(goodQuantity: number, refund: Money, now: Date): void {
    if (!Number.isInteger(goodQuantity) || goodQuantity < 0 || goodQuantity > this.quantity)
      throw new QuantityInvalid(this.quantity, ['goodQuantity']);
    this.move('RECEIVED', now, {
      goodQuantity,
      damagedQuantity: this.quantity - goodQuantity,
      refundMinor: refund.amountMinor,
      dueAt: null,
    });
  }

  refunded(now: Date): void {
    this.move('REFUNDED', now, {});
  }

  lapse(now: Date): void {
    this.move('LAPSED', now, { dueAt: null });
  }

  private move(
    to: ReturnStatus,
    now: Date,
    change: Partial<
      Pick<
        Return,
        | 'dueAt'
        | 'declineReason'
        | 'carrier'
        | 'trackingNumber'
        | 'goodQuantity'
        | 'damagedQuantity'
        | 'refundMinor'
      >
    >,
  ): void {
    const status = step(`Return ${this.id}`, RETURN_TRANSITIONS, this.status, to);
    Object.assign(this, change, { status, changedAt: now });
  }
}
