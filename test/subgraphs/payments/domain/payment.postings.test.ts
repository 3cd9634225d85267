import { describe, expect, it } from '@jest/globals';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import type { Entry } from '../../../../subgraphs/payments/domain/ledger/entry.ts';
import { postingsOf } from '../../../../subgraphs/payments/domain/ledger/payment.postings.ts';

const usd = (minor: number) => Money.of(BigInt(minor), 'USD');
const [paymentId, refundId, sellerId] = ['pay_1', 'rfd_1', 'slr_s'];

/** Credits less debits of every account that is not empty. */
function balances(entries: readonly Entry[]): Record<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { debit, credit, amount } of entries) {
    sums.set(debit, (sums.get(debit) ?? 0n) - amount.amountMinor);
    sums.set(credit, (sums.get(credit) ?? 0n) + amount.amountMinor);
  }
  return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0n));
}

const captured = postingsOf({
  type: 'captured',
  paymentId,
  sellerId,
  gross: usd(1000),
  fee: usd(79),
});
const released = postingsOf({ type: 'released', paymentId, sellerId, net: usd(921) });

describe('the postings', () => {
  it('of a capture owe the seller what the processor did not keep', () => {
    expect(balances(captured)).toEqual({ 'processor:clearing': -921n, 'seller:slr_s:held': 921n });
    expect(captured.map(({ reference }) => reference)).toEqual([
      'pay_1:captured',
      'pay_1:processor-fee',
      'pay_1:processor-fee-kept',
    ]);
  });

  it('of a capture without a fee leave the fee out', () => {
    const entries = postingsOf({
      type: 'captured',
      paymentId,
      sellerId,
      gross: usd(5),
      fee: usd(0),
    });

    expect(entries.map(({ reference }) => reference)).toEqual(['pay_1:captured']);
  });

  it('of a capture and its release leave nothing', () => {
    expect(balances([...captured, ...released])).toEqual({});
  });

  it('of a full refund before the release leave the seller owing the fee that was kept', () => {
    const refunded = postingsOf({
      type: 'refunded-before-release',
      refundId,
      sellerId,
      amount: usd(1000),
      shortfall: usd(79),
    });

    expect(balances([...captured, ...refunded])).toEqual({
      'processor:clearing': 79n,
      'seller:slr_s:receivable': -79n,
    });
  });

  it('of a partial refund before the release leave the rest held', () => {
    const refunded = postingsOf({
      type: 'refunded-before-release',
      refundId,
      sellerId,
      amount: usd(400),
      shortfall: usd(0),
    });

    expect(balances([...captured, ...refunded])).toEqual({
      'processor:clearing': -521n,
      'seller:slr_s:held': 521n,
    });
  });

  it('of a refund after the release are owed by the seller until they are recovered', () => {
    const refunded = postingsOf({
      type: 'refunded-after-release',
      refundId,
      sellerId,
      amount: usd(1000),
    });
    const recovered = postingsOf({
      type: 'recovered',
      reference: 'rec_1',
      sellerId,
      amount: usd(1000),
    });

    expect(balances([...captured, ...released, ...refunded])).toEqual({
      'processor:clearing': 1000n,
      'seller:slr_s:receivable': -1000n,
    });
    expect(balances([...captured, ...released, ...refunded, ...recovered])).toEqual({});
  });

  it('of a freeze are none', () => {
    expect(postingsOf({ type: 'frozen', paymentId })).toEqual([]);
  });
});
