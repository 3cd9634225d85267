import { BigIntType, EntitySchema } from '@mikro-orm/core';
import { Money } from '../money.ts';

/** Money as two columns: bigint minor units, exact beyond 2^53, and a currency code. */
export const MoneySchema = new EntitySchema<Money>({
  class: Money as never,
  embeddable: true,
  properties: {
    amountMinor: { type: new BigIntType('bigint'), fieldName: 'minor' },
    currency: { type: 'string', columnType: 'char(3)' },
  },
} as never);
