import {
  Arg,
  Args,
  Ctx,
  Directive,
  FieldResolver,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { connectionOf, PageArgs, pageOf } from '../../kernel/graphql/connection.ts';
import { refusals } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { toMoney } from '../../kernel/graphql/shared-types.ts';
import { anyone, members, membersAndPartners, signedIn, systemOnly } from '../../kernel/policy.ts';
import type { PayOutcome } from '../application/pay-payment-request.ts';
import {
  mayPay,
  maySeeRequest,
  maySendRequest,
  mayWithdraw,
} from '../domain/payment-request.policy.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';
import type { PaymentsContext } from './context.ts';
import { fromAddress, fromLine, toPayment, toRequest } from './payment.mapping.ts';
import {
  CheckoutListingInput,
  CheckoutListingPayload,
  ConversationReference,
  DeclinePaymentRequestInput,
  DeclinePaymentRequestPayload,
  PaymentRequestConnection,
  PaymentRequestType,
  PaymentType,
  PayPaymentRequestInput,
  PayPaymentRequestPayload,
  RequestSide,
  SendPaymentRequestInput,
  SendPaymentRequestPayload,
  ShippingAddressCopy,
  ViewerType,
  ViewPaymentRequestInput,
  ViewPaymentRequestPayload,
  WithdrawPaymentRequestInput,
  WithdrawPaymentRequestPayload,
} from './payment.types.ts';
import { PAYMENT_ERROR_CODES } from './user-errors.ts';

const keyOf = (request: PaymentRequest) => [request.createdAt.toISOString(), request.id];

@Resolver(() => PaymentRequestType)
export class PaymentRequestResolver {
  @Query(() => PaymentRequestType, {
    nullable: true,
    description:
      'A payment request, or null when it does not exist or the viewer is not one of its parties.',
  })
  @GuardedBy(signedIn, maySeeRequest)
  async paymentRequest(
    @Arg('id', () => ID, { description: 'The id of the request.' }) id: string,
    @Ctx() { loaders }: PaymentsContext,
  ): Promise<PaymentRequestType | null> {
    const request = await loaders.request.load(id);
    return request && toRequest(request);
  }

  // Nullable, as every mutation: a crash here must not erase the result of a sibling that went through.
  @Mutation(() => SendPaymentRequestPayload, {
    nullable: true,
    description:
      'Asks the buyer of a conversation to pay. At most 750 USD a request and 2,250 USD sent in any 7 days; the seller account must be able to take payments.',
  })
  @GuardedBy(membersAndPartners, maySendRequest)
  async sendPaymentRequest(
    @Arg('input', () => SendPaymentRequestInput, { description: 'What is asked, and of whom.' })
    input: SendPaymentRequestInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<SendPaymentRequestPayload> {
    return requestPayload(async () =>
      useCases.sendPaymentRequest.execute({
        actor,
        conversationId: input.conversationId,
        lines: input.lines.map(fromLine),
        shipping: input.shipping ? toMoney(input.shipping) : null,
        tax: input.tax ? toMoney(input.tax) : null,
        discount: input.discount ? toMoney(input.discount) : null,
        expectedTotal: input.expectedTotal ? toMoney(input.expectedTotal) : null,
        expiresInHours: input.expiresInHours ?? null,
        replacesId: input.replacesId ?? null,
        idempotencyKey: input.idempotencyKey,
      }),
    );
  }

  @Mutation(() => PayPaymentRequestPayload, {
    nullable: true,
    description:
      'Takes the money of a request, once. A PENDING answer is no failure: wait for paymentRequestUpdated and do not pay again. Your payment is processed by PayPal.',
  })
  @GuardedBy(members, mayPay)
  async payPaymentRequest(
    @Arg('input', () => PayPaymentRequestInput, {
      description: 'What was approved, and how it is paid.',
    })
    input: PayPaymentRequestInput,
    @Ctx() { actor, useCases, loaders }: PaymentsContext,
  ): Promise<PayPaymentRequestPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, () =>
      useCases.payPaymentRequest.execute({
        actor,
        paymentRequestId: input.paymentRequestId,
        approvedTotal: toMoney(input.approvedTotal),
        paymentMethodId: input.paymentMethodId,
        shippingAddress: fromAddress(input.shippingAddress),
        idempotencyKey: input.idempotencyKey,
      }),
    );
    if (result === null) return { paymentRequest: null, attempt: null, changes: [], userErrors };
    const request = await loaders.request.load(input.paymentRequestId);
    return payPayload(result, request);
  }

  @Mutation(() => CheckoutListingPayload, {
    nullable: true,
    description:
      "Buys a listed item with the listing's own button, without a chat, at its price now.",
  })
  @GuardedBy(members, mayPay)
  async checkoutListing(
    @Arg('input', () => CheckoutListingInput, {
      description: 'What is bought, and how it is paid.',
    })
    input: CheckoutListingInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<CheckoutListingPayload> {
    const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, () =>
      useCases.checkoutListing.execute({
        actor,
        variantId: input.variantId,
        quantity: input.quantity,
        expectedTotal: input.expectedTotal ? toMoney(input.expectedTotal) : null,
        paymentMethodId: input.paymentMethodId,
        shippingAddress: fromAddress(input.shippingAddress),
        idempotencyKey: input.idempotencyKey,
      }),
    );
    if (result === null) return { paymentRequest: null, attempt: null, changes: [], userErrors };
    return payPayload(result.outcome, result.request);
  }

  @Mutation(() => WithdrawPaymentRequestPayload, {
    nullable: true,
    description:
      'Takes an unpaid request back. Refused with PAYMENT_IN_FLIGHT when a payment succeeded or is pending.',
  })
  @GuardedBy(signedIn, mayWithdraw)
  withdrawPaymentRequest(
    @Arg('input', () => WithdrawPaymentRequestInput, { description: 'Which request.' })
    input: WithdrawPaymentRequestInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<WithdrawPaymentRequestPayload> {
    return requestPayload(() => useCases.withdrawPaymentRequest.execute({ ...input, actor }));
  }

  @Mutation(() => DeclinePaymentRequestPayload, {
    nullable: true,
    description: 'The buyer says no; the request is closed.',
  })
  @GuardedBy(members, mayPay)
  declinePaymentRequest(
    @Arg('input', () => DeclinePaymentRequestInput, { description: 'Which request.' })
    input: DeclinePaymentRequestInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<DeclinePaymentRequestPayload> {
    return requestPayload(() => useCases.declinePaymentRequest.execute({ ...input, actor }));
  }

  @Mutation(() => ViewPaymentRequestPayload, {
    nullable: true,
    description: 'Notes when its buyer first saw a request; repeating it changes nothing.',
  })
  @GuardedBy(members, mayPay)
  viewPaymentRequest(
    @Arg('input', () => ViewPaymentRequestInput, { description: 'Which request.' })
    input: ViewPaymentRequestInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<ViewPaymentRequestPayload> {
    return requestPayload(() => useCases.viewPaymentRequest.execute({ ...input, actor }));
  }

  @FieldResolver(() => PaymentType, {
    nullable: true,
    description: 'The payment that was made for it; null before.',
  })
  async payment(@Root() root: PaymentRequestType, @Ctx() { loaders }: PaymentsContext) {
    const payment = await loaders.paymentOfRequest.load(root.id);
    return payment && toPayment(payment);
  }

  @FieldResolver(() => ConversationReference, {
    nullable: true,
    description: 'The conversation it was sent in; null for a checkout.',
  })
  async conversation(@Root() root: PaymentRequestType, @Ctx() { loaders }: PaymentsContext) {
    const request = await loaders.request.load(root.id);
    return request?.conversationId ? { id: request.conversationId } : null;
  }
}

@Resolver(() => PaymentType)
export class PaymentResolver {
  @FieldResolver(() => PaymentRequestType, {
    nullable: true,
    description: 'The request it was made for.',
  })
  async paymentRequest(
    @Root() root: { readonly id: string; readonly requestId?: string },
    @Ctx() { loaders }: PaymentsContext,
  ) {
    const request = root.requestId ? await loaders.request.load(root.requestId) : null;
    return request && toRequest(request);
  }

  @Directive('@inaccessible')
  @Query(() => ShippingAddressCopy, {
    nullable: true,
    description: 'Where the goods of a payment go; for the subgraph that sends them.',
  })
  @GuardedBy(systemOnly)
  capturedShippingAddress(
    @Arg('paymentId', () => ID, { description: 'The payment.' }) paymentId: string,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<ShippingAddressCopy | null> {
    return useCases.readPayments.capturedAddress(paymentId, actor);
  }
}

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Directive('@shareable')
  @Query(() => ViewerType, {
    nullable: true,
    description: 'The signed-in member, or null when nobody is.',
  })
  @GuardedBy(anyone)
  viewer(@Ctx() { actor }: PaymentsContext): ViewerType | null {
    return actor.kind === 'member' ? { id: actor.userId } : null;
  }

  @FieldResolver(() => PaymentRequestConnection, {
    description: "The viewer's payment requests, newest first.",
  })
  async paymentRequests(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('side', () => RequestSide, {
      defaultValue: RequestSide.BUYER,
      description: 'Requests to pay, or requests sent as a seller.',
    })
    side: RequestSide,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<PaymentRequestConnection> {
    const page = pageOf(args, 2);
    return connectionOf(
      await useCases.readPayments.ownRequests(actor, side, page),
      page,
      keyOf,
      toRequest,
    );
  }
}

@Resolver(() => ConversationReference)
export class ConversationResolver {
  @FieldResolver(() => PaymentRequestConnection, {
    description: 'The payment requests of this conversation, newest first.',
  })
  async paymentRequests(
    @Root() conversation: ConversationReference,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<PaymentRequestConnection> {
    const page = pageOf(args, 2);
    return connectionOf(
      await useCases.readPayments.requestsOfConversation(conversation.id, actor, page),
      page,
      keyOf,
      toRequest,
    );
  }
}

async function requestPayload(
  work: () => Promise<PaymentRequest>,
): Promise<SendPaymentRequestPayload> {
  const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, work);
  return { paymentRequest: result && toRequest(result), userErrors };
}

/** A decline, and an attempt that came to nothing, is a refusal with advice; pending and unknown are answers, so that nobody pays twice. */
function payPayload(outcome: PayOutcome, request: PaymentRequest | null): PayPaymentRequestPayload {
  if (outcome.kind === 'OFFER_CHANGED') {
    const message =
      'What is sold has changed since it was shown. See changes, and ask the buyer again.';
    return {
      paymentRequest: null,
      attempt: null,
      changes: outcome.changes,
      userErrors: [refusal('OFFER_CHANGED', message)],
    };
  }
  const { id, status, advice } = outcome.attempt;
  const attempt = { id, status, advice };
  if (status === 'DECLINED') {
    // This key answers with this decline for good: another try is another call.
    const message = `The payment was declined and nothing was charged. Advice: ${advice ?? 'USE_OTHER'}. Another try needs a new idempotency key.`;
    return {
      paymentRequest: null,
      attempt,
      changes: [],
      userErrors: [refusal('PAYMENT_DECLINED', message)],
    };
  }
  if (status === 'CANCELED') {
    // One key has one answer for good, and this one's is that nothing came of it.
    const message = 'Nothing was charged. Pay again with a new idempotency key.';
    return {
      paymentRequest: null,
      attempt: { ...attempt, advice: 'RETRY_SAME' },
      changes: [],
      userErrors: [refusal('PAYMENT_NOT_TAKEN', message)],
    };
  }
  return { paymentRequest: request && toRequest(request), attempt, changes: [], userErrors: [] };
}

function refusal(
  code: 'OFFER_CHANGED' | 'PAYMENT_DECLINED' | 'PAYMENT_NOT_TAKEN',
  message: string,
) {
  return { code, message, path: [], currentState: null, allowedActions: [], isRetryable: false };
}
