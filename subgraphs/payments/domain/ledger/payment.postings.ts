import type { Money } from '../../../kernel/money.ts';
import { held, type LedgerAccount, paidOut, receivable } from './account.ts';
import { type Entry, entries } from './entry.ts';

/** Everything that can happen to money. A kind without a row in POSTINGS is a type error. */
export type MoneyEvent =
  | {
      readonly type: 'captured';
      readonly paymentId: string;
      readonly sellerId: string;
      readonly gross: Money;
      readonly fee: Money;
      /** Absent: the platform took nothing. */
      readonly platformFee?: Money;
    }
  | {
      readonly type: 'released';
      readonly paymentId: string;
      readonly sellerId: string;
      readonly net: Money;
      /** The part that settles what the seller owed; absent: nothing was owed. */
      readonly netted?: Money;
    }
  | {
      readonly type: 'refunded-before-release';
      readonly refundId: string;
      readonly sellerId: string;
      readonly amount: Money;
      /** The part that the seller's held money does not cover, because the processor kept its fee. */
      readonly shortfall: Money;
      /** The part that the platform bears out of its fee; absent: none. */
      readonly platformShare?: Money;
    }
  | {
      readonly type: 'refunded-after-release';
      readonly refundId: string;
      readonly sellerId: string;
      readonly amount: Money;
      readonly platformShare?: Money;
    }
  | {
      readonly type: 'dispute-lost-before-release';
      readonly disputeId: string;
      readonly sellerId: string;
      readonly amount: Money;
      readonly shortfall: Money;
      readonly platformShare?: Money;
    }
  /** The seller has the money already and owes it. */
  | {
      readonly type: 'dispute-lost-after-release';
      readonly disputeId: string;
      readonly sellerId: string;
      readonly amount: Money;
      readonly platformShare?: Money;
    }
  /** An appeal was won: what the buyer had got back is the seller's again. */
  | {
      readonly type: 'dispute-restored';
      readonly disputeId: string;
      readonly sellerId: string;
      readonly amount: Money;
      /** The part that settles what the seller owes; the rest is the seller's own at once. */
      readonly settled: Money;
    }
  | {
      readonly type: 'chargeback-fee';
      readonly disputeId: string;
      readonly sellerId: string;
      readonly fee: Money;
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
  captured: ({ paymentId, sellerId, gross, fee, platformFee = none(gross) }) =>
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
      {
        reference: `${paymentId}:platform-fee`,
        debit: held(sellerId),
        credit: 'platform:fees',
        amount: platformFee,
      },
    ),
  released: ({ paymentId, sellerId, net, netted = none(net) }) =>
    entries(
      {
        reference: `${paymentId}:released`,
        debit: held(sellerId),
        credit: paidOut(sellerId),
        amount: net,
      },
      // The processor pays all of it; so much only fills the hole that a refund left there.
      {
        reference: `${paymentId}:netted`,
        debit: paidOut(sellerId),
        credit: receivable(sellerId),
        amount: netted,
      },
      {
        reference: `${paymentId}:disbursed`,
        debit: paidOut(sellerId),
        credit: 'processor:clearing',
        amount: net.minus(netted),
      },
    ),
  'refunded-before-release': ({ refundId, sellerId, amount, shortfall, platformShare }) =>
    givenBack(refundId, 'refunded', held(sellerId), amount, [
      feeReturned(refundId, held(sellerId), platformShare ?? none(amount)),
      {
        reference: `${refundId}:fee-shortfall`,
        debit: receivable(sellerId),
        credit: held(sellerId),
        amount: shortfall,
      },
    ]),
  'refunded-after-release': ({ refundId, sellerId, amount, platformShare }) =>
    givenBack(refundId, 'refunded', receivable(sellerId), amount, [
      feeReturned(refundId, receivable(sellerId), platformShare ?? none(amount)),
    ]),
  'dispute-lost-before-release': ({ disputeId, sellerId, amount, shortfall, platformShare }) =>
    givenBack(disputeId, 'dispute-lost', held(sellerId), amount, [
      feeReturned(disputeId, held(sellerId), platformShare ?? none(amount)),
      {
        reference: `${disputeId}:fee-shortfall`,
        debit: receivable(sellerId),
        credit: held(sellerId),
        amount: shortfall,
      },
    ]),
  'dispute-lost-after-release': ({ disputeId, sellerId, amount, platformShare }) =>
    givenBack(disputeId, 'dispute-lost', receivable(sellerId), amount, [
      feeReturned(disputeId, receivable(sellerId), platformShare ?? none(amount)),
    ]),
  'dispute-restored': ({ disputeId, sellerId, amount, settled }) =>
    entries(
      {
        reference: `${disputeId}:restored`,
        debit: 'processor:clearing',
        credit: receivable(sellerId),
        amount: settled,
      },
      // The processor gives it to the seller's own account: nothing of it passes a hold of ours.
      {
        reference: `${disputeId}:restored-directly`,
        debit: 'processor:clearing',
        credit: paidOut(sellerId),
        amount: amount.minus(settled),
      },
      {
        reference: `${disputeId}:disbursed`,
        debit: paidOut(sellerId),
        credit: 'processor:clearing',
        amount: amount.minus(settled),
      },
    ),
  'chargeback-fee': ({ disputeId, sellerId, fee }) =>
    entries(
      {
        reference: `${disputeId}:chargeback-fee`,
        debit: receivable(sellerId),
        credit: 'processor:fees',
        amount: fee,
      },
      {
        reference: `${disputeId}:chargeback-fee-kept`,
        debit: 'processor:fees',
        credit: 'processor:clearing',
        amount: fee,
      },
    ),
  recovered: ({ reference, sellerId, amount }) =>
    entries({ reference, debit: 'processor:clearing', credit: receivable(sellerId), amount }),
  frozen: null,
};

/** Out of the seller's account, by way of all that was given back, out of the processor's hands. */
function givenBack(
  subject: string,
  what: 'refunded' | 'dispute-lost',
  from: LedgerAccount,
  amount: Money,
  before: readonly Entry[],
): Entry[] {
  return entries(
    ...before,
    { reference: `${subject}:${what}`, debit: from, credit: 'buyers:refunded', amount },
    {
      reference: `${subject}:returned`,
      debit: 'buyers:refunded',
      credit: 'processor:clearing',
      amount,
    },
  );
}

/** The platform gives its share of the fee back to the seller, who gives back everything. */
function feeReturned(subject: string, to: LedgerAccount, amount: Money): Entry {
  return {
    reference: `${subject}:platform-fee-returned`,
    debit: 'platform:fees',
    credit: to,
    amount,
  };
}

const none = (like: Money) => like.minus(like);

export function postingsOf(event: MoneyEvent): Entry[] {
  const post = POSTINGS[event.type] as ((event: MoneyEvent) => Entry[]) | null;
  return post?.(event) ?? [];
}
