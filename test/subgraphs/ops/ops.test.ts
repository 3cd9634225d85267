import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runOps } from '../../../subgraphs/ops/main.ts';
import { moneyStory } from '../payments/application/money-story.ts';
import { type PaymentsTest, startPaymentsTest, until } from '../payments/application/support.ts';

let at: PaymentsTest;
let story: ReturnType<typeof moneyStory>;
let env: Record<string, string>;
const folder = mkdtempSync(join(tmpdir(), 'parley-ops-'));

beforeAll(async () => {
  at = await startPaymentsTest(10);
  story = moneyStory(at);
  env = {
    OPS_GRAPH_URL: at.stack.graphUrl,
    OPS_TOKEN: at.stack.tokens.support,
    ADMIN_DATABASE_URL: at.stack.databaseUrl,
    PARLEY_DATA: folder,
  };
}, 60_000);

afterAll(async () => {
  await at?.close(['I2', 'I3b', 'I4c', 'I17c']);
  rmSync(folder, { recursive: true, force: true });
});

async function ops(line: string | readonly string[], given: Record<string, string> = env) {
  let out = '';
  let err = '';
  const args = typeof line === 'string' ? line.split(' ') : line;
  const code = await runOps(args, given, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

describe('npm run ops', () => {
  it.each<[string, string, string]>([
    ['a command that is none', 'explode', 'There is no command "explode"; try --help.'],
    ['a flag that is none', 'findings --all', "Unknown option '--all'; try --help."],
    ['no id', 'history', 'Name an id; try --help.'],
    ['no reason', 'hold pay_1', '--reason TEXT is missing: it is kept with your name.'],
    ['no reason to fetch', 'webhooks recover', '--reason TEXT is missing'],
    [
      'half a command',
      'paypal-webhooks',
      'Say "paypal-webhooks list" or "paypal-webhooks register',
    ],
    ['no address', 'paypal-webhooks register', 'Name the address of /webhooks/paypal'],
    ['an address that is none', 'paypal-webhooks register shop', '"shop" is no address.'],
    ['no PayPal', 'paypal-webhooks list', 'PAYPAL_URL is not set: PayPal is asked directly.'],
    ['no such subgraph', 'events parked --subgraph chat', '--subgraph is one of seller-accounts,'],
    [
      'a time that is none',
      'reconcile --since yesterday',
      '--since is "yesterday": expected a time',
    ],
  ])('cannot be run with %s, and says what to do', async (_case, line, message) => {
    const { code, out, err } = await ops(line);

    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`ops: ${message}`);
  });

  it('needs to know where the graph is', async () => {
    expect(await ops('findings', { PARLEY_DATA: folder })).toEqual({
      code: 2,
      out: '',
      err: 'ops: Set OPS_GRAPH_URL and OPS_TOKEN, or run "npm start" first.\n',
    });
    expect((await ops('findings', { OPS_GRAPH_URL: 'http://127.0.0.1:1' })).err).toBe(
      'ops: Set both OPS_GRAPH_URL and OPS_TOKEN.\n',
    );
    const dead = { ...env, OPS_GRAPH_URL: 'http://127.0.0.1:1/graphql' };
    expect(await ops('findings', dead)).toMatchObject({ code: 2, out: '' });
    const none = { ...env, ADMIN_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    expect(await ops('events parked', none)).toMatchObject({ code: 2, out: '' });
  });

  it('finds the Parley of this machine', async () => {
    const { graphUrl, tokens, databaseUrl } = at.stack;
    writeFileSync(join(folder, 'running.json'), JSON.stringify({ graphUrl, tokens, databaseUrl }));

    expect(await ops('findings', { PARLEY_DATA: folder })).toEqual({
      code: 0,
      out: 'Nothing is open.\n',
      err: '',
    });
    expect(await ops('events parked', { PARLEY_DATA: folder })).toEqual({
      code: 0,
      out: 'No event is parked.\n',
      err: '',
    });
  });

  it('is refused without the scope for it', async () => {
    const buyer = { ...env, OPS_TOKEN: at.stack.tokens.buyer };

    expect(await ops('findings', buyer)).toEqual({
      code: 1,
      out: '',
      err: 'ops: FORBIDDEN: You may not use this field.\n',
    });
  });

  it('holds a payout back, shows it in the history, and lets it go', async () => {
    const sale = await story.sold();
    const held = await ops(['hold', sale.paymentId, '--reason', 'Two accounts, one card']);
    expect(held).toEqual({
      code: 0,
      out: `The payout of ${sale.paymentId} is held back.\n`,
      err: '',
    });
    expect(await story.payoutOf(sale)).toMatchObject({ status: 'FROZEN' });

    const history = await ops(`history ${sale.orderId}`);
    expect(history.code).toBe(0);
    expect(history.out).toContain(`payment  captured 1000 USD  ${sale.captureId}`);
    expect(history.out).toContain('hold-payout (Two accounts, one card)');
    expect((await ops('history ord_unknown')).err).toBe(
      'ops: NOT_FOUND: nothing is known of ord_unknown.\n',
    );
    await ops(['let-go', sale.paymentId, '--reason', 'It is a family']);
    expect(await story.payoutOf(sale)).toMatchObject({ status: 'HELD', reasons: [] });
  });

  it('tries a refund again, and says when there is none that waits for a person', async () => {
    const { refund } = await story.refund(await story.sold());
    const retry = async (id: string) =>
      (await ops(['refunds', 'retry', id, '--reason', 'The seller paid in'])).err;

    expect(await retry('rfd_unknown')).toBe('ops: NOT_FOUND: There is no such refund.\n');
    expect(await retry(refund.id)).toContain('ops: REFUND_NOT_ESCALATED: ');
    expect((await ops('refunds')).err).toContain('Say "refunds retry REFUND"');
  });

  it('registers the address of payments at PayPal once, and lists what is there', async () => {
    const { url, clientId, clientSecret } = at.stack.paypal;
    const database = { ADMIN_DATABASE_URL: at.stack.databaseUrl };
    const paypal = {
      PAYPAL_URL: url,
      PAYPAL_CLIENT_ID: clientId,
      PAYPAL_CLIENT_SECRET: clientSecret,
    };
    const address = 'https://shop.example/webhooks/paypal';
    const register = `paypal-webhooks register ${address}`;
    expect(await ops(register, paypal)).toMatchObject({ code: 2, out: '' });
    const withReason = `${register} --reason Moved`;
    const registered = await ops(withReason, { ...paypal, ...database });
    const id = /^Set PAYPAL_WEBHOOK_ID=(\S+) for payments\.\n$/.exec(registered.out)?.[1];

    expect([registered.code, registered.err, id]).toEqual([0, '', expect.any(String)]);
    expect(await ops(`${withReason} --json`, { ...paypal, ...database })).toEqual({
      code: 0,
      out: `{"id":"${id}","url":"${address}","isKept":true}\n`,
      err: '',
    });
    expect(
      await at.rows(
        `select action, subject, reason, principal like 'shell:%' as by_shell
         from payments.operator_action where action = 'register-webhook'`,
      ),
    ).toEqual(
      Array(2).fill({
        ...{ action: 'register-webhook', subject: address, reason: 'Moved', by_shell: true },
      }),
    );
    // Before the first start of payments there is a database and no table.
    const empty = { ADMIN_DATABASE_URL: at.stack.databaseUrl.replace(/\/[^/]*$/, '/postgres') };
    expect((await ops(withReason, { ...paypal, ...empty })).out).toContain('is kept nowhere');
    const listed = JSON.parse((await ops('paypal-webhooks list --json', paypal)).out);
    expect(listed.filter((webhook: { url: string }) => webhook.url === address)).toEqual([
      { id, url: address, eventTypes: expect.arrayContaining(['PAYMENT.CAPTURE.COMPLETED']) },
    ]);
    const wrong = await ops('paypal-webhooks list', { ...paypal, PAYPAL_CLIENT_SECRET: 'guessed' });
    expect(wrong).toMatchObject({ code: 1, out: '' });
    const dead = { ...paypal, PAYPAL_URL: 'http://127.0.0.1:1' };
    expect(await ops('paypal-webhooks list', dead)).toEqual({
      code: 2,
      out: '',
      err: 'ops: PayPal does not answer. Try again: a repeat registers nothing twice.\n',
    });
  });

  it('fetches webhooks that never came', async () => {
    await at.fault({ operation: 'PAYMENT.CAPTURE.COMPLETED', kind: 'drop-webhook' });
    await story.sold();
    const asked = ['webhooks', 'recover', '--reason', 'The endpoint was away'];

    await until(async () => (await ops(asked)).out.startsWith('1 of '));
    const { code, out } = await ops([...asked, '--json']);
    expect([code, JSON.parse(out)]).toEqual([0, { listed: expect.any(Number), stored: 0 }]);
  });

  it('has parked events handled again: what works goes on, what does not stays', async () => {
    const sale = await story.sold();
    const [{ envelope }] = await at.rows(
      `select jsonb_build_object('eventId', event_id, 'type', type, 'schemaVersion', schema_version,
         'aggregateId', aggregate_id, 'aggregateVersion', aggregate_version, 'occurredAt', occurred_at,
         'payload', payload) as envelope
       from payments.outbox where type = 'payments.payment-captured' and aggregate_id = $1`,
      [sale.paymentId],
    );
    const park = (event: typeof envelope) =>
      at.rows(
        `insert into orders.parked_event (consumer, event_id, aggregate_id, envelope, error, attempts)
         values ('orders', $1, $2, $3, 'it failed', 5)`,
        [event.eventId, event.aggregateId, event],
      );
    await at.rows(`delete from orders.inbox where consumer = 'orders' and event_id = $1`, [
      envelope.eventId,
    ]);
    await park(envelope);
    await park({
      ...envelope,
      eventId: 'evt_future',
      aggregateId: 'pay_future',
      schemaVersion: 99,
    });

    const parked = await ops('events parked --subgraph orders');
    expect(parked.code).toBe(1);
    expect(parked.out).toContain(
      `orders  payments.payment-captured  ${sale.paymentId}  ${envelope.eventId}  5 tries  it failed`,
    );
    expect(parked.out).not.toContain('lines');
    const asked = await ops(['events', 'replay', '--subgraph', 'orders', '--reason', 'Mended']);
    expect(asked.out).toBe('2 are worked on again by orders.\n');
    const left = await until(async () => {
      const { out } = await ops('events parked --json');
      const events = JSON.parse(out);
      return events.length === 1 && events[0].attempts === 6 && events;
    });

    expect(left).toMatchObject([
      {
        subgraph: 'orders',
        eventId: 'evt_future',
        error: 'no handler for version 99 of payments.payment-captured',
      },
    ]);
    expect(
      await at.rows(`select count(*)::int as n from orders."order" where payment_id = $1`, [
        sale.paymentId,
      ]),
    ).toEqual([{ n: 1 }]);
    expect(await at.rows('select action, subject, reason from orders.operator_action')).toEqual([
      { action: 'replay-events', subject: 'all', reason: 'Mended' },
    ]);
  });
});

describe('parking by hand', () => {
  it('keeps what is told of one payment, in order, until it is replayed', async () => {
    const sale = await story.sold();
    const park = ['events', 'park', '--subgraph', 'orders', '--aggregate', sale.paymentId];
    expect((await ops([...park, '--reason', 'A look first'])).out).toBe(
      `What is told of ${sale.paymentId} is parked at orders.\n`,
    );
    expect((await ops([...park, '--reason', 'Again'])).out).toContain('was parked before');

    await story.refund(sale, { amount: { amountMinor: '100', currency: 'USD' } });
    const refunded = async () =>
      (
        await at.rows('select refunded_minor::int as minor from orders."order" where id = $1', [
          sale.orderId,
        ])
      )[0].minor;
    await until(async () => {
      const { out } = await ops('events parked --subgraph orders');
      return out.includes(`payments.payment-refunded  ${sale.paymentId}`);
    });
    expect(await refunded()).toBe(0);

    await ops([
      ...['events', 'replay', '--subgraph', 'orders', '--aggregate', sale.paymentId],
      ...['--reason', 'Looked'],
    ]);
    await until(async () => (await refunded()) === 100);
    const { out } = await ops('events parked --subgraph orders');
    expect(out).not.toContain(sale.paymentId);
  });

  it('keeps a webhook that is not worked on yet, and only such a one', async () => {
    const [{ event_id: done }] = await at.rows(
      `select event_id from payments.webhook_event where state in ('PROCESSED', 'IGNORED') limit 1`,
    );
    await at.rows(`insert into payments.webhook_event (event_id, event_type, raw_body, state)
      values ('WH-LATER', 'PAYMENT.CAPTURE.COMPLETED', '{}', 'RECEIVED')`);
    const parked = await ops(['webhooks', 'park', 'WH-LATER', '--reason', 'A look first']);
    const [row] = await at.rows(
      `select state from payments.webhook_event where event_id = 'WH-LATER'`,
    );
    await at.rows(`delete from payments.webhook_event where event_id = 'WH-LATER'`);

    expect(await ops(['webhooks', 'park', done, '--reason', 'Too late'])).toMatchObject({
      code: 1,
      err: 'ops: NOT_FOUND: There is no such open webhook event.\n',
    });
    // The timer may have been quicker: then there was nothing to park.
    expect([
      [0, 'PARKED'],
      [1, 'IGNORED'],
      [1, 'RECEIVED'],
    ]).toContainEqual([parked.code, row.state]);
  });
});

describe('npm run reconcile', () => {
  it('says that both sides agree', async () => {
    await at.stack.advanceClock(10 * 60_000);
    const { code, out, err } = await ops('reconcile');

    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /: 7 movements at PayPal, 7 in the books, 0 settled now\.\nNothing is open\.\n$/,
    );
  });

  it('says what differs and what to do, and by its exit code that somebody must look', async () => {
    const sale = await story.sold();
    await at.stack.advanceClock(10 * 60_000);
    await at.rows('update payments.payment set amount_minor = 999 where id = $1', [sale.paymentId]);

    const { code, out } = await ops('reconcile');
    const json = await ops('reconcile --json');

    expect(code).toBe(1);
    expect(out).toContain(
      `AMOUNT_DIFFERS CAPTURE ${sale.captureId}  ours 999 USD minor units, PayPal's 1000 USD minor units`,
    );
    expect(out).toContain('Freeze the payout of this payment');
    expect(JSON.parse(json.out).open).toMatchObject([
      { kind: 'AMOUNT_DIFFERS', reference: sale.captureId, paymentId: sale.paymentId },
    ]);
  });
});
