import {
  Arg,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Resolver,
  Root,
  registerEnumType,
} from 'type-graphql';
import { refusals } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { MoneyInput, MoneyType, NodeType, toMoney } from '../../kernel/graphql/shared-types.ts';
import { signedIn } from '../../kernel/policy.ts';
import { statesOf } from '../../kernel/state-machine.ts';
import { checkedText } from '../../kernel/text.ts';
import { mayRefund } from '../application/refund-payment.ts';
import { DISBURSEMENT_TRANSITIONS } from '../domain/disbursement.states.ts';
import { REFUND_TRANSITIONS } from '../domain/refund.states.ts';
import type { PaymentsContext } from './context.ts';
import { PAYMENT_ERROR_CODES, PaymentUserError } from './user-errors.ts';

const DISBURSEMENT_MEANING: Readonly<Record<string, string>> = {
  HELD: 'Waits until everything is sent and marked as sent.',
  SCHEDULED: 'Is paid at releaseAt.',
  FROZEN: 'Waits for a reason that must be settled first.',
  RELEASING: 'Is being paid.',
  FAILED: 'The processor refused; it is tried again.',
  RELEASED: 'Was paid.',
  RETURNED: 'Went back to the buyer.',
  AUTO_DISBURSED: 'Was paid by the processor itself.',
};

const PayoutStatus = Object.fromEntries(
  statesOf(DISBURSEMENT_TRANSITIONS).map((status) => [status, status]),
);
registerEnumType(PayoutStatus, {
  name: 'PayoutStatus',
  description: "Where the seller's money of one payment stands.",
  valuesConfig: Object.fromEntries(
    Object.entries(DISBURSEMENT_MEANING).map(([status, description]) => [status, { description }]),
  ),
});

const REFUND_MEANING: Readonly<Record<string, string>> = {
  APPROVED: 'Decided.',
  SUBMITTED: 'The processor was asked.',
  PENDING: 'The processor has not finished.',
  FAILED: 'The processor refused; it is tried again.',
  ESCALATED: 'A person is looking at it.',
  COMPLETED: 'The buyer has the money back.',
  CANCELLED: 'A dispute that was lost gave the buyer the money back instead.',
};

const RefundStatusEnum = Object.fromEntries(
  statesOf(REFUND_TRANSITIONS).map((status) => [status, status]),
);
registerEnumType(RefundStatusEnum, {
  name: 'RefundStatus',
  description: 'Where a refund stands.',
  valuesConfig: Object.fromEntries(
    Object.entries(REFUND_MEANING).map(([status, description]) => [status, { description }]),
  ),
});

@ObjectType('HeldMoney', { description: 'Money of one payment that is not paid out yet.' })
export class HeldMoneyType {
  @Field(() => ID, { description: 'The payment.' })
  readonly paymentId!: string;

  @Field(() => MoneyType, {
    description: 'What will be paid, after the fee of the processor and refunds.',
  })
  readonly amount!: MoneyType;

  @Field(() => MoneyType, {
    description: 'The part of it that will settle what the seller owes; see owed.',
  })
  readonly deductedForDebt!: MoneyType;

  @Field(() => PayoutStatus, { description: 'Where it stands.' })
  readonly status!: string;

  @Field(() => String, { description: 'Why it waits, and what releases it, in words.' })
  readonly reason!: string;

  @Field(() => Date, { nullable: true, description: 'When it is paid; null until that is known.' })
  readonly releaseAt!: Date | null;
}

@ObjectType('SellerBalance', {
  description: "A seller's money: what is held and why, what was paid, what is owed.",
})
export class SellerBalanceType {
  @Field(() => MoneyType, { description: 'Captured for the seller and not paid out yet.' })
  readonly held!: MoneyType;

  @Field(() => MoneyType, { description: 'Paid out so far.' })
  readonly paidOut!: MoneyType;

  @Field(() => MoneyType, {
    description:
      'What the seller owes: refunds and lost disputes after a payout, and fees the processor keeps. It is taken from the next payouts.',
  })
  readonly owed!: MoneyType;

  @Field(() => [HeldMoneyType], {
    description: 'What is held, payment by payment, newest first, at most 200.',
  })
  readonly items!: readonly HeldMoneyType[];
}

@Directive('@key(fields: "id")')
@ObjectType('SellerAccount')
export class SellerAccountWithBalance {
  @Field(() => ID, { description: 'The id of the seller account.' })
  readonly id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Refund', { implements: NodeType, description: 'Money on its way back to a buyer.' })
export class RefundType extends NodeType {
  @Field(() => RefundStatusEnum, { description: 'Where it stands.' })
  readonly status!: string;

  @Field(() => MoneyType, { description: 'How much.' })
  readonly amount!: MoneyType;

  @Field(() => String, { description: 'Why.' })
  readonly reason!: string;

  @Field(() => Date, { description: 'When it was decided.' })
  readonly createdAt!: Date;
}

@InputType({ description: 'Gives money of a payment back to its buyer.' })
export class RefundPaymentInput {
  @Field(() => ID, { description: 'The payment.' })
  readonly paymentId!: string;

  @Field(() => MoneyInput, {
    nullable: true,
    description: 'How much; null or absent is all that is left.',
  })
  readonly amount?: MoneyInput | null;

  @Field(() => String, { description: 'Why, at most 200 characters; both parties see it.' })
  readonly reason!: string;

  @Field(() => String, {
    description:
      'Your own key: the same call with the same key refunds once. 1 to 255 printable ASCII characters.',
  })
  readonly idempotencyKey!: string;
}

@ObjectType({ description: 'The refund that was decided, or why none was.' })
export class RefundPaymentPayload {
  @Field(() => RefundType, {
    nullable: true,
    description: 'The refund; null exactly when there are userErrors.',
  })
  readonly refund!: RefundType | null;

  @Field(() => [PaymentUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly PaymentUserError[];
}

const REASON_MAX = 200;

@Resolver(() => SellerAccountWithBalance)
export class MoneyResolver {
  @FieldResolver(() => SellerBalanceType, {
    nullable: true,
    description: 'How much is held, why, and what releases it; for the seller and support.',
  })
  balance(@Root() account: SellerAccountWithBalance, @Ctx() { actor, useCases }: PaymentsContext) {
    return useCases.readBalance.execute(account.id, actor);
  }

  @Mutation(() => RefundPaymentPayload, {
    nullable: true,
    description:
      'Gives money back, in whole or in part. Before the payout it comes out of held money, after it out of what the seller is owed later.',
  })
  @GuardedBy(signedIn, mayRefund)
  async refundPayment(
    @Arg('input', () => RefundPaymentInput, { description: 'How much, and why.' })
    input: RefundPaymentInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<RefundPaymentPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, async () =>
      useCases.refundPayment.execute({
        actor,
        paymentId: input.paymentId,
        amount: input.amount ? toMoney(input.amount) : null,
        reason: checkedText(input.reason, { path: ['reason'], maxCodePoints: REASON_MAX }),
        key: input.idempotencyKey,
      }),
    );
    return { refund: result, userErrors };
  }
}
