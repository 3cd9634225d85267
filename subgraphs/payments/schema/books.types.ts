import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { MoneyType, PageInfo } from '../../kernel/graphql/shared-types.ts';
import { PaymentUserError } from './user-errors.ts';

const KINDS: Readonly<Record<string, string>> = {
  CAPTURED: 'A buyer paid.',
  PROCESSOR_FEE: 'What PayPal keeps of a payment.',
  PLATFORM_FEE: 'What the platform takes of a payment.',
  PLATFORM_FEE_RETURNED: 'What the platform gave back of its fee with a refund.',
  REFUNDED: 'A buyer was refunded.',
  FEE_SHORTFALL: 'What held money did not cover of a refund, because PayPal keeps its fee.',
  PAID_OUT: 'Held money was released; what was owed is taken out of it by a line of its own.',
  DEBT_SETTLED: 'The part of a payout that settled what was owed.',
  DISPUTE_LOST: 'A lost dispute gave a buyer the money back.',
  DISPUTE_RESTORED: 'An appeal was won.',
  CHARGEBACK_FEE: 'What a lost chargeback cost.',
  OTHER: 'Anything else.',
};
export const StatementKindEnum = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, kind]));
registerEnumType(StatementKindEnum, {
  name: 'StatementKind',
  description: 'What a line of a statement is about.',
  valuesConfig: Object.fromEntries(
    Object.entries(KINDS).map(([kind, description]) => [kind, { description }]),
  ),
});

@ObjectType('StatementLine', { description: "One movement of a seller's money." })
export class StatementLineType {
  @Field(() => ID, { description: 'The id of the entry in the books.' })
  readonly id!: string;

  @Field(() => Date, { description: 'When it was booked.' })
  readonly at!: Date;

  @Field(() => StatementKindEnum, { description: 'What it is about.' })
  readonly kind!: string;

  @Field(() => ID, { description: 'The payment, refund or dispute it belongs to.' })
  readonly subjectId!: string;

  @Field(() => MoneyType, { description: 'How much moved; never negative.' })
  readonly amount!: MoneyType;

  @Field(() => MoneyType, { description: 'Change of what is held; negative takes away.' })
  readonly heldChange!: MoneyType;

  @Field(() => MoneyType, { description: 'Change of what is owed; negative is less debt.' })
  readonly owedChange!: MoneyType;
}

@ObjectType('StatementLineEdge', { description: 'A line of a statement in a list.' })
export class StatementLineEdge {
  @Field(() => String, { description: 'Where this line stands in the list.' })
  readonly cursor!: string;

  @Field(() => StatementLineType, { description: 'The line.' })
  readonly node!: StatementLineType;
}

@ObjectType('StatementConnection', { description: 'Lines of a statement, newest first.' })
export class StatementConnection {
  @Field(() => [StatementLineEdge], { description: 'The lines with their cursors.' })
  readonly edges!: readonly StatementLineEdge[];

  @Field(() => [StatementLineType], { description: 'The lines.' })
  readonly nodes!: readonly StatementLineType[];

  @Field(() => PageInfo, { description: 'Where this page stands.' })
  readonly pageInfo!: PageInfo;
}

@ObjectType('TrialBalanceLine', { description: 'The two sums of one account.' })
export class TrialBalanceLineType {
  @Field(() => String, {
    description: 'The account; accounts of all sellers are added up as sellers:held and so on.',
  })
  readonly account!: string;

  @Field(() => MoneyType, { description: 'All debits.' })
  readonly debits!: MoneyType;

  @Field(() => MoneyType, { description: 'All credits.' })
  readonly credits!: MoneyType;
}

@ObjectType('TrialBalance', { description: 'The books of one currency, added up and checked.' })
export class TrialBalanceType {
  @Field(() => Date, { description: 'When they were read.' })
  readonly at!: Date;

  @Field(() => [TrialBalanceLineType], { description: 'Account by account.' })
  readonly lines!: readonly TrialBalanceLineType[];

  @Field(() => MoneyType, { description: 'All debits.' })
  readonly debits!: MoneyType;

  @Field(() => MoneyType, { description: 'All credits.' })
  readonly credits!: MoneyType;

  @Field(() => Boolean, { description: 'Whether both are the same; false is an incident.' })
  readonly isBalanced!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'The first entry that was tampered with; null while the chain is whole.',
  })
  readonly firstBrokenEntry!: string | null;
}

@Directive('@inaccessible')
@ObjectType('SellerObligations', {
  description: "What of a seller's money is not settled; for the subgraph that closes accounts.",
})
export class SellerObligationsType {
  @Field(() => MoneyType, { description: 'Neither paid out nor returned.' })
  readonly held!: MoneyType;

  @Field(() => MoneyType, { description: 'What the seller owes.' })
  readonly owed!: MoneyType;

  @Field(() => Int, { description: 'Disputes that can still take money.' })
  readonly openDisputes!: number;

  @Field(() => Int, { description: 'Refunds that are not made yet.' })
  readonly openRefunds!: number;

  @Field(() => Int, { description: 'Payments whose outcome is awaited.' })
  readonly openAttempts!: number;
}

const ALARMS: Readonly<Record<string, string>> = {
  UNSETTLED_NEAR_DEADLINE: 'Neither paid nor returned, and PayPal will soon pay by itself.',
  NEVER_SENT_REFUNDED: 'Never sent: everything left was refunded at the last moment.',
  DECISION_OVERDUE: 'Sent and still held: decide now, or PayPal pays.',
  PAID_BY_PROCESSOR: 'PayPal paid by itself.',
};
export const AlarmKindEnum = Object.fromEntries(Object.keys(ALARMS).map((kind) => [kind, kind]));
registerEnumType(AlarmKindEnum, {
  name: 'MoneyAlarmKind',
  description: 'Why somebody must look at held money.',
  valuesConfig: Object.fromEntries(
    Object.entries(ALARMS).map(([kind, description]) => [kind, { description }]),
  ),
});

@ObjectType('MoneyAlarm', { description: 'Held money that comes near the day PayPal pays it.' })
export class MoneyAlarmType {
  @Field(() => ID, { description: 'The payment.' })
  readonly paymentId!: string;

  @Field(() => ID, { description: 'Whose sale it is.' })
  readonly sellerId!: string;

  @Field(() => AlarmKindEnum, { description: 'What it is.' })
  readonly kind!: string;

  @Field(() => Date, { description: 'When it was raised.' })
  readonly raisedAt!: Date;

  @Field(() => [String], { description: 'What held the money then.' })
  readonly reasons!: readonly string[];

  @Field(() => Date, { nullable: true, description: 'When the money was settled; null before.' })
  readonly settledAt!: Date | null;
}

const RIGHTS: Readonly<Record<string, string>> = {
  OWN_SALE: 'It is a sale of your own.',
  PARTNER_GRANT: 'The seller granted it to your application.',
  SUPPORT: 'Support may refund.',
};
export const RefundRightEnum = Object.fromEntries(Object.keys(RIGHTS).map((one) => [one, one]));
registerEnumType(RefundRightEnum, {
  name: 'RefundRight',
  description: 'By what right somebody may refund.',
  valuesConfig: Object.fromEntries(
    Object.entries(RIGHTS).map(([right, description]) => [right, { description }]),
  ),
});

export const RefundSourceEnum = { HELD: 'HELD', SELLER: 'SELLER' } as const;
registerEnumType(RefundSourceEnum, {
  name: 'RefundSource',
  description: 'Where the money of a refund comes from.',
  valuesConfig: {
    HELD: { description: 'Out of held money: the payout was not made yet.' },
    SELLER: { description: 'The seller has the money, and owes it.' },
  },
});

@ObjectType('RefundPreview', { description: 'What a refund would do, before it is confirmed.' })
export class RefundPreviewType {
  @Field(() => RefundRightEnum, { description: 'By what right you may.' })
  readonly right!: string;

  @Field(() => MoneyType, { description: 'What the buyer would get.' })
  readonly amount!: MoneyType;

  @Field(() => MoneyType, { description: 'What could still be refunded afterwards.' })
  readonly refundableAfter!: MoneyType;

  @Field(() => RefundSourceEnum, { description: 'Where it would come from.' })
  readonly comesFrom!: string;

  @Field(() => MoneyType, { description: 'The part that the platform gives back of its fee.' })
  readonly platformBears!: MoneyType;

  @Field(() => MoneyType, { description: 'The part that the seller bears.' })
  readonly sellerBears!: MoneyType;

  @Field(() => MoneyType, {
    description: 'The part of sellerBears that the seller would owe, out of later payouts.',
  })
  readonly sellerWillOwe!: MoneyType;

  @Field(() => MoneyType, {
    description: 'What PayPal took of the payment and keeps; the seller bears it.',
  })
  readonly processorFeeKept!: MoneyType;
}

@ObjectType({ description: 'What a refund would do, or why it would be refused.' })
export class RefundPreviewPayload {
  @Field(() => RefundPreviewType, {
    nullable: true,
    description: 'The preview; null exactly when there are userErrors.',
  })
  readonly preview!: RefundPreviewType | null;

  @Field(() => [PaymentUserError], { description: 'Why it would be refused; empty if not.' })
  readonly userErrors!: readonly PaymentUserError[];
}
