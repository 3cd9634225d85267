import { type Clock, DAY_MS } from '../../kernel/clock.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { isBuyer, maySeeAddress } from '../domain/order.policy.ts';
import type { Order } from '../domain/order.ts';
import type { Address, AddressBook } from './ports.ts';
import type { OrderReads } from './reads.ts';

/** Opens the addresses of orders for whoever may have them now, and writes down that they did. */
export class ReadAddresses {
  constructor(
    private readonly book: AddressBook,
    private readonly reads: OrderReads,
    private readonly clock: Clock,
  ) {}

  /** In the order of `orders`; null where there is none, or none for this actor. */
  async execute(orders: readonly Order[], actor: Actor): Promise<(Address | null)[]> {
    const now = this.clock.now();
    const visibleMs = (await this.reads.addressVisibleDays()) * DAY_MS;
    const visible = orders.filter((order) => maySeeAddress(actor, order, now, visibleMs));
    const addresses = await this.book.open(visible.map(({ id }) => id));
    const foreign = visible.filter((order) => addresses.has(order.id) && !isBuyer(actor, order));
    const ids = foreign.map(({ id }) => id);
    await this.reads.recordAccess(principalOf(actor), 'SHIPPING_ADDRESS', ids, now);
    return orders.map(({ id }) => addresses.get(id) ?? null);
  }
}
