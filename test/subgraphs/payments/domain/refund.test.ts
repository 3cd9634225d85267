import { describe, expect, it } from '@jest/globals';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import { Payment } from '../../../../subgraphs/payments/domain/payment.ts';
import { Refund } from '../../../../subgraphs/payments/domain/refund.ts';

const usd = (minor: number) => Money.of(BigInt(minor), 'USD');
const now = new Date('2030-01-01T00:00:00.000Z');
const approved = () =>
  Refund.approve(
    'rfd_1',
    {
      paymentId: 'pay_1',
      sellerId: 'slr_s',
      captureId: 'C1',
      amount: usd(100),
      reason: 'Broken',
      requestedBy: 'user:usr_s',
      platformFeeShare: usd(0),
      returnId: null,
      caseId: null,
    },
    now,
  );

describe('a refund', () => {
  it('is asked for, may be waited for, and is done once', () => {
    const refund = approved();

    refund.submit(now);
    refund.pend('R1', now);
    refund.submit(now);
    expect(refund).toMatchObject({ status: 'PENDING', attempts: 1, processorRefundId: 'R1' });
    refund.complete('R1', now);

    expect(refund).toMatchObject({ status: 'COMPLETED', completedAt: now });
    expect(refund.isOpen()).toBe(false);
    expect(() => refund.complete('R1', now)).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_TRANSITION', currentState: 'COMPLETED' }),
    );
  });

  it('that is refused is tried again with growing waits, and after eight a person decides', () => {
    const refund = approved();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      refund.submit(now);
      refund.fail('INSUFFICIENT_FUNDS', now);
      waits.push((refund.nextAttemptAt.getTime() - now.getTime()) / 60_000);
      expect(refund.status).toBe(attempt < 8 ? 'FAILED' : 'ESCALATED');
    }

    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256]);
    expect(refund).toMatchObject({ attempts: 8, failureCode: 'INSUFFICIENT_FUNDS' });
    expect(refund.isOpen()).toBe(true);
  });

  it('that is refused because of an open dispute waits for its end, however long', () => {
    const refund = approved();
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      refund.submit(now);
      refund.fail('TRANSACTION_DISPUTED', now);
    }

    expect(refund).toMatchObject({ status: 'FAILED', attempts: 0 });
    expect((refund.nextAttemptAt.getTime() - now.getTime()) / 60_000).toBe(15);
  });

  it('is cancelled only where nothing happened for certain', () => {
    const refused = approved();
    refused.submit(now);
    expect(() => refused.cancel()).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_TRANSITION', currentState: 'SUBMITTED' }),
    );
    refused.fail('CAPTURE_FULLY_REFUNDED', now);
    refused.cancel();

    expect(refused).toMatchObject({ status: 'CANCELLED', failureCode: 'TAKEN_BY_DISPUTE' });
    expect(refused.isOpen()).toBe(false);
  });
});

describe('what is left of a payment', () => {
  const payment = (platformFee = 0) =>
    Payment.capture(
      'pay_1',
      {
        requestId: 'prq_1',
        attemptId: 'pat_1',
        buyerId: 'usr_b',
        sellerId: 'slr_s',
        amount: usd(1000),
        processorFee: usd(79),
        processorOrderId: 'O1',
        captureId: 'C1',
        sealedAddress: 'sealed',
        platformFee: usd(platformFee),
        payeeMerchantId: 'M1',
      },
      now,
    );

  it('is set aside by each refund, to the last cent and not beyond', () => {
    const paid = payment();

    paid.addRefund(usd(999));
    expect(paid.refundable).toEqual(usd(1));
    expect(() => paid.addRefund(usd(2))).toThrow(RangeError);
    expect(paid.refundedTotal).toEqual(usd(999));
    paid.addRefund(usd(1));

    expect(paid.refundable.isZero()).toBe(true);
  });

  it('goes back with shares of the platform fee that add up to it exactly', () => {
    const paid = payment(31);
    expect(paid.net).toEqual(usd(890));

    const shares = [333, 333, 333, 1].map((minor) => paid.addRefund(usd(minor)).amountMinor);

    expect(shares).toEqual([10n, 10n, 10n, 1n]);
  });
});
