import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { StreamEvent } from '../../kernel/events/streams.ts';
import { forbidden } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { signedIn } from '../../kernel/policy.ts';
import { maySeeOrder } from '../domain/order.policy.ts';
import type { OrdersContext } from './context.ts';
import { toOrder } from './order.mapping.ts';
import { OrderType } from './order.types.ts';

@Resolver()
export class OrderSubscriptions {
  @Subscription(() => OrderType, {
    nullable: true,
    description: 'An order whenever something happens to it, shipping included.',
    subscribe: ((stream: { args: { orderId?: string | null }; context: OrdersContext }) => {
      const { useCases, actor, position } = stream.context;
      return useCases.watchOrders.open(stream.args.orderId ?? null, actor, position);
    }) as never,
  })
  @GuardedBy(signedIn, maySeeOrder)
  async orderUpdated(
    @Root() event: StreamEvent,
    @Arg('orderId', () => ID, {
      nullable: true,
      description: 'One order; null is every order you buy or sell.',
    })
    _orderId: string | null,
    @Ctx() { loaders }: OrdersContext,
  ): Promise<OrderType> {
    // Asked again at every event: who may no longer see the order gets nothing more.
    const row = await loaders.order.load(event.aggregateId);
    if (!row) throw forbidden();
    return toOrder(row);
  }
}
