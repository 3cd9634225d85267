import { Arg, Ctx, Directive, ID, Int, Query, Resolver } from 'type-graphql';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { systemOnly } from '../../kernel/policy.ts';
import type { OrdersContext } from './context.ts';
import { OrderEvidence } from './order.types.ts';

/** What other subgraphs ask at once; no client ever sees these fields. */
@Resolver()
export class SystemResolver {
  @Query(() => Int, {
    nullable: true,
    description: 'How many orders of a seller are not over; for other subgraphs.',
  })
  @Directive('@inaccessible')
  @GuardedBy(systemOnly)
  openOrdersOfSeller(
    @Arg('sellerId', () => ID, { description: 'The seller.' }) sellerId: string,
    @Ctx() { reads }: OrdersContext,
  ): Promise<number> {
    return reads.openOrdersOf(sellerId);
  }

  @Query(() => OrderEvidence, {
    nullable: true,
    description: 'What speaks for an order in a dispute; null when there is none.',
  })
  @Directive('@inaccessible')
  @GuardedBy(systemOnly)
  async orderEvidence(
    @Arg('orderId', () => ID, { description: 'The order.' }) orderId: string,
    @Ctx() { loaders }: OrdersContext,
  ): Promise<OrderEvidence | null> {
    const order = await loaders.order.load(orderId);
    if (!order) return null;
    const shipments = (await loaders.shipmentsOf.load(order.id))
      .filter(({ status }) => status !== 'VOIDED')
      .map(({ id: shipmentId, ...row }) => ({ ...row, shipmentId }));
    return { orderId: order.id, status: order.status, shipments };
  }
}
