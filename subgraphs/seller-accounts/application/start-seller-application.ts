import { NotAllowed } from '../../kernel/errors.ts';
import { sellerIdOf } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { checkAdult } from '../domain/identity.ts';
import {
  AlreadyApplied,
  HandleTaken,
  NotAllowListed,
  ProfessionalAccountRequired,
  RegionNotEnabled,
} from '../domain/seller-account.errors.ts';
import { SellerAccount } from '../domain/seller-account.ts';
import type { SellersStore } from './ports.ts';

export interface StartSellerApplicationCommand {
  readonly actor: Actor;
  readonly accountType: string;
  readonly displayName: string;
  readonly handle: string;
  readonly region: string;
  /** Only compared here; it is stored, sealed, with the identity. */
  readonly dateOfBirth: string;
}

/** A member asks to become a seller. Every gate is checked again when the application is submitted. */
export class StartSellerApplication {
  constructor(private readonly store: SellersStore) {}

  execute({ actor, dateOfBirth, ...of }: StartSellerApplicationCommand): Promise<SellerAccount> {
    if (actor.kind !== 'member') throw new NotAllowed('apply to sell');
    if (of.accountType === 'PERSONAL') throw new ProfessionalAccountRequired();
    const { userId, region } = actor;
    return this.store.transact(async (tx) => {
      const now = await tx.now();
      // What the identity provider says of a member's place counts as much as what they say.
      for (const place of new Set([of.region, region ?? of.region]))
        if (!(await tx.isRegionEnabled(place, now))) throw new RegionNotEnabled(place.slice(0, 8));
      if (!(await tx.isAllowListed(userId, now))) throw new NotAllowListed();
      checkAdult(dateOfBirth, now);
      await tx.reserve(sellerIdOf(userId), of.handle);
      const known = await tx.lockAccount(sellerIdOf(userId));
      if (known !== null) throw new AlreadyApplied(known.status);
      const account = SellerAccount.apply({ ...of, id: sellerIdOf(userId), userId }, now);
      if (await tx.isHandleTaken(of.handle)) throw new HandleTaken();
      tx.addAccount(account);
      return account;
    });
  }
}
