import { NotAllowed } from '../../kernel/errors.ts';
import type { NewId } from '../../kernel/ids.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { ConsentRequired, PaymentMethod } from '../domain/payment-method.ts';
import type { PaymentsStore, StoredAnswers, Vault } from './ports.ts';
import { answered } from './processor-answers.ts';

interface Begun {
  readonly paymentMethodId: string;
}

/** Begins saving an instrument: the buyer approves it on the processor's own page, never here. */
export class StartPaymentMethodSetup {
  constructor(
    private readonly store: PaymentsStore,
    private readonly vault: Vault,
    private readonly idempotency: StoredAnswers,
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
    const call = {
      principal: principalOf(actor),
      operation: 'startPaymentMethodSetup',
      key: idempotencyKey,
      request: { hasConsented },
    };
    const begun =
      (await this.idempotency.recall<Begun>(call)) ?? (await this.begin(actor.userId, call));
    const method = await this.store.transact((tx) => tx.findMethod(begun.paymentMethodId));
    if (method === null) throw new Error('the payment method is gone');
    return method;
  }

  private async begin(
    buyerId: string,
    call: Parameters<StoredAnswers['recall']>[0],
  ): Promise<Begun> {
    // Asked before the transaction: the processor gives the same token for the same request id.
    const setup = await answered(() =>
      this.vault.beginSetup(buyerId, `setup:${buyerId}:${call.key}`),
    );
    const { response } = await this.idempotency.once(call, () =>
      this.store.transact(async (tx) => {
        const id = this.newId('paymentMethod');
        tx.addMethod(PaymentMethod.begin(id, buyerId, setup, await tx.now()));
        return { paymentMethodId: id };
      }),
    );
    return response;
  }
}
