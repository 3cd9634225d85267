import { NotAllowed } from '../../kernel/errors.ts';
import type { NewId } from '../../kernel/ids.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { ConsentRequired, PaymentMethod } from '../domain/payment-method.ts';
import type { IdempotencyPort, PaymentsStore, Vault } from './ports.ts';

/** Begins saving an instrument: the buyer approves it on the processor's own page, never here. */
export class StartPaymentMethodSetup {
  constructor(
    private readonly store: PaymentsStore,
    private readonly vault: Vault,
    private readonly idempotency: IdempotencyPort,
    private readonly newId: NewId,
  ) {}

  async execute(command: {
    readonly actor: Actor;
    readonly hasConsented: boolean;
    readonly idempotencyKey: string;
  }): Promise<PaymentMethod> {
    const { actor, idempotencyKey, hasConsented } = command;
    if (actor.kind !== 'member') throw new NotAllowed('save a payment method');
    if (!hasConsented) throw new ConsentRequired();
    // Asked before the transaction: the processor gives the same token for the same request id.
    const setup = await this.vault.beginSetup(
      actor.userId,
      `setup:${actor.userId}:${idempotencyKey}`,
    );
    const { response } = await this.idempotency.once(
      {
        principal: principalOf(actor),
        operation: 'startPaymentMethodSetup',
        key: idempotencyKey,
        request: { hasConsented },
      },
      () =>
        this.store.transact(async (tx) => {
          const method = PaymentMethod.begin(
            this.newId('paymentMethod'),
            actor.userId,
            setup,
            await tx.now(),
          );
          tx.addMethod(method);
          return { paymentMethodId: method.id };
        }),
    );
    const method = await this.store.transact((tx) => tx.findMethod(response.paymentMethodId));
    if (method === null) throw new Error('the payment method is gone');
    return method;
  }
}
