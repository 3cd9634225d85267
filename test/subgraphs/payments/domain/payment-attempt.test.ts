import { describe, expect, it } from '@jest/globals';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import { PaymentAttempt } from '../../../../subgraphs/payments/domain/payment-attempt.ts';

const begun = new Date('2030-01-04T15:00:00.000Z');
const secondsIn = (seconds: number) => new Date(begun.getTime() + seconds * 1_000);
const attempt = () =>
  PaymentAttempt.begin(
    'pat_1',
    {
      ...{ requestId: 'prq_1', buyerId: 'usr_1', paymentMethodId: 'pmt_1' },
      ...{ amount: Money.of(1_000n, 'USD'), payeeMerchantId: 'M1', sealedAddress: 'sealed' },
      processorOrderId: 'ORDER1',
    },
    begun,
  );

it('that PayPal has not decided stays so while PayPal is silent', () => {
  const pending = attempt();
  pending.hold('ORDER1');
  pending.loseTrack(null);

  expect(pending).toMatchObject({ status: 'PENDING', processorOrderId: 'ORDER1' });
});

describe('looking at an undecided attempt', () => {
  it.each([
    [0, 10],
    [60, 30],
    [240, 120],
    [86_400, 300],
  ])('that is %d seconds old happens again %d seconds later', (age, wait) => {
    const pending = attempt();
    pending.hold('ORDER1');
    pending.lookAgain(secondsIn(age));

    expect(pending.nextLookAt).toEqual(secondsIn(age + wait));
  });
});
