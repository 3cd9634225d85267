import type { Money } from '../../../kernel/money.ts';
import { held, paidOut, receivable } from './account.ts';
import { type Entry, entries } from './entry.ts';

/** Everything that can happen to money. A kind without a row in POSTINGS is a type error. */
export type MoneyEvent =
  | {
      readonly type: 'captured';
      readonly paymentId: string;
      readonly sellerId: string;
      readonly gross: Money;
      readonly fee: Money;
    }
  | {
      readonly type: 'released';
      readonly paymentId: string;
      readonly sellerId: string;
      readonly net: Money;
    }
  | {
      readonly type: 'refunded-before-release';
      readonly refundId: string;
      readonly sellerId: string;
      readonly amount: Money;
      /** The part that the seller's held money does not cover, because the processor kept its fee. */
      readonly shortfall: Money;
    }
  | {
      readonly type: 'refunded-after-release';
      readonly refundId: string;
      readonly sellerId: string;
      readonly amount: Money;
    }
  | {
      readonly type: 'recovered';
      readonly reference: string;
      readonly sellerId: string;
      readonly amount: Money;
    }
  /** Money that nobody moved: an order of events, a freeze. Null on purpose. */
  | { readonly type: 'frozen'; readonly paymentId: string };

type Postings = {
  readonly [K in MoneyEvent['type']]: ((event: Extract<MoneyEvent, { type: K }>) => Entry[]) | null;
};

const POSTINGS: Postings = {
  captured: ({ paymentId, sellerId, gross, fee }) =>
    entries(
      {
        reference: `${paymentId}:captured`,
        debit: 'processor:clearing',
        credit: held(sellerId),
        amount: gross,
      },
      {
        reference: `${paymentId}:processor-fee`,
        debit: held(sellerId),
        credit: 'processor:fees',
        amount: fee,
      },
      {
        reference: `${paymentId}:processor-fee-kept`,
        debit: 'processor:fees',
        credit: 'processor:clearing',
        amount: fee,
      },
    ),
  released: ({ paymentId, sellerId, net }) =>
    entries(
      {
        reference: `${paymentId}:released`,
        debit: held(sellerId),
        credit: paidOut(sellerId),
        amount: net,
      },
      {
        reference: `${paymentId}:disbursed`,
        debit: paidOut(sellerId),
        credit: 'processor:clearing',
        amount: net,
      },
    ),
  'refunded-before-release': ({ refundId, sellerId, amount, shortfall }) =>
    entries(
      {
        reference: `${refundId}:fee-shortfall`,
        debit: receivable(sellerId),
        credit: held(sellerId),
        amount: shortfall,
      },
      {
        reference: `${refundId}:refunded`,
        debit: held(sellerId),
        credit: 'buyers:refunded',
        amount,
      },
      {
        reference: `${refundId}:returned`,
        debit: 'buyers:refunded',
        credit: 'processor:clearing',
        amount,
      },
    ),
  'refunded-after-release': ({ refundId, sellerId, amount }) =>
    entries(
      {
        reference: `${refundId}:refunded`,
        debit: receivable(sellerId),
        credit: 'buyers:refunded',
        amount,
      },
      {
        reference: `${refundId}:returned`,
        debit: 'buyers:refunded',
        credit: 'processor:clearing',
        amount,
      },
    ),
  recovered: ({ reference, sellerId, amount }) =>
    entries({ reference, debit: 'processor:clearing', credit: receivable(sellerId), amount }),
  frozen: null,
};

export function postingsOf(event: MoneyEvent): Entry[] {
  const post = POSTINGS[event.type] as ((event: MoneyEvent) => Entry[]) | null;
  return post?.(event) ?? [];
}
