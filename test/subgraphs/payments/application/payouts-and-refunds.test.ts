import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../subgraphs/kernel/clock.ts';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import { entryHash } from '../../../../subgraphs/payments/persistence/money.store.ts';
import { codes, moneyStory } from './money-story.ts';
import { type PaymentsTest, startPaymentsTest, until, usd } from './support.ts';

let at: PaymentsTest;
let story: ReturnType<typeof moneyStory>;

const decide = (decision: string) =>
  at.mutate(
    'support',
    'decideSellerAccount',
    { sellerId: at.sellerId, decision, reason: 'Checked' },
    'sellerAccount { id }',
  );
const line = (minor: string) => ({ title: 'T', description: 'D', unitPrice: usd(minor) });

beforeAll(async () => {
  at = await startPaymentsTest(100);
  story = moneyStory(at);
}, 60_000);

afterAll(() => at?.close());

describe('a payout', () => {
  it('is made five business days after sending and marking, once, and not for what was never sent', async () => {
    const [sale, unsent] = [await story.sold(), await story.sold()];

    const due = await story.sentAndScheduled(sale);
    await story.goTo(due, -60_000);
    await story.settle();
    expect((await story.payoutOf(sale)).status).toBe('SCHEDULED');
    expect(await story.payoutsOf(sale)).toEqual([]);

    await story.goTo(due, 1_000);
    await until(async () => (await story.payoutOf(sale)).status === 'RELEASED');
    await at.stack.advanceClock(DAY_MS);
    await story.settle();

    expect(await story.payoutsOf(sale)).toHaveLength(1);
    expect((await story.payoutOf(unsent)).status).toBe('HELD');
    expect(await story.payoutsOf(unsent)).toEqual([]);
    expect(
      await at.rows('select count(*)::int as n from payments.ledger_entry where reference = $1', [
        `${sale.paymentId}:released`,
      ]),
    ).toEqual([{ n: 1 }]);
  });

  it('waits while its seller may not be paid, for money that was captured before and meanwhile', async () => {
    const sale = await story.sold();
    const due = await story.sentAndScheduled(sale);
    const { paymentRequest } = await at.sendRequest();
    await at.fault({ operation: 'orders.capture', kind: 'pending' });
    await at.pay(paymentRequest);
    expect(codes(await decide('SUSPEND'))).toEqual([]);
    await until(async () => (await story.payoutOf(sale)).status === 'FROZEN');
    const captureId = (await at.logged('capture.pending')).at(-1).id;
    await at.simulator(`/simulator/captures/${captureId}/decide`, { status: 'COMPLETED' });
    const late = await until(async () => {
      const [row] = await at.rows(
        'select status, reasons from payments.disbursement where request_id = $1',
        [paymentRequest.id],
      );
      return row;
    });
    await story.goTo(due, 1_000);
    await story.settle();

    expect(await story.payoutOf(sale)).toMatchObject({
      status: 'FROZEN',
      reasons: ['SELLER_RESTRICTED'],
    });
    expect(late).toEqual({ status: 'FROZEN', reasons: ['SELLER_RESTRICTED'] });
    expect(await story.payoutsOf(sale)).toEqual([]);

    expect(codes(await decide('REINSTATE'))).toEqual([]);
    await until(async () => (await story.payoutOf(sale)).status === 'RELEASED');
    expect(await story.payoutsOf(sale)).toHaveLength(1);
  });
});

describe('a payout that is under way', () => {
  it('keeps in mind that its seller may not be paid, should PayPal refuse it', async () => {
    const sale = await story.sold();
    const due = await story.sentAndScheduled(sale);
    await at.fault({ operation: 'payouts.create', kind: 'http-5xx', times: 100 });
    await story.goTo(due, 1_000);
    await until(async () => (await story.payoutOf(sale)).status === 'RELEASING');

    await decide('SUSPEND');
    const reasons = () => story.payoutOf(sale).then((payout) => payout.reasons);
    await until(async () => (await reasons()).length > 0);
    expect(await reasons()).toEqual(['SELLER_RESTRICTED']);

    await decide('REINSTATE');
    await until(async () => (await reasons()).length === 0);
    await fetch(`${at.stack.paypal.url}/simulator/faults`, { method: 'DELETE' });
    await until(async () => {
      await at.stack.advanceClock(5 * MINUTE_MS);
      return (await story.payoutOf(sale)).status === 'RELEASED';
    });
  });

  it('whose end PayPal does not tell is asked about less and less often', async () => {
    const sale = await story.sold();
    const due = await story.sentAndScheduled(sale);
    const ASKS = 'select asks from payments.disbursement where payment_id = $1';
    const asks = async () => (await at.rows(ASKS, [sale.paymentId]))[0].asks;
    await at.fault({ operation: 'payouts.create', kind: 'http-5xx', times: 10_000 });
    await story.goTo(due, 1_000);
    await until(async () => (await asks()) > 0);

    // An hour, five seconds at a time, would be 720 questions.
    for (let minute = 0; minute < 60; minute += 1) await at.stack.advanceClock(MINUTE_MS);
    expect(await asks()).toBeLessThan(25);
    await fetch(`${at.stack.paypal.url}/simulator/faults`, { method: 'DELETE' });
    await until(async () => {
      await at.stack.advanceClock(5 * MINUTE_MS);
      return (await story.payoutOf(sale)).status === 'RELEASED';
    });
    expect(await story.payoutsOf(sale)).toHaveLength(1);
  });
});

describe('the balance', () => {
  it('adds up all that was ever paid out, and shows what waits, however much came after it', async () => {
    const waiting = await story.sold();
    const read = async () =>
      (
        await at.ask(
          'seller',
          '{ viewer { sellerAccount { balance { paidOut { amountMinor } items { paymentId } } } } }',
        )
      ).sellerAccount.balance;
    const before = await read();
    // As many payouts as a busy month, each of ten dollars.
    await at.rows('begin');
    await at.rows('set local session_replication_role = replica');
    await at.rows(
      `insert into payments.disbursement
       select (json_populate_record(d, json_build_object('id', 'dsb_many_' || n, 'payment_id', 'pay_many_' || n,
         'capture_id', 'MANY' || n, 'release_id', 'OUT' || n, 'status', 'RELEASED', 'net_minor', 1000,
         'netted_minor', 0, 'captured_at', d.captured_at + interval '1 second',
         'fully_sent_at', d.captured_at, 'released_at', d.captured_at))).*
       from payments.disbursement d, generate_series(1, 210) n where d.payment_id = $1`,
      [waiting.paymentId],
    );
    const after = await read();
    await at.rows('commit');
    const many = await read();
    await at.rows('begin');
    await at.rows('set local session_replication_role = replica');
    await at.rows(`delete from payments.disbursement where id like 'dsb_many_%'`);
    await at.rows('commit');

    expect(after).toEqual(before);
    expect(many.paidOut.amountMinor).toBe(String(Number(before.paidOut.amountMinor) + 210_000));
    expect(many.items).toContainEqual({ paymentId: waiting.paymentId });
  });
});

describe('an offer whose discount is more than the goods', () => {
  it('becomes an order all the same, and its parts give back no more than was paid', async () => {
    const sale = await story.sold({
      lines: [{ ...line('1000'), quantity: 2 }],
      shipping: usd('1500'),
      discount: usd('3000'),
    });
    const { total, shipping, items } = await at.ask(
      'seller',
      'query($id: ID!) { order(id: $id) { total { amountMinor } shipping { amountMinor } items { id } } }',
      { id: sale.orderId },
    );
    expect([total.amountMinor, shipping.amountMinor]).toEqual(['500', '500']);
    const cancel = () =>
      at.mutate(
        'seller',
        'cancelOrder',
        {
          orderId: sale.orderId,
          reason: 'OTHER',
          idempotencyKey: randomUUID(),
          items: [{ orderItemId: items[0].id, quantity: 1 }],
        },
        'order { status refunded { amountMinor } }',
      );

    expect((await cancel()).order.status).toBe('AWAITING_SHIPMENT');
    expect((await cancel()).order.status).toBe('CANCELLED');
    await until(async () => (await story.payoutOf(sale)).status === 'RETURNED');
    expect(await story.refundsOf(sale)).toHaveLength(1);
  });
});

describe('a payout that fails at PayPal', () => {
  it('is asked for anew an hour later, and made once', async () => {
    const sale = await story.sold();
    const due = await story.sentAndScheduled(sale);
    await at.fault({ operation: 'payouts.create', kind: 'decline' });
    await story.goTo(due, 1_000);
    await until(async () => (await at.logged('payout.failed')).length === 1);
    await until(async () => (await story.payoutOf(sale)).status === 'SCHEDULED');
    expect(await story.payoutsOf(sale)).toEqual([]);

    await at.stack.advanceClock(HOUR_MS + 1_000);
    await until(async () => (await story.payoutOf(sale)).status === 'RELEASED');
    await at.stack.advanceClock(DAY_MS);
    await story.settle();

    expect(await story.payoutsOf(sale)).toHaveLength(1);
    expect(await at.logged('payout.failed')).toHaveLength(1);
    expect(
      await at.rows('select count(*)::int as n from payments.ledger_entry where reference = $1', [
        `${sale.paymentId}:released`,
      ]),
    ).toEqual([{ n: 1 }]);
  });
});

describe('a refund', () => {
  it('of everything before the payout returns the held money, and the seller owes the kept fee', async () => {
    const sale = await story.sold();
    const held = await story.net(sale);

    const { refund: made } = await story.refund(sale);
    await until(async () => (await story.payoutOf(sale)).status === 'RETURNED');

    expect(made).toMatchObject({ status: 'COMPLETED', amount: { amountMinor: '1000' } });
    expect(await story.refundsOf(sale)).toHaveLength(1);
    expect(await story.booked(made.id)).toEqual([
      ['receivable', 'held', 1000 - held],
      ['held', 'buyers:refunded', 1000],
      ['buyers:refunded', 'processor:clearing', 1000],
    ]);
    expect(await story.payoutOf(sale)).toMatchObject({
      status: 'RETURNED',
      net: 0,
      release_at: null,
    });
  });

  it('of a part before the payout leaves the rest to be paid', async () => {
    const sale = await story.sold();
    const held = await story.net(sale);

    await story.refund(sale, { amount: usd('400') });
    const due = await story.sentAndScheduled(sale);
    await story.goTo(due, 1_000);
    await until(async () => (await story.payoutOf(sale)).status === 'RELEASED');

    expect(await story.net(sale)).toBe(held - 400);
    expect(
      await at.rows(
        'select amount_minor::int as n from payments.ledger_entry where reference = $1',
        [`${sale.paymentId}:released`],
      ),
    ).toEqual([{ n: held - 400 }]);
  });

  it('after the payout is owed by the seller', async () => {
    const sale = await story.sold();
    await story.goTo(await story.sentAndScheduled(sale), 1_000);
    await until(async () => (await story.payoutOf(sale)).status === 'RELEASED');

    const { refund: made } = await story.refund(sale);

    expect(made.status).toBe('COMPLETED');
    expect(await story.booked(made.id)).toEqual([
      ['receivable', 'buyers:refunded', 1000],
      ['buyers:refunded', 'processor:clearing', 1000],
    ]);
    expect((await story.payoutOf(sale)).status).toBe('RELEASED');
  });

  it('asked for while the payout is under way waits for its end, and both are booked in full', async () => {
    const sale = await story.sold();
    const held = await story.net(sale);
    const due = await story.sentAndScheduled(sale);
    await at.fault({ operation: 'payouts.create', kind: 'http-5xx', times: 4 });
    await story.goTo(due, 1_000);
    await until(async () => (await story.payoutOf(sale)).status === 'RELEASING');

    const asked = await story.refund(sale);
    const during = await story.refundsOf(sale);
    await until(async () => (await story.payoutOf(sale)).status === 'RELEASED');
    await until(async () => {
      const [row] = await at.rows('select status from payments.refund where id = $1', [
        asked.refund.id,
      ]);
      return row.status === 'COMPLETED';
    });

    expect(during).toEqual([]);
    expect(asked.refund.status).toBe('APPROVED');
    expect(await story.net(sale)).toBe(held);
    expect(await story.payoutsOf(sale)).toHaveLength(1);
    expect(await story.refundsOf(sale)).toHaveLength(1);
    expect(
      await at.rows(
        'select debit, amount_minor::int as n from payments.ledger_entry where reference in ($1, $2) order by id',
        [`${sale.paymentId}:released`, `${asked.refund.id}:refunded`],
      ),
    ).toEqual([
      { debit: `seller:${at.sellerId}:held`, n: held },
      { debit: `seller:${at.sellerId}:receivable`, n: 1000 },
    ]);
  });

  it('of everything is given once when two ask at once', async () => {
    const sale = await story.sold();

    const answers = await Promise.all([story.refund(sale), story.refund(sale)]);

    expect(answers.flatMap(codes)).toEqual(['REFUND_EXCEEDS_PAYMENT']);
    expect(await story.refundsOf(sale)).toHaveLength(1);
  });

  it('has one effect for one key, and refuses the key with other content', async () => {
    const sale = await story.sold();
    const input = { idempotencyKey: randomUUID(), amount: usd('100') };
    const [first, second] = await Promise.all([
      story.refund(sale, input),
      story.refund(sale, input),
    ]);
    const before = await at.footprint();

    const otherAmount = await story.refund(sale, { ...input, amount: usd('200') });
    const otherReason = await story.refund(sale, { ...input, reason: 'Other' });

    expect(second.refund.id).toBe(first.refund.id);
    expect(codes(otherAmount)).toEqual(['IDEMPOTENCY_KEY_REUSED']);
    expect(codes(otherReason)).toEqual(['IDEMPOTENCY_KEY_REUSED']);
    expect(await at.footprint()).toEqual(before);
    expect(await story.refundsOf(sale)).toHaveLength(1);
  });

  it.each([
    ['of nothing', { amount: usd('0') }, 'AMOUNT_NOT_POSITIVE'],
    ['of less than nothing', { amount: usd('-1') }, 'AMOUNT_NOT_POSITIVE'],
    ['of more than was paid', { amount: usd('1001') }, 'REFUND_EXCEEDS_PAYMENT'],
    [
      'in another currency',
      { amount: { amountMinor: '1', currency: 'EUR' } },
      'CURRENCY_NOT_SUPPORTED',
    ],
    ['without a reason', { reason: ' ' }, 'TEXT_EMPTY'],
    ['with a NUL in the reason', { reason: 'a\u0000b' }, 'TEXT_NOT_STORABLE'],
    ['with an oversized reason', { reason: 'x'.repeat(201) }, 'TEXT_TOO_LONG'],
    ['with an empty key', { idempotencyKey: '' }, 'IDEMPOTENCY_KEY_INVALID'],
    ['of an unknown payment', { paymentId: `pay_${'0'.repeat(32)}` }, 'NOT_FOUND'],
    ['of an id of another type', { paymentId: `prq_${'0'.repeat(32)}` }, 'NOT_FOUND'],
  ])('%s is refused, and changes nothing', async (_case, input, code) => {
    const sale = await story.sold();
    const before = await at.footprint();

    const refused = await story.refund(sale, input);

    expect(codes(refused)).toEqual([code]);
    expect(refused.refund).toBeNull();
    expect(await at.footprint()).toEqual(before);
  });

  it.each([
    { person: 'buyer', code: 'NOT_ALLOWED' },
    { person: 'secondBuyer', code: 'NOT_FOUND' },
    { person: 'secondSeller', code: 'NOT_FOUND' },
  ])('asked for by the $person is $code', async ({ person, code }) => {
    const sale = await story.sold();
    const before = await at.footprint();

    expect(codes(await story.refund(sale, {}, person as 'seller'))).toEqual([code]);
    expect(await at.footprint()).toEqual(before);
  });

  it('that the processor cannot make keeps the payout waiting, and is tried again', async () => {
    const sale = await story.sold();
    const due = await story.sentAndScheduled(sale);
    await at.fault({ operation: 'captures.refund', kind: 'http-5xx', times: 6 });

    const { refund: asked } = await story.refund(sale);
    expect(asked.status).toBe('SUBMITTED');
    expect(await story.payoutOf(sale)).toMatchObject({
      status: 'FROZEN',
      reasons: ['REFUND_PENDING'],
    });
    await story.goTo(due, HOUR_MS);
    await until(async () => (await story.payoutOf(sale)).status === 'RETURNED');

    expect(await story.payoutsOf(sale)).toEqual([]);
    expect(await story.refundsOf(sale)).toHaveLength(1);
  });
});

describe('the fee of the platform', () => {
  it('is that of the moment of the request, is taken by PayPal, and goes back with refunds', async () => {
    const setFee = (basisPoints: number) =>
      at.rows(`update payments.platform_fee_policy set basis_points = $1 where origin = 'CHAT'`, [
        basisPoints,
      ]);
    await setFee(500);
    const { paymentRequest } = await at.sendRequest();
    await setFee(0);
    await at.pay(paymentRequest);
    const [row] = await until(async () => {
      const rows = await at.rows(
        'select id, order_id, capture_id, platform_fee_minor::int as fee, processor_fee_minor::int as kept from payments.payment where request_id = $1 and order_id is not null',
        [paymentRequest.id],
      );
      return rows.length > 0 && rows;
    });
    const sale = {
      requestId: paymentRequest.id,
      paymentId: row.id,
      orderId: row.order_id,
      captureId: row.capture_id,
    };
    expect(row.fee).toBe(50);
    expect(await story.net(sale)).toBe(1000 - row.kept - 50);
    expect((await story.booked(sale.paymentId)).at(-1)).toEqual(['held', 'platform:fees', 50]);

    const { refund: part } = await story.refund(sale, { amount: usd('333') });
    expect(await story.booked(part.id)).toEqual([
      ['platform:fees', 'held', 16],
      ['held', 'buyers:refunded', 333],
      ['buyers:refunded', 'processor:clearing', 333],
    ]);
    const left = 1000 - row.kept - 50 - 333 + 16;
    expect(await story.net(sale)).toBe(left);

    await story.released(sale);
    const [payout] = await story.payoutsOf(sale);
    expect(payout.detail.amount.minor).toBe(String(left));
    const { refund: rest } = await story.refund(sale);
    expect(await story.booked(rest.id)).toEqual([
      ['platform:fees', 'receivable', 34],
      ['receivable', 'buyers:refunded', 667],
      ['buyers:refunded', 'processor:clearing', 667],
    ]);
    expect((await story.books())['platform:fees']).toBeUndefined();
  });
});

describe('a refund that finds no money at PayPal', () => {
  it('is tried again for hours, then left to a person, and both sides are told; nothing is booked', async () => {
    const sale = await story.sold();
    await story.released(sale);
    const [{ payee_merchant_id: merchantId }] = await at.rows(
      `select payee_merchant_id from payments.payment_attempt where request_id = $1`,
      [sale.requestId],
    );
    await at.simulator(`/simulator/merchants/${merchantId}/withdraw`, { currency: 'USD' });

    const { refund: asked } = await story.refund(sale);
    const statusOf = async () =>
      (await at.rows('select status, attempts from payments.refund where id = $1', [asked.id]))[0];
    expect(asked.status).toBe('FAILED');
    await until(async () => {
      if ((await statusOf()).status === 'FAILED') await at.stack.advanceClock(2 * HOUR_MS);
      return (await statusOf()).status === 'ESCALATED';
    });
    await until(async () => {
      const notices = await at.rows(
        `select side from orders.notification where order_id = $1 and kind = 'REFUND_FAILED'`,
        [sale.orderId],
      );
      return notices.length === 2;
    });

    expect(await statusOf()).toEqual({ status: 'ESCALATED', attempts: 8 });
    expect(await story.booked(asked.id)).toEqual([]);
    expect(await story.refundsOf(sale)).toEqual([]);
    expect(codes(await story.refund(sale, { amount: usd('1') }))).toEqual([
      'REFUND_EXCEEDS_PAYMENT',
    ]);

    const retry = (person: 'seller' | 'support') =>
      at.mutate(
        person,
        'retryRefund',
        { refundId: asked.id, reason: 'The seller paid in' },
        'refund { status }',
      );
    await expect(retry('seller')).rejects.toThrow('FORBIDDEN');
    expect((await retry('support')).refund).toEqual({ status: 'ESCALATED' });
    // Another sale is paid out: there is money again.
    await story.released(await story.sold({ lines: [line('5000')] }));
    expect((await retry('support')).refund).toEqual({ status: 'COMPLETED' });
    expect(await story.refundsOf(sale)).toHaveLength(1);
    const again = await retry('support');
    expect(codes(again)).toEqual(['REFUND_NOT_ESCALATED']);
    expect(again.userErrors[0].currentState).toBe('COMPLETED');
    expect(
      await at.rows(
        `select principal, reason from payments.operator_action
         where action = 'retry-refund' and subject = $1`,
        [asked.id],
      ),
    ).toEqual(
      Array(2).fill({
        principal: expect.stringContaining('support:'),
        reason: 'The seller paid in',
      }),
    );
  });
});

describe('a refund that PayPal has begun', () => {
  it('and that failed there is asked for anew, and the buyer has the money once', async () => {
    const sale = await story.sold();
    await at.fault({ operation: 'captures.refund', kind: 'pending' });
    const { refund: asked } = await story.refund(sale);
    expect(asked.status).toBe('PENDING');
    const [{ processor_refund_id: first }] = await at.rows(
      'select processor_refund_id from payments.refund where id = $1',
      [asked.id],
    );

    await at.simulator(`/simulator/refunds/${first}/decide`, { status: 'FAILED' });
    await until(async () => {
      await at.stack.advanceClock(HOUR_MS);
      const [{ status }] = await at.rows('select status from payments.refund where id = $1', [
        asked.id,
      ]);
      return status === 'COMPLETED';
    });

    expect(await story.refundsOf(sale)).toHaveLength(1);
    expect((await story.payoutOf(sale)).status).toBe('RETURNED');
  });
});

describe('the books', () => {
  it('are only ever added to', async () => {
    for (const change of [
      'update payments.ledger_entry set amount_minor = 1',
      'delete from payments.ledger_entry',
      'truncate payments.ledger_entry',
    ]) {
      await expect(at.rows(change)).rejects.toThrow('only ever added');
    }
  });

  it('are one unbroken chain, in balance, with what is held equal to what is still to be paid', async () => {
    const entries = await at.rows(
      'select reference, debit, credit, amount_minor, currency, posted_at, previous_hash, hash from payments.ledger_entry order by id',
    );
    let previous = '';
    for (const { reference, debit, credit, amount_minor, currency, posted_at, ...row } of entries) {
      const amount = Money.of(BigInt(amount_minor), currency);
      const hash = entryHash(previous, { reference, debit, credit, amount }, posted_at);
      expect(row).toEqual({ previous_hash: previous, hash });
      previous = hash;
    }
    const [{ held }] = await at.rows(
      `select coalesce(sum(net_minor), 0)::int as held from payments.disbursement where status not in ('RELEASED', 'AUTO_DISBURSED', 'RETURNED')`,
    );
    const balances = await story.books();

    expect(entries.length).toBeGreaterThan(30);
    expect(balances.held ?? 0).toBe(held);
    expect(Object.values(balances).reduce((sum, minor) => sum + minor, 0)).toBe(0);
    expect(balances['buyers:refunded']).toBeUndefined();
    expect(balances['processor:fees']).toBeUndefined();
    expect(balances['paid-out']).toBeUndefined();
  });
});
