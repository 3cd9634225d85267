import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { mayPay, maySeeRequest } from '../domain/payment-request.policy.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';
import type { PaymentsStore } from './ports.ts';

/** Notes when the buyer first saw a request. Repeating it changes nothing. */
export class ViewPaymentRequest {
  constructor(private readonly store: PaymentsStore) {}

  execute(command: {
    readonly paymentRequestId: string;
    readonly actor: Actor;
  }): Promise<PaymentRequest> {
    return this.store.transact(async (tx) => {
      const id = command.paymentRequestId;
      const request = isId('paymentRequest', id) ? await tx.lockRequest(id) : null;
      if (request === null || !maySeeRequest(command.actor, request)) {
        throw new NotFound('payment request', ['paymentRequestId']);
      }
      if (!mayPay(command.actor, request))
        throw new NotAllowed('mark a request as viewed for its buyer');

      const event = request.view(await tx.now());
      if (event) await tx.recordRequest(event);
      return request;
    });
  }
}
