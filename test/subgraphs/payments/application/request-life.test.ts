import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HOUR_MS } from '../../../../subgraphs/kernel/clock.ts';
import { codes } from './money-story.ts';
import { ADDRESS, type PaymentsTest, startPaymentsTest, until, usd } from './support.ts';

let at: PaymentsTest;

beforeAll(async () => {
  at = await startPaymentsTest(100);
}, 60_000);

afterAll(() => at?.close());

const priced = (minor: string) => ({
  lines: [{ title: 'T', description: 'D', unitPrice: usd(minor) }],
});
const requestOf = (id: string) =>
  at.ask('buyer', 'query($id: ID!) { paymentRequest(id: $id) { status viewedAt version } }', {
    id,
  });
const act = (person: 'buyer' | 'seller' | 'secondBuyer', name: string, paymentRequestId: string) =>
  at.mutate(person, name, { paymentRequestId }, 'paymentRequest { id status viewedAt }');
const sent = async (input: object = {}) => (await at.sendRequest(input)).paymentRequest;
/** Past every request's window. */
const nextWeek = () => at.stack.advanceClock(169 * HOUR_MS);

describe('the limit of seven days', () => {
  it('holds for requests sent at once: what fits goes out, the rest is refused', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => at.sendRequest(priced('75000'))));

    expect(answers.filter(({ paymentRequest }) => paymentRequest !== null)).toHaveLength(3);
    expect(answers.flatMap(codes)).toEqual(['WEEKLY_LIMIT_EXCEEDED', 'WEEKLY_LIMIT_EXCEEDED']);
    expect(
      await at.rows(
        'select count(*)::int as n, sum(total_minor)::int as sum from payments.payment_request where seller_id = $1',
        [at.sellerId],
      ),
    ).toEqual([{ n: 3, sum: 225_000 }]);
  });

  it('counts what was sent, also when it was withdrawn, declined or replaced', async () => {
    await nextWeek();
    const [withdrawn, declined, replaced] = [
      await sent(priced('50000')),
      await sent(priced('50000')),
      await sent(priced('50000')),
    ];
    await act('seller', 'withdrawPaymentRequest', withdrawn.id);
    await act('buyer', 'declinePaymentRequest', declined.id);
    await at.sendRequest({ ...priced('50000'), replacesId: replaced.id });
    expect((await requestOf(replaced.id)).status).toBe('SUPERSEDED');

    expect(codes(await at.sendRequest(priced('25001')))).toEqual(['WEEKLY_LIMIT_EXCEEDED']);
    expect(codes(await at.sendRequest(priced('25000')))).toEqual([]);
  });

  it('rolls: room comes back 168 hours after each request, not on a day of the week', async () => {
    await nextWeek();
    await sent(priced('75000'));
    await at.stack.advanceClock(48 * HOUR_MS);
    await sent(priced('75000'));
    await sent(priced('75000'));

    await at.stack.advanceClock(120 * HOUR_MS - 60_000);
    expect(codes(await at.sendRequest(priced('75000')))).toEqual(['WEEKLY_LIMIT_EXCEEDED']);
    await at.stack.advanceClock(120_000);

    expect(codes(await at.sendRequest(priced('75000')))).toEqual([]);
    expect(codes(await at.sendRequest(priced('1')))).toEqual(['WEEKLY_LIMIT_EXCEEDED']);
  });

  it('is data: another row, another limit, and none without a row', async () => {
    await nextWeek();
    const limits = await at.rows(
      `delete from payments.request_limit where region = 'US' and tier = 'NEW' returning *`,
    );

    expect(codes(await at.sendRequest(priced('1')))).toEqual(['REQUEST_LIMIT_EXCEEDED']);

    await at.rows(`insert into payments.request_limit values ('US', 'NEW', 'USD', 200, 300, 24)`);
    expect(codes(await at.sendRequest(priced('201')))).toEqual(['REQUEST_LIMIT_EXCEEDED']);
    expect(codes(await at.sendRequest(priced('200')))).toEqual([]);
    expect(codes(await at.sendRequest(priced('101')))).toEqual(['WEEKLY_LIMIT_EXCEEDED']);
    await at.stack.advanceClock(25 * HOUR_MS);
    expect(codes(await at.sendRequest(priced('101')))).toEqual([]);
    const [limit] = limits;
    await at.rows(
      `update payments.request_limit set per_request_minor = $1, per_window_minor = $2, window_hours = $3 where tier = 'NEW'`,
      [limit.per_request_minor, limit.per_window_minor, limit.window_hours],
    );
  });
});

describe('the end of a request', () => {
  it.each([
    ['72 hours when none was asked for', {}, 72],
    ['the hours that were asked for', { expiresInHours: 1 }, 1],
  ])('comes after %s, and takes no payment after it', async (_case, input, hours) => {
    await nextWeek();
    const request = await sent(input);

    await at.stack.advanceClock(hours * HOUR_MS - 60_000);
    expect((await requestOf(request.id)).status).toBe('SENT');
    await at.stack.advanceClock(61_000);
    const late = await at.pay(request);
    await until(async () => (await requestOf(request.id)).status === 'EXPIRED');

    expect(codes(late)).toEqual(['ILLEGAL_TRANSITION']);
    expect(
      await at.rows('select id from payments.payment_attempt where request_id = $1', [request.id]),
    ).toEqual([]);
  });

  it('does not come while a payment is pending, and the payment still counts', async () => {
    await nextWeek();
    const request = await sent({ expiresInHours: 1 });
    await at.fault({ operation: 'orders.capture', kind: 'pending' });
    await at.pay(request);

    await at.stack.advanceClock(3 * HOUR_MS);
    expect((await requestOf(request.id)).status).toBe('PENDING');
    const captureId = (await at.logged('capture.pending')).at(-1).id;
    await at.simulator(`/simulator/captures/${captureId}/decide`, { status: 'COMPLETED' });
    await until(async () => (await requestOf(request.id)).status === 'PAID');
  });
});

describe('a request that takes the place of another', () => {
  it('leaves exactly one that can be paid', async () => {
    await nextWeek();
    const old = await sent();

    const { paymentRequest: next } = await at.sendRequest({ ...priced('900'), replacesId: old.id });

    expect((await requestOf(old.id)).status).toBe('SUPERSEDED');
    expect(codes(await at.pay(old))).toEqual(['ILLEGAL_TRANSITION']);
    expect(codes(await at.pay(next))).toEqual([]);
    expect(
      await at.rows(
        'select count(*)::int as n from payments.payment where request_id in ($1, $2)',
        [old.id, next.id],
      ),
    ).toEqual([{ n: 1 }]);
  });

  it('is refused, and not sent, when the other is paid, pending or unknown', async () => {
    await nextWeek();
    const paid = await sent();
    await at.pay(paid);
    const pending = await sent();
    await at.fault({ operation: 'orders.capture', kind: 'pending' });
    await at.pay(pending);
    const before = await at.footprint();

    const refused = [
      await at.sendRequest({ replacesId: paid.id }),
      await at.sendRequest({ replacesId: pending.id }),
      await at.sendRequest({ replacesId: `prq_${'0'.repeat(32)}` }),
    ];

    expect(refused.flatMap(codes)).toEqual(['PAYMENT_IN_FLIGHT', 'PAYMENT_IN_FLIGHT', 'NOT_FOUND']);
    expect(await at.footprint()).toEqual(before);
  });

  it('and a payment at the same moment: one of them wins, never both', async () => {
    await nextWeek();
    const old = await sent();

    const [replaced, paid] = await Promise.all([
      at.sendRequest({ replacesId: old.id }),
      at.pay(old),
    ]);

    const { status } = await requestOf(old.id);
    const hasPaid = codes(paid).length === 0;
    expect(hasPaid).not.toBe(codes(replaced).length === 0);
    expect(status).toBe(hasPaid ? 'PAID' : 'SUPERSEDED');
  });
});

describe('that a buyer has seen a request', () => {
  it('is noted once, by that buyer alone, and changes no state', async () => {
    await nextWeek();
    const request = await sent();

    expect(codes(await act('seller', 'viewPaymentRequest', request.id))).toEqual(['NOT_ALLOWED']);
    expect(codes(await act('secondBuyer', 'viewPaymentRequest', request.id))).toEqual([
      'NOT_FOUND',
    ]);
    expect((await requestOf(request.id)).viewedAt).toBeNull();
    const first = await act('buyer', 'viewPaymentRequest', request.id);
    await at.stack.advanceClock(60_000);
    const second = await act('buyer', 'viewPaymentRequest', request.id);

    expect(first.paymentRequest.status).toBe('SENT');
    expect(first.paymentRequest.viewedAt).not.toBeNull();
    expect(second.paymentRequest.viewedAt).toBe(first.paymentRequest.viewedAt);
    expect(
      await at.rows(
        `select count(*)::int as n from payments.outbox where aggregate_id = $1 and type = 'payments.payment-request-viewed'`,
        [request.id],
      ),
    ).toEqual([{ n: 1 }]);
  });
});

const buy = (name: 'payPaymentRequest' | 'checkoutListing', input: object) =>
  at.ask(
    'buyer',
    `mutation($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) {
       paymentRequest { id status } attempt { id } userErrors { code message isRetryable } } }`,
    {
      input: {
        paymentMethodId: at.methodId,
        shippingAddress: ADDRESS,
        idempotencyKey: randomUUID(),
        ...input,
      },
    },
  );

describe('a seller that is suspended', () => {
  beforeAll(nextWeek);
  const canRequest = async () =>
    (await at.ask('seller', '{ viewer { sellerAccount { canRequestPayments } } }')).sellerAccount
      .canRequestPayments;
  const decide = async (decision: 'SUSPEND' | 'REINSTATE') => {
    const reason = 'One card in twelve accounts';
    const input = { sellerId: at.sellerId, decision, reason };
    await at.mutate('support', 'decideSellerAccount', input, 'sellerAccount { id }');
    await until(async () => (await canRequest()) === (decision === 'REINSTATE'));
  };
  it('is told why, and its buyers are not', async () => {
    const request = await sent();
    await decide('SUSPEND');
    const answers = [
      await buy('payPaymentRequest', {
        paymentRequestId: request.id,
        approvedTotal: request.total,
      }),
      await buy('checkoutListing', { variantId: at.variantId }),
    ];
    await decide('REINSTATE');

    for (const { userErrors } of answers)
      expect(userErrors).toEqual([
        {
          code: 'SELLER_CANNOT_REQUEST',
          message: 'This seller cannot take payments now: the account is not active.',
          isRetryable: false,
        },
      ]);
  });

  it('does not change the answer to what was sent and bought before', async () => {
    const [asked, bought] = [
      { idempotencyKey: randomUUID() },
      { variantId: at.variantId, idempotencyKey: randomUUID() },
    ];
    const first = [await at.sendRequest(asked), await buy('checkoutListing', bought)];
    expect(first[1].paymentRequest.status).toBe('PAID');
    await decide('SUSPEND');
    const again = [await at.sendRequest(asked), await buy('checkoutListing', bought)];
    const reused = codes(await at.sendRequest({ ...asked, shipping: usd('1') }));
    await decide('REINSTATE');

    expect(again).toEqual(first);
    expect(reused).toEqual(['IDEMPOTENCY_KEY_REUSED']);
  });
});

describe('a decline', () => {
  it('that the same instrument may outlive asks for a new key, and the old one says the same for good', async () => {
    const request = await sent();
    const input = {
      paymentRequestId: request.id,
      approvedTotal: request.total,
      idempotencyKey: randomUUID(),
    };
    await at.fault({ operation: 'orders.capture', kind: 'decline', code: '5920' });

    const declined = await buy('payPaymentRequest', input);

    expect(declined.userErrors).toEqual([
      {
        code: 'PAYMENT_DECLINED',
        message:
          'The payment was declined and nothing was charged. Advice: RETRY_SAME. Another try needs a new idempotency key.',
        isRetryable: false,
      },
    ]);
    expect(await buy('payPaymentRequest', input)).toEqual(declined);
  });
});
