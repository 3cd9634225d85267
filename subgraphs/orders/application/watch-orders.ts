import type { StreamEvent, Streams } from '../../kernel/events/streams.ts';
import { forbidden } from '../../kernel/graphql/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { maySeeOrder } from '../domain/order.policy.ts';
import type { OrderReads } from './reads.ts';

/** Opens live streams of orders, after checking that the actor may see them. */
export class WatchOrders {
  constructor(
    private readonly reads: OrderReads,
    private readonly streams: Streams,
  ) {}

  /** One order, or, for a member and null, all they buy or sell. */
  async open(
    orderId: string | null,
    actor: Actor,
    position: string | null,
  ): Promise<AsyncIterableIterator<StreamEvent>> {
    if (orderId === null) {
      if (actor.kind !== 'member') throw forbidden();
      return this.streams.open(`member:${actor.userId}`, position);
    }
    const [order] = isId('order', orderId) ? await this.reads.orders([orderId]) : [];
    if (!order || !maySeeOrder(actor, order)) throw forbidden();
    return this.streams.open(`order:${orderId}`, position);
  }
}
