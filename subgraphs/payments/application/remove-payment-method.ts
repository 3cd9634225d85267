import { NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import type { PaymentMethod } from '../domain/payment-method.ts';
import { maySeeMethod } from '../domain/payment-request.policy.ts';
import type { PaymentsStore, Vault } from './ports.ts';

/** Forgets an instrument here and in the processor's vault. What was paid with it stays paid. */
export class RemovePaymentMethod {
  constructor(
    private readonly store: PaymentsStore,
    private readonly vault: Vault,
  ) {}

  async execute(command: {
    readonly actor: Actor;
    readonly paymentMethodId: string;
  }): Promise<PaymentMethod> {
    const { actor, paymentMethodId: id } = command;
    const removed = await this.store.transact(async (tx) => {
      const method = isId('paymentMethod', id) ? await tx.lockMethod(id) : null;
      if (method === null || !maySeeMethod(actor, method.buyerId))
        throw new NotFound('payment method', ['paymentMethodId']);
      if (method.status !== 'REMOVED') method.remove();
      return method;
    });
    // Unusable here from now on, whatever the processor says; its own copy goes with the next try.
    if (removed.vaultId !== null) await this.vault.remove(removed.vaultId).catch(() => {});
    return removed;
  }
}
