import { Arg, Args, Ctx, Directive, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { connectionOf, PageArgs, pageOf } from '../../kernel/graphql/connection.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { sellerIdOf } from '../../kernel/ids.ts';
import { anyone } from '../../kernel/policy.ts';
import type { Side } from '../domain/conversation.policy.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { ConversationsContext } from './context.ts';
import { toConversation } from './conversation.mapping.ts';
import { ConversationConnection, ViewerType } from './conversation.types.ts';
import { ConversationSide } from './enums.ts';

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Query(() => ViewerType, {
    nullable: true,
    description: 'The signed-in member, or null when nobody is.',
  })
  @Directive('@shareable')
  @GuardedBy(anyone)
  viewer(@Ctx() { actor }: ConversationsContext): ViewerType | null {
    return actor.kind === 'member' ? { id: actor.userId } : null;
  }

  @FieldResolver(() => ConversationConnection, {
    nullable: true,
    description: 'Your inbox on one side, the latest activity first.',
  })
  async conversations(
    @Root() viewer: ViewerType,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('as', () => ConversationSide, { description: 'As the buyer or as the seller.' }) as: Side,
    @Arg('isArchived', () => Boolean, {
      defaultValue: false,
      description: 'True lists what you have put away instead.',
    })
    isArchived: boolean,
    @Ctx() { reads, loaders }: ConversationsContext,
  ) {
    const page = pageOf(args, 2);
    const ids = [as === 'BUYER' ? viewer.id : sellerIdOf(viewer.id)];
    const keys = await reads.inbox({ side: as, ids, isArchived, page });
    const rows = await loaders.conversation.loadMany(keys.map((key) => key.id));
    const found = keys.flatMap((key, index) => {
      const row = rows[index];
      return row && !(row instanceof Error) ? [{ key, row: row as Conversation }] : [];
    });
    return connectionOf(
      found,
      page,
      ({ key }) => [key.activity, key.id],
      ({ row }) => toConversation(row),
    );
  }
}
