import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  onboardSeller,
  pay,
  type Sandbox,
  saveCard,
  startSandbox,
  usd,
} from '../../../../local/paypal/support/sandbox.ts';

let sandbox: Sandbox;
let merchantId: string;
let vaultId: string;
let made = 0;

beforeAll(async () => {
  sandbox = await startSandbox();
  merchantId = await onboardSeller(sandbox);
  vaultId = await saveCard(sandbox);
});
afterAll(() => sandbox.close());

async function paid(): Promise<{ readonly captureId: string; readonly orderId: string }> {
  made += 1;
  return pay(sandbox, { id: `pat_${made}`, merchantId, vaultId });
}

const refund = (captureId: string, requestId: string, minor: bigint | null) =>
  sandbox.processor.refundCapture({
    captureId,
    requestId,
    amount: minor === null ? null : usd(minor),
    note: null,
    merchantId,
  });

async function loggedOf(captureId: string, what: string): Promise<number> {
  return (await sandbox.log()).filter(
    (entry) => entry.what === what && entry.detail.captureId === captureId,
  ).length;
}

describe('refunds', () => {
  it('gives back parts and then the rest, and never more than was taken', async () => {
    const { captureId } = await paid();

    expect(await refund(captureId, 'r:1:a', 1_000n)).toMatchObject({
      status: 'COMPLETED',
      amount: usd(1_000n),
    });
    await expect(refund(captureId, 'r:1:b', 3_801n)).rejects.toMatchObject({
      issue: 'REFUND_AMOUNT_EXCEEDED',
    });
    expect(await refund(captureId, 'r:1:c', null)).toMatchObject({ amount: usd(3_800n) });
    await expect(refund(captureId, 'r:1:d', 1n)).rejects.toMatchObject({
      issue: 'CAPTURE_FULLY_REFUNDED',
    });

    expect(await sandbox.processor.getCapture(captureId)).toMatchObject({ status: 'REFUNDED' });
    expect(await loggedOf(captureId, 'refund.completed')).toBe(2);
  });

  it('refunds once though the first answer was lost', async () => {
    const { captureId } = await paid();
    await sandbox.fault({ operation: 'captures.refund', kind: 'timeout-after' });

    const answer = await refund(captureId, 'r:2', 700n);

    expect(answer.amount).toEqual(usd(700n));
    expect(await loggedOf(captureId, 'refund.completed')).toBe(1);
    expect(await sandbox.processor.getRefund(answer.refundId)).toEqual(answer);
  });

  it('says UNKNOWN, not refused, when every answer is lost after the effect', async () => {
    const { captureId } = await paid();
    await sandbox.fault({ operation: 'captures.refund', kind: 'reset-after', times: 3 });

    await expect(refund(captureId, 'r:3', 700n)).rejects.toMatchObject({
      name: 'ProcessorOutcomeUnknown',
    });

    expect(await loggedOf(captureId, 'refund.completed')).toBe(1);
  });

  it('fails after the payout once the seller has taken the balance away', async () => {
    const { captureId } = await paid();
    await sandbox.processor.releaseCapture({ captureId, requestId: 'rel:4' });
    await sandbox.admin(`/simulator/merchants/${merchantId}/withdraw`, {});

    await expect(refund(captureId, 'r:4', 100n)).rejects.toMatchObject({
      issue: 'REFUND_FAILED_INSUFFICIENT_FUNDS',
    });

    expect(await loggedOf(captureId, 'refund.completed')).toBe(0);
  });

  it('is partly impossible while a dispute is open', async () => {
    const { captureId } = await paid();
    await sandbox.admin('/simulator/disputes', { captureId });

    await expect(refund(captureId, 'r:5', 100n)).rejects.toMatchObject({
      issue: 'TRANSACTION_DISPUTED',
    });
    expect(await refund(captureId, 'r:5:whole', null)).toMatchObject({ amount: usd(4_800n) });
  });

  it('gives back no more of the platform fee than was taken', async () => {
    const { captureId } = await paid();

    await expect(
      sandbox.processor.refundCapture({
        captureId,
        requestId: 'r:6',
        amount: usd(1_000n),
        note: null,
        platformFeeRefund: usd(1n),
      }),
    ).rejects.toMatchObject({ issue: 'PLATFORM_FEE_EXCEEDED' });
  });
});

describe('releases', () => {
  it('pays the seller what is left, once and whole', async () => {
    const { captureId } = await paid();
    await refund(captureId, 'r:10', 1_000n);

    const release = await sandbox.processor.releaseCapture({ captureId, requestId: 'rel:10' });

    // 48.00 less 10.00 refunded and 2.17 for PayPal.
    expect(release).toMatchObject({ status: 'SUCCESS', amount: usd(3_583n) });
    expect(await sandbox.processor.getRelease(release.releaseId)).toEqual(release);
    await expect(
      sandbox.processor.releaseCapture({ captureId, requestId: 'rel:10:again' }),
    ).rejects.toMatchObject({ issue: 'PAYOUT_ALREADY_COMPLETED_FOR_REFERENCE' });
    expect(await loggedOf(captureId, 'payout.completed')).toBe(1);
  });

  it('pays once though the first answer was lost', async () => {
    const { captureId } = await paid();
    await sandbox.fault({ operation: 'payouts.create', kind: 'timeout-after' });

    const release = await sandbox.processor.releaseCapture({ captureId, requestId: 'rel:11' });

    expect(release.status).toBe('SUCCESS');
    expect(await loggedOf(captureId, 'payout.completed')).toBe(1);
  });

  it('is refused for a capture that was given back', async () => {
    const { captureId } = await paid();
    await refund(captureId, 'r:12', null);

    await expect(
      sandbox.processor.releaseCapture({ captureId, requestId: 'rel:12' }),
    ).rejects.toMatchObject({ issue: 'CAPTURE_FULLY_REFUNDED' });
    expect(await loggedOf(captureId, 'payout.completed')).toBe(0);
  });
});

describe('disputes', () => {
  it('are found by their capture, answered once, and end with a winner', async () => {
    const { captureId } = await paid();
    await sandbox.admin('/simulator/disputes', { captureId });
    const [dispute] = await sandbox.processor.listDisputes(captureId);
    expect(dispute).toMatchObject({
      captureId,
      status: 'WAITING_FOR_SELLER_RESPONSE',
      reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
      amount: usd(4_800n),
      wonBySeller: null,
      canProvideEvidence: true,
    });
    const id = dispute?.disputeId ?? '';
    const evidence = { notes: 'Delivered.', trackingNumber: '9400', carrier: 'ups' };

    await sandbox.processor.provideEvidence(id, evidence);

    expect(await sandbox.processor.getDispute(id)).toMatchObject({
      status: 'UNDER_REVIEW',
      canProvideEvidence: false,
    });
    await expect(sandbox.processor.provideEvidence(id, evidence)).rejects.toMatchObject({
      issue: 'ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE',
    });
    await sandbox.client.call(
      {
        operation: 'disputes.adjudicate',
        method: 'POST',
        path: `/v1/customer/disputes/${id}/adjudicate`,
        body: { adjudication_outcome: 'SELLER_FAVOR' },
      },
      z.unknown(),
    );
    expect(await sandbox.processor.getDispute(id)).toMatchObject({
      status: 'RESOLVED',
      wonBySeller: true,
    });
  });

  it('are lost by accepting the claim', async () => {
    const { captureId } = await paid();
    await sandbox.admin('/simulator/disputes', { captureId, reason: 'UNAUTHORISED' });
    const [dispute] = await sandbox.processor.listDisputes(captureId);

    await sandbox.processor.acceptClaim(dispute?.disputeId ?? '', 'Ours to bear.');

    expect(await sandbox.processor.listDisputes(captureId)).toMatchObject([
      { status: 'RESOLVED', wonBySeller: false, reason: 'UNAUTHORISED' },
    ]);
  });
});

describe('sellers', () => {
  it('are unknown until they were referred, and lose everything when they take it back', async () => {
    expect(await sandbox.processor.getSellerStatus('sel-none')).toBeNull();
    const id = await onboardSeller(sandbox, 'sel-revoked');
    expect(await sandbox.processor.getSellerStatus('sel-revoked')).toEqual({
      merchantId: id,
      canReceivePayments: true,
      hasConfirmedEmail: true,
      grantedFeatures: [
        'PAYMENT',
        'REFUND',
        'PARTNER_FEE',
        'DELAY_FUNDS_DISBURSEMENT',
        'ACCESS_MERCHANT_INFORMATION',
      ],
    });

    await sandbox.admin(`/simulator/merchants/${id}/revoke`, {});

    expect(await sandbox.processor.getSellerStatus('sel-revoked')).toMatchObject({
      canReceivePayments: false,
      grantedFeatures: [],
    });
  });
});

describe('movements', () => {
  it('are the captures, refunds and releases of a range longer than one question', async () => {
    const since = new Date();
    const { captureId } = await paid();
    const { refundId } = await refund(captureId, 'r:20', 500n);
    const release = await sandbox.processor.releaseCapture({ captureId, requestId: 'rel:20' });

    const until = new Date(since.getTime() + 70 * 86_400_000);
    const movements = await sandbox.processor.movementsBetween(since, until);

    expect(movements).toMatchObject([
      { id: captureId, kind: 'CAPTURE', amount: usd(4_800n), captureId: null },
      { id: refundId, kind: 'REFUND', amount: usd(500n), captureId },
      { id: release.releaseId, kind: 'RELEASE', amount: usd(4_083n), captureId },
    ]);
    const questions = sandbox.exchanges.filter(({ url }) => url.startsWith('/v1/reporting/'));
    expect(questions.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('leave out what has not happened: a capture that is pending', async () => {
    const since = new Date();
    await sandbox.fault({ operation: 'orders.capture', kind: 'pending' });
    await expect(paid()).rejects.toThrow('PENDING');

    expect(await sandbox.processor.movementsBetween(since, new Date(Date.now() + 1_000))).toEqual(
      [],
    );
  });
});
