import { z } from 'zod';
import { CURRENCY_EXPONENTS, Money } from '../../../kernel/money.ts';

/** PayPal's `{currency_code, value}`: decimal text with as many places as the currency has. */
export const amountSchema = z
  .object({ currency_code: z.string(), value: z.string().regex(/^\d{1,16}(\.\d{1,2})?$/) })
  .transform(({ currency_code: currency, value }) => {
    const [whole = '0', decimals = ''] = value.split('.');
    const exponent = CURRENCY_EXPONENTS[currency] ?? 2;
    return Money.of(BigInt(whole + decimals.padEnd(exponent, '0').slice(0, exponent)), currency);
  });

export function toPayPal(money: Money): { readonly currency_code: string; readonly value: string } {
  return { currency_code: money.currency, value: money.toString().split(' ')[0] ?? '0' };
}
