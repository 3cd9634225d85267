import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProcessorOutcomeUnknown } from '../../../../../subgraphs/payments/application/processor.port.ts';
import {
  captureOf,
  onboardSeller,
  type Purchase,
  pay,
  purchase,
  type Sandbox,
  saveCard,
  startSandbox,
  take as takeFrom,
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

const take = (command: Purchase) => takeFrom(sandbox, command);

/** PayPal's order for an attempt, of which nothing was taken yet. */
async function ordered(command: Purchase): Promise<string> {
  const order = await sandbox.gateway.prepare(command);
  if (order.kind !== 'READY') throw new Error(`it was ${order.kind}`);
  return order.processorOrderId;
}
const lookUp = (processorOrderId: string | null) => sandbox.gateway.lookUp({ processorOrderId });

const exchangesOf = (path: RegExp) => sandbox.exchanges.filter(({ url }) => path.test(url));

describe('PayPalCaptureGateway.capture', () => {
  it('takes the total once, with the fee, and the disbursement delayed', async () => {
    const command = fresh();

    const outcome = await take(command);

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
      'paypal-request-id': `order:${command.attemptId}`,
      'paypal-partner-attribution-id': 'PARLEY_TEST',
    });
    expect(await captures(command.attemptId)).toBe(1);
  });

  it('takes the platform fee out of the payment', async () => {
    const command = fresh();
    const request = Object.assign(Object.create(command.request), { platformFee: usd(300n) });

    const outcome = await take({ ...command, request });

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

    const outcome = await take(command);

    expect(outcome).toMatchObject({ kind: 'CAPTURED', amount: usd(4_800n) });
    expect(await captures(command.attemptId)).toBe(1);
  });

  it('says UNKNOWN when the answer never comes though the money was taken, and finds it later', async () => {
    const command = fresh();
    await sandbox.fault({ operation: 'orders.capture', kind: 'timeout-after', times: 3 });

    const outcome = await take(command);

    if (outcome.kind !== 'UNKNOWN') throw new Error(`it was ${outcome.kind}`);
    expect(await captures(command.attemptId)).toBe(1);
    expect(await lookUp(outcome.processorOrderId)).toMatchObject({ kind: 'CAPTURED' });
    expect(await captures(command.attemptId)).toBe(1);
  });

  it('takes nothing again when the whole call is repeated', async () => {
    const command = fresh();
    const first = await take(command);

    expect(await take(command)).toEqual(first);
    expect(await captures(command.attemptId)).toBe(1);
  });

  it('does not call it declined that our invoice was paid in an earlier order', async () => {
    const command = fresh();
    await take(command);
    await sandbox.moveClock(7 * HOUR_MS);

    const again = await take(command);

    expect(again).toEqual({ kind: 'UNKNOWN', processorOrderId: expect.any(String) });
    expect(await captures(command.attemptId)).toBe(1);
  });

  it('keeps PENDING apart from both answers', async () => {
    const command = fresh();
    await sandbox.fault({ operation: 'orders.capture', kind: 'pending' });

    const outcome = await take(command);

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

    const outcome = await take(command);

    expect(outcome).toMatchObject({ kind: 'DECLINED', code, advice });
    const taken = (await sandbox.log()).filter(
      ({ what, detail }) => what === 'capture.completed' && detail.invoiceId === command.attemptId,
    );
    expect(taken).toEqual([]);
  });

  it('is refused with a card that was removed', async () => {
    const removed = await saveCard(sandbox, 'usr_0007-0007-0007');
    await sandbox.vault.remove(removed);

    const outcome = await take({ ...fresh(), vaultId: removed });

    expect(outcome).toMatchObject({ code: 'TOKEN_ID_NOT_FOUND', advice: 'USE_OTHER' });
  });
});

describe('PayPalCaptureGateway.capture, of an attempt that was given up', () => {
  it('takes nothing after it stood still for long, and its order was looked up meanwhile', async () => {
    const command = fresh();
    const orderId = await ordered(command);

    expect(await lookUp(orderId)).toEqual({ kind: 'NOTHING' });
    expect(await captureOf(sandbox, command, orderId)).toEqual({ kind: 'NOTHING' });
    expect(await captures(command.attemptId)).toBe(0);
  });
});

describe('PayPalCaptureGateway.prepare', () => {
  it('moves nothing, and is the same order when it is repeated', async () => {
    const command = fresh();

    expect(await ordered(command)).toBe(await ordered(command));
    expect(await captures(command.attemptId)).toBe(0);
  });

  it('says why PayPal makes no order, with advice', async () => {
    const stranger = purchase({ id: 'pat_stranger', merchantId: 'NQBQDY2345678', vaultId });

    expect(await sandbox.gateway.prepare(stranger)).toEqual({
      kind: 'DECLINED',
      processorOrderId: null,
      code: 'PAYEE_ACCOUNT_INVALID',
      advice: 'CONTACT_SUPPORT',
    });
  });

  it('rejects while PayPal is silent', async () => {
    await sandbox.fault({ operation: 'orders.create', kind: 'timeout-after', times: 3 });

    await expect(sandbox.gateway.prepare(fresh())).rejects.toBeInstanceOf(ProcessorOutcomeUnknown);
  });
});

describe('PayPalCaptureGateway.lookUp', () => {
  it('is certain that nothing was taken where no order is known, and asks nobody', async () => {
    const before = sandbox.exchanges.length;

    expect(await lookUp(null)).toEqual({ kind: 'NOTHING' });
    expect(sandbox.exchanges).toHaveLength(before);
  });

  it.each(['orders.get', 'orders.patch'])('says UNKNOWN while PayPal fails at %s', async (at) => {
    const processorOrderId = await ordered(fresh());
    await sandbox.fault({ operation: at, kind: 'http-5xx', times: 3 });

    expect(await lookUp(processorOrderId)).toEqual({ kind: 'UNKNOWN', processorOrderId });
  });

  it('finds what was taken between its look and its end of the order', async () => {
    const command = fresh();
    const orderId = await ordered(command);
    // The first look finds nothing; the order is captured before the second call of the same look.
    const { call } = sandbox.client;
    sandbox.client.call = async (asked, schema) => {
      if (asked.method === 'PATCH') await captureOf(sandbox, command, orderId);
      return call.call(sandbox.client, asked, schema) as never;
    };
    try {
      expect(await lookUp(orderId)).toMatchObject({ kind: 'CAPTURED' });
    } finally {
      sandbox.client.call = call;
    }
    expect(await captures(command.attemptId)).toBe(1);
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
