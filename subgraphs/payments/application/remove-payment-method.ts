import { NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import type { PaymentMethod } from '../domain/payment-method.ts';
import { maySeeMethod } from '../domain/payment-request.policy.ts';
import type { MethodsToForget, PaymentsStore, Vault } from './ports.ts';

const BATCH_MAX = 20;

/** Forgets an instrument here and in the processor's vault. What was paid with it stays paid. */
export class RemovePaymentMethod {
  constructor(
    private readonly store: PaymentsStore & MethodsToForget,
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
      if (method.status !== 'REMOVED') method.remove(await tx.now());
      return method;
    });
    // Unusable here from now on, whatever the processor says; the timer asks it again.
    await this.forget(removed);
    return removed;
  }

  /** Asks the processor again to forget what it did not forget at once; run by a timer. */
  async runDue(): Promise<void> {
    const now = await this.store.transact((tx) => tx.now());
    for (const id of await this.store.methodsToForget(now, BATCH_MAX)) {
      const method = await this.store.transact((tx) => tx.findMethod(id));
      if (method) await this.forget(method);
    }
  }

  private async forget({ id, vaultId, forgetAt }: PaymentMethod): Promise<void> {
    if (vaultId === null || forgetAt === null) return;
    const isGone = await this.vault.remove(vaultId).then(
      () => true,
      () => false,
    );
    await this.store.transact(async (tx) => {
      const method = await tx.lockMethod(id);
      if (isGone) method?.forgotten();
      else method?.forgetLater(await tx.now());
    });
  }
}
