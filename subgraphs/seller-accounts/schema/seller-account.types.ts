import { Directive, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { NodeType } from '../../kernel/graphql/shared-types.ts';
import { statesOf } from '../../kernel/state-machine.ts';
import { ALLOW_LIST_TRANSITIONS } from '../domain/allow-list.states.ts';
import { SELLER_ACCOUNT_TRANSITIONS } from '../domain/seller-account.states.ts';
import { SellerUserError } from './user-errors.ts';

function enumOf<S extends string>(
  name: string,
  description: string,
  meaning: Readonly<Record<S, string>>,
) {
  const values = Object.fromEntries(Object.keys(meaning).map((value) => [value, value])) as {
    [K in S]: K;
  };
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      Object.entries(meaning).map(([value, text]) => [value, { description: text as string }]),
    ) as never,
  });
  return values;
}

/** Meanings in the order of the transition table; a state without one is a type error. */
function statusEnum<S extends string>(
  name: string,
  description: string,
  states: readonly S[],
  meaning: Readonly<Record<S, string>>,
) {
  return enumOf(
    name,
    description,
    Object.fromEntries(states.map((state) => [state, meaning[state]])) as Record<S, string>,
  );
}

export const SellerStatus = statusEnum(
  'SellerAccountStatus',
  'Where a seller account stands.',
  statesOf(SELLER_ACCOUNT_TRANSITIONS),
  {
    DRAFT: 'Being filled in.',
    SUBMITTED: 'Handed in, not yet with the processor.',
    VERIFYING: 'The processor is checking it.',
    ACTION_REQUIRED: 'The processor needs something more.',
    ACTIVE: 'May sell and be paid.',
    RESTRICTED: 'May not send new requests; see disabledReason.',
    SUSPENDED: 'May neither sell nor be paid; open orders can still be sent.',
    REJECTED: 'Turned down; may be corrected and handed in again.',
    CLOSED: 'Ended for good.',
  },
);

export const AllowListStatus = statusEnum(
  'AllowListState',
  "Where a member stands on the rollout's list.",
  statesOf(ALLOW_LIST_TRANSITIONS),
  {
    INVITED: 'Asked, not yet let in.',
    ENABLED: 'May apply and sell.',
    PAUSED: 'Nothing new for now.',
    REVOKED: 'Taken off the list for good.',
  },
);

export const AccountTypeEnum = enumOf('SellerAccountType', 'What kind of account wants to sell.', {
  PERSONAL: 'A personal account; it cannot sell.',
  BUSINESS: 'A business.',
  CREATOR: 'A creator.',
});

export const TierEnum = enumOf(
  'SellerTier',
  'How well a seller is known; decides limits and the time until payout.',
  {
    NEW: 'Paid 5 business days after sending.',
    ESTABLISHED: 'A proven delivery record: paid 3 business days after sending.',
  },
);

export const DisabledReasonEnum = enumOf(
  'SellerDisabledReason',
  'Why an account cannot sell or be paid.',
  {
    APPLICATION_INCOMPLETE: 'The application is not complete.',
    PENDING_VERIFICATION: 'The processor is checking the account.',
    ACTION_REQUIRED_BY_PROCESSOR: 'The processor needs something from the seller.',
    RESTRICTED_BY_PLATFORM: 'Support restricted the account.',
    SUSPENDED_BY_PLATFORM: 'Support suspended the account.',
    CONSENT_REVOKED: 'The seller took back what the platform was allowed at the processor.',
    REJECTED: 'The application was turned down.',
    CLOSED: 'The account was closed.',
  },
);

export const GateEnum = enumOf(
  'SellerEligibilityGate',
  'What must be true before a member can sell.',
  {
    PROFESSIONAL_ACCOUNT: 'A business or creator account.',
    AGE: 'An age of at least 18.',
    REGION: 'A region where selling is offered.',
    ALLOW_LIST: "A place on the rollout's list.",
    APPLICATION: 'A complete application.',
    PROCESSOR: "The processor's yes.",
  },
);

export const DecisionEnum = enumOf(
  'SellerDecision',
  'What support can decide about a seller account.',
  {
    RESTRICT: 'No new requests.',
    SUSPEND: 'No new requests and no payouts.',
    REINSTATE: 'Back to ACTIVE, once the processor needs nothing more.',
    REJECT: 'The application is turned down; it can be handed in again for ten days.',
    CLEAR_REVIEW: 'A look was taken at an application under review; it goes on.',
  },
);

@Directive('@key(fields: "id")')
@ObjectType('Seller', { implements: NodeType, description: 'The public side of a seller.' })
export class SellerType extends NodeType {
  @Field(() => String, { description: 'The name buyers see.' })
  readonly displayName!: string;

  @Field(() => String, { description: 'A short unique name.' })
  readonly handle!: string;

  @Field(() => String, { description: 'Two-letter code of the country the seller is in.' })
  readonly region!: string;

  @Field(() => Boolean, { description: 'True while the seller takes new payments.' })
  readonly isSelling!: boolean;
}

@ObjectType('SellerRequirementError', { description: 'Something that was given and not accepted.' })
export class SellerRequirementErrorType {
  @Field(() => String, { description: 'What was not accepted.' })
  readonly requirement!: string;

  @Field(() => String, { description: 'Why, in words.' })
  readonly reason!: string;
}

@ObjectType('SellerRequirements', {
  description: 'What the platform or the processor still needs, after the model of Stripe.',
})
export class SellerRequirementsType {
  @Field(() => [String], {
    description: "What the seller does now: a mutation, or a step on the processor's page.",
  })
  readonly currentlyDue!: readonly string[];

  @Field(() => [String], { description: 'What will be needed later on.' })
  readonly eventuallyDue!: readonly string[];

  @Field(() => [String], { description: 'What was due before currentDeadline and is still open.' })
  readonly pastDue!: readonly string[];

  @Field(() => Date, {
    nullable: true,
    description: 'Until when currentlyDue is to be done; null when there is no hurry.',
  })
  readonly currentDeadline!: Date | null;

  @Field(() => [SellerRequirementErrorType], { description: 'What was not accepted, and why.' })
  readonly errors!: readonly SellerRequirementErrorType[];

  @Field(() => [String], { description: 'What the processor is looking at.' })
  readonly pendingVerification!: readonly string[];
}

@Directive('@key(fields: "id")')
@ObjectType('SellerAccount', {
  implements: NodeType,
  description: 'The right to sell; for its owner and support. Identity data is never part of it.',
})
export class SellerAccountType extends NodeType {
  @Field(() => SellerStatus, { description: 'Where it stands.' })
  readonly status!: string;

  @Field(() => AccountTypeEnum, { description: 'What kind of account it is.' })
  readonly accountType!: string;

  @Field(() => SellerType, {
    nullable: true,
    description: 'How buyers see it; null before the account was active.',
  })
  readonly seller!: SellerType | null;

  @Field(() => TierEnum, { description: 'How well the seller is known.' })
  readonly tier!: string;

  @Field(() => Boolean, { description: 'True when payment requests can be sent.' })
  readonly canRequestPayments!: boolean;

  @Field(() => Boolean, { description: 'True when money can be paid out.' })
  readonly canReceivePayouts!: boolean;

  @Field(() => Boolean, {
    description: 'True once identity data was given; the data itself is never shown.',
  })
  readonly isIdentityProvided!: boolean;

  @Field(() => SellerRequirementsType, { description: 'What is still needed.' })
  readonly requirements!: SellerRequirementsType;

  @Field(() => DisabledReasonEnum, {
    nullable: true,
    description: 'Why selling is off; null while it is on.',
  })
  readonly disabledReason!: string | null;

  @Field(() => String, { nullable: true, description: 'The same in words.' })
  readonly disabledText!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The processor's page where the seller finishes; null when there is nothing to finish.",
  })
  readonly onboardingUrl!: string | null;

  @Field(() => String, { description: 'What the seller agrees to when submitting.' })
  readonly consentText!: string;

  @Field(() => Date, { nullable: true, description: 'When the seller agreed.' })
  readonly consentedAt!: Date | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True while an application waits for a look by support; null for everybody else.',
  })
  readonly isUnderReview!: boolean | null;

  @Field(() => Date, { description: 'When the application was begun.' })
  readonly createdAt!: Date;
}

@ObjectType('SellerEligibility', { description: 'One gate on the way to selling.' })
export class SellerEligibilityType {
  @Field(() => GateEnum, { description: 'Which gate.' })
  readonly gate!: string;

  @Field(() => Boolean, { description: 'True when it is passed.' })
  readonly isMet!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'What to do, or why not; null when it is passed.',
  })
  readonly reason!: string | null;
}

@Directive('@key(fields: "id")')
@ObjectType('Viewer', { description: "The signed-in member: the way in to one's own things." })
export class ViewerType {
  @Field(() => ID, { description: "The member's user id." })
  readonly id!: string;
}

@ObjectType('SellerStanding', {
  description: 'Whether a seller may take money and be paid, for other subgraphs.',
})
export class SellerStandingType {
  @Field(() => ID, { description: 'The seller.' })
  readonly sellerId!: string;

  @Field(() => String, { description: 'Where the account stands.' })
  readonly status!: string;

  @Field(() => Boolean, { description: 'True when payment requests can be sent.' })
  readonly canRequestPayments!: boolean;

  @Field(() => Boolean, { description: 'True when money can be paid out.' })
  readonly canReceivePayouts!: boolean;

  @Field(() => String, { description: 'NEW or ESTABLISHED.' })
  readonly tier!: string;

  @Field(() => String, { nullable: true, description: 'The account at the processor.' })
  readonly merchantId!: string | null;

  @Field(() => String, { description: 'Two-letter code of the country.' })
  readonly region!: string;

  @Field(() => Boolean, { description: "True when the member is on the rollout's list." })
  readonly isAllowListed!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Why not, in words; null when nothing is off.',
  })
  readonly reason!: string | null;
}

@InputType({ description: 'Begins an application to sell.' })
export class StartSellerApplicationInput {
  @Field(() => AccountTypeEnum, { description: 'A business or creator account is needed.' })
  readonly accountType!: string;

  @Field(() => String, { description: 'The name buyers see, at most 60 characters.' })
  readonly displayName!: string;

  @Field(() => String, {
    description: 'A short unique name: 3 to 30 lower-case letters, digits, dots or underscores.',
  })
  readonly handle!: string;

  @Field(() => String, {
    defaultValue: 'US',
    description: 'Two-letter code of the country the seller is in.',
  })
  readonly region!: string;

  @Field(() => String, { description: 'YYYY-MM-DD; a seller must be at least 18. Never shown.' })
  readonly dateOfBirth!: string;
}

@InputType({
  description:
    'What the processor must know. Write-only: no field ever returns it, not even to its owner.',
})
export class ProvideSellerIdentityInput {
  @Field(() => String, { description: 'The legal name.' })
  readonly legalName!: string;

  @Field(() => String, { description: 'YYYY-MM-DD.' })
  readonly dateOfBirth!: string;

  @Field(() => String, { description: 'Nine digits, with or without dashes.' })
  readonly socialSecurityNumber!: string;

  @Field(() => String, { description: 'Street and number.' })
  readonly line1!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Apartment or floor; null or absent is none.',
  })
  readonly line2?: string | null;

  @Field(() => String, { description: 'City.' })
  readonly city!: string;

  @Field(() => String, { description: 'Two-letter code of the state.' })
  readonly state!: string;

  @Field(() => String, { description: 'ZIP code.' })
  readonly postalCode!: string;
}

@InputType({ description: 'Hands the application in.' })
export class SubmitSellerApplicationInput {
  @Field(() => Boolean, { description: 'True when the seller agreed to consentText.' })
  readonly hasConsented!: boolean;
}

@InputType({ description: 'Decides about a seller account.' })
export class DecideSellerAccountInput {
  @Field(() => ID, { description: 'The seller account.' })
  readonly sellerId!: string;

  @Field(() => DecisionEnum, { description: 'What is decided.' })
  readonly decision!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Why, in words the seller sees; required to restrict, suspend or reject.',
  })
  readonly reason?: string | null;
}

@InputType({ description: 'Changes how well a seller is known.' })
export class SetSellerTierInput {
  @Field(() => ID, { description: 'The seller account.' })
  readonly sellerId!: string;

  @Field(() => TierEnum, { description: 'The new tier.' })
  readonly tier!: 'NEW' | 'ESTABLISHED';
}

@InputType({ description: "Puts a member on the rollout's list, or changes the entry." })
export class SetAllowListEntryInput {
  @Field(() => ID, { description: 'The member.' })
  readonly userId!: string;

  @Field(() => AllowListStatus, { description: 'The new state.' })
  readonly state!: 'INVITED' | 'ENABLED' | 'PAUSED' | 'REVOKED';
}

@InputType({ description: 'Opens or closes a region for selling.' })
export class SetRegionPolicyInput {
  @Field(() => String, { description: 'Two-letter code of the country.' })
  readonly region!: string;

  @Field(() => Boolean, { description: 'True opens it, false closes it.' })
  readonly isEnabled!: boolean;

  @Field(() => Date, {
    nullable: true,
    description: 'From when; null or absent is at once. Not in the past.',
  })
  readonly effectiveFrom?: Date | null;
}

@InputType({ description: 'Ends a seller account for good.' })
export class CloseSellerAccountInput {
  @Field(() => ID, { description: 'The seller account.' })
  readonly sellerId!: string;

  @Field(() => Boolean, { description: 'True: I know that it cannot be opened again.' })
  readonly isFinal!: boolean;
}

@ObjectType('SellerRegionPolicy', { description: 'Whether selling is offered in a region.' })
export class SellerRegionPolicyType {
  @Field(() => String, { description: 'Two-letter code of the country.' })
  readonly region!: string;

  @Field(() => Boolean, { description: 'True when it is offered.' })
  readonly isEnabled!: boolean;

  @Field(() => Date, { description: 'From when.' })
  readonly effectiveFrom!: Date;
}

@ObjectType()
abstract class SellerPayload {
  @Field(() => [SellerUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly SellerUserError[];
}

@ObjectType()
abstract class AccountPayload extends SellerPayload {
  @Field(() => SellerAccountType, {
    nullable: true,
    description: 'The seller account; null exactly when there are userErrors.',
  })
  readonly sellerAccount!: SellerAccountType | null;
}

@ObjectType({ description: 'The application that was begun, or why none was.' })
export class StartSellerApplicationPayload extends AccountPayload {}

@ObjectType({
  description: 'The application with what is still needed, or why the data was not taken.',
})
export class ProvideSellerIdentityPayload extends AccountPayload {}

@ObjectType({ description: 'The application with its new state, or why it was not handed in.' })
export class SubmitSellerApplicationPayload extends AccountPayload {}

@ObjectType({ description: 'The account after the decision, or why nothing was decided.' })
export class DecideSellerAccountPayload extends AccountPayload {}

@ObjectType({ description: 'The closed account, or why it was not closed.' })
export class CloseSellerAccountPayload extends AccountPayload {}

@ObjectType({ description: 'The account with its tier, or why it was not changed.' })
export class SetSellerTierPayload extends AccountPayload {}

@ObjectType({ description: 'The entry after the change, or why it was not changed.' })
export class SetAllowListEntryPayload extends SellerPayload {
  @Field(() => AllowListStatus, {
    nullable: true,
    description: 'The state now; null exactly when there are userErrors.',
  })
  readonly state!: string | null;
}

@ObjectType({ description: 'The rule as it was set, or why it was not.' })
export class SetRegionPolicyPayload extends SellerPayload {
  @Field(() => SellerRegionPolicyType, {
    nullable: true,
    description: 'The rule; null exactly when there are userErrors.',
  })
  readonly regionPolicy!: SellerRegionPolicyType | null;
}
