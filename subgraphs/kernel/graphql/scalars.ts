import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { AMOUNT_MINOR_MAX, CURRENCY_EXPONENTS } from '../money.ts';

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

function minorUnits(value: unknown): bigint {
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) {
    throw badInput('MinorUnits is a string of digits: cents for USD, whole yen for JPY.');
  }
  const amount = BigInt(value);
  if (amount > AMOUNT_MINOR_MAX || amount < -AMOUNT_MINOR_MAX)
    throw badInput('MinorUnits is out of range.');
  return amount;
}

export const MinorUnits = new GraphQLScalarType<bigint, string>({
  name: 'MinorUnits',
  description:
    'An amount in the minor units of its currency as a string of digits, exact at any size: "4800" is 48.00 USD, and 4800 yen.',
  serialize: (value) => String(value as bigint),
  parseValue: minorUnits,
  parseLiteral: (node) => {
    if (node.kind !== Kind.STRING) throw badInput('MinorUnits is a string of digits.');
    return minorUnits(node.value);
  },
});

function currencyCode(value: unknown): string {
  if (typeof value !== 'string' || !Object.hasOwn(CURRENCY_EXPONENTS, value)) {
    throw badInput(`CurrencyCode is one of ${Object.keys(CURRENCY_EXPONENTS).join(', ')}.`);
  }
  return value;
}

export const CurrencyCode = new GraphQLScalarType<string, string>({
  name: 'CurrencyCode',
  description: 'An ISO 4217 currency code that Parley knows, for example USD.',
  serialize: (value) => value as string,
  parseValue: currencyCode,
  parseLiteral: (node) => currencyCode(node.kind === Kind.STRING ? node.value : null),
});

function dateTime(value: unknown): Date {
  const text = typeof value === 'string' ? value : '';
  const date = new Date(text);
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text) ||
    Number.isNaN(date.getTime())
  ) {
    throw badInput('DateTime is RFC 3339 with a zone, for example 2030-01-31T09:00:00Z.');
  }
  return date;
}

export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A moment in RFC 3339, always answered in UTC with milliseconds.',
  serialize: (value) => (value instanceof Date ? value : new Date(value as string)).toISOString(),
  parseValue: dateTime,
  parseLiteral: (node) => dateTime(node.kind === Kind.STRING ? node.value : null),
});
