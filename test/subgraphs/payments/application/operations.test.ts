import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AUDIENCE } from '../../../../local/identity.ts';
import { PEOPLE } from '../../../../local/people.ts';
import type { LocalStack } from '../../../../local/stack.ts';
import { MINUTE_MS } from '../../../../subgraphs/kernel/clock.ts';
import { newId } from '../../../../subgraphs/kernel/ids.ts';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import { SettleAttempt } from '../../../../subgraphs/payments/application/settle-attempt.ts';
import { PaymentStore } from '../../../../subgraphs/payments/persistence/payment.store.ts';
import { PayPalCaptureGateway } from '../../../../subgraphs/payments/processor/paypal/paypal-capture.gateway.ts';
import { PayPalClient } from '../../../../subgraphs/payments/processor/paypal/paypal-client.ts';
import { codes, moneyStory } from './money-story.ts';
import { ADDRESS, type PaymentsTest, startPaymentsTest, until, usd } from './support.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers of the graph and of the simulator
type Answer = any;

const FINDING =
  'id kind subject reference paymentId ours { amountMinor } theirs { amountMinor } action';

let at: PaymentsTest;
let story: ReturnType<typeof moneyStory>;

beforeAll(async () => {
  at = await startPaymentsTest(100);
  story = moneyStory(at);
}, 60_000);

afterAll(() => at?.close());

/** Past the moments in which a movement may still be on its way into the books. */
const later = () => at.stack.advanceClock(6 * MINUTE_MS);

const reconcile = async (input: object = {}): Promise<Answer> => {
  const { report, userErrors } = await at.mutate(
    'support',
    'reconcilePayments',
    { reason: 'A look', ...input },
    `report { processorMovements ownMovements healed opened { ${FINDING} } open { ${FINDING} } }`,
  );
  expect(userErrors).toEqual([]);
  return report;
};

/** PayPal itself, beside what we know of it. */
async function paypal(method: string, path: string, body?: object): Promise<Answer> {
  const { url, clientId, clientSecret } = at.stack.paypal;
  const token = await fetch(`${url}/v1/oauth2/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const { access_token: accessToken } = (await token.json()) as Answer;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      'paypal-request-id': randomUUID(),
      prefer: 'return=representation',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = (await response.json()) as Answer;
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

/** Money taken at PayPal with a number of ours, by nobody here. */
async function captureElsewhere(invoiceId: string): Promise<string> {
  const [{ merchant, vault }] = await at.rows(
    `select a.payee_merchant_id as merchant, m.vault_id as vault
     from payments.payment_attempt a join payments.payment_method m on m.id = a.payment_method_id limit 1`,
  );
  const order = await paypal('POST', '/v2/checkout/orders', {
    intent: 'CAPTURE',
    purchase_units: [
      {
        invoice_id: invoiceId,
        amount: { currency_code: 'USD', value: '10.00' },
        payee: { merchant_id: merchant },
        payment_instruction: { disbursement_mode: 'DELAYED' },
      },
    ],
  });
  const [kind, id] = vault.split(':');
  const captured = await paypal('POST', `/v2/checkout/orders/${order.id}/capture`, {
    payment_source: kind === 'paypal' ? { paypal: { vault_id: id } } : { card: { vault_id: id } },
  });
  return captured.purchase_units[0].payments.captures[0].id;
}

describe('reconciliation', () => {
  it('finds nothing where both sides say the same', async () => {
    const sale = await story.sold();
    await story.released(sale);
    const other = await story.sold();
    await story.refund(other, { amount: { amountMinor: '300', currency: 'USD' } });
    await until(async () => (await story.refundsOf(other)).length === 1);
    await later();

    expect(await reconcile({ since: new Date(Date.now() - 86_400_000).toISOString() })).toEqual({
      processorMovements: 4,
      ownMovements: 4,
      healed: [],
      opened: [],
      open: [],
    });
  });

  it('gives back what was taken after the attempt was over, once', async () => {
    const { paymentRequest } = await at.sendRequest();
    await at.fault({ operation: 'orders.capture', kind: 'decline' });
    const { attempt } = await at.pay(paymentRequest);
    expect(attempt.status).toBe('DECLINED');
    const captureId = await captureElsewhere(attempt.id);
    await later();

    // The timer looks as well: whoever comes first does it, and nobody again.
    await reconcile();
    const second = await reconcile();

    expect(second).toMatchObject({ healed: [], open: [] });
    const returned = await at.logged('refund.completed');
    expect(returned.filter((entry) => JSON.stringify(entry).includes(captureId))).toHaveLength(1);
    expect(
      await at.rows('select 1 from payments.payment where capture_id = $1', [captureId]),
    ).toEqual([]);
  });

  it('is not needed where the late answer itself comes: the money goes back at once', async () => {
    const { paymentRequest } = await at.sendRequest();
    await at.fault({ operation: 'orders.capture', kind: 'decline' });
    const { attempt } = await at.pay(paymentRequest);
    const captureId = await captureElsewhere(attempt.id);
    const { stack } = at as { stack: LocalStack };
    const { transactions, outbox, clock } = stack.subgraphs.get('payments')!.runtime;
    const gateway = new PayPalCaptureGateway(
      new PayPalClient({
        baseUrl: stack.paypal.url,
        clientId: stack.paypal.clientId,
        clientSecret: stack.paypal.clientSecret,
        attributionId: null,
      }),
    );
    const settle = new SettleAttempt(
      new PaymentStore(transactions, outbox, clock),
      { captured: () => Promise.reject(new Error('it was booked')) },
      gateway,
      { release: () => Promise.reject(new Error('stock was given back')) } as never,
      newId,
    );

    for (const _twice of [1, 2]) {
      const settled = await settle.execute(attempt.id, {
        kind: 'CAPTURED',
        processorOrderId: 'LATE',
        captureId,
        takenAt: null,
        amount: Money.of(1_000n, 'USD'),
        processorFee: Money.of(0n, 'USD'),
      });
      expect(settled?.status).toBe('DECLINED');
    }

    const returned = await at.logged('refund.completed');
    expect(returned.filter((entry) => JSON.stringify(entry).includes(captureId))).toHaveLength(1);
    expect(
      await at.rows('select status from payments.payment_request where id = $1', [
        paymentRequest.id,
      ]),
    ).toEqual([{ status: 'SENT' }]);
  });

  it('tells of a capture that is nobody’s, once, until somebody closes it', async () => {
    const captureId = await captureElsewhere('not-ours');
    await later();

    const first = await reconcile();
    const second = await reconcile();

    const [finding] = first.open;
    expect(finding).toMatchObject({
      kind: 'MISSING_HERE',
      subject: 'CAPTURE',
      reference: captureId,
      paymentId: null,
      ours: null,
      theirs: { amountMinor: '1000' },
    });
    expect(finding.action).toContain('Look the movement up');
    expect(second.opened).toEqual([]);
    expect(second.open.map(({ id }: Answer) => id)).toEqual([finding.id]);
    const close = (reason: string) =>
      at.mutate('support', 'closePaymentFinding', { findingId: finding.id, reason }, 'findingId');
    expect(codes(await close(' '))).toEqual(['TEXT_EMPTY']);
    expect(await close('Refunded by hand')).toEqual({ findingId: finding.id, userErrors: [] });
    expect(codes(await close('Again'))).toEqual(['FINDING_NOT_OPEN']);
    // Closed too early: the money is still there, so it is told again, until it went back.
    expect((await reconcile()).opened).toMatchObject([{ reference: captureId }]);
    await paypal('POST', `/v2/payments/captures/${captureId}/refund`, {});
    await later();
    expect((await reconcile()).open).toEqual([]);
  });

  it("books what a seller gave back in PayPal's own pages, once", async () => {
    const sale = await story.sold();
    const [net, refundAt] = [
      await story.net(sale),
      (value: string) =>
        paypal('POST', `/v2/payments/captures/${sale.captureId}/refund`, {
          amount: { currency_code: 'USD', value },
        }),
    ];
    const { id } = await refundAt('3.00');
    await later();

    // The timer may have been quicker.
    for (const { open } of await Promise.all([reconcile(), reconcile()])) expect(open).toEqual([]);
    expect((await reconcile()).healed).toEqual([]);
    expect(
      await at.rows('select processor_refund_id from payments.refund where payment_id = $1', [
        sale.paymentId,
      ]),
    ).toEqual([{ processor_refund_id: id }]);
    expect(await story.net(sale)).toBe(net - 300);
    const order = () =>
      at
        .ask(
          'buyer',
          'query($id: ID!) { order(id: $id) { paymentState refunded { amountMinor } } }',
          {
            id: sale.orderId,
          },
        )
        .then(({ paymentState, refunded }: Answer) => [paymentState, refunded.amountMinor]);
    await until(async () => (await order())[0] === 'PARTIALLY_REFUNDED');
    expect(await order()).toEqual(['PARTIALLY_REFUNDED', '300']);
    expect(codes(await story.refund(sale, { amount: usd('701') }))).toEqual([
      'REFUND_EXCEEDS_PAYMENT',
    ]);

    await refundAt('7.00');
    await later();
    expect((await reconcile()).open).toEqual([]);
    expect(await story.payoutOf(sale)).toMatchObject({ status: 'RETURNED', net: 0 });
  });

  it('tells of other amounts and of what only our books know', async () => {
    const sale = await story.sold();
    await later();
    const change = (minor: number) =>
      at.rows('update payments.payment set amount_minor = $2 where id = $1', [
        sale.paymentId,
        minor,
      ]);
    await change(1_001);
    await at.rows(
      `insert into payments.refund (id, payment_id, seller_id, capture_id, amount_minor, amount_currency, reason,
         requested_by, created_at, status, processor_refund_id, attempts, next_attempt_at, completed_at, platform_fee_share_minor, platform_fee_share_currency)
       select 'rfd_${'0'.repeat(32)}', id, seller_id, capture_id, 5, 'USD', 'x', 'x', captured_at, 'COMPLETED',
         'NEVER-MADE', 1, captured_at, captured_at, 0, 'USD' from payments.payment where id = $1`,
      [sale.paymentId],
    );

    const { open } = await reconcile();

    expect(
      open
        .map(({ kind, reference, ours, theirs }: Answer) => [
          kind,
          reference,
          ours?.amountMinor ?? null,
          theirs?.amountMinor ?? null,
        ])
        .sort(),
    ).toEqual([
      ['AMOUNT_DIFFERS', sale.captureId, '1001', '1000'],
      ['MISSING_THERE', 'NEVER-MADE', '5', null],
    ]);
    await change(1_000);
    await at.rows(`delete from payments.refund where processor_refund_id = 'NEVER-MADE'`);
    // A comparison of the timer's that began before would tell of it once more.
    await until(async () => {
      const running = await at.rows(
        `select 1 from payments_jobs._private_jobs job join payments_jobs._private_tasks task on task.id = job.task_id
         where task.identifier = 'reconcile-books' and job.locked_at is not null`,
      );
      return running.length === 0;
    });
    await at.rows(`update payments.finding set closed_at = opened_at, resolution = 'A test'
      where reference = 'NEVER-MADE'`);
    expect((await reconcile()).open).toEqual([]);
  });

  it('opens a task for what waits longer than fifteen minutes, and closes it when it goes on', async () => {
    const { paymentRequest } = await at.sendRequest();
    await at.fault({ operation: 'orders.capture', kind: 'pending' });
    const { attempt } = await at.pay(paymentRequest);
    expect(attempt.status).toBe('PENDING');
    const findings = () => at.ask('support', `{ paymentFindings { ${FINDING} } }`);
    await at.stack.advanceClock(14 * MINUTE_MS);
    await story.settle();
    expect(await findings()).toEqual([]);

    await at.stack.advanceClock(2 * MINUTE_MS);
    const [stuck] = await until(async () => {
      const open = await findings();
      return open.length > 0 && open;
    });

    expect(stuck).toMatchObject({ kind: 'STUCK', subject: 'ATTEMPT', reference: attempt.id });
    const captureId = (await at.logged('capture.pending')).at(-1).id;
    await at.simulator(`/simulator/captures/${captureId}/decide`, { status: 'COMPLETED' });
    await until(async () => {
      await at.stack.advanceClock(MINUTE_MS);
      return (await findings()).length === 0;
    });
    expect(
      await at.rows('select resolution from payments.finding where id = $1', [stuck.id]),
    ).toEqual([{ resolution: 'It went on by itself.' }]);
  });

  it('opens a task for money that no order came of, and closes it when one comes', async () => {
    const sale = await story.sold();
    const setOrder = (orderId: string | null) =>
      at.rows('update payments.payment set order_id = $2 where id = $1', [sale.paymentId, orderId]);
    const findings = () =>
      at.ask('support', '{ paymentFindings { kind subject reference paymentId action } }');
    await setOrder(null);

    await at.stack.advanceClock(16 * MINUTE_MS);
    const [found] = await until(async () => {
      const open = await findings();
      return open.length > 0 && open;
    });
    expect(found).toMatchObject({ kind: 'NO_ORDER', reference: sale.paymentId });
    expect(found.action).toContain('events parked');

    await setOrder(sale.orderId);
    await until(async () => {
      await at.stack.advanceClock(MINUTE_MS);
      return (await findings()).length === 0;
    });
  });

  it('says when it was asked for too much, and when PayPal is silent', async () => {
    const ask = (input: object) =>
      at.mutate('support', 'reconcilePayments', { reason: 'x', ...input }, 'report { since }');
    const days = (count: number) => new Date(Date.now() - count * 86_400_000).toISOString();
    expect(codes(await ask({ since: days(-300) }))).toEqual(['SINCE_OUT_OF_RANGE']);
    expect(codes(await ask({ since: days(400) }))).toEqual(['SINCE_OUT_OF_RANGE']);
    await at.fault({ operation: 'reporting.transactions', kind: 'http-5xx', times: 6 });
    expect(codes(await ask({}))).toEqual(['TEMPORARILY_UNAVAILABLE']);
    await fetch(`${at.stack.paypal.url}/simulator/faults`, { method: 'DELETE' });
  });
});

describe('an operator', () => {
  it('holds a payout back and lets it go, each with a reason that is kept', async () => {
    const sale = await story.sold();
    const due = await story.sentAndScheduled(sale);
    const act = (name: string, reason: string, paymentId = sale.paymentId) =>
      at.mutate('support', name, { paymentId, reason }, 'paymentId');

    expect(codes(await act('holdPayout', ''))).toEqual(['TEXT_EMPTY']);
    expect((await story.payoutOf(sale)).status).toBe('SCHEDULED');
    expect(codes(await act('holdPayout', 'x', 'pay_unknown'))).toEqual(['NOT_FOUND']);
    expect(codes(await act('holdPayout', 'An odd address'))).toEqual([]);
    await story.goTo(due, 60_000);
    await story.settle();
    expect(await story.payoutOf(sale)).toMatchObject({
      status: 'FROZEN',
      reasons: ['RISK_REVIEW'],
    });
    expect(await story.payoutsOf(sale)).toEqual([]);

    expect(codes(await act('letPayoutGo', 'It is right'))).toEqual([]);
    await until(async () => {
      await at.stack.advanceClock(MINUTE_MS);
      return (await story.payoutOf(sale)).status === 'RELEASED';
    });
    expect(codes(await act('holdPayout', 'Too late'))).toEqual(['PAYOUT_OVER']);
    expect(
      await at.rows(
        'select principal, action, reason from payments.operator_action where subject = $1 order by id',
        [sale.paymentId],
      ),
    ).toEqual([
      {
        principal: `support:${PEOPLE.support.sub}`,
        action: 'hold-payout',
        reason: 'An odd address',
      },
      {
        principal: `support:${PEOPLE.support.sub}`,
        action: 'let-payout-go',
        reason: 'It is right',
      },
    ]);
    for (const change of [
      `update payments.operator_action set reason = 'x'`,
      'delete from payments.operator_action',
      'truncate payments.operator_action',
    ])
      await expect(at.rows(change)).rejects.toThrow('only ever added');
  });

  it('reads the whole history by any id of it, and no personal data', async () => {
    const sale = await story.sold();
    const refunded = await story.refund(sale, { amount: { amountMinor: '100', currency: 'USD' } });
    await until(async () => (await story.refundsOf(sale)).length === 1);
    const history = (reference: string) =>
      at.ask(
        'support',
        'query($r: String!) { paymentHistory(reference: $r) { source text reference } }',
        {
          r: reference,
        },
      );

    const read = await history(sale.orderId);
    for (const id of [sale.requestId, sale.paymentId, sale.captureId, refunded.refund.id])
      expect((await history(id)).length).toBeGreaterThanOrEqual(read.length);

    const sources = new Set(read.map(({ source }: Answer) => source));
    for (const source of [
      'request',
      'attempt',
      'payment',
      'ledger',
      'disbursement',
      'refund',
      'event',
    ])
      expect(sources).toContain(source);
    expect(read).toContainEqual({
      source: 'payment',
      text: 'captured 1000 USD',
      reference: sale.captureId,
    });
    const text = JSON.stringify(read);
    for (const personal of [ADDRESS.line1, ADDRESS.city, ADDRESS.postalCode, 'VISA', '4242'])
      expect(text).not.toContain(personal);
    expect(await history('ord_unknown')).toBeNull();
  });

  it('has parked webhooks worked on again', async () => {
    await story.sold();
    const [event] = await until(async () => {
      const rows = await at.rows(
        `select event_id from payments.webhook_event where state = 'PROCESSED' limit 1`,
      );
      return rows.length > 0 && rows;
    });
    await at.rows(
      `update payments.webhook_event set state = 'PARKED', attempts = 8 where event_id = $1`,
      [event.event_id],
    );
    const replay = (input: object) =>
      at.mutate('support', 'replayPaymentWebhooks', { reason: 'Mended', ...input }, 'replayed');

    expect(await replay({})).toEqual({ replayed: 1, userErrors: [] });
    await until(async () => {
      const [row] = await at.rows('select state from payments.webhook_event where event_id = $1', [
        event.event_id,
      ]);
      return row.state === 'PROCESSED';
    });
    expect(codes(await replay({ eventId: 'WH-UNKNOWN' }))).toEqual(['NOT_FOUND']);
  });

  it('fetches webhooks that never came, once', async () => {
    const recover = (input: object = {}) =>
      at.mutate(
        'support',
        'recoverPaymentWebhooks',
        { reason: 'The endpoint was away', ...input },
        'listed stored',
      );
    await at.fault({ operation: 'PAYMENT.CAPTURE.COMPLETED', kind: 'drop-webhook' });
    const sale = await story.sold();
    const { events } = await paypal('GET', '/v1/notifications/webhooks-events?page_size=500');
    const missed = events.find(
      (event: Answer) =>
        event.event_type === 'PAYMENT.CAPTURE.COMPLETED' && event.resource.id === sale.captureId,
    );
    const stored = () =>
      at.rows('select state, event_type from payments.webhook_event where event_id = $1', [
        missed.id,
      ]);
    expect(await stored()).toEqual([]);

    // What is listed belongs to PayPal's clock, which may be a moment ahead of ours.
    await until(async () => (await recover()).stored > 0 || (await stored()).length > 0);
    await until(async () => (await stored())[0]?.state === 'PROCESSED');

    expect(await stored()).toEqual([
      { state: 'PROCESSED', event_type: 'PAYMENT.CAPTURE.COMPLETED' },
    ]);
    expect((await recover()).stored).toBe(0);
    expect(await story.payoutOf(sale)).toMatchObject({ status: 'HELD' });
    expect(codes(await recover({ since: '2199-01-01T00:00:00Z' }))).toEqual(['SINCE_OUT_OF_RANGE']);
    expect(codes(await recover({ reason: ' ' }))).not.toEqual([]);
    expect(
      await at.rows(
        `select distinct principal, subject, reason from payments.operator_action where action = 'recover-webhooks'`,
      ),
    ).toEqual([
      {
        principal: `support:${PEOPLE.support.sub}`,
        subject: 'webhooks',
        reason: 'The endpoint was away',
      },
    ]);
  });
});

describe('nobody else', () => {
  const FIELDS = [
    '{ paymentFindings { id } }',
    '{ paymentHistory(reference: "x") { text } }',
    'mutation { reconcilePayments(input: { reason: "x" }) { userErrors { code } } }',
    'mutation { holdPayout(input: { paymentId: "x", reason: "x" }) { userErrors { code } } }',
    'mutation { letPayoutGo(input: { paymentId: "x", reason: "x" }) { userErrors { code } } }',
    'mutation { closePaymentFinding(input: { findingId: "x", reason: "x" }) { userErrors { code } } }',
    'mutation { recoverPaymentWebhooks(input: { reason: "x" }) { userErrors { code } } }',
    'mutation { replayPaymentWebhooks(input: { reason: "x" }) { userErrors { code } } }',
  ];

  it.each(FIELDS)('may use %s', async (query) => {
    const before = await at.rows('select count(*)::int as n from payments.operator_action');
    for (const person of ['buyer', 'seller'] as const)
      await expect(at.ask(person, query)).rejects.toThrow('FORBIDDEN');
    const token = await at.stack.issueToken({
      ...PEOPLE.support,
      aud: AUDIENCE,
      scope: 'orders refunds',
    } as never);
    const response = await fetch(at.stack.graphUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query }),
    });
    const { data } = (await response.json()) as Answer;
    const answer = Object.values(data)[0] as Answer;
    if (answer !== null) expect(answer).toEqual({ userErrors: [{ code: 'NOT_ALLOWED' }] });
    expect(await at.rows('select count(*)::int as n from payments.operator_action')).toEqual(
      before,
    );
  });
});
