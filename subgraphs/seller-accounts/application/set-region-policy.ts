import { NotAllowed } from '../../kernel/errors.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { EffectiveFromInvalid, RegionInvalid } from '../domain/seller-account.errors.ts';
import { mayGovernSellers } from '../domain/seller-account.policy.ts';
import type { SellersStore } from './ports.ts';

export interface RegionPolicy {
  readonly region: string;
  readonly isEnabled: boolean;
  readonly effectiveFrom: Date;
}

/**
 * Opens or closes a region for selling, now or from a moment to come. Closing is the emergency stop
 * of a whole region: it stops new applications and new requests, and lets everything open go on.
 */
export class SetRegionPolicy {
  constructor(private readonly store: SellersStore) {}

  execute(command: {
    readonly actor: Actor;
    readonly region: string;
    readonly isEnabled: boolean;
    /** Null: at once. */
    readonly effectiveFrom: Date | null;
  }): Promise<RegionPolicy> {
    const { actor, region, isEnabled } = command;
    if (!mayGovernSellers(actor)) throw new NotAllowed('change where selling is offered');
    if (!/^[A-Z]{2}$/.test(region)) throw new RegionInvalid();
    return this.store.transact(async (tx) => {
      const now = await tx.now();
      const effectiveFrom = command.effectiveFrom ?? now;
      // A rule in the past would change what was decided by the rule of that day.
      if (effectiveFrom < now) throw new EffectiveFromInvalid();
      await tx.setRegionPolicy(region, isEnabled, effectiveFrom, principalOf(actor));
      return { region, isEnabled, effectiveFrom };
    });
  }
}
