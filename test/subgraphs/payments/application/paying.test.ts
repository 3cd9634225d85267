import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PaymentsTest, startPaymentsTest, until, usd } from './support.ts';

let at: PaymentsTest;

beforeAll(async () => {
  at = await startPaymentsTest(3);
}, 60_000);

afterAll(() => at?.close());

const sent = async (input: object = {}) => (await at.sendRequest(input)).paymentRequest;
const codes = (payload: { userErrors: { code: string }[] }) =>
  payload.userErrors.map(({ code }) => code);

describe('sending a request', () => {
  it.each([
    ['nothing to sell', { lines: [] }, 'LINES_INVALID'],
    ['a free line without a price', { lines: [{ title: 'T', description: 'D' }] }, 'LINES_INVALID'],
    [
      'a price of zero',
      { lines: [{ title: 'T', description: 'D', unitPrice: usd('0') }] },
      'AMOUNT_NOT_POSITIVE',
    ],
    [
      'a negative price',
      { lines: [{ title: 'T', description: 'D', unitPrice: usd('-1') }] },
      'AMOUNT_NOT_POSITIVE',
    ],
    ['negative shipping', { shipping: usd('-1') }, 'AMOUNT_NEGATIVE'],
    ['a discount of everything', { discount: usd('1000') }, 'AMOUNT_NOT_POSITIVE'],
    [
      'another currency',
      {
        lines: [{ title: 'T', description: 'D', unitPrice: { amountMinor: '1', currency: 'EUR' } }],
      },
      'CURRENCY_NOT_SUPPORTED',
    ],
    ['a total that does not add up', { expectedTotal: usd('999') }, 'TOTAL_MISMATCH'],
    [
      'one cent over the limit of a request',
      { lines: [{ title: 'T', description: 'D', unitPrice: usd('75001') }] },
      'REQUEST_LIMIT_EXCEEDED',
    ],
    [
      'an empty description',
      { lines: [{ title: 'T', description: ' ', unitPrice: usd('1') }] },
      'TEXT_EMPTY',
    ],
    [
      'an oversized title',
      { lines: [{ title: 'x'.repeat(128), description: 'D', unitPrice: usd('1') }] },
      'TEXT_TOO_LONG',
    ],
    [
      'a NUL in a text',
      { lines: [{ title: 'a\u0000b', description: 'D', unitPrice: usd('1') }] },
      'TEXT_NOT_STORABLE',
    ],
    ['an expiry of 169 hours', { expiresInHours: 169 }, 'EXPIRY_OUT_OF_RANGE'],
    [
      'a variant that does not exist',
      { lines: [{ variantId: `var_${'0'.repeat(32)}` }] },
      'LISTING_NOT_AVAILABLE',
    ],
    [
      'an id of another type',
      { lines: [{ variantId: `lst_${'0'.repeat(32)}` }] },
      'LISTING_NOT_AVAILABLE',
    ],
    ['an unknown conversation', { conversationId: `cnv_${'0'.repeat(32)}` }, 'NOT_FOUND'],
    ['an idempotency key with a space', { idempotencyKey: 'a b' }, 'IDEMPOTENCY_KEY_INVALID'],
  ])('refuses %s, and changes nothing', async (_case, input, code) => {
    const before = await at.footprint();

    const refused = await at.sendRequest(input);

    expect(codes(refused)).toEqual([code]);
    expect(refused.paymentRequest).toBeNull();
    expect(await at.footprint()).toEqual(before);
  });

  it('has one effect for one key, and refuses the key with other content', async () => {
    const idempotencyKey = randomUUID();
    const [first, second] = await Promise.all([
      at.sendRequest({ idempotencyKey }),
      at.sendRequest({ idempotencyKey }),
    ]);
    const before = await at.footprint();

    const other = await at.sendRequest({ idempotencyKey, shipping: usd('1') });

    expect(second.paymentRequest.id).toBe(first.paymentRequest.id);
    expect(codes(other)).toEqual(['IDEMPOTENCY_KEY_REUSED']);
    expect(await at.footprint()).toEqual(before);
  });
});

describe('paying', () => {
  it('takes the money once when the buyer presses twice, with the same key and with another', async () => {
    const request = await sent();
    const before = (await at.captures()).length;
    const idempotencyKey = randomUUID();

    const answers = await Promise.all([
      at.pay(request, { idempotencyKey }),
      at.pay(request, { idempotencyKey }),
      at.pay(request),
    ]);

    expect(new Set(answers.map(({ attempt }) => attempt?.id)).size).toBe(1);
    expect(answers.map(({ attempt }) => attempt?.status)).toEqual([
      'CAPTURED',
      'CAPTURED',
      'CAPTURED',
    ]);
    expect((await at.captures()).length).toBe(before + 1);
    expect(
      await at.rows('select count(*)::int as n from payments.payment where request_id = $1', [
        request.id,
      ]),
    ).toEqual([{ n: 1 }]);
  });

  it('refuses another total than the buyer approved', async () => {
    const request = await sent();
    const before = await at.footprint();

    const refused = await at.pay(request, { approvedTotal: usd('999') });

    expect(refused.userErrors).toEqual([
      { code: 'OFFER_CHANGED', path: ['approvedTotal'], currentState: null, allowedActions: [] },
    ]);
    expect(await at.footprint()).toEqual(before);
  });

  it("treats somebody else's request as unknown", async () => {
    const request = await sent();
    const before = await at.footprint();

    const refused = await at.pay(request, {}, 'secondBuyer');

    expect(codes(refused)).toEqual(['NOT_FOUND']);
    expect(await at.footprint()).toEqual(before);
  });

  it('tells of a decline with advice, charges nothing, and lets the buyer try again', async () => {
    const request = await sent();
    const before = (await at.captures()).length;
    await at.fault({ operation: 'orders.capture', kind: 'decline', code: 'INSTRUMENT_DECLINED' });

    const declined = await at.pay(request);
    const paid = await at.pay(request);

    expect(codes(declined)).toEqual(['PAYMENT_DECLINED']);
    expect(declined.attempt).toMatchObject({ status: 'DECLINED', advice: 'USE_OTHER' });
    expect(paid.paymentRequest.status).toBe('PAID');
    expect((await at.captures()).length).toBe(before + 1);
  });

  it('answers PENDING while the processor has not decided, refuses to withdraw, and is PAID by its webhook', async () => {
    const request = await sent();
    await at.fault({ operation: 'orders.capture', kind: 'pending' });

    const pending = await at.pay(request);
    const withdrawn = await at.ask(
      'seller',
      `mutation { withdrawPaymentRequest(input: { paymentRequestId: "${request.id}" }) { userErrors { code currentState } } }`,
    );
    const [{ log }] = [
      {
        log: (await (await fetch(`${at.stack.paypal.url}/simulator/log`)).json()) as {
          entries: { what: string; id: string }[];
        },
      },
    ];
    const captureId = log.entries.findLast(({ what }) => what === 'capture.pending')?.id;
    await fetch(`${at.stack.paypal.url}/simulator/captures/${captureId}/decide`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"status":"COMPLETED"}',
    });
    let status = '';
    for (const deadline = Date.now() + 15_000; status !== 'PAID' && Date.now() < deadline; ) {
      status = (await at.ask('buyer', `{ paymentRequest(id: "${request.id}") { status } }`)).status;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }

    expect(codes(pending)).toEqual([]);
    expect(pending.paymentRequest.status).toBe('PENDING');
    expect(withdrawn.userErrors).toEqual([{ code: 'PAYMENT_IN_FLIGHT', currentState: 'PENDING' }]);
    expect(status).toBe('PAID');
    expect(
      await at.rows('select count(*)::int as n from payments.payment where request_id = $1', [
        request.id,
      ]),
    ).toEqual([{ n: 1 }]);
  });

  it('takes the money once when the answer to the capture was lost', async () => {
    const request = await sent();
    const before = (await at.captures()).length;
    await at.fault({ operation: 'orders.capture', kind: 'reset-after' });

    const paid = await at.pay(request);

    expect(paid.paymentRequest.status).toBe('PAID');
    expect((await at.captures()).length).toBe(before + 1);
  });

  it('sells the last item to one buyer only, and charges nobody else', async () => {
    await at.ask(
      'seller',
      `mutation { adjustStock(input: { variantId: "${at.variantId}", delta: -2, reason: "counted", idempotencyKey: "${randomUUID()}" }) { userErrors { code } } }`,
    );
    const requests = [];
    for (let n = 0; n < 4; n += 1)
      requests.push(await sent({ lines: [{ variantId: at.variantId, quantity: 1 }] }));
    const before = (await at.captures()).length;

    const answers = await Promise.all(requests.map((request) => at.pay(request)));

    expect(answers.filter(({ paymentRequest }) => paymentRequest?.status === 'PAID')).toHaveLength(
      1,
    );
    expect(answers.flatMap(codes)).toEqual(['OUT_OF_STOCK', 'OUT_OF_STOCK', 'OUT_OF_STOCK']);
    expect((await at.captures()).length).toBe(before + 1);
    expect(
      await at.rows(
        'select min(on_hand - allocated - held)::int as least from catalog.inventory_item',
      ),
    ).toEqual([{ least: 0 }]);
  });
});

describe('the same call again', () => {
  it('after a decline answers the same and holds no stock', async () => {
    await at.rows(`update catalog.inventory_item set on_hand = on_hand + 1`);
    const request = await sent({ lines: [{ variantId: at.variantId, quantity: 1 }] });
    const levels = () =>
      at.rows('select on_hand, allocated, held from catalog.inventory_item order by id');
    // What was sold above is on its way from held to allocated.
    const before = await until(async () => {
      const now = await levels();
      return now.every(({ held }) => held === 0) && now;
    });
    await at.fault({ operation: 'orders.capture', kind: 'decline' });
    const idempotencyKey = randomUUID();

    const first = await at.pay(request, { idempotencyKey });
    const again = await at.pay(request, { idempotencyKey });

    expect(first.attempt.status).toBe('DECLINED');
    expect(again.attempt).toEqual(first.attempt);
    expect(await levels()).toEqual(before);
    await at.rows(`update catalog.inventory_item set on_hand = on_hand - 1`);
  });
});

describe('a payment while PayPal is silent', () => {
  it('begins nothing, and the same call goes through once PayPal answers', async () => {
    const request = await sent();
    const before = await at.footprint();
    const idempotencyKey = randomUUID();
    await at.fault({ operation: 'orders.create', kind: 'reset', times: 3 });

    const refused = await at.pay(request, { idempotencyKey });

    expect(refused.attempt).toBeNull();
    expect(refused.userErrors).toEqual([
      { code: 'TEMPORARILY_UNAVAILABLE', path: [], currentState: null, allowedActions: [] },
    ]);
    expect(await at.footprint()).toEqual(before);
    const paid = await at.pay(request, { idempotencyKey });
    expect(paid.attempt.status).toBe('CAPTURED');
  });
});

describe('a key', () => {
  it('of a payment that came to nothing says so for good, and that a new one is needed', async () => {
    const request = await sent();
    const before = (await at.captures()).length;
    const idempotencyKey = randomUUID();
    await at.fault({ operation: 'orders.capture', kind: 'http-5xx', times: 3 });

    const first = await at.pay(request, { idempotencyKey });
    expect(first.attempt.status).toBe('UNKNOWN');
    await at.stack.advanceClock(61_000);
    await until(async () => {
      const [row] = await at.rows('select status from payments.payment_attempt where id = $1', [
        first.attempt.id,
      ]);
      return row.status === 'CANCELED';
    });
    const again = await at.pay(request, { idempotencyKey });
    const andAgain = await at.pay(request, { idempotencyKey });
    const withNewKey = await at.pay(request);

    expect(again.attempt).toEqual({
      ...{ id: first.attempt.id, status: 'CANCELED', advice: 'RETRY_SAME' },
    });
    expect(again.userErrors).toEqual([
      { code: 'PAYMENT_NOT_TAKEN', path: [], currentState: null, allowedActions: [] },
    ]);
    expect(andAgain).toEqual(again);
    expect(withNewKey.attempt.status).toBe('CAPTURED');
    expect((await at.captures()).length).toBe(before + 1);
  });

  it('that was answered by a running payment never begins another one', async () => {
    const request = await sent();
    const idempotencyKey = randomUUID();
    await at.fault({ operation: 'orders.capture', kind: 'pending' });

    const running = await at.pay(request);
    const joined = await at.pay(request, { idempotencyKey });
    expect(joined.attempt).toEqual(running.attempt);
    const captureId = (await at.logged('capture.pending')).at(-1).id;
    await at.simulator(`/simulator/captures/${captureId}/decide`, { status: 'DECLINED' });
    await at.stack.advanceClock(61_000);
    await until(async () => {
      const [row] = await at.rows('select status from payments.payment_request where id = $1', [
        request.id,
      ]);
      return row.status === 'SENT';
    });
    const before = await at.footprint();
    const again = await at.pay(request, { idempotencyKey });

    expect(again.attempt).toMatchObject({ id: running.attempt.id, status: 'DECLINED' });
    expect(await at.footprint()).toEqual(before);
  });
});

describe('payment methods', () => {
  it('exist for their buyer alone', async () => {
    const entity = (person: 'buyer' | 'seller' | 'support') =>
      at.ask(person, '{ viewer { paymentMethods { id lastFour } } }');

    expect((await entity('buyer')).paymentMethods).toEqual([{ id: at.methodId, lastFour: '4242' }]);
    expect((await entity('seller')).paymentMethods).toEqual([]);
    expect(await entity('support')).toBeNull();
  });

  it('cannot be used by somebody else', async () => {
    const request = await sent();
    const before = await at.footprint();

    const refused = await at.pay(request, { paymentMethodId: `pmt_${'0'.repeat(32)}` });

    expect(codes(refused)).toEqual(['PAYMENT_METHOD_NOT_FOUND']);
    expect(await at.footprint()).toEqual(before);
  });
});
