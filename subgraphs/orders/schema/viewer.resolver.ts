import {
  Arg,
  Args,
  Ctx,
  Directive,
  FieldResolver,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { connectionOf, PageArgs, pageOf } from '../../kernel/graphql/connection.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { sellerIdOf } from '../../kernel/ids.ts';
import { anyone, type MemberActor, members } from '../../kernel/policy.ts';
import type { OrderListing } from '../application/reads.ts';
import type { OrdersContext } from './context.ts';
import { OrderStatusEnum } from './enums.ts';
import { MarkNotificationsReadInput, MarkNotificationsReadPayload } from './order.inputs.ts';
import { toNotification, toOrder } from './order.mapping.ts';
import {
  ConversationType,
  NotificationConnection,
  NotificationType,
  OrderConnection,
  OrderType,
  PaymentRequestType,
  ViewerType,
} from './order.types.ts';
import { refusals } from './user-errors.ts';

const STATUSES = {
  nullable: true,
  description: 'Only orders with one of these headlines; null is all of them.',
} as const;

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Query(() => ViewerType, {
    nullable: true,
    description: 'The signed-in member, or null when nobody is.',
  })
  @Directive('@shareable')
  @GuardedBy(anyone)
  viewer(@Ctx() { actor }: OrdersContext): ViewerType | null {
    return actor.kind === 'member' ? { id: actor.userId } : null;
  }

  @FieldResolver(() => OrderConnection, {
    nullable: true,
    description: 'What you bought, newest first.',
  })
  orders(
    @Root() { id }: ViewerType,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('statuses', () => [OrderStatusEnum], STATUSES) statuses: string[] | null,
    @Ctx() context: OrdersContext,
  ) {
    return orderPage({ by: 'BUYER', id, statuses: statuses ?? null }, args, context);
  }

  @FieldResolver(() => OrderConnection, {
    nullable: true,
    description: 'What you sold, newest first.',
  })
  sales(
    @Root() { id }: ViewerType,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('statuses', () => [OrderStatusEnum], STATUSES) statuses: string[] | null,
    @Ctx() context: OrdersContext,
  ) {
    const listing = { by: 'SELLER' as const, id: sellerIdOf(id), statuses: statuses ?? null };
    return orderPage(listing, args, context);
  }

  @FieldResolver(() => NotificationConnection, {
    nullable: true,
    description: 'What you should know, newest first.',
  })
  async notifications(
    @Root() { id }: ViewerType,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('unreadOnly', () => Boolean, {
      defaultValue: false,
      description: 'True leaves out what you have read.',
    })
    unreadOnly: boolean,
    @Ctx() { reads }: OrdersContext,
  ) {
    const page = pageOf(args, 2);
    const rows = await reads.notifications(id, unreadOnly, page);
    return connectionOf(rows, page, (row) => [row.key, row.id], toNotification);
  }

  @FieldResolver(() => Int, { description: 'How many notifications you have not read.' })
  unreadNotificationCount(@Root() { id }: ViewerType, @Ctx() { reads }: OrdersContext) {
    return reads.unreadNotifications(id);
  }

  @Mutation(() => MarkNotificationsReadPayload, {
    nullable: true,
    description: 'Marks notifications as read; unknown ids change nothing.',
  })
  @GuardedBy(members)
  async markNotificationsRead(
    @Arg('input', () => MarkNotificationsReadInput, { description: 'Which.' })
    { ids }: MarkNotificationsReadInput,
    @Ctx() { actor, useCases }: OrdersContext,
  ) {
    const { result, userErrors } = await refusals(() =>
      useCases.markNotificationsRead.execute(ids ?? null, actor as MemberActor),
    );
    return { unreadCount: result, userErrors };
  }
}

@Resolver(() => NotificationType)
export class NotificationResolver {
  @FieldResolver(() => OrderType, { nullable: true, description: 'The order it is about.' })
  async order(@Root() { row }: NotificationType, @Ctx() { loaders }: OrdersContext) {
    const order = await loaders.order.load(row.orderId);
    return order && toOrder(order);
  }
}

@Resolver(() => ConversationType)
export class ConversationResolver {
  @FieldResolver(() => OrderConnection, {
    nullable: true,
    description: 'The orders that were agreed in it, newest first.',
  })
  orders(
    @Root() { id }: ConversationType,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: OrdersContext,
  ) {
    return orderPage({ by: 'CONVERSATION', id, statuses: null }, args, context);
  }
}

@Resolver(() => PaymentRequestType)
export class PaymentRequestResolver {
  @FieldResolver(() => OrderType, {
    nullable: true,
    description: 'The order it became, or null before it is paid.',
  })
  async order(@Root() { id }: PaymentRequestType, @Ctx() { loaders }: OrdersContext) {
    const row = await loaders.orderOfRequest.load(id);
    return row && toOrder(row);
  }
}

// What the actor may not see is left out by the loader, so a list never tells more than an id would.
async function orderPage(
  listing: Omit<OrderListing, 'page'>,
  args: PageArgs,
  { reads, loaders }: OrdersContext,
) {
  const page = pageOf(args, 2);
  const keys = await reads.list({ ...listing, page });
  const rows = await loaders.order.loadMany(keys.map(({ id }) => id));
  const found = keys.flatMap((key, index) => {
    const row = rows[index];
    return row && !(row instanceof Error) ? [{ key, row }] : [];
  });
  return connectionOf(
    found,
    page,
    ({ key }) => [key.key, key.id],
    ({ row }) => toOrder(row),
  );
}
