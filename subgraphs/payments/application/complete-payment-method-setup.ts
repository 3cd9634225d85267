import { NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { type PaymentMethod, SetupNotApproved } from '../domain/payment-method.ts';
import { maySeeMethod } from '../domain/payment-request.policy.ts';
import type { PaymentsStore, Vault } from './ports.ts';

/** Finishes saving an instrument after the buyer approved it. Repeating it answers the same. */
export class CompletePaymentMethodSetup {
  constructor(
    private readonly store: PaymentsStore,
    private readonly vault: Vault,
  ) {}

  async execute(command: {
    readonly actor: Actor;
    readonly paymentMethodId: string;
  }): Promise<PaymentMethod> {
    const { actor, paymentMethodId: id } = command;
    const found = isId('paymentMethod', id)
      ? await this.store.transact((tx) => tx.findMethod(id))
      : null;
    if (found === null || !maySeeMethod(actor, found.buyerId) || found.status === 'REMOVED') {
      throw new NotFound('payment method', ['paymentMethodId']);
    }
    if (found.status !== 'SETUP') return found;
    const instrument = await this.vault.completeSetup(found.setupToken, `method:${found.id}`);
    if (instrument === null) throw new SetupNotApproved();
    return this.store.transact(async (tx) => {
      const method = await tx.lockMethod(id);
      if (method === null) throw new NotFound('payment method', ['paymentMethodId']);
      if (method.status === 'SETUP') method.activate(instrument, await tx.now());
      return method;
    });
  }
}
