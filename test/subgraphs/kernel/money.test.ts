import { describe, expect, it } from '@jest/globals';
import { Money } from '../../../subgraphs/kernel/money.ts';

describe('Money', () => {
  it('stays exact beyond what a double can hold', () => {
    const amount = Money.of(9_007_199_254_740_993n, 'USD');

    expect(amount.plus(Money.of(2n, 'USD')).amountMinor).toBe(9_007_199_254_740_995n);
    expect(Money.fromJSON(amount.toJSON())).toEqual(amount);
  });

  it.each([
    { minor: 4_800n, currency: 'USD', text: '48.00 USD' },
    { minor: 5n, currency: 'USD', text: '0.05 USD' },
    { minor: -105n, currency: 'USD', text: '-1.05 USD' },
    { minor: 4_800n, currency: 'JPY', text: '4800 JPY' },
  ])('writes $minor minor units of $currency as $text', ({ minor, currency, text }) => {
    expect(Money.of(minor, currency).toString()).toBe(text);
  });

  it('refuses a currency that is not in use', () => {
    expect(() => Money.of(1n, 'XXX')).toThrow(
      expect.objectContaining({ code: 'CURRENCY_UNKNOWN' }),
    );
    expect(() => Money.of(1n, 'toString')).toThrow(
      expect.objectContaining({ code: 'CURRENCY_UNKNOWN' }),
    );
  });

  it('treats two currencies in one sum as a defect', () => {
    expect(() => Money.of(1n, 'USD').plus(Money.of(1n, 'JPY'))).toThrow(TypeError);
  });
});
