import type { Money } from '../../../kernel/money.ts';
import type { LedgerAccount } from './account.ts';

/**
 * One movement in the books: one amount, from one account to another, so it cannot be out of
 * balance. Its reference is unique: posting the same movement again posts nothing.
 */
export interface Entry {
  /** For example "pay_...:captured". */
  readonly reference: string;
  readonly debit: LedgerAccount;
  readonly credit: LedgerAccount;
  /** Greater than zero. */
  readonly amount: Money;
}

/** Leaves out what would move nothing. */
export function entries(...all: readonly Entry[]): Entry[] {
  return all.filter((entry) => entry.amount.isPositive());
}
