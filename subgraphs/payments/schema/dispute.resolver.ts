import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { connectionOf, PageArgs, pageOf } from '../../kernel/graphql/connection.ts';
import { refusals } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { signedIn, supportStaff } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import { mayRefund } from '../application/refund-payment.ts';
import type { Dispute } from '../domain/dispute.ts';
import type { PaymentsContext } from './context.ts';
import {
  AcceptDisputeInput,
  AcceptDisputePayload,
  DisputeConnection,
  DisputeType,
} from './dispute.types.ts';
import { PaymentType } from './payment.types.ts';
import { PAYMENT_ERROR_CODES } from './user-errors.ts';

const NOTE_MAX = 500;
const keyOf = (dispute: Dispute) => [dispute.openedAt.toISOString(), dispute.id];

@Resolver(() => PaymentType)
export class DisputeResolver {
  @FieldResolver(() => [DisputeType], {
    description: 'Disputes of this payment at PayPal, newest first; most payments have none.',
  })
  disputes(@Root() { id }: PaymentType, @Ctx() { loaders }: PaymentsContext): Promise<Dispute[]> {
    return loaders.disputesOfPayment.load(id);
  }

  @Query(() => DisputeConnection, {
    name: 'disputes',
    nullable: true,
    description: 'All disputes, newest first; for support.',
  })
  @GuardedBy(supportStaff)
  async allDisputes(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('isOpen', () => Boolean, {
      nullable: true,
      description: 'Only undecided ones, or only decided ones; null for both.',
    })
    isOpen: boolean | null,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<DisputeConnection> {
    const page = pageOf(args, 2);
    const rows = await useCases.readDisputes.all(isOpen ?? null, page, actor);
    return connectionOf(rows, page, keyOf, (row) => row as DisputeType);
  }

  @Mutation(() => AcceptDisputePayload, {
    nullable: true,
    description:
      'Gives up a dispute that waits for the seller: PayPal gives the money back to the buyer.',
  })
  @GuardedBy(signedIn, mayRefund)
  async acceptDispute(
    @Arg('input', () => AcceptDisputeInput, { description: 'Which, and a word to the buyer.' })
    input: AcceptDisputeInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<AcceptDisputePayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, async () =>
      useCases.acceptDispute.execute({
        actor,
        disputeId: input.disputeId,
        idempotencyKey: input.idempotencyKey,
        note: checkedText(input.note, { path: ['note'], maxCodePoints: NOTE_MAX }),
      }),
    );
    return { dispute: result, userErrors };
  }
}
