import { PayPalError } from './errors.ts';
import type { Amount } from './store.ts';

// Currencies without decimals at PayPal; all others have two.
const WITHOUT_DECIMALS = new Set(['HUF', 'JPY', 'TWD']);

export function exponentOf(currency: string): number {
  return WITHOUT_DECIMALS.has(currency) ? 0 : 2;
}

/** PayPal's `{currency_code, value}` to exact minor units. */
export function parseAmount(json: unknown, field: string): Amount {
  const { currency_code: currency, value } = (json ?? {}) as {
    currency_code?: unknown;
    value?: unknown;
  };
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) {
    throw PayPalError.invalid('INVALID_CURRENCY_CODE', `${field}/currency_code`);
  }
  const exponent = exponentOf(currency);
  const match = /^(\d{1,15})(?:\.(\d{1,2}))?$/.exec(String(value ?? ''));
  if (!match) throw PayPalError.invalid('INVALID_PARAMETER_SYNTAX', `${field}/value`);
  const decimals = match[2] ?? '';
  if (exponent === 0 && decimals !== '')
    throw PayPalError.unprocessable('DECIMALS_NOT_SUPPORTED', `${field}/value`);
  return { minor: BigInt((match[1] ?? '0') + decimals.padEnd(exponent, '0')), currency };
}

export function formatAmount({ minor, currency }: Amount): {
  currency_code: string;
  value: string;
} {
  const exponent = exponentOf(currency);
  if (exponent === 0) return { currency_code: currency, value: minor.toString() };
  const digits = minor.toString().padStart(exponent + 1, '0');
  return {
    currency_code: currency,
    value: `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`,
  };
}

/** The processor's own fee: 3.49 % and 49 minor units, rounded half up. */
export function processorFee(amount: Amount): Amount {
  const share = (amount.minor * 349n + 5_000n) / 10_000n;
  const fee = share + 49n;
  return { minor: fee > amount.minor ? amount.minor : fee, currency: amount.currency };
}
