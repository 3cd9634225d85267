import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPaypalSimulator } from '../../../local/paypal/simulator.ts';
import {
  onboardSeller,
  pay,
  type Sandbox,
  saveCard,
  startSandbox,
  usd,
} from './support/sandbox.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Calls the simulator by hand, as anybody's client would. */
async function callerOf({ simulator }: Sandbox) {
  const basic = Buffer.from(`${simulator.clientId}:${simulator.clientSecret}`).toString('base64');
  const grant = await fetch(`${simulator.url}/v1/oauth2/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${basic}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const { access_token: token } = (await grant.json()) as { access_token: string };
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(`${simulator.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        prefer: 'return=representation',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  };
}

const issueOf = ({ body }: Answer) => (body.details as { issue: string }[])[0]?.issue;

describe('the simulator', () => {
  let sandbox: Sandbox;
  let call: Awaited<ReturnType<typeof callerOf>>;
  let merchantId: string;
  let vaultId: string;

  beforeAll(async () => {
    sandbox = await startSandbox();
    merchantId = await onboardSeller(sandbox);
    vaultId = await saveCard(sandbox);
    call = await callerOf(sandbox);
  });
  afterAll(() => sandbox.close());

  const orderOf = (value: string, more: object = {}) => ({
    intent: 'CAPTURE',
    purchase_units: [
      { amount: { currency_code: 'USD', value }, payee: { merchant_id: merchantId }, ...more },
    ],
  });
  const card = () => ({ card: { vault_id: vaultId.split(':')[1] } });
  const create = (body: object, requestId: string) =>
    call('POST', '/v2/checkout/orders', body, { 'paypal-request-id': requestId });
  const capture = (id: unknown, requestId: string, headers = {}) =>
    call(
      'POST',
      `/v2/checkout/orders/${id}/capture`,
      { payment_source: card() },
      { 'paypal-request-id': requestId, ...headers },
    );

  describe('orders', () => {
    it('does not take money for an order that nobody approved', async () => {
      const order = await create(orderOf('10.00'), 'o1');
      expect(order).toMatchObject({ status: 201, body: { status: 'CREATED' } });

      const refused = await call('POST', `/v2/checkout/orders/${order.body.id}/capture`, {});

      expect([refused.status, issueOf(refused)]).toEqual([422, 'ORDER_NOT_APPROVED']);
      expect((await capture(order.body.id, 'o1c')).body).toMatchObject({ status: 'COMPLETED' });
      const twice = await capture(order.body.id, 'o1d');
      expect([twice.status, issueOf(twice)]).toEqual([422, 'ORDER_ALREADY_CAPTURED']);
    });

    it('takes the money at once when the instrument comes with the order', async () => {
      const body = { ...orderOf('11.00'), payment_source: card() };

      const refused = await call('POST', '/v2/checkout/orders', body);
      expect([refused.status, issueOf(refused)]).toEqual([400, 'PAYPAL_REQUEST_ID_REQUIRED']);

      expect((await create(body, 'o2')).body).toMatchObject({ status: 'COMPLETED' });
    });

    it.each([
      ['0.00', {}, 422, 'CANNOT_BE_ZERO_OR_NEGATIVE'],
      ['1.234', {}, 400, 'INVALID_PARAMETER_SYNTAX'],
      ['-1.00', {}, 400, 'INVALID_PARAMETER_SYNTAX'],
      ['1.00', { payee: { merchant_id: 'NQBQDY2345678' } }, 422, 'PAYEE_ACCOUNT_INVALID'],
      ['1.00', { invoice_id: 'x'.repeat(128) }, 400, 'INVALID_STRING_LENGTH'],
      [
        '1.00',
        {
          payment_instruction: {
            platform_fees: [{ amount: { currency_code: 'USD', value: '1.01' } }],
          },
        },
        422,
        'INVALID_PLATFORM_FEES_AMOUNT',
      ],
      [
        '1.00',
        {
          items: [
            { name: 'a', quantity: '1', unit_amount: { currency_code: 'USD', value: '1.00' } },
          ],
        },
        422,
        'ITEM_TOTAL_REQUIRED',
      ],
    ])('refuses %s with %j', async (value, more, status, issue) => {
      const before = (await sandbox.admin('/simulator/state')) as { orders: number };

      const answer = await create(orderOf(value, more), `bad:${issue}:${value}`);

      expect([answer.status, issueOf(answer)]).toEqual([status, issue]);
      expect(await sandbox.admin('/simulator/state')).toMatchObject({ orders: before.orders });
    });

    it('refuses parts that do not add up', async () => {
      const part = (value: string) => ({ currency_code: 'USD', value });
      const amount = { ...part('10.00'), breakdown: { item_total: part('9.00') } };

      const answer = await create(orderOf('10.00', { amount }), 'o3');

      expect([answer.status, issueOf(answer)]).toEqual([422, 'AMOUNT_MISMATCH']);
    });

    it('changes an order before its capture and not after', async () => {
      const { body } = await create(orderOf('10.00'), 'o4');
      const path = `/v2/checkout/orders/${body.id}`;
      const change = [
        {
          op: 'replace',
          path: "/purchase_units/@reference_id=='default'/amount",
          value: { currency_code: 'USD', value: '12.00' },
        },
      ];

      expect(await call('PATCH', path, change)).toEqual({ status: 204, body: {} });
      expect(JSON.stringify((await capture(body.id, 'o4c')).body)).toContain(
        '"gross_amount":{"currency_code":"USD","value":"12.00"}',
      );
      expect(issueOf(await call('PATCH', path, change))).toBe('ORDER_ALREADY_COMPLETED');
    });

    it('answers with id, status and links unless more is preferred', async () => {
      const answer = await call('POST', '/v2/checkout/orders', orderOf('1.00'), { prefer: '' });

      expect(Object.keys(answer.body).sort()).toEqual(['id', 'links', 'status']);
    });

    it('refuses as PayPal-Mock-Response asks', async () => {
      const { body } = await create(orderOf('10.00'), 'o5');
      const mock = { 'paypal-mock-response': '{"mock_application_codes":"INSTRUMENT_DECLINED"}' };

      expect(issueOf(await capture(body.id, 'o5c', mock))).toBe('INSTRUMENT_DECLINED');
      expect((await capture(body.id, 'o5c')).status).toBe(201);
    });
  });

  describe('request ids', () => {
    it('show the first order as it is now, whatever the body says, and note the mistake', async () => {
      const first = await create(orderOf('10.00'), 'same');
      await capture(first.body.id, 'same:c');

      const again = await create(orderOf('99.00'), 'same');

      expect(again).toMatchObject({
        status: 200,
        body: { id: first.body.id, status: 'COMPLETED' },
      });
      expect(await sandbox.log()).toContainEqual(
        expect.objectContaining({ what: 'request-id.other-body', id: 'same' }),
      );
    });

    it('are forgotten after six hours for an order', async () => {
      const first = await create(orderOf('10.00'), 'old');
      await sandbox.moveClock(6 * HOUR_MS - 60_000);
      expect((await create(orderOf('10.00'), 'old')).body.id).toBe(first.body.id);

      await sandbox.moveClock(120_000);

      const other = await create(orderOf('10.00'), 'old');
      expect(other.status).toBe(201);
      expect(other.body.id).not.toBe(first.body.id);
    });

    it('are not used up by a refusal', async () => {
      const { body } = await create(orderOf('10.00'), 'retry');
      await sandbox.fault({ operation: 'orders.capture', kind: 'decline' });
      expect((await capture(body.id, 'retry:c')).status).toBe(422);

      expect((await capture(body.id, 'retry:c')).status).toBe(201);
    });

    it('are kept 45 days for a refund, and seen by the second guard after that', async () => {
      call = await callerOf(sandbox);
      const { captureId } = await pay(sandbox, { id: 'pat_r', merchantId, vaultId });
      const refund = () =>
        call('POST', `/v2/payments/captures/${captureId}/refund`, {}, { 'paypal-request-id': 'r' });
      const first = await refund();
      await sandbox.moveClock(44 * DAY_MS);
      call = await callerOf(sandbox);

      expect((await refund()).body.id).toBe(first.body.id);

      await sandbox.moveClock(2 * DAY_MS);
      call = await callerOf(sandbox);
      expect(issueOf(await refund())).toBe('CAPTURE_FULLY_REFUNDED');
    });
  });

  describe('held money', () => {
    const payoutsOf = async (captureId: string) =>
      (await sandbox.log()).filter(
        ({ what, detail }) => what === 'payout.completed' && detail.captureId === captureId,
      );

    it('reaches the seller by itself on the 28th day, and not before', async () => {
      const { captureId } = await pay(sandbox, { id: 'pat_28', merchantId, vaultId });

      await sandbox.moveClock(28 * DAY_MS - 60_000);
      expect(await payoutsOf(captureId)).toEqual([]);
      await sandbox.moveClock(60_000);

      expect(await payoutsOf(captureId)).toMatchObject([
        { detail: { cause: 'AUTOMATIC', amount: { minor: '4583', currency: 'USD' } } },
      ]);
      await expect(
        sandbox.processor.releaseCapture({ captureId, requestId: 'late' }),
      ).rejects.toMatchObject({ issue: 'PAYOUT_ALREADY_COMPLETED_FOR_REFERENCE' });
    });

    it('does not when it was given back', async () => {
      const { captureId } = await pay(sandbox, { id: 'pat_29', merchantId, vaultId });
      await sandbox.processor.refundCapture({
        captureId,
        requestId: 'r29',
        amount: usd(4_800n),
        note: null,
      });

      await sandbox.moveClock(29 * DAY_MS);

      expect(await payoutsOf(captureId)).toEqual([]);
    });
  });

  it('decides a pending capture when it is told to', async () => {
    await sandbox.fault({ operation: 'orders.capture', kind: 'pending' });
    await expect(pay(sandbox, { id: 'pat_p', merchantId, vaultId })).rejects.toThrow('PENDING');
    const id = (await sandbox.log()).findLast(({ what }) => what === 'capture.pending')?.id ?? '';

    await sandbox.admin(`/simulator/captures/${id}/decide`, { status: 'COMPLETED' });

    expect(await sandbox.processor.getCapture(id)).toMatchObject({ status: 'COMPLETED' });
  });

  it('lets a dispute lapse against a seller who is silent for ten days', async () => {
    const { captureId } = await pay(sandbox, { id: 'pat_d', merchantId, vaultId });
    await sandbox.admin('/simulator/disputes', { captureId });
    await sandbox.moveClock(10 * DAY_MS);

    expect(await sandbox.processor.listDisputes(captureId)).toMatchObject([
      { status: 'RESOLVED', wonBySeller: false },
    ]);
  });

  it('knows no caller without its token', async () => {
    const answer = await fetch(`${sandbox.simulator.url}/v2/checkout/orders/1`);

    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ name: 'AUTHENTICATION_FAILURE' });
  });

  it.each([
    [{ kind: 'explode' }],
    [{ kind: 'delay', times: 0 }],
    [{ kind: 'delay', probability: 2 }],
  ])('refuses the fault %j', async (fault) => {
    await expect(sandbox.fault(fault)).rejects.toThrow('400');
  });
});

describe('a simulator with a seed', () => {
  it('makes the same ids and meets the same faults for the same calls', async () => {
    async function story() {
      const sandbox = await startSandbox({ seed: 42 });
      try {
        const merchantId = await onboardSeller(sandbox);
        await sandbox.fault({ kind: '429', times: 1_000, probability: 0.3, seed: 9 });
        const call = await callerOf(sandbox);
        const statuses: number[] = [];
        for (let n = 0; n < 40; n += 1)
          statuses.push((await call('GET', '/v2/checkout/orders/1')).status);
        return { merchantId, statuses };
      } finally {
        await sandbox.close();
      }
    }

    const first = await story();

    expect(await story()).toEqual(first);
    // Three in ten of forty, give or take.
    const struck = first.statuses.filter((status) => status === 429).length;
    expect([struck > 4, struck < 20]).toEqual([true, true]);
  });
});

describe('a simulator with a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-paypal-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('knows after a start what it knew before, and drops a line that a kill cut in half', async () => {
    const before = await startSandbox({ dataDirectory: folder });
    const merchantId = await onboardSeller(before);
    const vaultId = await saveCard(before);
    const { captureId } = await pay(before, { id: 'pat_k', merchantId, vaultId });
    await before.moveClock(DAY_MS);
    const log = await before.log();
    await before.close();
    appendFileSync(join(folder, 'simulator.jsonl'), '{"map":"captures","key":"HALF","val');

    const after = await startSandbox({ dataDirectory: folder });

    expect(await after.log()).toEqual(log);
    expect(await after.processor.getCapture(captureId)).toMatchObject({ amount: usd(4_800n) });
    const { now } = (await after.admin('/simulator/state')) as { now: string };
    expect(Date.parse(now) - Date.now()).toBeGreaterThan(DAY_MS - 60_000);
    const next = await pay(after, { id: 'pat_l', merchantId, vaultId });
    expect(next.captureId).not.toBe(captureId);
    await after.close();
    expect(readFileSync(join(folder, 'simulator.jsonl'), 'utf8')).not.toContain('HALF');
  });
});

it('says in one line that its port is taken', async () => {
  const first = await startPaypalSimulator();

  await expect(startPaypalSimulator({ port: first.port })).rejects.toMatchObject({
    name: 'StartError',
    message: `Port ${first.port} is in use. Stop what listens there, or choose another with --port.`,
  });

  await first.close();
});
