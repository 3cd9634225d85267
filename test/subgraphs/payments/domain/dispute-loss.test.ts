import { describe, expect, it } from '@jest/globals';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import { lossOf } from '../../../../subgraphs/payments/domain/dispute-loss.ts';
import { Payment } from '../../../../subgraphs/payments/domain/payment.ts';
import { Refund } from '../../../../subgraphs/payments/domain/refund.ts';

const usd = (minor: number) => Money.of(BigInt(minor), 'USD');
const at = (minute: number) => new Date(Date.parse('2030-01-01T00:00:00.000Z') + minute * 60_000);

/** A payment of 10.00 with refunds on their way, the first the oldest. */
function paid(
  ...refunds: [status: 'APPROVED' | 'SUBMITTED' | 'PENDING' | 'FAILED', minor: number][]
) {
  const payment = Payment.capture(
    'pay_1',
    {
      ...{ requestId: 'prq_1', attemptId: 'att_1', buyerId: 'usr_b', sellerId: 'sel_s' },
      ...{ amount: usd(1_000), processorFee: usd(60), platformFee: usd(0) },
      ...{ processorOrderId: 'O1', captureId: 'C1', sealedAddress: '', payeeMerchantId: 'M1' },
    },
    at(0),
  );
  const open = refunds.map(([status, minor], index) => {
    const platformFeeShare = payment.addRefund(usd(minor));
    const refund = Refund.approve(
      `rfd_${index}`,
      {
        ...{ paymentId: 'pay_1', sellerId: 'sel_s', captureId: 'C1', amount: usd(minor) },
        ...{
          reason: 'OTHER',
          requestedBy: 'usr_s',
          platformFeeShare,
          returnId: null,
          caseId: null,
        },
      },
      at(index),
    );
    if (status !== 'APPROVED') refund.submit(at(index));
    if (status === 'PENDING') refund.pend(`R${index}`, at(index));
    if (status === 'FAILED') refund.fail('CAPTURE_FULLY_REFUNDED', at(index));
    return refund;
  });
  return { payment, open };
}

function settledBy(taken: number, { payment, open }: ReturnType<typeof paid>) {
  const loss = lossOf(usd(taken), payment, open);
  return (
    loss && {
      amount: Number(loss.amount.amountMinor),
      settled: loss.settled.map(({ refund, rest }) => [refund.id, Number(rest.amountMinor)]),
    }
  );
}

describe('a lost dispute', () => {
  it('settles refunds of the same payment that can no longer be carried out', () => {
    expect(settledBy(1_000, paid(['APPROVED', 400]))).toEqual({
      ...{ amount: 1_000, settled: [['rfd_0', 0]] },
    });
    expect(settledBy(1_000, paid(['FAILED', 300], ['APPROVED', 700]))).toEqual({
      ...{
        amount: 1_000,
        settled: [
          ['rfd_1', 0],
          ['rfd_0', 0],
        ],
      },
    });
  });

  it('leaves refunds that fit beside it', () => {
    expect(settledBy(500, paid(['APPROVED', 400]))).toEqual({ amount: 500, settled: [] });
    expect(settledBy(500, paid(['SUBMITTED', 500]))).toEqual({ amount: 500, settled: [] });
  });

  it('counts as the payment of a refund that it overlaps: only what that was more is still owed', () => {
    expect(settledBy(500, paid(['APPROVED', 800]))).toEqual({
      ...{ amount: 500, settled: [['rfd_0', 300]] },
    });
    expect(settledBy(500, paid(['APPROVED', 600], ['FAILED', 300]))).toEqual({
      ...{
        amount: 500,
        settled: [
          ['rfd_1', 0],
          ['rfd_0', 400],
        ],
      },
    });
  });

  it('took no more than refunds had left', () => {
    expect(settledBy(1_000, paid(['PENDING', 400]))).toEqual({ amount: 600, settled: [] });
  });

  it('waits for a refund that may have come first', () => {
    expect(settledBy(1_000, paid(['SUBMITTED', 400]))).toBeNull();
    expect(settledBy(1_000, paid(['SUBMITTED', 400], ['APPROVED', 300]))).toBeNull();
    // PayPal took 700: the other 300 went back before, by the refund that was not answered.
    expect(settledBy(700, paid(['SUBMITTED', 300], ['APPROVED', 400]))).toEqual({
      ...{ amount: 700, settled: [['rfd_1', 0]] },
    });
  });
});
