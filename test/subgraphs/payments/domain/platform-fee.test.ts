import { describe, expect, it } from '@jest/globals';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import { platformFeeOf } from '../../../../subgraphs/payments/domain/platform-fee.ts';

const usd = (minor: number) => Money.of(BigInt(minor), 'USD');

describe('the fee of the platform', () => {
  it.each([
    { total: 1000, basisPoints: 0, fixed: 0, fee: 0 },
    { total: 1000, basisPoints: 500, fixed: 0, fee: 50 },
    { total: 999, basisPoints: 500, fixed: 0, fee: 49 },
    { total: 1, basisPoints: 9_999, fixed: 0, fee: 0 },
    { total: 1000, basisPoints: 250, fixed: 30, fee: 55 },
    { total: 20, basisPoints: 250, fixed: 30, fee: 20 },
    { total: 1000, basisPoints: 10_000, fixed: 0, fee: 1000 },
  ])(
    'of $total at $basisPoints basis points and $fixed is $fee',
    ({ total, basisPoints, fixed, fee }) => {
      expect(platformFeeOf(usd(total), { basisPoints, fixed: usd(fixed) })).toEqual(usd(fee));
    },
  );
});
