import { z } from 'zod';
import { CURRENCY_EXPONENTS, Money } from '../../../kernel/money.ts';

/**
 * PayPal's `{currency_code, value}` to exact minor units. Text with more decimals than the currency
 * has is refused, not rounded: it would be another amount than the one that moved.
 */
export const amountSchema = z
  .object({ currency_code: z.string(), value: z.string() })
  .transform(({ currency_code: currency, value }, context) => {
    const amount = fromPayPal(value, currency);
    if (amount !== null) return amount;
    context.addIssue({ code: 'custom', message: 'not an amount of a known currency' });
    return z.NEVER;
  });

/** Null when the text is no amount of that currency. Takes a sign, as reports have one. */
export function fromPayPal(value: string, currency: string): Money | null {
  const exponent = Object.hasOwn(CURRENCY_EXPONENTS, currency)
    ? CURRENCY_EXPONENTS[currency]
    : null;
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,3}))?$/.exec(value);
  if (exponent === null || exponent === undefined || !match) return null;
  const [, sign, whole = '', decimals = ''] = match;
  // "1.0" and "1.00" are the same dollar; "1.005" is none, and neither is "1.5" of yen.
  if (/[1-9]/.test(decimals.slice(exponent))) return null;
  const minor = BigInt(whole + decimals.slice(0, exponent).padEnd(exponent, '0'));
  return Money.of(sign === '-' ? -minor : minor, currency);
}

export function toPayPal(money: Money): { readonly currency_code: string; readonly value: string } {
  return { currency_code: money.currency, value: money.toString().split(' ')[0] ?? '0' };
}
