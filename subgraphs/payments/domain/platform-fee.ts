import { Money } from '../../kernel/money.ts';

/** What the platform takes of a sale; rows of policy data, by region and origin. */
export interface PlatformFeePolicy {
  /** Hundredths of a percent of the total. */
  readonly basisPoints: number;
  readonly fixed: Money;
}

/** Rounded down to a whole minor unit, and never more than the total. Kept with the request. */
export function platformFeeOf(total: Money, { basisPoints, fixed }: PlatformFeePolicy): Money {
  const share = Money.of((total.amountMinor * BigInt(basisPoints)) / 10_000n, total.currency);
  const fee = share.plus(fixed);
  return fee.exceeds(total) ? total : fee;
}
