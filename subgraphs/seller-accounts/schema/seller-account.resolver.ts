import { Arg, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver } from 'type-graphql';
import { refusals } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { isId, sellerIdOf } from '../../kernel/ids.ts';
import { anyone, members, supportStaff, systemOnly } from '../../kernel/policy.ts';
import type { Governing } from '../application/govern-seller.ts';
import {
  mayGovernSellers,
  mayManageAccount,
  maySeeAccount,
} from '../domain/seller-account.policy.ts';
import type { SellerAccount } from '../domain/seller-account.ts';
import type { SellersContext } from './context.ts';
import { toAccount, toSeller } from './seller-account.mapping.ts';
import {
  DecideSellerAccountInput,
  DecideSellerAccountPayload,
  ProvideSellerIdentityInput,
  ProvideSellerIdentityPayload,
  SellerAccountType,
  SellerEligibilityType,
  SellerStandingType,
  SellerType,
  SetAllowListEntryInput,
  SetAllowListEntryPayload,
  SetSellerTierInput,
  SetSellerTierPayload,
  StartSellerApplicationInput,
  StartSellerApplicationPayload,
  SubmitSellerApplicationInput,
  SubmitSellerApplicationPayload,
  ViewerType,
} from './seller-account.types.ts';
import { SELLER_ERROR_CODES } from './user-errors.ts';

@Resolver(() => ViewerType)
export class SellerAccountResolver {
  @Directive('@shareable')
  @Query(() => ViewerType, {
    nullable: true,
    description: 'The signed-in member, or null when nobody is.',
  })
  @GuardedBy(anyone)
  viewer(@Ctx() { actor }: SellersContext): ViewerType | null {
    return actor.kind === 'member' ? { id: actor.userId } : null;
  }

  @FieldResolver(() => SellerAccountType, {
    nullable: true,
    description: "The viewer's seller account; null before the application was begun.",
  })
  async sellerAccount(
    @Ctx() { actor, loaders }: SellersContext,
  ): Promise<SellerAccountType | null> {
    if (actor.kind !== 'member') return null;
    const account = await loaders.account.load(sellerIdOf(actor.userId));
    return account && toAccount(account);
  }

  @FieldResolver(() => [SellerEligibilityType], {
    description: 'What stands between the viewer and selling, gate by gate.',
  })
  async sellerEligibility(
    @Ctx() { actor, useCases }: SellersContext,
  ): Promise<readonly SellerEligibilityType[]> {
    return useCases.readSellers.eligibility(actor);
  }

  @Query(() => SellerType, {
    nullable: true,
    description: 'A seller as buyers see it, or null when there is no such seller.',
  })
  @GuardedBy(anyone)
  async seller(
    @Arg('id', () => ID, { description: 'The id of the seller.' }) id: string,
    @Ctx() { loaders }: SellersContext,
  ): Promise<SellerType | null> {
    const account = await loaders.profile.load(id);
    return account && toSeller(account);
  }

  @Query(() => SellerAccountType, {
    nullable: true,
    description: 'A seller account, for its owner and support; null for everybody else.',
  })
  @GuardedBy(anyone, maySeeAccount)
  async sellerAccountById(
    @Arg('id', () => ID, { description: 'The id of the seller account.' }) id: string,
    @Ctx() { loaders }: SellersContext,
  ): Promise<SellerAccountType | null> {
    const account = await loaders.account.load(id);
    return account && toAccount(account);
  }

  @Directive('@inaccessible')
  @Query(() => SellerStandingType, {
    nullable: true,
    description: 'Whether a seller may take money now; for other subgraphs.',
  })
  @GuardedBy(systemOnly)
  async sellerStanding(
    @Arg('sellerId', () => ID, { description: 'The seller.' }) sellerId: string,
    @Ctx() { loaders, useCases }: SellersContext,
  ): Promise<SellerStandingType | null> {
    const account = isId('seller', sellerId) ? await loaders.account.load(sellerId) : null;
    if (account === null) return null;
    const isAllowListed = await useCases.readSellers.isAllowListed(account.userId);
    const { id, status, tier, merchantId, region, canReceivePayouts, disabledText } = account;
    return {
      sellerId: id,
      status,
      // Leaving the list gates what is new; payouts of what was sold go on.
      canRequestPayments: account.canRequestPayments && isAllowListed,
      canReceivePayouts,
      tier,
      merchantId,
      region,
      isAllowListed,
      reason:
        disabledText ??
        (isAllowListed ? null : 'Selling is open to invited businesses only for now.'),
    };
  }

  @Mutation(() => StartSellerApplicationPayload, {
    nullable: true,
    description:
      'Begins an application to sell. Needs a professional account, an enabled region, a place on the list and an age of 18.',
  })
  @GuardedBy(members, mayManageAccount)
  startSellerApplication(
    @Arg('input', () => StartSellerApplicationInput, { description: 'Who applies.' })
    input: StartSellerApplicationInput,
    @Ctx() { actor, useCases }: SellersContext,
  ): Promise<StartSellerApplicationPayload> {
    return accountPayload(() => useCases.startSellerApplication.execute({ ...input, actor }));
  }

  @Mutation(() => ProvideSellerIdentityPayload, {
    nullable: true,
    description:
      'Takes the identity data that PayPal requires. It is sealed, handed to PayPal, and never shown to anybody.',
  })
  @GuardedBy(members, mayManageAccount)
  provideSellerIdentity(
    @Arg('input', () => ProvideSellerIdentityInput, { description: 'The identity data.' })
    input: ProvideSellerIdentityInput,
    @Ctx() { actor, useCases }: SellersContext,
  ): Promise<ProvideSellerIdentityPayload> {
    return accountPayload(() =>
      useCases.provideSellerIdentity.execute({
        actor,
        identity: { ...input, line2: input.line2 ?? null },
      }),
    );
  }

  @Mutation(() => SubmitSellerApplicationPayload, {
    nullable: true,
    description: 'Hands the application to PayPal; the answer can take from moments to days.',
  })
  @GuardedBy(members, mayManageAccount)
  submitSellerApplication(
    @Arg('input', () => SubmitSellerApplicationInput, { description: 'The consent.' })
    input: SubmitSellerApplicationInput,
    @Ctx() { actor, useCases }: SellersContext,
  ): Promise<SubmitSellerApplicationPayload> {
    return accountPayload(() => useCases.submitSellerApplication.execute({ ...input, actor }));
  }

  @Mutation(() => DecideSellerAccountPayload, {
    nullable: true,
    description:
      'Support restricts, suspends or reinstates a seller account. Open orders are not touched.',
  })
  @GuardedBy(supportStaff, mayGovernSellers)
  decideSellerAccount(
    @Arg('input', () => DecideSellerAccountInput, { description: 'The decision.' })
    input: DecideSellerAccountInput,
    @Ctx() { actor, useCases }: SellersContext,
  ): Promise<DecideSellerAccountPayload> {
    return accountPayload(() => {
      const decision = { action: input.decision, reason: input.reason ?? '' } as Governing;
      return useCases.governSeller.execute({ actor, sellerId: input.sellerId, decision });
    });
  }

  @Mutation(() => SetSellerTierPayload, {
    nullable: true,
    description: 'Support changes how well a seller is known: limits and the time until payout.',
  })
  @GuardedBy(supportStaff, mayGovernSellers)
  setSellerTier(
    @Arg('input', () => SetSellerTierInput, { description: 'The tier.' }) input: SetSellerTierInput,
    @Ctx() { actor, useCases }: SellersContext,
  ): Promise<SetSellerTierPayload> {
    return accountPayload(() =>
      useCases.governSeller.execute({
        actor,
        sellerId: input.sellerId,
        decision: { action: 'SET_TIER', tier: input.tier },
      }),
    );
  }

  @Mutation(() => SetAllowListEntryPayload, {
    nullable: true,
    description: "Support puts a member on the rollout's list, pauses or revokes the entry.",
  })
  @GuardedBy(supportStaff, mayGovernSellers)
  async setAllowListEntry(
    @Arg('input', () => SetAllowListEntryInput, { description: 'The entry.' })
    input: SetAllowListEntryInput,
    @Ctx() { actor, useCases }: SellersContext,
  ): Promise<SetAllowListEntryPayload> {
    const { result, userErrors } = await refusals(SELLER_ERROR_CODES, () =>
      useCases.setAllowListEntry.execute({ ...input, actor }),
    );
    return { state: result, userErrors };
  }
}

async function accountPayload(
  work: () => Promise<SellerAccount>,
): Promise<StartSellerApplicationPayload> {
  const { result, userErrors } = await refusals(SELLER_ERROR_CODES, work);
  return { sellerAccount: result && toAccount(result), userErrors };
}
