import { isId, sellerIdOf } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { maySeeAccount } from '../domain/seller-account.policy.ts';
import type { SellerAccount } from '../domain/seller-account.ts';
import type { SellersStore } from './ports.ts';

export interface EligibilityGate {
  readonly gate:
    | 'PROFESSIONAL_ACCOUNT'
    | 'AGE'
    | 'REGION'
    | 'ALLOW_LIST'
    | 'APPLICATION'
    | 'PROCESSOR';
  readonly isMet: boolean;
  /** What to do, or why not; null when it is met. */
  readonly reason: string | null;
}

/** Reads for one actor. */
export class ReadSellers {
  constructor(private readonly store: SellersStore) {}

  /** The public side: only sellers that were active once. */
  async profiles(ids: readonly string[]): Promise<(SellerAccount | null)[]> {
    const found = await this.byId(ids);
    return ids.map((id) => {
      const account = found.get(id);
      return account && account.merchantId !== null ? account : null;
    });
  }

  async accounts(ids: readonly string[], actor: Actor): Promise<(SellerAccount | null)[]> {
    const found = await this.byId(ids);
    return ids.map((id) => {
      const account = found.get(id);
      return account && maySeeAccount(actor, account) ? account : null;
    });
  }

  async eligibility(actor: Actor): Promise<readonly EligibilityGate[]> {
    if (actor.kind !== 'member') return [];
    const region = actor.region ?? 'US';
    return this.store.transact(async (tx) => {
      const now = await tx.now();
      const [account] = await this.store.accounts([sellerIdOf(actor.userId)]);
      const gate = (
        name: EligibilityGate['gate'],
        isMet: boolean,
        reason: string,
      ): EligibilityGate => ({
        gate: name,
        isMet,
        reason: isMet ? null : reason,
      });
      return [
        // Both are checked when the application is begun; without one nobody has said.
        gate(
          'PROFESSIONAL_ACCOUNT',
          account !== undefined,
          'Apply with a BUSINESS or CREATOR account.',
        ),
        gate('AGE', account !== undefined, 'Apply with a date of birth of at least 18 years ago.'),
        gate(
          'REGION',
          await tx.isRegionEnabled(account?.region ?? region, now),
          'Selling is not offered in this region yet.',
        ),
        gate(
          'ALLOW_LIST',
          await tx.isAllowListed(actor.userId, now),
          'Selling is open to invited businesses only for now.',
        ),
        gate(
          'APPLICATION',
          account !== undefined && account.status !== 'DRAFT',
          'Complete and submit the application.',
        ),
        gate(
          'PROCESSOR',
          account?.status === 'ACTIVE',
          account?.disabledText ?? 'PayPal has not confirmed the account yet.',
        ),
      ];
    });
  }

  /** Whether the rollout lets this seller do something new; why not, in words, when it does not. */
  rollout(account: SellerAccount): Promise<{ isAllowListed: boolean; closed: string | null }> {
    return this.store.transact(async (tx) => {
      const now = await tx.now();
      const isAllowListed = await tx.isAllowListed(account.userId, now);
      if (!isAllowListed)
        return { isAllowListed, closed: 'Selling is open to invited businesses only for now.' };
      const isOpen = await tx.isRegionEnabled(account.region, now);
      return {
        isAllowListed,
        closed: isOpen ? null : `New sales are paused in ${account.region}.`,
      };
    });
  }

  private async byId(ids: readonly string[]): Promise<Map<string, SellerAccount>> {
    const known = ids.filter((id) => isId('seller', id));
    const accounts = known.length > 0 ? await this.store.accounts(known) : [];
    return new Map(accounts.map((account) => [account.id, account]));
  }
}
