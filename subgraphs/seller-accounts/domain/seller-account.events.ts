import type { SellerAccount } from './seller-account.ts';

/** Something that others decide by has changed: whether the seller may take money, or be paid. */
export interface SellerStandingChanged {
  readonly type: 'seller-standing-changed';
  readonly account: SellerAccount;
  readonly occurredAt: Date;
}
