import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS } from '../../../../subgraphs/kernel/clock.ts';
import { codes, moneyStory, type Sale } from './money-story.ts';
import { type PaymentsTest, startPaymentsTest, until, usd } from './support.ts';

let at: PaymentsTest;
let story: ReturnType<typeof moneyStory>;

beforeAll(async () => {
  at = await startPaymentsTest(100);
  story = moneyStory(at);
}, 60_000);

afterAll(() => at?.close(['I4a', 'I4b']));

const PREVIEW = `query($id: ID!, $amount: MoneyInput) { refundPreview(paymentId: $id, amount: $amount) {
  preview { right amount { amountMinor } refundableAfter { amountMinor } comesFrom platformBears { amountMinor }
    sellerBears { amountMinor } sellerWillOwe { amountMinor } processorFeeKept { amountMinor } }
  userErrors { code path } } }`;
const preview = (
  sale: Pick<Sale, 'paymentId'>,
  amount: object | null = null,
  person: 'seller' | 'buyer' | 'secondSeller' | 'support' = 'seller',
) => at.ask(person, PREVIEW, { id: sale.paymentId, amount });
const minor = (amountMinor: string) => ({ amountMinor });

describe('a preview of a refund', () => {
  it('says before the payout who bears what, and changes nothing', async () => {
    const sale = await story.sold();
    const net = await story.net(sale);
    const before = await at.footprint();

    const [whole, part] = [await preview(sale), await preview(sale, usd('400'))];

    expect(whole).toEqual({
      preview: {
        right: 'OWN_SALE',
        amount: minor('1000'),
        refundableAfter: minor('0'),
        comesFrom: 'HELD',
        platformBears: minor('0'),
        sellerBears: minor('1000'),
        sellerWillOwe: minor(String(1000 - net)),
        processorFeeKept: minor(String(1000 - net)),
      },
      userErrors: [],
    });
    expect(part.preview).toMatchObject({
      amount: minor('400'),
      refundableAfter: minor('600'),
      sellerWillOwe: minor('0'),
    });
    expect(await at.footprint()).toEqual(before);
  });

  it('says after the payout that the seller will owe all of it, and is what then happens', async () => {
    const sale = await story.sold();
    await story.released(sale);
    const { preview: told } = await preview(sale, usd('300'));
    expect(told).toMatchObject({ comesFrom: 'SELLER', sellerWillOwe: minor('300') });

    const { refund } = await story.refund(sale, { amount: usd('300') });

    expect((await story.booked(refund.id))[0]).toEqual(['receivable', 'buyers:refunded', 300]);
    expect((await preview(sale)).preview).toMatchObject({ amount: minor('700') });
  });

  it.each([
    ['of more than is left', usd('1001'), 'seller', 'REFUND_EXCEEDS_PAYMENT'],
    ['of nothing', usd('0'), 'seller', 'AMOUNT_NOT_POSITIVE'],
    [
      'in another currency',
      { amountMinor: '1', currency: 'EUR' },
      'seller',
      'CURRENCY_NOT_SUPPORTED',
    ],
    ['for the buyer', null, 'buyer', 'NOT_ALLOWED'],
    ['for another seller', null, 'secondSeller', 'NOT_FOUND'],
  ] as const)('%s is refused as the refund would be', async (_case, amount, person, code) => {
    const sale = await story.sold();

    const refused = await preview(sale, amount, person);

    expect(refused.preview).toBeNull();
    expect(codes(refused)).toEqual([code]);
  });

  it('and refunds of parts at once never give back more than was paid', async () => {
    const sale = await story.sold();

    const answers = await Promise.all(
      [400, 400, 400].map((part) => story.refund(sale, { amount: usd(String(part)) })),
    );

    expect(answers.flatMap(codes)).toEqual(['REFUND_EXCEEDS_PAYMENT']);
    await until(async () => (await story.refundsOf(sale)).length === 2);
    expect((await preview(sale)).preview.amount).toEqual(minor('200'));
  });
});

describe('a tracking number', () => {
  const trackingOf = async (sale: Sale) =>
    (
      await at.rows(
        'select status, attempts, last_refusal, tracking_number from payments.tracking where payment_id = $1',
        [sale.paymentId],
      )
    )[0];
  const told = async (sale: Sale) => {
    const [{ processor_order_id }] = await at.rows(
      'select processor_order_id from payments.payment where id = $1',
      [sale.paymentId],
    );
    const order = await story.paypal('GET', `/v2/checkout/orders/${processor_order_id}`);
    return order.purchase_units[0].shipping.trackers ?? [];
  };

  it('is told to PayPal once, however often PayPal is silent', async () => {
    const sale = await story.sold();
    await at.fault({ operation: 'orders.track', kind: 'timeout-after', times: 1 });
    await story.sentAndScheduled(sale, { carrier: 'UPS', trackingNumber: '1ZONCE' });

    await until(async () => {
      const row = await trackingOf(sale);
      if (row?.status === 'PENDING') await at.stack.advanceClock(2 * 60_000);
      return row?.status === 'FORWARDED';
    });
    await at.stack.advanceClock(HOUR_MS);
    await story.settle();

    expect(await told(sale)).toHaveLength(1);
  });

  it('is not invented for a parcel without one', async () => {
    const sale = await story.sold();

    await story.sentAndScheduled(sale);
    await story.settle();

    expect(await trackingOf(sale)).toBeUndefined();
  });

  it('that PayPal refuses is given up in the end, and the seller is paid all the same', async () => {
    const sale = await story.sold();
    // PayPal takes no tracker for a payment of which a part was refunded.
    await story.refund(sale, { amount: usd('100') });
    const due = await story.sentAndScheduled(sale, { carrier: 'UPS', trackingNumber: '1ZNEVER' });

    await until(async () => {
      const row = await trackingOf(sale);
      if (row?.status === 'PENDING') await at.stack.advanceClock(5 * HOUR_MS);
      return row?.status === 'GIVEN_UP';
    });
    await story.goTo(new Date(Math.max(due.getTime(), (await story.now()).getTime())), 1_000);
    await until(async () => (await story.payoutOf(sale)).status === 'RELEASED');

    expect(await trackingOf(sale)).toMatchObject({
      attempts: 8,
      last_refusal: 'CAPTURE_STATUS_NOT_VALID',
    });
    expect(await told(sale)).toEqual([]);
  });
});

describe('held money that nobody settles', () => {
  const alarmsOf = async (sale: Sale) =>
    (
      await at.rows(
        'select kind, settled_at is not null as settled from payments.money_alarm where payment_id = $1 order by kind',
        [sale.paymentId],
      )
    ).map(({ kind, settled }) => [kind, settled]);
  /** Orders cancel at day 21; here they never come to it. */
  const forgotten = async (sale: Sale) =>
    at.rows(
      `update orders."order" set auto_cancel_at = auto_cancel_at + interval '1 year' where id = $1`,
      [sale.orderId],
    );

  it('is an alarm at day 25, goes back at day 27 when it was never sent, and is never paid out', async () => {
    const sale = await story.sold();
    await forgotten(sale);

    await at.stack.advanceClock(25 * DAY_MS - HOUR_MS);
    await story.settle();
    expect(await alarmsOf(sale)).toEqual([]);
    await at.stack.advanceClock(HOUR_MS + 60_000);
    await until(async () => (await alarmsOf(sale)).length === 1);
    expect(await alarmsOf(sale)).toEqual([['UNSETTLED_NEAR_DEADLINE', false]]);
    expect(await story.refundsOf(sale)).toEqual([]);
    await at.stack.advanceClock(2 * DAY_MS);
    await until(async () => (await story.payoutOf(sale)).status === 'RETURNED');
    await at.stack.advanceClock(2 * DAY_MS);
    await until(async () => (await alarmsOf(sale)).every(([, settled]) => settled));

    expect(await alarmsOf(sale)).toEqual([
      ['NEVER_SENT_REFUNDED', true],
      ['UNSETTLED_NEAR_DEADLINE', true],
    ]);
    expect(await story.refundsOf(sale)).toHaveLength(1);
    expect(await story.payoutsOf(sale)).toEqual([]);
  });

  it('is a decision for a person when it was sent, and is booked as paid once PayPal pays it', async () => {
    const sale = await story.sold();
    const net = await story.net(sale);
    await story.sentAndScheduled(sale);
    await at.mutate(
      'support',
      'decideSellerAccount',
      { sellerId: at.sellerId, decision: 'SUSPEND', reason: 'Checked' },
      'sellerAccount { id }',
    );
    await until(async () => (await story.payoutOf(sale)).status === 'FROZEN');

    await at.stack.advanceClock(27 * DAY_MS + 60_000);
    await until(async () => (await alarmsOf(sale)).length === 2);
    expect(await story.refundsOf(sale)).toEqual([]);
    expect((await story.payoutOf(sale)).status).toBe('FROZEN');
    await at.stack.advanceClock(DAY_MS);
    await until(async () => (await story.payoutsOf(sale)).length === 1);
    // PayPal lists it up to three hours later.
    await at.stack.advanceClock(4 * HOUR_MS);
    await until(async () => (await story.payoutOf(sale)).status === 'AUTO_DISBURSED');
    await until(async () => (await alarmsOf(sale)).length === 3);

    expect(
      (await story.booked(sale.paymentId)).filter(([debit]) => debit === 'held').at(-1),
    ).toEqual(['held', 'paid-out', net]);
    expect(await story.payoutsOf(sale)).toHaveLength(1);
    const alarms = await at.ask('support', '{ moneyAlarms { paymentId kind reasons } }');
    expect(alarms.slice(0, 1)).toEqual([
      { paymentId: sale.paymentId, kind: 'PAID_BY_PROCESSOR', reasons: ['SELLER_RESTRICTED'] },
    ]);
    await expect(at.ask('seller', '{ moneyAlarms { kind } }')).rejects.toThrow('FORBIDDEN');
    await at.mutate(
      'support',
      'decideSellerAccount',
      { sellerId: at.sellerId, decision: 'REINSTATE', reason: 'Checked' },
      'sellerAccount { id }',
    );
  });
});

describe('held money that PayPal may have paid by itself', () => {
  it('goes back only once that is known: then the seller has it, and owes what went back', async () => {
    const sale = await story.sold();
    const net = await story.net(sale);
    await story.sentAndScheduled(sale);
    const decide = (decision: string) =>
      at.mutate(
        'support',
        'decideSellerAccount',
        { sellerId: at.sellerId, decision, reason: 'Checked' },
        'sellerAccount { id }',
      );
    await decide('SUSPEND');
    await until(async () => (await story.payoutOf(sale)).status === 'FROZEN');
    await at.fault({ operation: 'reporting.transactions', kind: 'http-5xx', times: 1_000_000 });
    await at.stack.advanceClock(28 * DAY_MS + 60_000);
    await until(async () => (await story.payoutsOf(sale)).length === 1);

    // PayPal has paid, and does not say so.
    const { refund } = await story.refund(sale, { amount: usd('300') });
    await story.settle();
    expect(refund.status).toBe('APPROVED');
    expect(await story.refundsOf(sale)).toEqual([]);
    await fetch(`${at.stack.paypal.url}/simulator/faults`, { method: 'DELETE' });
    await at.stack.advanceClock(60_000);
    await until(async () => (await story.refundsOf(sale)).length === 1);
    await until(async () => (await story.booked(refund.id)).length > 0);

    expect(await story.payoutOf(sale)).toMatchObject({ status: 'AUTO_DISBURSED', net });
    expect(await story.booked(refund.id)).toContainEqual(['receivable', 'buyers:refunded', 300]);
    await decide('REINSTATE');
  });
});

describe('a payout that PayPal did not answer for longer than it knows the request', () => {
  it('is ours all the same, and not one that PayPal made by itself', async () => {
    const sale = await story.sold();
    const net = await story.net(sale);
    const due = await story.sentAndScheduled(sale);
    // The first call pays; its answer is lost, and those of all repeats for more than three days.
    await at.fault({ operation: 'payouts.create', kind: 'reset-after', times: 1_000_000 });

    await story.goTo(due, 1_000);
    await until(async () => (await story.payoutsOf(sale)).length === 1);
    expect((await story.payoutOf(sale)).status).toBe('RELEASING');
    await at.stack.advanceClock(3 * DAY_MS + 4 * HOUR_MS);
    await until(async () => (await story.payoutOf(sale)).status !== 'RELEASING');
    await fetch(`${at.stack.paypal.url}/simulator/faults`, { method: 'DELETE' });

    expect(await story.payoutOf(sale)).toMatchObject({ status: 'RELEASED', net });
    expect(await story.payoutsOf(sale)).toHaveLength(1);
    expect(
      await at.rows(
        `select kind from payments.money_alarm where payment_id = $1 and kind = 'PAID_BY_PROCESSOR'`,
        [sale.paymentId],
      ),
    ).toEqual([]);
  });
});

describe('a seller account', () => {
  it('with orders and held money cannot be closed', async () => {
    const sale = await story.sold();

    const refused = await at.mutate(
      'seller',
      'closeSellerAccount',
      { sellerId: at.sellerId, isFinal: true },
      'sellerAccount { id }',
    );

    expect(codes(refused)).toEqual(['OBLIGATIONS_OPEN']);
    expect(refused.userErrors[0].allowedActions).toEqual(
      expect.arrayContaining(['ORDERS', 'HELD_MONEY']),
    );
    expect((await story.payoutOf(sale)).status).toBe('HELD');
  });
});

describe('a statement', () => {
  const STATEMENT = `query($first: Int, $after: String) { viewer { sellerAccount { balance { held { amountMinor } owed { amountMinor } }
    statement(first: $first, after: $after) { nodes { id kind subjectId amount { amountMinor } heldChange { amountMinor } owedChange { amountMinor } } pageInfo { hasNextPage endCursor } } } } }`;

  it('has every movement once, page by page, and adds up to the balance', async () => {
    const seen: {
      id: string;
      kind: string;
      heldChange: { amountMinor: string };
      owedChange: { amountMinor: string };
    }[] = [];
    let after: string | null = null;
    let balance: { held: { amountMinor: string }; owed: { amountMinor: string } };
    do {
      const { sellerAccount } = await at.ask('seller', STATEMENT, { first: 7, after });
      seen.push(...sellerAccount.statement.nodes);
      balance = sellerAccount.balance;
      after = sellerAccount.statement.pageInfo.hasNextPage
        ? sellerAccount.statement.pageInfo.endCursor
        : null;
    } while (after !== null);
    const sum = (field: 'heldChange' | 'owedChange') =>
      seen.reduce((total, line) => total + BigInt(line[field].amountMinor), 0n).toString();

    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(seen.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['CAPTURED', 'PROCESSOR_FEE', 'REFUNDED', 'PAID_OUT', 'DEBT_SETTLED']),
    );
    expect(seen.map(({ kind }) => kind)).not.toContain('OTHER');
    expect(sum('heldChange')).toBe(balance.held.amountMinor);
    expect(sum('owedChange')).toBe(balance.owed.amountMinor);
  });

  it('and the trial balance are in balance, and show a changed entry', async () => {
    const query =
      '{ trialBalance { isBalanced firstBrokenEntry debits { amountMinor } credits { amountMinor } lines { account } } }';
    const before = await at.ask('support', query);
    expect(before).toMatchObject({ isBalanced: true, firstBrokenEntry: null });
    expect(before.debits).toEqual(before.credits);
    expect(before.lines.map(({ account }: { account: string }) => account)).toEqual(
      expect.arrayContaining(['processor:clearing', 'sellers:held', 'sellers:paid-out']),
    );

    const [{ id, reference }] = await at.rows(
      'select id, reference from payments.ledger_entry order by id offset 5 limit 1',
    );
    await at.rows('alter table payments.ledger_entry disable trigger all');
    await at.rows(
      'update payments.ledger_entry set amount_minor = amount_minor + 1 where id = $1',
      [id],
    );

    expect(await at.ask('support', query)).toMatchObject({ firstBrokenEntry: reference });
    await expect(at.ask('seller', query)).rejects.toThrow('FORBIDDEN');
  });
});
