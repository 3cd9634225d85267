import { Arg, Ctx, FieldResolver, Mutation, Resolver } from 'type-graphql';
import { refusals } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { members } from '../../kernel/policy.ts';
import type { PaymentMethod } from '../domain/payment-method.ts';
import { maySeeMethod } from '../domain/payment-request.policy.ts';
import type { PaymentsContext } from './context.ts';
import { toMethod } from './payment.mapping.ts';
import {
  CompletePaymentMethodSetupInput,
  CompletePaymentMethodSetupPayload,
  PaymentMethodType,
  RemovePaymentMethodInput,
  RemovePaymentMethodPayload,
  StartPaymentMethodSetupInput,
  StartPaymentMethodSetupPayload,
  ViewerType,
} from './payment.types.ts';
import { PAYMENT_ERROR_CODES } from './user-errors.ts';

@Resolver(() => ViewerType)
export class PaymentMethodResolver {
  @FieldResolver(() => [PaymentMethodType], {
    description: "The viewer's saved payment methods, newest first, at most 50.",
  })
  async paymentMethods(@Ctx() { actor, useCases }: PaymentsContext): Promise<PaymentMethodType[]> {
    return (await useCases.readPayments.ownMethods(actor)).map(toMethod);
  }

  @Mutation(() => StartPaymentMethodSetupPayload, {
    nullable: true,
    description:
      "Begins saving a payment method: open its approvalUrl, the processor's page, then complete the setup. Card numbers never pass through here.",
  })
  @GuardedBy(members, maySeeMethod)
  startPaymentMethodSetup(
    @Arg('input', () => StartPaymentMethodSetupInput, { description: 'The consent of the buyer.' })
    input: StartPaymentMethodSetupInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<StartPaymentMethodSetupPayload> {
    return methodPayload(() => useCases.startPaymentMethodSetup.execute({ ...input, actor }));
  }

  @Mutation(() => CompletePaymentMethodSetupPayload, {
    nullable: true,
    description:
      'Finishes saving a payment method that its buyer approved. Repeating it answers the same.',
  })
  @GuardedBy(members, maySeeMethod)
  completePaymentMethodSetup(
    @Arg('input', () => CompletePaymentMethodSetupInput, { description: 'Which payment method.' })
    input: CompletePaymentMethodSetupInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<CompletePaymentMethodSetupPayload> {
    return methodPayload(() => useCases.completePaymentMethodSetup.execute({ ...input, actor }));
  }

  @Mutation(() => RemovePaymentMethodPayload, {
    nullable: true,
    description: 'Forgets a payment method, here and with the processor.',
  })
  @GuardedBy(members, maySeeMethod)
  removePaymentMethod(
    @Arg('input', () => RemovePaymentMethodInput, { description: 'Which payment method.' })
    input: RemovePaymentMethodInput,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<RemovePaymentMethodPayload> {
    return methodPayload(() => useCases.removePaymentMethod.execute({ ...input, actor }));
  }
}

async function methodPayload(
  work: () => Promise<PaymentMethod>,
): Promise<StartPaymentMethodSetupPayload> {
  const { result, userErrors } = await refusals(PAYMENT_ERROR_CODES, work);
  return { paymentMethod: result && toMethod(result), userErrors };
}
