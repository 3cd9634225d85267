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

  it('of a sale with a platform fee keep it apart, and give it back with a full refund', () => {
    const sale = postingsOf({
      type: 'captured',
      paymentId,
      sellerId,
      gross: usd(1000),
      fee: usd(79),
      platformFee: usd(50),
    });
    const refunded = postingsOf({
      type: 'refunded-before-release',
      refundId,
      sellerId,
      amount: usd(1000),
      platformShare: usd(50),
      shortfall: usd(79),
    });

    expect(balances(sale)).toEqual({
      'processor:clearing': -921n,
      'platform:fees': 50n,
      'seller:slr_s:held': 871n,
    });
    expect(balances([...sale, ...refunded])).toEqual({
      'processor:clearing': 79n,
      'seller:slr_s:receivable': -79n,
    });
  });

  it('of a release settle what was owed first, and pay the rest', () => {
    const owed = postingsOf({
      type: 'refunded-after-release',
      refundId,
      sellerId,
      amount: usd(300),
    });
    const later = postingsOf({
      type: 'released',
      paymentId,
      sellerId,
      net: usd(921),
      netted: usd(300),
    });

    expect(later.map(({ reference, amount }) => [reference, amount.amountMinor])).toEqual([
      ['pay_1:released', 921n],
      ['pay_1:netted', 300n],
      ['pay_1:disbursed', 621n],
    ]);
    expect(balances([...owed, ...captured, ...later])).toEqual({});
  });

  it('of a dispute lost before the release take held money, and what it does not cover is owed', () => {
    const lost = postingsOf({
      type: 'dispute-lost-before-release',
      disputeId: 'dsp_1',
      sellerId,
      amount: usd(1000),
      shortfall: usd(79),
    });

    expect(lost.map(({ reference }) => reference)).toEqual([
      'dsp_1:fee-shortfall',
      'dsp_1:dispute-lost',
      'dsp_1:returned',
    ]);
    expect(balances([...captured, ...lost])).toEqual({
      'processor:clearing': 79n,
      'seller:slr_s:receivable': -79n,
    });
  });

  it('of a chargeback lost after the release are a debt of the seller, with its fee', () => {
    const lost = [
      ...postingsOf({
        type: 'dispute-lost-after-release',
        disputeId: 'dsp_1',
        sellerId,
        amount: usd(1000),
      }),
      ...postingsOf({ type: 'chargeback-fee', disputeId: 'dsp_1', sellerId, fee: usd(2000) }),
    ];
    const restored = postingsOf({
      type: 'dispute-restored',
      disputeId: 'dsp_1',
      sellerId,
      amount: usd(1000),
      settled: usd(1000),
    });
    const restoredLater = postingsOf({
      type: 'dispute-restored',
      disputeId: 'dsp_1',
      sellerId,
      amount: usd(1000),
      settled: usd(300),
    });

    expect(balances([...lost, ...restoredLater])).toEqual({
      'processor:clearing': 2700n,
      'seller:slr_s:receivable': -2700n,
    });
    expect(balances(lost)).toEqual({
      'processor:clearing': 3000n,
      'seller:slr_s:receivable': -3000n,
    });
    expect(balances([...lost, ...restored])).toEqual({
      'processor:clearing': 2000n,
      'seller:slr_s:receivable': -2000n,
    });
  });

  it('of a freeze are none', () => {
    expect(postingsOf({ type: 'frozen', paymentId })).toEqual([]);
  });
});
