import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  ISSUE_ADVICE,
  RESPONSE_ADVICE,
} from '../../../subgraphs/payments/processor/paypal/decline-codes.ts';
import { PayPalClient } from '../../../subgraphs/payments/processor/paypal/paypal-client.ts';
import { hasDocuments, PayPalDocuments } from './support/openapi.ts';
import {
  captureOf,
  onboardSeller,
  pay,
  purchase,
  type Sandbox,
  saveCard,
  startSandbox,
  take,
  usd,
} from './support/sandbox.ts';

if (!hasDocuments)
  console.warn(
    "Skipped: PayPal's OpenAPI documents are not here. Set PAYPAL_OPENAPI_DIR to a folder of github.com/paypal/paypal-rest-api-specifications.",
  );
const suite = hasDocuments ? describe : describe.skip;

suite('what our client and the simulator say to each other', () => {
  let sandbox: Sandbox;
  let documents: PayPalDocuments;

  beforeAll(async () => {
    documents = new PayPalDocuments();
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());

  /** Differences of everything said since the last time this was asked. */
  let seen = 0;
  function differences(): string[] {
    const fresh = sandbox.exchanges.slice(seen);
    seen = sandbox.exchanges.length;
    expect(fresh.length).toBeGreaterThan(0);
    return fresh.flatMap((exchange) => documents.differences(exchange));
  }

  it('onboards a seller as documented', async () => {
    await onboardSeller(sandbox);

    expect(differences()).toEqual([]);
  });

  it('saves, lists and deletes instruments as documented', async () => {
    const { setupToken } = await sandbox.vault.beginSetup('usr_0009-0009-0009', 'setup:early');
    expect(await sandbox.vault.completeSetup(setupToken, 'vault:early')).toBeNull();
    const vaultId = await saveCard(sandbox);
    expect(await sandbox.vault.list('usr_0001-0002-0003')).toHaveLength(1);
    await sandbox.vault.remove(vaultId);

    expect(differences()).toEqual([]);
  });

  it('pays, tracks, refunds and releases as documented', async () => {
    const merchantId = await onboardSeller(sandbox);
    const vaultId = await saveCard(sandbox, 'usr_0002-0002-0002');
    const { captureId, orderId } = await pay(sandbox, { merchantId, vaultId });
    const { processor } = sandbox;
    await processor.addTracking({
      processorOrderId: orderId,
      captureId,
      requestId: 'track:1',
      trackingNumber: '9400 1000',
      carrier: 'Velo Kurier',
    });
    const refund = await processor.refundCapture({
      captureId,
      requestId: 'refund:1',
      amount: usd(1_000n),
      note: 'A chipped rim',
      merchantId,
    });
    await processor.getRefund(refund.refundId);
    await processor.getCapture(captureId);
    await processor.releaseCapture({ captureId, requestId: 'release:1' });
    await processor.movementsBetween(new Date(Date.now() - 1_000), new Date());

    expect(differences()).toEqual([]);
  });

  it('answers a dispute as documented', async () => {
    const merchantId = await onboardSeller(sandbox);
    const vaultId = await saveCard(sandbox, 'usr_0003-0003-0003');
    const { processor } = sandbox;
    const first = await pay(sandbox, { id: 'pat_21', merchantId, vaultId });
    const second = await pay(sandbox, { id: 'pat_22', merchantId, vaultId });
    await sandbox.admin('/simulator/disputes', { captureId: first.captureId });
    await sandbox.admin('/simulator/disputes', { captureId: second.captureId });
    const [one] = await processor.listDisputes(first.captureId);
    const [other] = await processor.listDisputes(second.captureId);
    expect(await processor.listDisputes('NOSUCHCAPTURE')).toEqual([]);
    await processor.provideEvidence(one?.disputeId ?? '', {
      notes: 'Sent on Monday.',
      trackingNumber: '9400',
      carrier: 'USPS',
    });
    await processor.acceptClaim(other?.disputeId ?? '', 'We lost it.');
    await processor.getDispute(one?.disputeId ?? '');
    await processor.getDispute(other?.disputeId ?? '');

    expect(differences()).toEqual([]);
  });

  it('registers a webhook as documented', async () => {
    await sandbox.processor.registerWebhook('https://shop.example/webhooks/paypal');
    await sandbox.processor.registerWebhook('https://shop.example/webhooks/paypal');

    expect(differences()).toEqual([]);
  });

  it('lists what it told, in pages, as documented', async () => {
    const since = new Date();
    const merchantId = await onboardSeller(sandbox);
    const vaultId = await saveCard(sandbox, 'usr_0005-0005-0005');
    const { captureId } = await pay(sandbox, { id: 'pat_61', merchantId, vaultId });
    // More than one page of them, and some that are not listened to.
    const { simulator } = sandbox;
    const direct = new PayPalClient({
      baseUrl: simulator.url,
      clientId: simulator.clientId,
      clientSecret: simulator.clientSecret,
      attributionId: null,
    });
    for (let n = 0; n < 120; n += 1)
      await direct.call(
        {
          operation: 'webhooks.simulate',
          method: 'POST',
          path: '/v1/notifications/simulate-event',
          body: { event_type: n % 2 ? 'PAYMENT.CAPTURE.PENDING' : 'BILLING.PLAN.CREATED' },
        },
        z.looseObject({}),
      );
    await direct.close();
    const told = await sandbox.processor.webhookEventsBetween(since, new Date(Date.now() + 1_000));
    const of = (type: string) => told.filter(({ eventType }) => eventType === type);

    expect(of('PAYMENT.CAPTURE.PENDING')).toHaveLength(60);
    expect(of('BILLING.PLAN.CREATED')).toEqual([]);
    expect(new Set(told.map(({ eventId }) => eventId)).size).toBe(told.length);
    const [completed] = of('PAYMENT.CAPTURE.COMPLETED');
    expect(sandbox.processor.parseWebhook(completed?.rawBody ?? Buffer.alloc(0))).toMatchObject({
      eventId: completed?.eventId,
      captureId,
    });
    expect(await sandbox.processor.webhookEventsBetween(new Date(0), since)).not.toContainEqual(
      expect.objectContaining({ eventId: completed?.eventId }),
    );
    expect(differences()).toEqual([]);
  });

  it('refuses as documented', async () => {
    const merchantId = await onboardSeller(sandbox);
    const vaultId = await saveCard(sandbox, 'usr_0004-0004-0004');
    const { processor, gateway } = sandbox;
    const { captureId, orderId } = await pay(sandbox, { id: 'pat_31', merchantId, vaultId });
    const refusedRefund = (amount: bigint, requestId: string) =>
      processor.refundCapture({ captureId, requestId, amount: usd(amount), note: null });
    await expect(refusedRefund(999_999n, 'refund:31a')).rejects.toMatchObject({
      issue: 'REFUND_AMOUNT_EXCEEDED',
    });
    await expect(refusedRefund(0n, 'refund:31b')).rejects.toMatchObject({
      issue: 'CANNOT_BE_ZERO_OR_NEGATIVE',
    });
    await expect(
      processor.addTracking({
        processorOrderId: orderId,
        captureId: 'NOTOURS',
        requestId: 'track:31',
        trackingNumber: '1',
        carrier: 'UPS',
      }),
    ).rejects.toMatchObject({ issue: 'CAPTURE_ID_NOT_FOUND' });
    await sandbox.fault({ operation: 'orders.capture', kind: 'decline' });
    await take(sandbox, purchase({ id: 'pat_32', merchantId, vaultId }));
    await sandbox.fault({ operation: 'orders.capture', kind: 'decline', code: '5120' });
    await take(sandbox, purchase({ id: 'pat_33', merchantId, vaultId }));
    await sandbox.fault({ operation: 'orders.capture', kind: 'pending' });
    await take(sandbox, purchase({ id: 'pat_34', merchantId, vaultId }));
    await take(sandbox, purchase({ id: 'pat_35', merchantId: 'NQBQDY2345678', vaultId }));
    await take(sandbox, purchase({ id: 'pat_36', merchantId, vaultId: 'card:gone1234' }));
    const ended = purchase({ id: 'pat_37', merchantId, vaultId });
    const order = await gateway.prepare(ended);
    if (order.kind !== 'READY') throw new Error('no order');
    await gateway.lookUp(order);
    await captureOf(sandbox, ended, order.processorOrderId);
    expect(await processor.getCapture('NOTHERE')).toBeNull();
    expect(await processor.getRefund('NOTHERE')).toBeNull();

    expect(differences()).toEqual([]);
  });

  it('would notice an answer, a field or a status that PayPal does not document', () => {
    const [capture] = sandbox.exchanges.filter(
      ({ method, url }) => method === 'GET' && url.startsWith('/v2/payments/captures/'),
    );
    if (!capture) throw new Error('no capture was read');
    const answer = capture.answer as Record<string, unknown>;

    const changed = (change: object) => documents.differences({ ...capture, ...change });

    expect(changed({ answer: { ...answer, status: 'PAID' } }).join()).toContain('/status');
    expect(changed({ answer: { ...answer, colour: 'red' } })).toHaveLength(1);
    expect(changed({ status: 302 })).toHaveLength(1);
    expect(changed({ url: '/v2/payments/catches/1' })).toHaveLength(1);
  });

  it('advises on issues and response codes that PayPal documents, and on no others', () => {
    const path = '/v2/checkout/orders';
    const documented = [
      ...documents.issuesOf('post', path, '422'),
      ...documents.issuesOf('post', `${path}/{id}/capture`, '422'),
    ];

    expect(Object.keys(ISSUE_ADVICE).filter((issue) => !documented.includes(issue))).toEqual([]);
    expect(Object.keys(RESPONSE_ADVICE)).toHaveLength(27);
  });
});
