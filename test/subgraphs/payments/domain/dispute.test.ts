import { describe, expect, it } from '@jest/globals';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import { unreachableStates } from '../../../../subgraphs/kernel/state-machine.ts';
import {
  DISPUTE_TRANSITIONS,
  OPEN_DISPUTE_STATUSES,
} from '../../../../subgraphs/payments/domain/dispute.states.ts';
import {
  Dispute,
  type DisputeFacts,
  type DisputePolicy,
} from '../../../../subgraphs/payments/domain/dispute.ts';
import { evidenceOf, hasProof } from '../../../../subgraphs/payments/domain/dispute-evidence.ts';
import { PaymentRequest } from '../../../../subgraphs/payments/domain/payment-request.ts';

const usd = (minor: number) => Money.of(BigInt(minor), 'USD');
const day = (n: number, hour = 0) => new Date(Date.UTC(2030, 0, n, hour));
const policy: DisputePolicy = { evidenceLeadHours: 48, appealDays: 10, chargebackFee: usd(0) };
const facts = (change: Partial<DisputeFacts> = {}): DisputeFacts => ({
  processorDisputeId: 'PP-D-1',
  status: 'WAITING_SELLER',
  stage: 'CHARGEBACK',
  reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
  amount: usd(1000),
  dueAt: day(11),
  outcome: null,
  refunded: null,
  canProvideEvidence: true,
  updatedAt: day(1),
  ...change,
});
const opened = (change: Partial<DisputeFacts> = {}) => {
  const payment = { id: 'pay_1', buyerId: 'usr_b', sellerId: 'sel_s' };
  return Dispute.open('dsp_1', payment, facts(change), day(1));
};
const decided = (outcome: 'WON' | 'LOST') => {
  const dispute = opened();
  const word = { status: 'RESOLVED', outcome, updatedAt: day(3) } as const;
  expect(dispute.learn(facts(word), day(3))).toBe(true);
  return dispute;
};

describe('a dispute', () => {
  it('has no state without a way to it, and is open until it is decided', () => {
    expect(unreachableStates(DISPUTE_TRANSITIONS, 'INQUIRY')).toEqual([]);
    expect(OPEN_DISPUTE_STATUSES).not.toContain('RESOLVED');
    expect(OPEN_DISPUTE_STATUSES).not.toContain('FINAL');
    expect(OPEN_DISPUTE_STATUSES).toContain('APPEALED');
  });

  it('follows the processor, and learns nothing from what it knows', () => {
    const dispute = opened();

    expect(dispute.learn(facts(), day(2))).toBe(false);
    expect(dispute.learn(facts({ status: 'UNDER_REVIEW', updatedAt: day(2) }), day(2))).toBe(true);

    expect(dispute).toMatchObject({ status: 'UNDER_REVIEW', version: 2, outcome: null });
  });

  it('drops a word that is older than what is known', () => {
    const dispute = decided('WON');

    expect(dispute.learn(facts({ updatedAt: day(2) }), day(4))).toBe(false);

    expect(dispute).toMatchObject({ status: 'RESOLVED', outcome: 'WON', resolvedAt: day(3) });
    expect(dispute.isOpen()).toBe(false);
  });

  it('that is first heard of when it is over is decided like any other', () => {
    const over = { status: 'RESOLVED', outcome: 'LOST', canProvideEvidence: false } as const;
    const dispute = opened(over);

    expect(dispute.learn(facts({ ...over, updatedAt: day(1) }), day(5))).toBe(true);
    expect(dispute).toMatchObject({ status: 'RESOLVED', outcome: 'LOST', resolvedAt: day(5) });
  });

  it('without a known outcome counts as lost: money is never let go on a guess', () => {
    const dispute = opened();
    dispute.learn(facts({ status: 'RESOLVED', outcome: null, updatedAt: day(3) }), day(3));

    expect(dispute.outcome).toBe('LOST');
  });

  it('is final ten days after its decision, unless it was appealed, and then by the next one', () => {
    const [quiet, appealed] = [decided('LOST'), decided('LOST')];

    expect(quiet.close(policy, day(12, 23))).toBe(false);
    expect(quiet.close(policy, day(13))).toBe(true);
    expect(quiet.status).toBe('FINAL');
    expect(quiet.learn(facts({ updatedAt: day(20) }), day(20))).toBe(false);

    appealed.learn(facts({ status: 'UNDER_REVIEW', updatedAt: day(5) }), day(5));
    expect(appealed).toMatchObject({ status: 'APPEALED', outcome: 'LOST' });
    expect(appealed.isOpen()).toBe(true);
    // Where no webhook tells of its end, the timer does.
    expect(appealed.nextReadAt).toEqual(new Date(day(5).getTime() + 15 * 60_000));
    expect(appealed.close(policy, day(30))).toBe(false);
    appealed.learn(facts({ status: 'RESOLVED', outcome: 'WON', updatedAt: day(8) }), day(8));
    expect(appealed).toMatchObject({ status: 'FINAL', outcome: 'WON', resolvedAt: day(8) });
  });

  it.each([
    ['at once with proof', true, day(2), true],
    ['not yet without proof', false, day(8, 23), false],
    ['48 hours before it is due without proof', false, day(9), true],
  ])('is answered %s', (_case, proof, now, isDue) => {
    expect(opened().isEvidenceDue(proof, policy, now)).toBe(isDue);
  });

  it('takes over another decision where the appeal between the two was never heard of', () => {
    const dispute = decided('LOST');

    const isNew = dispute.learn(
      facts({ status: 'RESOLVED', outcome: 'WON', updatedAt: day(8) }),
      day(8),
    );

    expect(isNew).toBe(true);
    expect(dispute).toMatchObject({ status: 'FINAL', outcome: 'WON', resolvedAt: day(8) });
  });

  it('is answered by one worker, again after a doubt, and never after it was', () => {
    const dispute = opened();

    dispute.beginEvidence(day(2));
    expect(dispute.isEvidenceDue(true, policy, day(2))).toBe(false);
    expect(dispute.isEvidenceDue(true, policy, day(2, 1))).toBe(true);
    dispute.evidenceProvided(day(2, 1));

    expect(dispute.isEvidenceDue(true, policy, day(10))).toBe(false);
    expect(dispute).toMatchObject({ evidenceBegunAt: day(2), evidenceProvidedAt: day(2, 1) });
    expect(opened({ canProvideEvidence: false }).isEvidenceDue(true, policy, day(2))).toBe(false);
    expect(opened({ status: 'WAITING_BUYER' }).isEvidenceDue(true, policy, day(2))).toBe(false);
  });
});

describe('the evidence', () => {
  const request = (description = 'Glazed by hand') =>
    PaymentRequest.send(
      'prq_1',
      { conversationId: 'cnv_1', origin: 'CHAT', buyerId: 'usr_b', sellerId: 'sel_s' },
      {
        lines: [
          {
            lineId: '1',
            kind: 'CUSTOM',
            listingId: null,
            variantId: null,
            title: 'Mug',
            description,
            unitPrice: usd(500),
            quantity: 2,
          },
        ],
        shipping: usd(0),
        tax: usd(0),
        discount: usd(0),
        expectedTotal: null,
        terms: { returnWindowDays: 30, handlingBusinessDays: 3, isFinalSale: false },
      },
      { expiresInHours: null, replacesId: null, currency: 'USD' },
      day(1),
    ).request;
  const parcel = (trackingNumber: string | null, deliveredAt: Date | null = null) => ({
    ...{ status: 'SENT', carrier: 'UPS', trackingNumber, sentAt: day(2), deliveredAt },
  });

  it('tells the parcels first, then what was sold under which terms, then what was said', () => {
    const evidence = evidenceOf(
      request(),
      [parcel(null), parcel('1Z9', day(4))],
      [
        { sender: 'BUYER', sentAt: day(1), text: 'Is it blue?' },
        { sender: null, sentAt: day(1), text: null },
      ],
    );

    expect(evidence).toEqual({
      trackingNumber: '1Z9',
      carrier: 'UPS',
      notes: [
        'Sent 2030-01-02; now SENT.',
        'Sent 2030-01-02 by UPS, 1Z9; delivered 2030-01-04.',
        'Sold 2030-01-01 for 10.00 USD:',
        '2 x Mug (Glazed by hand), 10.00 USD',
        'Terms shown before paying: sent within 3 business days. Returns within 30 days.',
        'From the conversation:',
        '2030-01-01 BUYER: Is it blue?',
      ].join('\n'),
    });
  });

  it('is cut where the processor stops reading, and the chat is cut first', () => {
    const chat = Array.from({ length: 100 }, () => ({
      ...{ sender: 'BUYER', sentAt: day(1), text: '🙂'.repeat(50) },
    }));

    const { notes } = evidenceOf(request('d'.repeat(1_000)), [parcel('1Z9')], chat);

    expect([...notes]).toHaveLength(2_000);
    expect(notes).toContain('1Z9');
    expect(notes).toContain('Terms shown before paying');
    expect(notes.endsWith('…')).toBe(true);
  });

  it.each([
    ['nothing', [], false],
    ['a parcel without a number', [parcel(null)], false],
    ['a number', [parcel('1Z9')], true],
    ['an arrival', [parcel(null, day(4))], true],
  ])('is decisive with %s: %s', (_case, parcels, isDecisive) => {
    expect(hasProof(parcels)).toBe(isDecisive);
  });
});
