import { describe, expect, it } from '@jest/globals';
import { Money } from '../../../../../subgraphs/kernel/money.ts';
import {
  amountSchema,
  fromPayPal,
  toPayPal,
} from '../../../../../subgraphs/payments/processor/paypal/paypal-amounts.ts';

describe('amounts on the wire', () => {
  it.each([
    ['0.01', 'USD', 1n],
    ['48.00', 'USD', 4_800n],
    ['48', 'USD', 4_800n],
    ['48.5', 'USD', 4_850n],
    ['1.0', 'USD', 100n],
    ['-12.34', 'USD', -1_234n],
    ['1500', 'JPY', 1_500n],
    ['1500.00', 'JPY', 1_500n],
    ['9999999999999.99', 'USD', 999_999_999_999_999n],
  ])('reads %s %s exactly', (value, currency, minor) => {
    expect(fromPayPal(value, currency)).toEqual(Money.of(minor, currency));
  });

  it.each([
    ['1.005', 'USD'],
    ['1.5', 'JPY'],
    ['1e3', 'USD'],
    ['', 'USD'],
    ['1,000.00', 'USD'],
    ['1.00', 'XXX'],
    ['1.00', 'constructor'],
  ])('refuses %s %s instead of rounding or guessing', (value, currency_code) => {
    expect(fromPayPal(value, currency_code)).toBeNull();
    expect(amountSchema.safeParse({ currency_code, value }).success).toBe(false);
  });

  it('writes as many decimals as the currency has', () => {
    expect(toPayPal(Money.of(4_805n, 'USD'))).toEqual({ currency_code: 'USD', value: '48.05' });
    expect(toPayPal(Money.of(1_500n, 'JPY'))).toEqual({ currency_code: 'JPY', value: '1500' });
  });
});
