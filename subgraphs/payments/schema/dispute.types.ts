import { Directive, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { MoneyType, NodeType, PageInfo } from '../../kernel/graphql/shared-types.ts';
import { statesOf } from '../../kernel/state-machine.ts';
import { DISPUTE_TRANSITIONS } from '../domain/dispute.states.ts';
import { PaymentUserError } from './user-errors.ts';

const STATUS_MEANING: Readonly<Record<string, string>> = {
  INQUIRY: 'The buyer asked at PayPal; nobody has to answer yet.',
  WAITING_SELLER: 'PayPal waits for evidence; it is sent for the seller before dueAt.',
  WAITING_BUYER: 'PayPal waits for the buyer.',
  UNDER_REVIEW: 'PayPal decides.',
  RESOLVED: 'Decided; see outcome. It can still be appealed.',
  APPEALED: 'The decision is looked at again.',
  FINAL: 'Decided for good.',
};
export const DisputeStatusEnum = Object.fromEntries(
  statesOf(DISPUTE_TRANSITIONS).map((status) => [status, status]),
);
registerEnumType(DisputeStatusEnum, {
  name: 'DisputeStatus',
  description: 'Where a dispute stands.',
  valuesConfig: Object.fromEntries(
    Object.entries(STATUS_MEANING).map(([status, description]) => [status, { description }]),
  ),
});

export const DisputeOutcomeEnum = { WON: 'WON', LOST: 'LOST' } as const;
registerEnumType(DisputeOutcomeEnum, {
  name: 'DisputeOutcome',
  description: 'How a dispute ended for the seller.',
  valuesConfig: {
    WON: { description: 'The seller keeps the money.' },
    LOST: { description: 'The buyer got it back.' },
  },
});

export const DisputeStageEnum = { INQUIRY: 'INQUIRY', CHARGEBACK: 'CHARGEBACK' } as const;
registerEnumType(DisputeStageEnum, {
  name: 'DisputeStage',
  description: 'Who is asked.',
  valuesConfig: {
    INQUIRY: { description: 'PayPal, by its buyer.' },
    CHARGEBACK: { description: "The buyer's bank." },
  },
});

@Directive('@key(fields: "id")')
@ObjectType('Dispute', {
  implements: NodeType,
  description:
    "A buyer's complaint about a payment at PayPal. Its money waits until it is decided.",
})
export class DisputeType extends NodeType {
  @Field(() => DisputeStatusEnum, { description: 'Where it stands.' })
  readonly status!: string;

  @Field(() => DisputeStageEnum, { description: 'Who is asked.' })
  readonly stage!: string;

  @Field(() => DisputeOutcomeEnum, {
    nullable: true,
    description: 'How it ended for the seller; null while it is undecided.',
  })
  readonly outcome!: string | null;

  @Field(() => String, {
    description: "PayPal's word for the complaint, such as MERCHANDISE_OR_SERVICE_NOT_RECEIVED.",
  })
  readonly reason!: string;

  @Field(() => MoneyType, { description: 'How much is disputed.' })
  readonly amount!: MoneyType;

  @Field(() => MoneyType, { description: 'How much of it went back to the buyer.' })
  readonly lost!: MoneyType;

  @Field(() => Date, { description: 'When it was first heard of.' })
  readonly openedAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description: 'Until when evidence is taken; null where PayPal names no date.',
  })
  readonly dueAt!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When evidence was sent to PayPal; null while it was not.',
  })
  readonly evidenceProvidedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was decided; null before.' })
  readonly resolvedAt!: Date | null;

  @Field(() => ID, { description: 'The payment.' })
  readonly paymentId!: string;
}

@ObjectType('DisputeEdge', { description: 'A dispute in a list.' })
export class DisputeEdge {
  @Field(() => String, { description: 'Where this dispute stands in the list.' })
  readonly cursor!: string;

  @Field(() => DisputeType, { description: 'The dispute.' })
  readonly node!: DisputeType;
}

@ObjectType('DisputeConnection', { description: 'Disputes, newest first.' })
export class DisputeConnection {
  @Field(() => [DisputeEdge], { description: 'The disputes with their cursors.' })
  readonly edges!: readonly DisputeEdge[];

  @Field(() => [DisputeType], { description: 'The disputes.' })
  readonly nodes!: readonly DisputeType[];

  @Field(() => PageInfo, { description: 'Where this page stands.' })
  readonly pageInfo!: PageInfo;
}

@InputType({ description: 'Lets the buyer win a dispute.' })
export class AcceptDisputeInput {
  @Field(() => ID, { description: 'The dispute.' })
  readonly disputeId!: string;

  @Field(() => String, { description: 'A word to the buyer, at most 500 characters.' })
  readonly note!: string;

  @Field(() => String, {
    description:
      'Your own key: the same call with the same key gives up once. 1 to 255 printable ASCII characters.',
  })
  readonly idempotencyKey!: string;
}

@ObjectType({ description: 'The dispute as it is now, or why nothing was done.' })
export class AcceptDisputePayload {
  @Field(() => DisputeType, {
    nullable: true,
    description: 'The dispute; null exactly when there are userErrors.',
  })
  readonly dispute!: DisputeType | null;

  @Field(() => [PaymentUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly PaymentUserError[];
}
