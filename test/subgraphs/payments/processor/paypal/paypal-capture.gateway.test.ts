import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  onboardSeller,
  pay,
  purchase,
  type Sandbox,
  saveCard,
  startSandbox,
  usd,
} from '../../../../local/paypal/support/sandbox.ts';

const HOUR_MS = 3_600_000;

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
beforeEach(() => sandbox.admin('/simulator/faults', undefined, 'DELETE'));

/** An attempt of its own for each test. */
function fresh(of: { readonly createdAt?: Date } = {}) {
  made += 1;
  return purchase({ id: `pat_${made}`, merchantId, vaultId, ...of });
}

/** Captures the simulator itself knows of for an attempt, by its own log. */
async function captures(attemptId: string): Promise<number> {
  const log = await sandbox.log();
  return log.filter(
    ({ what, detail }) => what.startsWith('capture.') && detail.invoiceId === attemptId,
  ).length;
}

const exchangesOf = (path: RegExp) => sandbox.exchanges.filter(({ url }) => path.test(url));

describe('PayPalCaptureGateway.capture', () => {
  it('takes the total once, with the fee, and the disbursement delayed', async () => {
    const command = fresh();

    const outcome = await sandbox.gateway.capture(command);

    // 48.00: 3.49 % of it is 1.6752, rounded to 1.68, and 0.49.
    expect(outcome).toMatchObject({
      kind: 'CAPTURED',
      amount: usd(4_800n),
      processorFee: usd(217n),
    });
    const [order] = exchangesOf(/^\/v2\/checkout\/orders$/).slice(-1);
    expect(order?.requestBody).toMatchObject({
      purchase_units: [{ payment_instruction: { disbursement_mode: 'DELAYED' } }],
    });
    expect(order?.requestBody).not.toHaveProperty('payment_source');
    expect(order?.headers).toMatchObject({
      'paypal-request-id': `order:${command.attempt.id}`,
      'paypal-partner-attribution-id': 'PARLEY_TEST',
    });
    expect(await captures(command.attempt.id)).toBe(1);
  });

  it('takes the platform fee out of the payment', async () => {
    const command = fresh();
    const request = Object.assign(Object.create(command.request), { platformFee: usd(300n) });

    const outcome = await sandbox.gateway.capture({ ...command, request });

    expect(outcome.kind).toBe('CAPTURED');
    const [capture] = exchangesOf(/\/capture$/).slice(-1);
    expect(JSON.stringify(capture?.answer)).toContain(
      '"platform_fees":[{"amount":{"currency_code":"USD","value":"3.00"}}],"net_amount":{"currency_code":"USD","value":"42.83"}',
    );
  });

  it.each([
    ['orders.create', 'timeout-before'],
    ['orders.create', 'timeout-after'],
    ['orders.create', 'reset'],
    ['orders.create', 'http-5xx'],
    ['orders.create', '429'],
    ['orders.capture', 'timeout-before'],
    ['orders.capture', 'timeout-after'],
    ['orders.capture', 'reset-after'],
    ['orders.capture', 'http-5xx'],
    ['orders.capture', 'http-5xx-after'],
    ['orders.capture', '429'],
  ])('takes the money once when %s meets %s', async (operation, kind) => {
    const command = fresh();
    await sandbox.fault({ operation, kind });

    const outcome = await sandbox.gateway.capture(command);

    expect(outcome).toMatchObject({ kind: 'CAPTURED', amount: usd(4_800n) });
    expect(await captures(command.attempt.id)).toBe(1);
  });

  it('says UNKNOWN when the answer never comes though the money was taken, and finds it later', async () => {
    const command = fresh();
    await sandbox.fault({ operation: 'orders.capture', kind: 'timeout-after', times: 3 });

    const outcome = await sandbox.gateway.capture(command);

    expect(outcome).toEqual({ kind: 'UNKNOWN', processorOrderId: expect.any(String) });
    expect(await captures(command.attempt.id)).toBe(1);
    expect(await sandbox.gateway.lookUp(command, new Date())).toMatchObject({ kind: 'CAPTURED' });
    expect(await captures(command.attempt.id)).toBe(1);
  });

  it('takes nothing again when the whole call is repeated', async () => {
    const command = fresh();
    const first = await sandbox.gateway.capture(command);

    expect(await sandbox.gateway.capture(command)).toEqual(first);
    expect(await captures(command.attempt.id)).toBe(1);
  });

  it('does not call it declined that our invoice was paid in an earlier order', async () => {
    const command = fresh();
    await sandbox.gateway.capture(command);
    await sandbox.moveClock(7 * HOUR_MS);

    const again = await sandbox.gateway.capture(command);

    expect(again).toEqual({ kind: 'UNKNOWN', processorOrderId: null });
    expect(await captures(command.attempt.id)).toBe(1);
  });

  it('keeps PENDING apart from both answers', async () => {
    const command = fresh();
    await sandbox.fault({ operation: 'orders.capture', kind: 'pending' });

    const outcome = await sandbox.gateway.capture(command);

    expect(outcome).toEqual({
      kind: 'PENDING',
      processorOrderId: expect.any(String),
      reason: 'PENDING_REVIEW',
    });
  });

  it.each([
    ['INSTRUMENT_DECLINED', 'USE_OTHER'],
    ['PAYER_ACCOUNT_RESTRICTED', 'STOP'],
    ['COMPLIANCE_VIOLATION', 'STOP'],
    ['PAYER_ACTION_REQUIRED', 'RETRY_SAME'],
    ['PAYEE_ACCOUNT_RESTRICTED', 'CONTACT_SUPPORT'],
    ['SOMETHING_NEW_OF_PAYPALS', 'CONTACT_SUPPORT'],
    ['5120', 'USE_OTHER'],
    ['9520', 'STOP'],
    ['9100', 'RETRY_SAME'],
    ['0R00', 'USE_OTHER'],
  ])('maps %s to %s, and nothing was taken', async (code, advice) => {
    const command = fresh();
    await sandbox.fault({ operation: 'orders.capture', kind: 'decline', code });

    const outcome = await sandbox.gateway.capture(command);

    expect(outcome).toMatchObject({ kind: 'DECLINED', code, advice });
    const taken = (await sandbox.log()).filter(
      ({ what, detail }) => what === 'capture.completed' && detail.invoiceId === command.attempt.id,
    );
    expect(taken).toEqual([]);
  });

  it('is refused with a card that was removed', async () => {
    const removed = await saveCard(sandbox, 'usr_0007-0007-0007');
    await sandbox.vault.remove(removed);

    const outcome = await sandbox.gateway.capture({ ...fresh(), vaultId: removed });

    expect(outcome).toMatchObject({ code: 'TOKEN_ID_NOT_FOUND', advice: 'USE_OTHER' });
  });
});

describe('PayPalCaptureGateway.lookUp', () => {
  it('is certain that nothing was taken when no call arrived, and takes nothing itself', async () => {
    const command = fresh();

    expect(await sandbox.gateway.lookUp(command, new Date())).toEqual({ kind: 'NOTHING' });
    expect(await captures(command.attempt.id)).toBe(0);
  });

  it('finds a capture by our invoice number once PayPal forgot the request id', async () => {
    const command = fresh();
    await pay(sandbox, { id: command.attempt.id, merchantId, vaultId });
    const before = exchangesOf(/^\/v2\/checkout\/orders$/).length;
    const later = new Date(Date.now() + 80 * HOUR_MS);

    const outcome = await sandbox.gateway.lookUp(command, later);

    expect(outcome).toMatchObject({ kind: 'CAPTURED', amount: usd(4_800n) });
    expect(exchangesOf(/^\/v2\/checkout\/orders$/)).toHaveLength(before);
  });

  it('says UNKNOWN while PayPal cannot be read', async () => {
    const command = fresh();
    await sandbox.gateway.capture(command);
    await sandbox.fault({ operation: 'orders.get', kind: 'http-5xx', times: 3 });

    const outcome = await sandbox.gateway.lookUp(command, new Date());

    expect(outcome).toMatchObject({ kind: 'UNKNOWN' });
  });
});

describe('PayPalCaptureGateway.giveBack', () => {
  it('refunds the whole capture for its seller, once', async () => {
    const { captureId } = await pay(sandbox, { id: 'pat_back', merchantId, vaultId });

    const attempt = { id: 'pat_back', payeeMerchantId: merchantId };
    await sandbox.gateway.giveBack(captureId, attempt);
    await sandbox.gateway.giveBack(captureId, attempt);

    const refunds = (await sandbox.log()).filter(
      ({ what, detail }) => what.startsWith('refund.') && detail.captureId === captureId,
    );
    expect(refunds.map(({ detail }) => detail.amount)).toEqual([
      { minor: '4800', currency: 'USD' },
    ]);
    const [asked] = exchangesOf(/\/refund$/).slice(-1);
    const [, claims] = (asked?.headers['paypal-auth-assertion'] ?? '').split('.');
    expect(JSON.parse(Buffer.from(claims ?? '', 'base64url').toString() || '{}')).toMatchObject({
      payer_id: merchantId,
    });
  });
});
