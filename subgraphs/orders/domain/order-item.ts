import type { Money } from '../../kernel/money.ts';
import { QuantityInvalid } from './order.errors.ts';
import type { Quantities } from './order.states.ts';

/** One line of an order. Every unit stands in exactly one of five places. */
export class OrderItem implements Quantities {
  private constructor(
    readonly id: string,
    readonly orderId: string,
    readonly position: number,
    readonly lineId: string,
    readonly listingId: string | null,
    readonly variantId: string | null,
    readonly title: string,
    readonly description: string,
    readonly unitPrice: Money,
    readonly quantity: number,
    readonly open: number,
    readonly sent: number,
    readonly delivered: number,
    readonly cancelled: number,
    readonly returned: number,
    /** When the last unit arrived: the return window of this item starts here. */
    readonly deliveredAt: Date | null,
  ) {}

  static of(
    facts: Pick<
      OrderItem,
      | 'id'
      | 'orderId'
      | 'position'
      | 'lineId'
      | 'listingId'
      | 'variantId'
      | 'title'
      | 'description'
      | 'unitPrice'
      | 'quantity'
    >,
  ): OrderItem {
    return new OrderItem(
      facts.id,
      facts.orderId,
      facts.position,
      facts.lineId,
      facts.listingId,
      facts.variantId,
      facts.title,
      facts.description,
      facts.unitPrice,
      facts.quantity,
      facts.quantity,
      0,
      0,
      0,
      0,
      null,
    );
  }

  send(quantity: number, path: readonly string[]): void {
    requireBetween(quantity, this.open, path);
    this.become({ open: this.open - quantity, sent: this.sent + quantity });
  }

  unsend(quantity: number): void {
    const back = Math.min(quantity, this.sent);
    this.become({ open: this.open + back, sent: this.sent - back });
  }

  /** A parcel may hold units that were cancelled on their way: those do not arrive. */
  deliver(quantity: number, at: Date): void {
    const arrived = Math.min(quantity, this.sent);
    if (arrived === 0) return;
    this.become({
      sent: this.sent - arrived,
      delivered: this.delivered + arrived,
      deliveredAt: at,
    });
  }

  cancelOpen(quantity: number, path: readonly string[]): void {
    requireBetween(quantity, this.open, path);
    this.become({ open: this.open - quantity, cancelled: this.cancelled + quantity });
  }

  /** An accepted cancellation takes back everything that has not arrived. */
  cancelUndelivered(): number {
    const quantity = this.open + this.sent;
    this.become({ open: 0, sent: 0, cancelled: this.cancelled + quantity });
    return quantity;
  }

  takeBack(quantity: number): void {
    this.become({ delivered: this.delivered - quantity, returned: this.returned + quantity });
  }

  /** The listed value of this many units, before discount and tax are shared out. */
  valueOf(quantity: number): bigint {
    return this.unitPrice.amountMinor * BigInt(quantity);
  }

  private become(
    change: Partial<
      Pick<OrderItem, 'open' | 'sent' | 'delivered' | 'cancelled' | 'returned' | 'deliveredAt'>
    >,
  ): void {
    Object.assign(this, change);
  }
}

export function requireBetween(quantity: number, available: number, path: readonly string[]): void {
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > available)
    throw new QuantityInvalid(available, path);
}
