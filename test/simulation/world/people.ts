import { sellerIdOf } from '../../../subgraphs/kernel/ids.ts';
import type { Actor, MemberActor } from '../../../subgraphs/kernel/policy.ts';

const member = (digit: string): MemberActor => ({
  ...{ kind: 'member', userId: `usr_${digit.repeat(32)}`, name: null, region: 'US' },
});

export const BUYERS = [member('b'), member('c')] as const;
export const STRANGER = member('e');
export const SELLER = member('5');
export const SELLER_ID = sellerIdOf(SELLER.userId);
export const SUPPORT: Actor = {
  kind: 'support',
  userId: `usr_${'9'.repeat(32)}`,
  scopes: ['refunds'],
};
/** The processor's webhook, a carrier: our own doors. */
export const SYSTEM: Actor = { kind: 'system', name: 'simulation' };

export const ADDRESS = {
  ...{ name: 'A. Buyer', line1: '1 Way', line2: null, city: 'Oakland' },
  ...{ state: 'CA', postalCode: '94607', country: 'US' },
};

/** The conversation of each buyer with the seller. */
export const CONVERSATIONS = BUYERS.map((_, index) => `cnv_${String(index + 1).repeat(32)}`);
/** The saved payment method of each buyer. */
export const METHODS = BUYERS.map((_, index) => `pmt_${String(index + 1).repeat(32)}`);
export const STRANGERS_METHOD = `pmt_${'e'.repeat(32)}`;

/** What the platform takes of a sale, in hundredths of a percent. */
export const FEE_BASIS_POINTS = { CHAT: 500, CHECKOUT: 730 } as const;
