import { Directive, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { MoneyInput, MoneyType, NodeType, PageInfo } from '../../kernel/graphql/shared-types.ts';
import { statesOf } from '../../kernel/state-machine.ts';
import { PAYMENT_ATTEMPT_TRANSITIONS } from '../domain/payment-attempt.states.ts';
import { PAYMENT_METHOD_TRANSITIONS } from '../domain/payment-method.states.ts';
import { PAYMENT_REQUEST_TRANSITIONS } from '../domain/payment-request.states.ts';
import { PaymentUserError } from './user-errors.ts';

/** An enum from a transition table, so that the two cannot drift apart. */
function statusEnum<S extends string>(
  name: string,
  description: string,
  states: readonly S[],
  meaning: Record<S, string>,
) {
  const values = Object.fromEntries(states.map((state) => [state, state])) as { [K in S]: K };
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      states.map((state) => [state, { description: meaning[state] }]),
    ) as never,
  });
  return values;
}

export const RequestStatus = statusEnum(
  'PaymentRequestStatus',
  'Where a payment request stands.',
  statesOf(PAYMENT_REQUEST_TRANSITIONS),
  {
    SENT: 'Waits for the buyer.',
    PAYING: 'An attempt is under way.',
    PENDING: 'The processor has not decided: neither paid nor failed. Do not pay again.',
    PAID: 'The money was captured.',
    DECLINED: 'The buyer said no.',
    WITHDRAWN: 'The seller took it back.',
    EXPIRED: 'Its time ran out.',
    SUPERSEDED: 'Another request took its place.',
  },
);

export const AttemptStatus = statusEnum(
  'PaymentAttemptStatus',
  'Where one try to pay stands.',
  statesOf(PAYMENT_ATTEMPT_TRANSITIONS),
  {
    CREATED: 'Begun, nothing asked of the processor yet.',
    REQUIRES_ACTION: 'The buyer must confirm it with the processor.',
    CAPTURING: 'The processor was asked.',
    PENDING: 'The processor has not decided.',
    UNKNOWN: 'No answer came; the processor is being read.',
    CAPTURED: 'The money was taken.',
    DECLINED: 'The processor refused; nothing was taken.',
    CANCELED: 'Nothing had happened.',
  },
);

export const MethodStatus = statusEnum(
  'PaymentMethodStatus',
  'Whether a payment method can be used.',
  statesOf(PAYMENT_METHOD_TRANSITIONS),
  {
    SETUP: 'Waits for the approval of its buyer.',
    ACTIVE: 'Can be used.',
    EXPIRED: 'Has run out.',
    REMOVED: 'Was removed by its buyer.',
  },
);

export enum RequestOrigin {
  CHAT = 'CHAT',
  CHECKOUT = 'CHECKOUT',
}
registerEnumType(RequestOrigin, {
  name: 'PaymentRequestOrigin',
  description: 'How the request came about.',
  valuesConfig: {
    CHAT: { description: 'Sent by a seller in a conversation.' },
    CHECKOUT: { description: "Made by the buyer with a listing's own button." },
  },
});

export enum LineKind {
  LISTING = 'LISTING',
  CUSTOM = 'CUSTOM',
}
registerEnumType(LineKind, {
  name: 'PaymentRequestLineKind',
  description: 'What a line stands for.',
  valuesConfig: {
    LISTING: { description: 'A listed item, as it was when the request was sent.' },
    CUSTOM: { description: 'Something the seller described freely.' },
  },
});

export enum Advice {
  RETRY_SAME = 'RETRY_SAME',
  USE_OTHER = 'USE_OTHER',
  STOP = 'STOP',
  CONTACT_SUPPORT = 'CONTACT_SUPPORT',
}
registerEnumType(Advice, {
  name: 'DeclineAdvice',
  description: 'What a buyer can do after a decline.',
  valuesConfig: {
    RETRY_SAME: { description: 'Trying again with the same payment method can succeed.' },
    USE_OTHER: { description: 'Another payment method is needed.' },
    STOP: { description: 'Trying again will not help.' },
    CONTACT_SUPPORT: { description: 'Support must look at it.' },
  },
});

export enum OfferChangeKind {
  PRICE = 'PRICE',
  NO_LONGER_SOLD = 'NO_LONGER_SOLD',
}
registerEnumType(OfferChangeKind, {
  name: 'OfferChangeKind',
  description: 'How an offered line differs from the listing now.',
  valuesConfig: {
    PRICE: { description: 'The price is another one now.' },
    NO_LONGER_SOLD: { description: 'The item is no longer on sale.' },
  },
});

export enum RequestSide {
  BUYER = 'BUYER',
  SELLER = 'SELLER',
}
registerEnumType(RequestSide, {
  name: 'PaymentRequestSide',
  description: 'On which side of a request the viewer is.',
  valuesConfig: {
    BUYER: { description: 'Requests the viewer is asked to pay.' },
    SELLER: { description: "Requests of the viewer's seller account." },
  },
});

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Buyer')
export class BuyerReference {
  @Field(() => ID, { description: "The member's user id." })
  readonly id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Seller')
export class SellerReference {
  @Field(() => ID, { description: 'The id of the seller account.' })
  readonly id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Listing')
export class ListingReference {
  @Field(() => ID, { description: 'The id of the listing.' })
  readonly id!: string;
}

@ObjectType('PaymentRequestLine', {
  description: 'One line of a request, exactly as the buyer was shown it.',
})
export class PaymentRequestLineType {
  @Field(() => ID, { description: 'The id of the line within its request.' })
  readonly lineId!: string;

  @Field(() => LineKind, { description: 'Whether it is a listed item or a free-form one.' })
  readonly kind!: string;

  @Field(() => ListingReference, {
    nullable: true,
    description: 'The listing it was taken from; null for a free-form line.',
  })
  readonly listing!: ListingReference | null;

  @Field(() => String, { description: 'What is sold, in a few words.' })
  readonly title!: string;

  @Field(() => String, { description: 'What is sold, in full; evidence in a dispute.' })
  readonly description!: string;

  @Field(() => MoneyType, { description: 'The price of one.' })
  readonly unitPrice!: MoneyType;

  @Field(() => Int, { description: 'How many, 1 to 1000.' })
  readonly quantity!: number;

  @Field(() => MoneyType, { description: 'unitPrice times quantity.' })
  readonly total!: MoneyType;
}

@ObjectType('PaymentTerms', {
  description: 'What was promised with the offer; later edits of a listing do not change it.',
})
export class PaymentTermsType {
  @Field(() => Int, { description: 'Days from delivery in which the buyer may return it.' })
  readonly returnWindowDays!: number;

  @Field(() => Int, { description: 'Business days within which the seller sends it.' })
  readonly handlingBusinessDays!: number;

  @Field(() => Boolean, { description: 'True when it cannot be returned.' })
  readonly isFinalSale!: boolean;
}

@Directive('@key(fields: "id")')
@ObjectType('PaymentRequest', {
  implements: NodeType,
  description: 'What one buyer is asked to pay, once. Your payment is processed by PayPal.',
})
export class PaymentRequestType extends NodeType {
  @Field(() => RequestStatus, { description: 'Where it stands.' })
  readonly status!: string;

  @Field(() => Int, { description: 'Counts the changes of this request, from 1.' })
  readonly version!: number;

  @Field(() => RequestOrigin, { description: 'How it came about.' })
  readonly origin!: string;

  @Field(() => BuyerReference, { nullable: true, description: 'The one buyer who can pay it.' })
  readonly buyer!: BuyerReference;

  @Field(() => SellerReference, { nullable: true, description: 'Who is paid.' })
  readonly seller!: SellerReference;

  @Field(() => [PaymentRequestLineType], { description: 'What is sold, at most 50 lines.' })
  readonly lines!: readonly PaymentRequestLineType[];

  @Field(() => MoneyType, { description: 'The sum of the lines.' })
  readonly subtotal!: MoneyType;

  @Field(() => MoneyType, { description: 'Shipping, zero where it is free.' })
  readonly shipping!: MoneyType;

  @Field(() => MoneyType, { description: 'Tax, zero where there is none.' })
  readonly tax!: MoneyType;

  @Field(() => MoneyType, { description: 'What is taken off, as a positive amount.' })
  readonly discount!: MoneyType;

  @Field(() => MoneyType, {
    description: 'What is charged: subtotal + shipping + tax - discount, computed by the server.',
  })
  readonly total!: MoneyType;

  @Field(() => PaymentTermsType, { description: 'The terms the offer was made under.' })
  readonly terms!: PaymentTermsType;

  @Field(() => Date, { description: 'When it was sent.' })
  readonly createdAt!: Date;

  @Field(() => Date, { description: 'Until when it can be paid.' })
  readonly expiresAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the buyer first saw it; null before.' })
  readonly viewedAt!: Date | null;

  @Field(() => Date, { description: 'When it last changed.' })
  readonly updatedAt!: Date;
}

@Directive('@key(fields: "id")')
@ObjectType('Payment', {
  implements: NodeType,
  description:
    'Money that was captured for one request. How it was paid is told to nobody else than its buyer.',
})
export class PaymentType extends NodeType {
  @Field(() => MoneyType, { description: 'What was captured.' })
  readonly amount!: MoneyType;

  @Field(() => MoneyType, {
    description: 'What was given back so far, including what is on its way.',
  })
  readonly refundedTotal!: MoneyType;

  @Field(() => Date, { description: 'When the processor captured it.' })
  readonly capturedAt!: Date;

  @Field(() => PaymentRequestType, { nullable: true, description: 'The request it was made for.' })
  readonly paymentRequest!: PaymentRequestType | null;
}

@ObjectType('PaymentAttempt', { description: 'One try to pay a request; for its buyer.' })
export class PaymentAttemptType {
  @Field(() => ID, { description: 'The id of the attempt.' })
  readonly id!: string;

  @Field(() => AttemptStatus, {
    description: 'Where it stands. PENDING and UNKNOWN are no failures: do not pay again.',
  })
  readonly status!: string;

  @Field(() => Advice, {
    nullable: true,
    description: 'What to do after a decline, or when it came to nothing; null otherwise.',
  })
  readonly advice!: string | null;
}

@Directive('@key(fields: "id")')
@ObjectType('PaymentMethod', {
  implements: NodeType,
  description: 'An instrument saved with the processor. It exists for its buyer alone.',
})
export class PaymentMethodType extends NodeType {
  @Field(() => MethodStatus, { description: 'Whether it can be used.' })
  readonly status!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Brand of the card, or PAYPAL; null before the setup is complete.',
  })
  readonly brand!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The last four characters, to tell two apart; null before the setup is complete.',
  })
  readonly lastFour!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'When it runs out, as YYYY-MM; null where it does not.',
  })
  readonly expiry!: string | null;

  @Field(() => String, { description: 'What the buyer agreed to.' })
  readonly consentText!: string;

  @Field(() => Date, { description: 'When the buyer agreed.' })
  readonly consentedAt!: Date;

  @Field(() => String, {
    nullable: true,
    description: "The processor's page where the buyer approves it; null once it is complete.",
  })
  readonly approvalUrl!: string | null;
}

@ObjectType('PaymentRequestEdge', { description: 'A payment request in a list.' })
export class PaymentRequestEdge {
  @Field(() => String, { description: 'Where this request stands in the list.' })
  readonly cursor!: string;

  @Field(() => PaymentRequestType, { description: 'The request.' })
  readonly node!: PaymentRequestType;
}

@ObjectType('PaymentRequestConnection', { description: 'Payment requests, newest first.' })
export class PaymentRequestConnection {
  @Field(() => [PaymentRequestEdge], { description: 'The requests with their cursors.' })
  readonly edges!: readonly PaymentRequestEdge[];

  @Field(() => [PaymentRequestType], { description: 'The requests.' })
  readonly nodes!: readonly PaymentRequestType[];

  @Field(() => PageInfo, { description: 'Where this page stands.' })
  readonly pageInfo!: PageInfo;
}

@Directive('@key(fields: "id")')
@ObjectType('Viewer', { description: "The signed-in member: the way in to one's own things." })
export class ViewerType {
  @Field(() => ID, { description: "The member's user id." })
  readonly id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Conversation')
export class ConversationReference {
  @Field(() => ID, { description: 'The id of the conversation.' })
  readonly id!: string;
}

@InputType({
  description:
    'A line of a payment request: a listed item by variantId, or a free-form one by title, description and unitPrice.',
})
export class PaymentRequestLineInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'A listed variant of the seller; its title, description and price are taken as they are now.',
  })
  readonly variantId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'For a free-form line: what is sold, at most 127 characters.',
  })
  readonly title?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'For a free-form line: what is sold in full, at most 2000 characters.',
  })
  readonly description?: string | null;

  @Field(() => MoneyInput, {
    nullable: true,
    description: 'For a free-form line: the price of one.',
  })
  readonly unitPrice?: MoneyInput | null;

  @Field(() => Int, { defaultValue: 1, description: 'How many, 1 to 1000.' })
  readonly quantity!: number;
}

@InputType({ description: 'Asks the buyer of a conversation to pay.' })
export class SendPaymentRequestInput {
  @Field(() => ID, { description: 'The conversation with the buyer.' })
  readonly conversationId!: string;

  @Field(() => [PaymentRequestLineInput], { description: 'What is sold, 1 to 50 lines.' })
  readonly lines!: PaymentRequestLineInput[];

  @Field(() => MoneyInput, { nullable: true, description: 'Shipping; null or absent is free.' })
  readonly shipping?: MoneyInput | null;

  @Field(() => MoneyInput, { nullable: true, description: 'Tax; null or absent is none.' })
  readonly tax?: MoneyInput | null;

  @Field(() => MoneyInput, {
    nullable: true,
    description: 'What is taken off, as a positive amount; null or absent is nothing.',
  })
  readonly discount?: MoneyInput | null;

  @Field(() => MoneyInput, {
    nullable: true,
    description: 'What you believe it adds up to; refused with TOTAL_MISMATCH when it does not.',
  })
  readonly expectedTotal?: MoneyInput | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How long it can be paid, 1 to 168 hours; null or absent is 72.',
  })
  readonly expiresInHours?: number | null;

  @Field(() => ID, {
    nullable: true,
    description: 'A request of the same conversation that this one takes the place of.',
  })
  readonly replacesId?: string | null;

  @Field(() => String, {
    description:
      'Your own key: the same call with the same key has one effect. 1 to 255 printable ASCII characters.',
  })
  readonly idempotencyKey!: string;
}

@InputType({ description: 'Where the goods go. The seller sees it once it is paid.' })
export class ShippingAddressInput {
  @Field(() => String, { description: 'Who receives it.' })
  readonly name!: string;

  @Field(() => String, { description: 'Street and number.' })
  readonly line1!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Apartment, floor or company; null or absent is none.',
  })
  readonly line2?: string | null;

  @Field(() => String, { description: 'City.' })
  readonly city!: string;

  @Field(() => String, { description: 'Two-letter code of the state, for example CA.' })
  readonly state!: string;

  @Field(() => String, { description: 'ZIP code, for example 94107.' })
  readonly postalCode!: string;

  @Field(() => String, {
    defaultValue: 'US',
    description: 'Two-letter code of the country; US is supported.',
  })
  readonly country!: string;
}

@InputType({ description: 'Pays a request with a saved payment method.' })
export class PayPaymentRequestInput {
  @Field(() => ID, { description: 'The request to pay.' })
  readonly paymentRequestId!: string;

  @Field(() => MoneyInput, {
    description:
      'The total the buyer was shown and approved; another total is refused with OFFER_CHANGED.',
  })
  readonly approvedTotal!: MoneyInput;

  @Field(() => ID, { description: 'One of the payment methods of the buyer.' })
  readonly paymentMethodId!: string;

  @Field(() => ShippingAddressInput, { description: 'Where the goods go.' })
  readonly shippingAddress!: ShippingAddressInput;

  @Field(() => String, {
    description:
      'Your own key: the same call with the same key takes the money once. 1 to 255 printable ASCII characters.',
  })
  readonly idempotencyKey!: string;
}

@InputType({ description: 'Buys a listed item at its price, without a chat.' })
export class CheckoutListingInput {
  @Field(() => ID, { description: 'The variant to buy.' })
  readonly variantId!: string;

  @Field(() => Int, { defaultValue: 1, description: 'How many, 1 to 1000.' })
  readonly quantity!: number;

  @Field(() => MoneyInput, {
    nullable: true,
    description:
      'What the buyer was shown; refused with TOTAL_MISMATCH when the price is another one.',
  })
  readonly expectedTotal?: MoneyInput | null;

  @Field(() => ID, { description: 'One of the payment methods of the buyer.' })
  readonly paymentMethodId!: string;

  @Field(() => ShippingAddressInput, { description: 'Where the goods go.' })
  readonly shippingAddress!: ShippingAddressInput;

  @Field(() => String, {
    description:
      'Your own key: the same call with the same key buys once. 1 to 255 printable ASCII characters.',
  })
  readonly idempotencyKey!: string;
}

@InputType()
abstract class RequestIdInput {
  @Field(() => ID, { description: 'The payment request.' })
  readonly paymentRequestId!: string;
}

@InputType({ description: 'Takes an unpaid request back.' })
export class WithdrawPaymentRequestInput extends RequestIdInput {}

@InputType({ description: 'The buyer says no to a request.' })
export class DeclinePaymentRequestInput extends RequestIdInput {}

@InputType({ description: 'Notes that the buyer has seen a request.' })
export class ViewPaymentRequestInput extends RequestIdInput {}

@InputType({ description: 'Begins saving a payment method.' })
export class StartPaymentMethodSetupInput {
  @Field(() => Boolean, { description: 'True when the buyer agreed to the consent text.' })
  readonly hasConsented!: boolean;

  @Field(() => String, {
    description:
      'Your own key: the same call with the same key begins once. 1 to 255 printable ASCII characters.',
  })
  readonly idempotencyKey!: string;
}

@InputType({ description: 'Finishes saving a payment method that its buyer approved.' })
export class CompletePaymentMethodSetupInput {
  @Field(() => ID, { description: 'The payment method that was begun.' })
  readonly paymentMethodId!: string;
}

@InputType({ description: 'Forgets a payment method.' })
export class RemovePaymentMethodInput {
  @Field(() => ID, { description: 'The payment method to forget.' })
  readonly paymentMethodId!: string;
}

@ObjectType()
abstract class PaymentPayload {
  @Field(() => [PaymentUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly PaymentUserError[];
}

@ObjectType()
abstract class RequestPayload extends PaymentPayload {
  @Field(() => PaymentRequestType, {
    nullable: true,
    description: 'The request; null exactly when there are userErrors.',
  })
  readonly paymentRequest!: PaymentRequestType | null;
}

@ObjectType({ description: 'The request that was sent, or why none was.' })
export class SendPaymentRequestPayload extends RequestPayload {}

@ObjectType({ description: 'The request that was withdrawn, or why it was not.' })
export class WithdrawPaymentRequestPayload extends RequestPayload {}

@ObjectType({ description: 'The request that was declined, or why it was not.' })
export class DeclinePaymentRequestPayload extends RequestPayload {}

@ObjectType({ description: 'The request that was seen, or why it was not noted.' })
export class ViewPaymentRequestPayload extends RequestPayload {}

@ObjectType('OfferChange', { description: 'A line that is no longer what the buyer was shown.' })
export class OfferChangeType {
  @Field(() => ID, { description: 'The line of the request.' })
  readonly lineId!: string;

  @Field(() => OfferChangeKind, { description: 'What is different.' })
  readonly what!: string;

  @Field(() => MoneyType, { description: 'The price the buyer was shown.' })
  readonly offered!: MoneyType;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'The price now; null when it is no longer sold.',
  })
  readonly current!: MoneyType | null;
}

@ObjectType()
abstract class PayPayload extends RequestPayload {
  @Field(() => PaymentAttemptType, {
    nullable: true,
    description: 'The attempt, also of a declined one; null when none was begun.',
  })
  readonly attempt!: PaymentAttemptType | null;

  @Field(() => [OfferChangeType], {
    description: 'For OFFER_CHANGED: what changed, line by line; else empty.',
  })
  readonly changes!: readonly OfferChangeType[];
}

@ObjectType({ description: 'The request with its new state, or why nothing was charged.' })
export class PayPaymentRequestPayload extends PayPayload {}

@ObjectType({
  description:
    'The request that the checkout made, with its new state, or why nothing was charged.',
})
export class CheckoutListingPayload extends PayPayload {}

@ObjectType()
abstract class MethodPayload extends PaymentPayload {
  @Field(() => PaymentMethodType, {
    nullable: true,
    description: 'The payment method; null exactly when there are userErrors.',
  })
  readonly paymentMethod!: PaymentMethodType | null;
}

@ObjectType({ description: 'The payment method that waits for approval, or why none was begun.' })
export class StartPaymentMethodSetupPayload extends MethodPayload {}

@ObjectType({ description: 'The payment method that can be used now, or why it cannot.' })
export class CompletePaymentMethodSetupPayload extends MethodPayload {}

@ObjectType({ description: 'The payment method that was forgotten, or why it was not.' })
export class RemovePaymentMethodPayload extends MethodPayload {}

@ObjectType('ShippingAddressCopy', {
  description: 'A shipping address, for the subgraph that sends the goods.',
})
export class ShippingAddressCopy {
  @Field(() => String, { description: 'Who receives it.' })
  readonly name!: string;

  @Field(() => String, { description: 'Street and number.' })
  readonly line1!: string;

  @Field(() => String, { nullable: true, description: 'Apartment, floor or company.' })
  readonly line2!: string | null;

  @Field(() => String, { description: 'City.' })
  readonly city!: string;

  @Field(() => String, { description: 'State.' })
  readonly state!: string;

  @Field(() => String, { description: 'ZIP code.' })
  readonly postalCode!: string;

  @Field(() => String, { description: 'Country.' })
  readonly country!: string;
}
