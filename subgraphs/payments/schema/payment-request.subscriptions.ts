import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { StreamEvent } from '../../kernel/events/streams.ts';
import { forbidden } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { signedIn } from '../../kernel/policy.ts';
import { maySeeRequest } from '../domain/payment-request.policy.ts';
import type { PaymentsContext } from './context.ts';
import { toRequest } from './payment.mapping.ts';
import { PaymentRequestType } from './payment.types.ts';

@Resolver()
export class PaymentRequestSubscriptions {
  @Subscription(() => PaymentRequestType, {
    nullable: true,
    description:
      'A request, each time it changes: sent, viewed, paying, paid, declined, withdrawn, expired. Resumable by cursor for 7 days.',
    subscribe: async ({ args, context }) => {
      const { actor, position, streams, useCases } = context as PaymentsContext;
      const stream = await useCases.watchPaymentRequest.open<StreamEvent>(
        String(args.paymentRequestId),
        actor,
        position,
        (topic, from) => streams.open(topic, from),
      );
      if (stream === null) throw forbidden();
      return stream;
    },
  })
  @GuardedBy(signedIn, maySeeRequest)
  async paymentRequestUpdated(
    @Arg('paymentRequestId', () => ID, { description: 'The request to watch.' })
    paymentRequestId: string,
    @Root() _event: StreamEvent,
    @Ctx() { actor, useCases }: PaymentsContext,
  ): Promise<PaymentRequestType> {
    const request = await useCases.watchPaymentRequest.visible(paymentRequestId, actor);
    if (request === null) throw forbidden();
    return toRequest(request);
  }
}
