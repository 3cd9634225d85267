import { describe, expect, it } from '@jest/globals';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import { Disbursement } from '../../../../subgraphs/payments/domain/disbursement.ts';
import { Payment } from '../../../../subgraphs/payments/domain/payment.ts';

const usd = (minor: number) => Money.of(BigInt(minor), 'USD');
// A Friday.
const friday = new Date('2030-01-04T15:00:00.000Z');
const now = new Date('2030-01-04T16:00:00.000Z');

function payment(): Payment {
  return Payment.capture(
    'pay_1',
    {
      requestId: 'prq_1',
      attemptId: 'pat_1',
      buyerId: 'usr_b',
      sellerId: 'slr_s',
      amount: usd(10_000),
      processorFee: usd(398),
      processorOrderId: 'O1',
      captureId: 'C1',
      sealedAddress: 'sealed',
      platformFee: usd(0),
      payeeMerchantId: 'M1',
    },
    friday,
  );
}
const held = () => Disbursement.hold('dsb_1', payment());
function scheduled(): Disbursement {
  const disbursement = held();
  disbursement.schedule(friday, friday, 'NEW', now);
  return disbursement;
}
function releasing(): Disbursement {
  const disbursement = scheduled();
  disbursement.beginRelease(now);
  return disbursement;
}
function released(): Disbursement {
  const disbursement = releasing();
  disbursement.markReleased('R1', usd(0), now);
  return disbursement;
}

describe("a seller's money", () => {
  it("nears its deadline by the processor's time, however late we learned of the capture", () => {
    const weekBefore = new Date('2029-12-28T15:00:00.000Z');
    const known = Disbursement.hold('dsb_1', payment(), weekBefore);

    expect(known.capturedAt).toEqual(weekBefore);
    expect(Disbursement.hold('dsb_1', payment(), now).capturedAt).toEqual(friday);
    expect(known.mayBePaidByProcessor(new Date('2030-01-24T14:59:59.000Z'))).toBe(false);
    expect(known.mayBePaidByProcessor(new Date('2030-01-24T15:00:00.000Z'))).toBe(true);
    expect(released().mayBePaidByProcessor(new Date('2031-01-01'))).toBe(false);
  });

  it('is held at the capture, less the fee of the processor, and due at no time', () => {
    expect(held()).toMatchObject({
      status: 'HELD',
      net: usd(9602),
      reasons: [],
      releaseAt: null,
      fullySentAt: null,
    });
    expect(held().isDueAt(new Date('2099-01-01'))).toBe(false);
    expect(() => held().beginRelease(now)).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_TRANSITION', currentState: 'HELD' }),
    );
  });

  it.each([
    { tier: 'NEW', sent: '2030-01-04T15:00:00Z', due: '2030-01-11T15:00:00.000Z' },
    { tier: 'ESTABLISHED', sent: '2030-01-04T15:00:00Z', due: '2030-01-09T15:00:00.000Z' },
    { tier: 'NEW', sent: '2030-01-05T15:00:00Z', due: '2030-01-11T15:00:00.000Z' },
    { tier: 'NEW', sent: '2030-01-06T23:59:59.999Z', due: '2030-01-11T23:59:59.999Z' },
    { tier: 'NEW', sent: '2030-01-07T00:00:00Z', due: '2030-01-14T00:00:00.000Z' },
    { tier: 'ESTABLISHED', sent: '2030-01-07T00:00:00Z', due: '2030-01-10T00:00:00.000Z' },
  ] as const)('of a $tier seller who sent at $sent is due at $due', ({ tier, sent, due }) => {
    const disbursement = held();
    const at = new Date(due);

    disbursement.schedule(new Date(sent), new Date('2030-01-01'), tier, now);

    expect(disbursement).toMatchObject({ status: 'SCHEDULED', releaseAt: at });
    expect(disbursement.isDueAt(new Date(at.getTime() - 1))).toBe(false);
    expect(disbursement.isDueAt(at)).toBe(true);
  });

  it('counts from the later of sending and marking', () => {
    const disbursement = held();

    disbursement.schedule(new Date('2030-01-01T00:00:00Z'), friday, 'NEW', now);

    expect(disbursement.fullySentAt).toEqual(friday);
  });

  it('of something to be sent again is not due any more', () => {
    const disbursement = scheduled();

    expect(disbursement.unschedule(now)).toMatchObject({ type: 'disbursement-changed' });
    expect(disbursement).toMatchObject({ status: 'HELD', releaseAt: null, fullySentAt: null });
  });

  it('waits for every reason, and goes on after the last, never at a time that is past', () => {
    const disbursement = scheduled();
    const thawedAt = new Date('2030-02-01T00:00:00.000Z');

    disbursement.setReason('RETURN_OPEN', true, now);
    disbursement.setReason('DISPUTE_OPEN', true, now);
    expect(disbursement.setReason('RETURN_OPEN', true, now)).toBeNull();
    disbursement.setReason('RETURN_OPEN', false, now);

    expect(disbursement).toMatchObject({ status: 'FROZEN', reasons: ['DISPUTE_OPEN'] });
    expect(disbursement.isDueAt(thawedAt)).toBe(false);

    disbursement.setReason('DISPUTE_OPEN', false, thawedAt);

    expect(disbursement).toMatchObject({ status: 'SCHEDULED', reasons: [], releaseAt: thawedAt });
  });

  it('frozen before it was sent goes back to waiting for that; sent meanwhile, it is scheduled', () => {
    const [unsent, sent] = [held(), held()];
    for (const one of [unsent, sent]) one.setReason('RISK_REVIEW', true, now);
    sent.schedule(friday, friday, 'NEW', now);
    expect(sent.status).toBe('FROZEN');

    for (const one of [unsent, sent]) one.setReason('RISK_REVIEW', false, now);

    expect(unsent).toMatchObject({ status: 'HELD', releaseAt: null });
    expect(sent).toMatchObject({
      status: 'SCHEDULED',
      releaseAt: new Date('2030-01-11T15:00:00.000Z'),
    });
  });

  it('frozen and voided meanwhile waits to be sent when it thaws', () => {
    const disbursement = scheduled();
    disbursement.setReason('CASE_OPEN', true, now);

    disbursement.unschedule(now);
    expect(disbursement.status).toBe('FROZEN');
    disbursement.setReason('CASE_OPEN', false, now);

    expect(disbursement).toMatchObject({ status: 'HELD', releaseAt: null });
  });

  it('refused by the processor is scheduled again, later', () => {
    const disbursement = releasing();
    const retryAt = new Date('2030-01-04T17:00:00.000Z');

    disbursement.failRelease(retryAt, now);

    expect(disbursement).toMatchObject({ status: 'SCHEDULED', releaseAt: retryAt });
    expect(disbursement.isDueAt(now)).toBe(false);
  });

  it('of a shipment that is voided while it is being paid is not due when the processor refuses', () => {
    const [refused, sentAgain, paid] = [releasing(), releasing(), releasing()];

    refused.unschedule(now);
    expect(refused.status).toBe('RELEASING');
    refused.failRelease(now, now);
    expect(refused).toMatchObject({
      status: 'HELD',
      reasons: [],
      fullySentAt: null,
      releaseAt: null,
    });
    expect(refused.isDueAt(new Date('2099-01-01'))).toBe(false);

    sentAgain.unschedule(now);
    sentAgain.schedule(friday, friday, 'NEW', now);
    sentAgain.failRelease(now, now);
    expect(sentAgain).toMatchObject({ status: 'SCHEDULED', reasons: [], releaseAt: now });

    paid.unschedule(now);
    paid.markReleased('R1', usd(0), now);
    expect(paid).toMatchObject({ status: 'RELEASED', reasons: [] });
  });

  it('that is being paid is not frozen, and waits if the processor refuses', () => {
    const disbursement = releasing();

    disbursement.setReason('RETURN_OPEN', true, now);
    expect(disbursement).toMatchObject({ status: 'RELEASING', reasons: ['RETURN_OPEN'] });

    disbursement.failRelease(now, now);
    expect(disbursement).toMatchObject({ status: 'FROZEN', reasons: ['RETURN_OPEN'] });
    disbursement.setReason('RETURN_OPEN', false, now);
    expect(disbursement).toMatchObject({ status: 'SCHEDULED', reasons: [] });
  });

  it('that was paid is not paid again, not frozen and not reduced', () => {
    const disbursement = released();

    expect(() => disbursement.beginRelease(now)).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_TRANSITION', currentState: 'RELEASED' }),
    );
    expect(disbursement.schedule(friday, friday, 'NEW', now)).toBeNull();
    expect(disbursement.setReason('RETURN_OPEN', true, now)).toBeNull();
    expect(disbursement.reduce(usd(1), false, now)).toBeNull();
    expect(disbursement).toMatchObject({ status: 'RELEASED', net: usd(9602), releaseId: 'R1' });
  });

  it('is less after a refund of a part, and nothing after one of the whole', () => {
    const disbursement = scheduled();

    disbursement.reduce(usd(9000), false, now);
    expect(disbursement).toMatchObject({ status: 'SCHEDULED', net: usd(602) });
    disbursement.reduce(usd(900), false, now);
    expect(disbursement).toMatchObject({ status: 'SCHEDULED', net: usd(0) });
    disbursement.reduce(usd(100), true, now);

    expect(disbursement).toMatchObject({ status: 'RETURNED', net: usd(0), releaseAt: null });
    expect(disbursement.schedule(friday, friday, 'NEW', now)).toBeNull();
  });
});

describe('a payout whose end is not known', () => {
  it('is asked about at once, then at intervals that double up to five minutes', () => {
    const disbursement = releasing();
    expect(disbursement.nextAskAt).toBeNull();

    const waits: number[] = [];
    for (let at = now; waits.length < 9; at = disbursement.nextAskAt ?? now) {
      disbursement.awaitRelease(null, at);
      const next = disbursement.nextAskAt ?? now;
      waits.push((next.getTime() - at.getTime()) / 1_000);
    }

    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it('keeps the id that the processor gave it, and begins anew after a refusal', () => {
    const disbursement = releasing();
    disbursement.awaitRelease('OUT1', now);
    disbursement.awaitRelease(null, now);
    expect(disbursement).toMatchObject({ releaseId: 'OUT1', asks: 2 });

    disbursement.failRelease(now, now);
    disbursement.beginRelease(now);
    expect(disbursement).toMatchObject({ releaseId: null, asks: 0, nextAskAt: null });
  });
});

it('that went back as a whole waits for nothing any more', () => {
  const disbursement = scheduled();
  disbursement.setReason('DISPUTE_OPEN', true, now);
  disbursement.reduce(usd(10_000), true, now);

  expect(disbursement).toMatchObject({ status: 'RETURNED', reasons: [], releaseAt: null });
});
