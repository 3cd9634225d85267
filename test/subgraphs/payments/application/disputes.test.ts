import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DAY_MS } from '../../../../subgraphs/kernel/clock.ts';
import { codes, moneyStory, type Sale } from './money-story.ts';
import { type PaymentsTest, startPaymentsTest, until, usd } from './support.ts';

let at: PaymentsTest;
let story: ReturnType<typeof moneyStory>;

beforeAll(async () => {
  at = await startPaymentsTest(100);
  story = moneyStory(at);
}, 60_000);

afterAll(() => at?.close());

/** A buyer complains at PayPal; resolves to our dispute's row once we have heard of it. */
async function disputed(sale: Sale) {
  const { dispute_id: paypalId } = await story.paypal('POST', '/simulator/disputes', {
    captureId: sale.captureId,
    reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
  });
  await until(async () => (await disputeOf(sale))?.status === 'WAITING_SELLER' || answered(sale));
  return paypalId as string;
}
const disputeOf = async ({ paymentId }: Sale) =>
  (
    await at.rows(
      `select id, status, outcome, stage, lost_minor::int as lost, evidence_provided_at, version
       from payments.dispute where payment_id = $1`,
      [paymentId],
    )
  )[0];
const answered = async (sale: Sale) => (await disputeOf(sale))?.evidence_provided_at ?? null;
const decide = (paypalId: string, outcome: 'BUYER_FAVOR' | 'SELLER_FAVOR') =>
  story.paypal('POST', `/v1/customer/disputes/${paypalId}/adjudicate`, {
    adjudication_outcome: outcome,
  });
const ended = (sale: Sale) => until(async () => (await disputeOf(sale)).status === 'RESOLVED');
const orderOf = (sale: Sale, person: 'buyer' | 'seller' | 'secondBuyer') =>
  at.ask(
    person,
    'query($id: ID!) { order(id: $id) { paymentState payment { disputes { status outcome stage lost { amountMinor } } } } }',
    { id: sale.orderId },
  );
const published = async ({ paymentId }: Sale) =>
  (
    await at.rows(
      `select payload from payments.outbox where type = 'payments.dispute-changed'
       and payload->>'paymentId' = $1 order by id`,
      [paymentId],
    )
  ).map(({ payload }) => payload);

describe('a disputed payment', () => {
  it('waits, is answered once with its parcel, and is paid out when the seller has won', async () => {
    const sale = await story.sold();
    const due = await story.sentAndScheduled(sale, { carrier: 'UPS', trackingNumber: '1Z999' });

    const paypalId = await disputed(sale);
    await until(() => answered(sale));
    await until(async () => (await disputeOf(sale)).status === 'UNDER_REVIEW');
    expect(await story.payoutOf(sale)).toMatchObject({
      status: 'FROZEN',
      reasons: ['DISPUTE_OPEN'],
    });
    expect(await orderOf(sale, 'buyer')).toEqual({
      paymentState: 'DISPUTED',
      payment: {
        disputes: [
          {
            status: 'UNDER_REVIEW',
            outcome: null,
            stage: 'CHARGEBACK',
            lost: { amountMinor: '0' },
          },
        ],
      },
    });
    await story.goTo(due, DAY_MS);
    await story.settle();
    expect(await story.payoutsOf(sale)).toEqual([]);

    await decide(paypalId, 'SELLER_FAVOR');
    await ended(sale);
    await until(async () => (await story.payoutOf(sale)).status === 'RELEASED');

    expect(await story.payoutsOf(sale)).toHaveLength(1);
    expect(await disputeOf(sale)).toMatchObject({ outcome: 'WON', lost: 0 });
    expect(await story.booked((await disputeOf(sale)).id)).toEqual([]);
    expect((await orderOf(sale, 'seller')).paymentState).toBe('PAID');
    expect(await orderOf(sale, 'secondBuyer')).toBeNull();
    const { evidence } = await simulated(paypalId);
    expect(evidence).toHaveLength(1);
    expect(evidence[0].evidence_type).toBe('PROOF_OF_FULFILLMENT');
    expect(evidence[0].evidence_info.tracking_info[0].tracking_number).toBe('1Z999');
    expect(evidence[0].notes).toMatch(/^Sent \d{4}-\d\d-\d\d by UPS, 1Z999; now SENT\./);
    expect(evidence[0].notes).toContain('1 x T (D), 10.00 USD');
    expect(evidence[0].notes).toContain('Returns within 30 days.');
    expect(evidence[0].notes).toContain('BUYER: Hi');
    expect(evidence[0].notes).toContain('SELLER: Hello');
  });

  it('that was never sent is answered shortly before the due date, not sooner', async () => {
    const sale = await story.sold();

    await disputed(sale);
    await at.stack.advanceClock(7 * DAY_MS);
    await story.settle();
    expect(await answered(sale)).toBeNull();
    await at.stack.advanceClock(DAY_MS + 60_000);
    await until(async () => (await disputeOf(sale)).status === 'UNDER_REVIEW');

    expect(await disputeOf(sale)).toMatchObject({ outcome: null, lost: 0 });
    expect(await answered(sale)).not.toBeNull();
  });

  it('that is lost before the payout goes back to the buyer and is never paid out', async () => {
    const sale = await story.sold();
    const held = await story.net(sale);
    const due = await story.sentAndScheduled(sale, { carrier: 'UPS', trackingNumber: '1Z1' });
    const paypalId = await disputed(sale);
    await until(() => answered(sale));

    await decide(paypalId, 'BUYER_FAVOR');
    await ended(sale);
    await story.goTo(due, DAY_MS);
    await story.settle();

    const dispute = await disputeOf(sale);
    expect(dispute).toMatchObject({ outcome: 'LOST', lost: 1000 });
    expect(await story.payoutOf(sale)).toMatchObject({ status: 'RETURNED', net: 0 });
    expect(await story.payoutsOf(sale)).toEqual([]);
    expect(await story.booked(dispute.id)).toEqual([
      ['receivable', 'held', 1000 - held],
      ['held', 'buyers:refunded', 1000],
      ['buyers:refunded', 'processor:clearing', 1000],
    ]);
    await until(async () => (await orderOf(sale, 'buyer')).paymentState === 'REFUNDED');
    expect(codes(await story.refund(sale))).toEqual(['REFUND_EXCEEDS_PAYMENT']);
    expect(await story.refundsOf(sale)).toEqual([]);
    expect((await published(sale)).map(({ status, outcome }) => [status, outcome])).toEqual(
      expect.arrayContaining([
        ['UNDER_REVIEW', null],
        ['RESOLVED', 'LOST'],
      ]),
    );
  });

  it('that is lost after the payout is owed by the seller with the fee, and netted from the next one', async () => {
    await at.rows('update payments.dispute_policy set chargeback_fee_minor = 150');
    const sale = await story.sold();
    await story.released(sale, { carrier: 'UPS', trackingNumber: '1Z2' });
    const owedBefore = -((await story.books()).receivable ?? 0);

    const paypalId = await disputed(sale);
    await until(() => answered(sale));
    await decide(paypalId, 'BUYER_FAVOR');
    await ended(sale);

    const dispute = await disputeOf(sale);
    expect((await story.payoutOf(sale)).status).toBe('RELEASED');
    expect(await story.booked(dispute.id)).toEqual([
      ['receivable', 'buyers:refunded', 1000],
      ['buyers:refunded', 'processor:clearing', 1000],
      ['receivable', 'processor:fees', 150],
      ['processor:fees', 'processor:clearing', 150],
    ]);
    const owed = owedBefore + 1150;
    expect((await story.books()).receivable).toBe(-owed);

    const next = await story.sold({
      lines: [
        { title: 'T', description: 'D', unitPrice: { amountMinor: '5000', currency: 'USD' } },
      ],
    });
    const net = await story.net(next);
    const balance = await at.ask(
      'seller',
      '{ viewer { sellerAccount { balance { owed { amountMinor } items { paymentId reason deductedForDebt { amountMinor } } } } } }',
    );
    const { items } = balance.sellerAccount.balance;
    // biome-ignore lint/suspicious/noExplicitAny: one item of the answer
    const held = items.find((item: any) => item.paymentId === next.paymentId);
    expect(balance.sellerAccount.balance.owed.amountMinor).toBe(String(owed));
    expect(held.deductedForDebt.amountMinor).toBe(String(owed));
    expect(held.reason).toContain('settles what you owe');
    await story.released(next);

    expect(await story.payoutOf(next)).toMatchObject({ net, netted: owed });
    expect((await story.booked(next.paymentId)).slice(-3)).toEqual([
      ['held', 'paid-out', net],
      ['paid-out', 'receivable', owed],
      ['paid-out', 'processor:clearing', net - owed],
    ]);
    expect((await story.books()).receivable).toBeUndefined();
    await at.rows('update payments.dispute_policy set chargeback_fee_minor = 0');
  });

  it('can be given up by its seller, and by nobody else', async () => {
    const sale = await story.sold();
    await disputed(sale);
    const { id: disputeId } = await disputeOf(sale);
    const giveUp = (person: 'buyer' | 'seller' | 'secondSeller', input = {}) =>
      at.mutate(
        person,
        'acceptDispute',
        { disputeId, note: 'Sorry', idempotencyKey: randomUUID(), ...input },
        'dispute { status outcome lost { amountMinor } }',
      );

    expect(codes(await giveUp('buyer'))).toEqual(['NOT_ALLOWED']);
    expect(codes(await giveUp('secondSeller'))).toEqual(['NOT_FOUND']);
    expect(codes(await giveUp('seller', { note: ' ' }))).toEqual(['TEXT_EMPTY']);
    expect((await disputeOf(sale)).status).toBe('WAITING_SELLER');
    const key = { idempotencyKey: randomUUID() };
    const { dispute } = await giveUp('seller', key);
    const again = await giveUp('seller', key);

    expect(dispute).toEqual({ status: 'RESOLVED', outcome: 'LOST', lost: { amountMinor: '1000' } });
    expect(again).toEqual({ dispute, userErrors: [] });
    expect(codes(await giveUp('seller', { ...key, note: 'Other' }))).toEqual([
      'IDEMPOTENCY_KEY_REUSED',
    ]);
    expect((await story.payoutOf(sale)).status).toBe('RETURNED');
    expect(codes(await giveUp('seller'))).toEqual(['DISPUTE_NOT_OPEN']);
  });

  it('that is lost pays a refund that was on its way: the buyer gets the money once', async () => {
    const sale = await story.sold();
    const held = await story.net(sale);
    await disputed(sale);
    const { refund } = await story.refund(sale, { amount: usd('400') });
    expect(refund.status).toBe('FAILED');
    const refundOf = async () =>
      (
        await at.rows('select status, failure_code as code from payments.refund where id = $1', [
          refund.id,
        ])
      )[0];
    expect(await refundOf()).toEqual({ status: 'FAILED', code: 'TRANSACTION_DISPUTED' });

    const { id: disputeId } = await disputeOf(sale);
    const { dispute } = await at.mutate(
      'seller',
      'acceptDispute',
      { disputeId, note: 'Sorry', idempotencyKey: randomUUID() },
      'dispute { status outcome lost { amountMinor } }',
    );
    await at.stack.advanceClock(DAY_MS);
    await story.settle();

    expect(dispute).toEqual({ status: 'RESOLVED', outcome: 'LOST', lost: { amountMinor: '1000' } });
    expect(await refundOf()).toEqual({ status: 'CANCELLED', code: 'TAKEN_BY_DISPUTE' });
    expect(await story.refundsOf(sale)).toEqual([]);
    expect(await story.booked(refund.id)).toEqual([]);
    expect(await story.booked(disputeId)).toEqual([
      ['receivable', 'held', 1000 - held],
      ['held', 'buyers:refunded', 1000],
      ['buyers:refunded', 'processor:clearing', 1000],
    ]);
    expect(await story.payoutOf(sale)).toMatchObject({ status: 'RETURNED', net: 0 });
    expect(
      await at.rows(
        'select refunded_total_minor::int as returned from payments.payment where id = $1',
        [sale.paymentId],
      ),
    ).toEqual([{ returned: 1000 }]);
    await until(async () => (await orderOf(sale, 'buyer')).paymentState === 'REFUNDED');
    const told = await at.rows(
      `select payload from payments.outbox where type = 'payments.refund-cancelled' and aggregate_id = $1`,
      [refund.id],
    );
    expect(told.map(({ payload }) => [payload.isSettled, payload.refundedTotal])).toEqual([
      [true, usd('1000')],
    ]);
  });

  it('that is won lets a refund go on that was refused meanwhile, however long it took', async () => {
    const sale = await story.sold();
    const paypalId = await disputed(sale);
    const { refund } = await story.refund(sale, { amount: usd('400') });
    await at.mutate(
      'seller',
      'markSent',
      {
        ...{ orderId: sale.orderId, carrier: 'UPS', trackingNumber: '1Z3' },
        idempotencyKey: randomUUID(),
      },
      'shipment { id }',
    );
    await until(() => answered(sale));
    for (let day = 0; day < 3; day += 1) await at.stack.advanceClock(DAY_MS);
    const statusOf = async () =>
      (await at.rows('select status from payments.refund where id = $1', [refund.id]))[0].status;
    await until(async () => (await statusOf()) === 'FAILED');

    await decide(paypalId, 'SELLER_FAVOR');
    await ended(sale);
    await at.stack.advanceClock(16 * 60_000);

    await until(async () => (await statusOf()) === 'COMPLETED');
    expect(await story.refundsOf(sale)).toHaveLength(1);
    await until(async () => (await orderOf(sale, 'buyer')).paymentState === 'PARTIALLY_REFUNDED');
  });

  it('is final ten days after its decision, and support sees all of them', async () => {
    await at.stack.advanceClock(10 * DAY_MS + 60_000);
    await until(async () => {
      const rows = await at.rows(`select 1 from payments.dispute where status = 'RESOLVED'`);
      return rows.length === 0;
    });
    const query =
      'query($after: String) { disputes(first: 2, isOpen: false, after: $after) { nodes { id status outcome } pageInfo { hasNextPage endCursor } } }';
    const first = await at.ask('support', query);
    const second = await at.ask('support', query, { after: first.pageInfo.endCursor });

    const seen = [...first.nodes, ...second.nodes];
    expect(first.nodes).toHaveLength(2);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set(['FINAL']));
    await expect(at.ask('seller', query)).rejects.toThrow('FORBIDDEN');
  });

  it('that is heard of before its capture was settled settles it, and freezes the money at once', async () => {
    const { paymentRequest } = await at.sendRequest();
    await at.fault({ operation: 'PAYMENT.CAPTURE.COMPLETED', kind: 'drop-webhook' });
    await at.fault({ operation: 'orders.capture', kind: 'reset-after', times: 3 });
    const { attempt } = await at.pay(paymentRequest);
    expect(attempt.status).toBe('UNKNOWN');
    const captureId = (await at.captures()).at(-1).id;

    await story.paypal('POST', '/simulator/disputes', { captureId, reason: 'UNAUTHORISED' });
    const frozen = await until(async () => {
      const [row] = await at.rows(
        'select status, reasons from payments.disbursement where capture_id = $1',
        [captureId],
      );
      return row?.reasons.length > 0 && row;
    });

    expect(frozen).toEqual({ status: 'FROZEN', reasons: ['DISPUTE_OPEN'] });
  });

  it('of money that is not known here waits as its webhook, and is dropped after three days', async () => {
    const [{ merchant, vault }] = await at.rows(
      `select a.payee_merchant_id as merchant, m.vault_id as vault
       from payments.payment_attempt a join payments.payment_method m on m.id = a.payment_method_id limit 1`,
    );
    const order = await story.paypal('POST', '/v2/checkout/orders', {
      intent: 'CAPTURE',
      purchase_units: [
        {
          ...{ invoice_id: 'elsewhere', amount: { currency_code: 'USD', value: '10.00' } },
          payee: { merchant_id: merchant },
        },
      ],
    });
    const [kind, id] = vault.split(':');
    await story.paypal('POST', `/v2/checkout/orders/${order.id}/capture`, {
      payment_source: { [kind]: { vault_id: id } },
    });
    const captureId = (await at.captures()).at(-1).id;
    await story.paypal('POST', '/simulator/disputes', { captureId, reason: 'UNAUTHORISED' });
    const webhook = async () =>
      (
        await at.rows(
          `select event_id, state, attempts, waits_until > clock_timestamp() as waits from payments.webhook_event
           where event_type = 'CUSTOMER.DISPUTE.CREATED' and convert_from(raw_body, 'UTF8') like '%' || $1 || '%'`,
          [captureId],
        )
      )[0];

    await until(async () => (await webhook())?.waits);
    expect(await webhook()).toMatchObject({ state: 'RECEIVED', attempts: 0 });
    await at.rows(
      `update payments.webhook_event set waits_until = null, received_at = received_at - interval '73 hours' where event_id = $1`,
      [(await webhook()).event_id],
    );
    await until(async () => (await webhook()).state === 'IGNORED');
  });
});

describe('an appeal', () => {
  const reopen = async (sale: Sale, paypalId: string) => {
    await story.paypal('POST', `/simulator/disputes/${paypalId}/reopen`, {});
    await until(async () => (await disputeOf(sale)).status === 'APPEALED');
  };
  const final = (sale: Sale) => until(async () => (await disputeOf(sale)).status === 'FINAL');
  async function lost(sale: Sale) {
    const paypalId = await disputed(sale);
    await until(() => answered(sale));
    await decide(paypalId, 'BUYER_FAVOR');
    await ended(sale);
    return paypalId;
  }
  const owed = async () => (await story.books()).receivable ?? 0;

  it('that the seller wins after the payout takes the debt away', async () => {
    const sale = await story.sold();
    await story.released(sale, { carrier: 'UPS', trackingNumber: '1Z7' });
    const before = await owed();
    const paypalId = await lost(sale);
    expect(await owed()).toBe(before - 1000);

    await reopen(sale, paypalId);
    await decide(paypalId, 'SELLER_FAVOR');
    await final(sale);

    expect(await disputeOf(sale)).toMatchObject({ outcome: 'WON', lost: 1000 });
    expect(await owed()).toBe(before);
    expect((await story.booked((await disputeOf(sale)).id)).at(-1)).toEqual([
      ...['processor:clearing', 'receivable', 1000],
    ]);
    expect(await story.payoutsOf(sale)).toHaveLength(1);
  });

  it('that the seller wins before the payout gives them no credit beside what PayPal paid them', async () => {
    const sale = await story.sold();
    await story.sentAndScheduled(sale, { carrier: 'UPS', trackingNumber: '1Z8' });
    const paypalId = await lost(sale);
    const debt = -(await owed());

    await reopen(sale, paypalId);
    await decide(paypalId, 'SELLER_FAVOR');
    await final(sale);

    const settled = Math.min(debt, 1000);
    expect(debt).toBeGreaterThan(0);
    expect((await story.booked((await disputeOf(sale)).id)).slice(-3)).toEqual([
      ['processor:clearing', 'receivable', settled],
      ['processor:clearing', 'paid-out', 1000 - settled],
      ['paid-out', 'processor:clearing', 1000 - settled],
    ]);
    expect(await owed()).toBe(settled - debt);
    expect(await story.payoutOf(sale)).toMatchObject({ status: 'RETURNED' });
    expect(await story.payoutsOf(sale)).toEqual([]);
  });

  it('that the buyer wins freezes the money again, takes it, and it is never paid out', async () => {
    const sale = await story.sold();
    const due = await story.sentAndScheduled(sale, { carrier: 'UPS', trackingNumber: '1Z9' });
    const paypalId = await disputed(sale);
    await until(() => answered(sale));
    await decide(paypalId, 'SELLER_FAVOR');
    await ended(sale);
    expect((await story.payoutOf(sale)).status).toBe('SCHEDULED');

    await reopen(sale, paypalId);
    expect(await story.payoutOf(sale)).toMatchObject({
      status: 'FROZEN',
      reasons: ['DISPUTE_OPEN'],
    });
    await story.goTo(due, DAY_MS);
    await story.settle();
    expect(await story.payoutsOf(sale)).toEqual([]);
    await decide(paypalId, 'BUYER_FAVOR');
    await final(sale);

    expect(await disputeOf(sale)).toMatchObject({ outcome: 'LOST', lost: 1000 });
    expect(await story.payoutOf(sale)).toMatchObject({ status: 'RETURNED', net: 0 });
    expect(await story.payoutsOf(sale)).toEqual([]);
    await until(async () => (await orderOf(sale, 'buyer')).paymentState === 'REFUNDED');
  });
});

/** PayPal's own record of a dispute. */
async function simulated(paypalId: string) {
  const response = await fetch(`${at.stack.paypal.url}/simulator/disputes/${paypalId}`);
  // biome-ignore lint/suspicious/noExplicitAny: the simulator's answer
  return (await response.json()) as any;
}
