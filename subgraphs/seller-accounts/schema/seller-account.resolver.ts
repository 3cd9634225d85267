import { Arg, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver } from 'type-graphql';
import { refusals } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { isId, sellerIdOf } from '../../kernel/ids.ts';
import { anyone, members, signedIn, supportStaff, systemOnly } from '../../kernel/policy.ts';
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
  CloseSellerAccountInput,
  CloseSellerAccountPayload,
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
  SetRegionPolicyInput,
  SetRegionPolicyPayload,
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
  async sellerAccount(@Ctx() context: SellersContext): Promise<SellerAccountType | null> {
    const { actor, loaders } = context;
    if (actor.kind !== 'member') return null;
    const account = await loaders.account.load(sellerIdOf(actor.userId));
    return account && toAccount(account, context);
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
    @Ctx() context: SellersContext,
  ): Promise<SellerAccountType | null> {
    const account = await context.loaders.account.load(id);
    return account && toAccount(account, context);
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
    const { isAllowListed, closed } = await useCases.readSellers.rollout(account);
    const { id, status, tier, merchantId, region, canReceivePayouts, disabledText } = account;
    return {
      sellerId: id,
      status,
      // The rollout gates what is new; payouts of what was sold go on.
      canRequestPayments: account.canRequestPayments && closed === null,
      canReceivePayouts,
      tier,
      merchantId,
      region,
      isAllowListed,
      reason: disabledText ?? closed,
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
    @Ctx() context: SellersContext,
  ): Promise<StartSellerApplicationPayload> {
    const { actor, useCases } = context;
    return accountPayload(context, () =>
      useCases.startSellerApplication.execute({ ...input, actor }),
    );
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
    @Ctx() context: SellersContext,
  ): Promise<ProvideSellerIdentityPayload> {
    const { actor, useCases } = context;
    return accountPayload(context, () =>
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
    @Ctx() context: SellersContext,
  ): Promise<SubmitSellerApplicationPayload> {
    const { actor, useCases } = context;
    return accountPayload(context, () =>
      useCases.submitSellerApplication.execute({ ...input, actor }),
    );
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
    @Ctx() context: SellersContext,
  ): Promise<DecideSellerAccountPayload> {
    const { actor, useCases } = context;
    return accountPayload(context, () => {
      const decision = { action: input.decision, reason: input.reason ?? '' } as Governing;
      return useCases.governSeller.execute({ actor, sellerId: input.sellerId, decision });
    });
  }

  @Mutation(() => CloseSellerAccountPayload, {
    nullable: true,
    description:
      'Ends a seller account for good, when no order, dispute, refund, held money or debt is left; by its owner or support.',
  })
  @GuardedBy(signedIn, mayManageAccount)
  closeSellerAccount(
    @Arg('input', () => CloseSellerAccountInput, { description: 'Which.' })
    input: CloseSellerAccountInput,
    @Ctx() context: SellersContext,
  ): Promise<CloseSellerAccountPayload> {
    const { actor, useCases } = context;
    return accountPayload(context, () => useCases.closeSellerAccount.execute({ ...input, actor }));
  }

  @Mutation(() => SetSellerTierPayload, {
    nullable: true,
    description: 'Support changes how well a seller is known: limits and the time until payout.',
  })
  @GuardedBy(supportStaff, mayGovernSellers)
  setSellerTier(
    @Arg('input', () => SetSellerTierInput, { description: 'The tier.' }) input: SetSellerTierInput,
    @Ctx() context: SellersContext,
  ): Promise<SetSellerTierPayload> {
    const { actor, useCases } = context;
    return accountPayload(context, () =>
      useCases.governSeller.execute({
        actor,
        sellerId: input.sellerId,
        decision: { action: 'SET_TIER', tier: input.tier },
      }),
    );
  }

  @Mutation(() => SetRegionPolicyPayload, {
    nullable: true,
    description:
      'Support opens or closes a region. Closing stops new applications and requests; what is open goes on.',
  })
  @GuardedBy(supportStaff, mayGovernSellers)
  async setRegionPolicy(
    @Arg('input', () => SetRegionPolicyInput, { description: 'The rule.' })
    input: SetRegionPolicyInput,
    @Ctx() { actor, useCases }: SellersContext,
  ): Promise<SetRegionPolicyPayload> {
    const { result, userErrors } = await refusals(SELLER_ERROR_CODES, async () =>
      useCases.setRegionPolicy.execute({
        ...input,
        effectiveFrom: input.effectiveFrom ?? null,
        actor,
      }),
    );
    return { regionPolicy: result, userErrors };
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
    const { result, userErrors } = await refusals(SELLER_ERROR_CODES, async () =>
      useCases.setAllowListEntry.execute({ ...input, actor }),
    );
    return { state: result, userErrors };
  }
}

async function accountPayload(
  context: SellersContext,
  work: () => Promise<SellerAccount>,
): Promise<StartSellerApplicationPayload> {
  const { result, userErrors } = await refusals(SELLER_ERROR_CODES, async () => work());
  return { sellerAccount: result && toAccount(result, context), userErrors };
}
