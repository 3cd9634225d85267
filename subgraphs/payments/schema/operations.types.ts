import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { MoneyType } from '../../kernel/graphql/shared-types.ts';
import { RefundType } from './money.resolver.ts';
import { PaymentUserError } from './user-errors.ts';

const KINDS = {
  MISSING_HERE: 'The processor moved money that is not in our books.',
  MISSING_THERE: 'Our books say that money moved, and the processor knows nothing of it.',
  AMOUNT_DIFFERS: 'Both know of it, with different amounts.',
  PAID_BY_ITSELF: 'The processor paid the seller by itself.',
  STUCK: 'It has waited for the processor for more than 15 minutes.',
  NO_ORDER: 'Money was taken more than 15 minutes ago, and no order came of it.',
  REFUSED: 'Every try was refused; somebody has to decide.',
};
const SUBJECTS = {
  CAPTURE: 'Money taken from a buyer.',
  REFUND: 'Money on its way back.',
  RELEASE: "A seller's payout.",
  ATTEMPT: 'A try to take the money of a request.',
  WEBHOOK: 'An event of the processor.',
};

function enumOf(name: string, description: string, meanings: Readonly<Record<string, string>>) {
  const values = Object.fromEntries(Object.keys(meanings).map((key) => [key, key]));
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      Object.entries(meanings).map(([key, meaning]) => [key, { description: meaning }]),
    ),
  });
  return values;
}

const FindingKindEnum = enumOf('PaymentFindingKind', 'What is wrong.', KINDS);
const FindingSubjectEnum = enumOf('PaymentFindingSubject', 'With what.', SUBJECTS);

@ObjectType('PaymentFinding', {
  description: 'A difference between the processor and our books, or a thing that does not go on.',
})
export class PaymentFindingType {
  @Field(() => ID, { description: 'Names it when it is closed.' })
  readonly id!: string;

  @Field(() => FindingKindEnum, { description: 'What is wrong.' })
  readonly kind!: string;

  @Field(() => FindingSubjectEnum, { description: 'With what.' })
  readonly subject!: string;

  @Field(() => String, { description: "The processor's id of the movement, or ours of the thing." })
  readonly reference!: string;

  @Field(() => ID, { nullable: true, description: 'The payment, where it is known.' })
  readonly paymentId!: string | null;

  @Field(() => MoneyType, { nullable: true, description: 'The amount in our books.' })
  readonly ours!: MoneyType | null;

  @Field(() => MoneyType, { nullable: true, description: 'The amount at the processor.' })
  readonly theirs!: MoneyType | null;

  @Field(() => String, { description: 'What to do.' })
  readonly action!: string;

  @Field(() => Date, { description: 'When it was found.' })
  readonly openedAt!: Date;
}

@ObjectType('PaymentHistoryEntry', { description: 'One thing that happened to a payment.' })
export class PaymentHistoryEntryType {
  @Field(() => Date, { description: 'When.' })
  readonly at!: Date;

  @Field(() => String, {
    description:
      'Where it is known from: request, attempt, payment, ledger, disbursement, refund, dispute, event, webhook or operator.',
  })
  readonly source!: string;

  @Field(() => String, { description: 'What happened. Amounts are in minor units.' })
  readonly text!: string;

  @Field(() => String, { description: "Our id of it, or the processor's." })
  readonly reference!: string;
}

@ObjectType('ReconciliationReport', {
  description: "The processor's list of movements, compared with our books.",
})
export class ReconciliationReportType {
  @Field(() => Date, { description: 'The beginning of what was compared.' })
  readonly since!: Date;

  @Field(() => Date, { description: 'The end.' })
  readonly until!: Date;

  @Field(() => Number, { description: 'Movements that the processor listed.' })
  readonly processorMovements!: number;

  @Field(() => Number, { description: 'Movements in our books in that time.' })
  readonly ownMovements!: number;

  @Field(() => [String], {
    description:
      'Captures that were settled or given back now, and refunds that were booked, because nobody had yet.',
  })
  readonly healed!: readonly string[];

  @Field(() => [PaymentFindingType], { description: 'Differences found now for the first time.' })
  readonly opened!: readonly PaymentFindingType[];

  @Field(() => [PaymentFindingType], { description: 'All that is open, newest first.' })
  readonly open!: readonly PaymentFindingType[];
}

const REASON = 'Why, at most 500 characters; kept with your name.';

@InputType({ description: 'Compares the processor with our books.' })
export class ReconcilePaymentsInput {
  @Field(() => Date, {
    nullable: true,
    description: 'From when on, at most 90 days ago; null or absent is two days ago.',
  })
  readonly since?: Date | null;

  @Field(() => String, { description: REASON })
  readonly reason!: string;
}

@InputType({ description: 'Holds a payout back.' })
export class HoldPayoutInput {
  @Field(() => ID, { description: 'The payment whose payout is meant.' })
  readonly paymentId!: string;

  @Field(() => String, { description: REASON })
  readonly reason!: string;
}

@InputType({ description: 'Takes the hold of an operator away.' })
export class LetPayoutGoInput {
  @Field(() => ID, { description: 'The payment whose payout is meant.' })
  readonly paymentId!: string;

  @Field(() => String, { description: REASON })
  readonly reason!: string;
}

@InputType({ description: 'Closes a finding.' })
export class ClosePaymentFindingInput {
  @Field(() => ID, { description: 'The finding.' })
  readonly findingId!: string;

  @Field(() => String, { description: REASON })
  readonly reason!: string;
}

@InputType({ description: 'Keeps a stored webhook from its handler.' })
export class ParkPaymentWebhookInput {
  @Field(() => String, { description: "The processor's id of the event." })
  readonly eventId!: string;

  @Field(() => String, { description: REASON })
  readonly reason!: string;
}

@ObjectType({ description: 'Whether the webhook is parked now.' })
export class ParkPaymentWebhookPayload {
  @Field(() => String, { nullable: true, description: 'The event.' })
  readonly eventId!: string | null;

  @Field(() => [PaymentUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly PaymentUserError[];
}

@InputType({ description: 'Works on stored webhooks again.' })
export class ReplayPaymentWebhooksInput {
  @Field(() => String, {
    nullable: true,
    description: "The processor's id of one event; null or absent is every parked one.",
  })
  readonly eventId?: string | null;

  @Field(() => String, { description: REASON })
  readonly reason!: string;
}

@ObjectType({ description: 'What the comparison found, or why there was none.' })
export class ReconcilePaymentsPayload {
  @Field(() => ReconciliationReportType, { nullable: true, description: 'What was found.' })
  readonly report!: ReconciliationReportType | null;

  @Field(() => [PaymentUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly PaymentUserError[];
}

@ObjectType({ description: 'Whether the payout is held back now.' })
export class HoldPayoutPayload {
  @Field(() => ID, { nullable: true, description: 'The payment.' })
  readonly paymentId!: string | null;

  @Field(() => [PaymentUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly PaymentUserError[];
}

@ObjectType({ description: 'Whether the hold was taken away.' })
export class LetPayoutGoPayload {
  @Field(() => ID, { nullable: true, description: 'The payment.' })
  readonly paymentId!: string | null;

  @Field(() => [PaymentUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly PaymentUserError[];
}

@ObjectType({ description: 'Whether the finding is closed now.' })
export class ClosePaymentFindingPayload {
  @Field(() => ID, { nullable: true, description: 'The finding.' })
  readonly findingId!: string | null;

  @Field(() => [PaymentUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly PaymentUserError[];
}

@ObjectType({ description: 'How many webhooks are worked on again.' })
export class ReplayPaymentWebhooksPayload {
  @Field(() => Number, { nullable: true, description: 'How many.' })
  readonly replayed!: number | null;

  @Field(() => [PaymentUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly PaymentUserError[];
}

@InputType({ description: 'Fetches webhooks that never came.' })
export class RecoverPaymentWebhooksInput {
  @Field(() => Date, {
    nullable: true,
    description: 'From when on, at most 90 days ago; null or absent is two days ago.',
  })
  readonly since?: Date | null;

  @Field(() => String, { description: REASON })
  readonly reason!: string;
}

@ObjectType({ description: 'How many webhooks were found and fetched.' })
export class RecoverPaymentWebhooksPayload {
  @Field(() => Number, { nullable: true, description: 'Events that the processor lists.' })
  readonly listed!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: 'Those that had not come, and are worked on now.',
  })
  readonly stored!: number | null;

  @Field(() => [PaymentUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly PaymentUserError[];
}

@InputType({ description: 'Tries a refund again that was left to a person.' })
export class RetryRefundInput {
  @Field(() => ID, { description: 'The refund.' })
  readonly refundId!: string;

  @Field(() => String, { description: REASON })
  readonly reason!: string;
}

@ObjectType({ description: 'The refund as it is after the try, or why there was none.' })
export class RetryRefundPayload {
  @Field(() => RefundType, {
    nullable: true,
    description: 'The refund; null exactly when there are userErrors.',
  })
  readonly refund!: RefundType | null;

  @Field(() => [PaymentUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly PaymentUserError[];
}
