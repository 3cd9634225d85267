import { NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { type PaymentMethod, SetupNotApproved } from '../domain/payment-method.ts';
import { PaymentMethodUnusable } from '../domain/payment-request.errors.ts';
import { maySeeMethod } from '../domain/payment-request.policy.ts';
import type { PaymentsStore, Vault } from './ports.ts';
import { ProcessorRefused } from './processor.port.ts';
import { answered } from './processor-answers.ts';

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
    const instrument = await answered(() =>
      this.vault.completeSetup(found.setupToken, `method:${found.id}`),
    ).catch((error: unknown) => {
      // The processor keeps a setup for days, not for ever: this one is over.
      throw error instanceof ProcessorRefused ? new PaymentMethodUnusable() : error;
    });
    if (instrument === null) throw new SetupNotApproved();
    const saved = await this.store.transact(async (tx) => {
      const method = await tx.lockMethod(id);
      if (method?.status === 'SETUP') method.activate(instrument, await tx.now());
      // Removed while it was saved: it must not stay in the processor's vault.
      if (method?.status === 'REMOVED') method.discard(instrument, await tx.now());
      return method;
    });
    if (saved === null || saved.status === 'REMOVED')
      throw new NotFound('payment method', ['paymentMethodId']);
    return saved;
  }
}
