import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { maySeeRequest, mayWithdraw } from '../domain/payment-request.policy.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';
import type { PaymentsStore } from './ports.ts';

/** Takes an unpaid request back. Refused when any attempt succeeded or is pending. */
export class WithdrawPaymentRequest {
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
      if (!mayWithdraw(command.actor, request))
        throw new NotAllowed('withdraw this payment request');

      await tx.recordRequest(request.withdraw(await tx.now()));
      return request;
    });
  }
}
