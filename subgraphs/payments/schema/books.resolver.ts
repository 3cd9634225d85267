import {
  Arg,
  Args,
  Ctx,
  Directive,
  FieldResolver,
  ID,
  Int,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { connectionOf, PageArgs, pageOf } from '../../kernel/graphql/connection.ts';
import { refusals } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { MoneyInput, PAGE_SIZE_MAX, toMoney } from '../../kernel/graphql/shared-types.ts';
import { signedIn, supportStaff, systemOnly } from '../../kernel/policy.ts';
import { mayRefund } from '../application/refund-payment.ts';
import {
  MoneyAlarmType,
  RefundPreviewPayload,
  SellerObligationsType,
  StatementConnection,
  TrialBalanceType,
} from './books.types.ts';
import type { PaymentsContext } from './context.ts';
import { SellerAccountWithBalance } from './money.resolver.ts';
import { PAYMENT_ERROR_CODES } from './user-errors.ts';

const CURRENCY = 'USD';

@Resolver(() => SellerAccountWithBalance)
export class BooksResolver {
  @FieldResolver(() => StatementConnection, {
    description: "Every movement of the seller's money, newest first; for the seller and support.",
  })
  async statement(
    @Root() account: SellerAccountWithBalance,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<StatementConnection> {
    const page = pageOf(args, 1);
    const rows = await useCases.readBooks.statement(account.id, page, actor);
    return connectionOf(
      rows,
      page,
      ({ id }) => [id],
      (line) => line,
    );
  }

  @Directive('@inaccessible')
  @Query(() => SellerObligationsType, {
    nullable: true,
    description: "What of a seller's money is not settled; for other subgraphs.",
  })
  @GuardedBy(systemOnly)
  sellerObligations(
    @Arg('sellerId', () => ID, { description: 'The seller.' }) sellerId: string,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<SellerObligationsType | null> {
    return useCases.readBooks.obligations(sellerId, CURRENCY, actor);
  }

  @Query(() => TrialBalanceType, {
    nullable: true,
    description: 'The books added up, account by account, and their chain checked; for support.',
  })
  @GuardedBy(supportStaff)
  trialBalance(@Ctx() { actor, useCases }: PaymentsContext): Promise<TrialBalanceType | null> {
    return useCases.readBooks.trialBalance(CURRENCY, actor);
  }

  @Query(() => [MoneyAlarmType], {
    nullable: true,
    description: 'Alarms about held money, newest first; for support.',
  })
  @GuardedBy(supportStaff)
  async moneyAlarms(
    @Arg('isSettled', () => Boolean, {
      nullable: true,
      description: 'Only those whose money was settled, or was not; null for both.',
    })
    isSettled: boolean | null,
    @Arg('first', () => Int, {
      defaultValue: PAGE_SIZE_MAX,
      description: `How many to return, 1 to ${PAGE_SIZE_MAX}.`,
    })
    first: number,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<readonly MoneyAlarmType[]> {
    const { first: limit } = pageOf({ first, after: null }, 1);
    return useCases.readAlarms.execute(isSettled ?? null, limit, actor);
  }

  @Query(() => RefundPreviewPayload, {
    nullable: true,
    description: 'What a refund would do and who would bear what; refundPayment decides again.',
  })
  @GuardedBy(signedIn, mayRefund)
  async refundPreview(
    @Arg('paymentId', () => ID, { description: 'The payment.' }) paymentId: string,
    @Arg('amount', () => MoneyInput, {
      nullable: true,
      description: 'How much; null or absent is all that is left.',
    })
    amount: MoneyInput | null,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<RefundPreviewPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, async () =>
      useCases.previewRefund.execute({
        actor,
        paymentId,
        amount: amount ? toMoney(amount) : null,
      }),
    );
    return { preview: result, userErrors };
  }
}
