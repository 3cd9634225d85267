import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { connectionOf, PageArgs, pageOf } from '../../kernel/graphql/connection.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { principalOf, signedIn } from '../../kernel/policy.ts';
import { isSellerSide, maySeeOrder } from '../domain/order.policy.ts';
import type { OrdersContext } from './context.ts';
import { toCase, toItem, toOrder, toReturn, toShipment } from './order.mapping.ts';
import {
  CancelRequestType,
  CarrierEventType,
  CaseMessageType,
  CaseType,
  OrderEventConnection,
  OrderItemType,
  OrderPayout,
  OrderShippingAddress,
  OrderType,
  ReturnType,
  ShipmentItemType,
  ShipmentType,
} from './order.types.ts';

@Resolver(() => OrderType)
export class OrderResolver {
  @Query(() => OrderType, {
    nullable: true,
    description: 'An order you buy or sell, or null.',
  })
  @GuardedBy(signedIn, maySeeOrder)
  async order(
    @Arg('id', () => ID, { description: 'The order.' }) id: string,
    @Ctx() { loaders }: OrdersContext,
  ): Promise<OrderType | null> {
    const row = await loaders.order.load(id);
    return row && toOrder(row);
  }

  @FieldResolver(() => [OrderItemType], { description: 'What was ordered.' })
  async items(@Root() { id }: OrderType, @Ctx() { loaders }: OrdersContext) {
    return (await loaders.items.load(id)).map(toItem);
  }

  @FieldResolver(() => [ShipmentType], { description: 'Its parcels, in the order they were sent.' })
  async shipments(@Root() { id }: OrderType, @Ctx() { loaders }: OrdersContext) {
    return (await loaders.shipmentsOf.load(id)).map(toShipment);
  }

  @FieldResolver(() => OrderShippingAddress, {
    nullable: true,
    description:
      'Where to send it. The buyer always sees it; the seller while there is something to do with it.',
  })
  shippingAddress(@Root() { row }: OrderType, @Ctx() { loaders }: OrdersContext) {
    return loaders.address.load(row);
  }

  @FieldResolver(() => OrderPayout, {
    nullable: true,
    description:
      "Where the seller's pay for it is; null for everybody else, and before it is known.",
  })
  payout(@Root() { row }: OrderType, @Ctx() { actor }: OrdersContext): OrderPayout | null {
    if (!isSellerSide(actor, row) && actor.kind !== 'support') return null;
    if (row.payoutStatus === null) return null;
    return {
      status: row.payoutStatus,
      releaseAt: row.payoutReleaseAt,
      reasons: row.payoutReasons,
    };
  }

  @FieldResolver(() => CancelRequestType, {
    nullable: true,
    description: 'The latest request to cancel what was sent, or null.',
  })
  async cancelRequest(@Root() { id }: OrderType, @Ctx() { loaders }: OrdersContext) {
    return (await loaders.cancelRequestsOf.load(id)).at(-1) ?? null;
  }

  @FieldResolver(() => [ReturnType], { description: 'What goes or went back.' })
  async returns(@Root() { row }: OrderType, @Ctx() { loaders }: OrdersContext) {
    const found = await loaders.returnsOf.load(row.id);
    return found.map((one) => toReturn(one, row.total.currency));
  }

  @FieldResolver(() => [CaseType], { description: "The buyer's calls for help." })
  async cases(@Root() { row }: OrderType, @Ctx() { loaders }: OrdersContext) {
    const found = await loaders.casesOf.load(row.id);
    return found.map((one) => toCase(one, row.total.currency));
  }

  @FieldResolver(() => OrderEventConnection, {
    nullable: true,
    description: 'All that happened to it, oldest first.',
  })
  async timeline(
    @Root() { row }: OrderType,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { reads, actor }: OrdersContext,
  ) {
    const page = pageOf(args, 1);
    const rows = await reads.timeline(row.id, page);
    // The seller's money is the seller's business: the buyer's history leaves it out.
    const isForSeller = isSellerSide(actor, row) || actor.kind === 'support';
    const shown = rows.filter(({ kind }) => isForSeller || kind !== 'PAYOUT_CHANGED');
    const connection = connectionOf(
      shown,
      page,
      ({ id }) => [id],
      ({ principal, ...step }) => ({ ...step, isYours: principal === principalOf(actor) }),
    );
    if (rows.length <= page.first) return connection;
    return { ...connection, pageInfo: { ...connection.pageInfo, hasNextPage: true } };
  }
}

@Resolver(() => ShipmentType)
export class ShipmentResolver {
  @FieldResolver(() => OrderType, { nullable: true, description: 'The order it belongs to.' })
  async order(@Root() { row }: ShipmentType, @Ctx() { loaders }: OrdersContext) {
    const order = await loaders.order.load(row.orderId);
    return order && toOrder(order);
  }

  @FieldResolver(() => [ShipmentItemType], { description: 'What is in it.' })
  items(@Root() { row }: ShipmentType): ShipmentItemType[] {
    return row.items.map((item) => ({ ...item, orderId: row.orderId }));
  }

  @FieldResolver(() => [CarrierEventType], {
    description: 'Every word of the carrier, in the order things happened.',
  })
  carrierEvents(@Root() { id }: ShipmentType, @Ctx() { loaders }: OrdersContext) {
    return loaders.carrierEvents.load(id);
  }
}

@Resolver(() => ShipmentItemType)
export class ShipmentItemResolver {
  @FieldResolver(() => OrderItemType, { nullable: true, description: 'The item.' })
  async item(
    @Root() { orderItemId, orderId }: ShipmentItemType,
    @Ctx() { loaders }: OrdersContext,
  ) {
    const found = (await loaders.items.load(orderId)).find(({ id }) => id === orderItemId);
    return found ? toItem(found) : null;
  }
}

@Resolver(() => ReturnType)
export class ReturnResolver {
  @FieldResolver(() => OrderType, { nullable: true, description: 'The order it belongs to.' })
  async order(@Root() { row }: ReturnType, @Ctx() { loaders }: OrdersContext) {
    const order = await loaders.order.load(row.orderId);
    return order && toOrder(order);
  }

  @FieldResolver(() => OrderItemType, { nullable: true, description: 'The item that goes back.' })
  async item(@Root() { row }: ReturnType, @Ctx() { loaders }: OrdersContext) {
    const items = await loaders.items.load(row.orderId);
    const found = items.find(({ id }) => id === row.orderItemId);
    return found ? toItem(found) : null;
  }
}

@Resolver(() => CaseType)
export class CaseResolver {
  @FieldResolver(() => OrderType, { nullable: true, description: 'The order it is about.' })
  async order(@Root() { row }: CaseType, @Ctx() { loaders }: OrdersContext) {
    const order = await loaders.order.load(row.orderId);
    return order && toOrder(order);
  }

  @FieldResolver(() => [CaseMessageType], { description: 'What was said, oldest first.' })
  messages(@Root() { id }: CaseType, @Ctx() { loaders }: OrdersContext) {
    return loaders.caseMessages.load(id);
  }
}
