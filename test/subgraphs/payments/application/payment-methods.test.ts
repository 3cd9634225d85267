import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MINUTE_MS } from '../../../../subgraphs/kernel/clock.ts';
import { codes } from './money-story.ts';
import { type PaymentsTest, startPaymentsTest, until } from './support.ts';

let at: PaymentsTest;

beforeAll(async () => {
  at = await startPaymentsTest(100);
}, 60_000);

afterAll(() => at?.close());

const METHOD = 'paymentMethod { id status approvalUrl }';
const begin = (input: object = {}) =>
  at.mutate(
    'buyer',
    'startPaymentMethodSetup',
    { hasConsented: true, idempotencyKey: randomUUID(), ...input },
    METHOD,
  );
const act = (name: string, { id: paymentMethodId }: { readonly id: string }) =>
  at.mutate('buyer', name, { paymentMethodId }, METHOD);
const approve = ({ approvalUrl }: { readonly approvalUrl: string }) =>
  fetch(approvalUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'brand=VISA&last_digits=1111',
  });
const vaulted = async () => {
  const response = await fetch(`${at.stack.paypal.url}/simulator/state`);
  return ((await response.json()) as { paymentTokens: number }).paymentTokens;
};

describe('saving a payment method', () => {
  it('refuses a key that no header can carry before PayPal is asked', async () => {
    for (const idempotencyKey of ['', 'two\nlines', 'ключ', 'k'.repeat(256)])
      expect(codes(await begin({ idempotencyKey }))).toEqual(['IDEMPOTENCY_KEY_INVALID']);
  });

  it('is one setup per key, however long the keys and alike their beginnings', async () => {
    const long = 'k'.repeat(254);
    const [one, other, again] = [
      await begin({ idempotencyKey: `${long}1` }),
      await begin({ idempotencyKey: `${long}2` }),
      await begin({ idempotencyKey: `${long}1` }),
    ];

    expect(again).toEqual(one);
    expect(other.paymentMethod.approvalUrl).not.toBe(one.paymentMethod.approvalUrl);
  });

  it('says that PayPal does not answer, and goes on with the same key after that', async () => {
    const idempotencyKey = randomUUID();
    await at.fault({ operation: 'vault.setup', kind: 'http-5xx', times: 3 });
    expect(codes(await begin({ idempotencyKey }))).toEqual(['TEMPORARILY_UNAVAILABLE']);
    const { paymentMethod } = await begin({ idempotencyKey });
    await approve(paymentMethod);

    await at.fault({ operation: 'vault.create', kind: 'http-5xx-after', times: 3 });
    expect(codes(await act('completePaymentMethodSetup', paymentMethod))).toEqual([
      'TEMPORARILY_UNAVAILABLE',
    ]);
    expect((await act('completePaymentMethodSetup', paymentMethod)).paymentMethod.status).toBe(
      'ACTIVE',
    );
  });
});

it('whose setup PayPal has forgotten is to be begun anew', async () => {
  const { paymentMethod } = await begin();
  await at.rows("update payments.payment_method set setup_token = 'GONE1234567' where id = $1", [
    paymentMethod.id,
  ]);

  expect(codes(await act('completePaymentMethodSetup', paymentMethod))).toEqual([
    'PAYMENT_METHOD_NOT_FOUND',
  ]);
});

describe('removing a payment method', () => {
  it("takes it out of PayPal's vault too, though PayPal was away", async () => {
    const { paymentMethod } = await begin();
    await approve(paymentMethod);
    await act('completePaymentMethodSetup', paymentMethod);
    const before = await vaulted();

    await at.fault({ operation: 'vault.delete', kind: 'http-5xx', times: 3 });
    expect((await act('removePaymentMethod', paymentMethod)).paymentMethod.status).toBe('REMOVED');
    expect(await vaulted()).toBe(before);

    await at.stack.advanceClock(MINUTE_MS);
    await until(async () => (await vaulted()) === before - 1);
  });

  it('while PayPal saves it leaves nothing in the vault', async () => {
    const { paymentMethod } = await begin();
    await approve(paymentMethod);
    const before = await vaulted();

    await at.fault({ operation: 'vault.create', kind: 'delay', delayMs: 500 });
    const completing = act('completePaymentMethodSetup', paymentMethod);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await act('removePaymentMethod', paymentMethod);

    expect(codes(await completing)).toEqual(['NOT_FOUND']);
    await until(async () => (await vaulted()) === before);
  });
});
