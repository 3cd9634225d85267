import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { checkInvariants, INVARIANTS, violationsIn } from '../../../subgraphs/invariants/check.ts';
import { runInvariants } from '../../../subgraphs/invariants/main.ts';
import { moneyStory, type Sale } from '../payments/application/money-story.ts';
import { type PaymentsTest, startPaymentsTest, until } from '../payments/application/support.ts';

let at: PaymentsTest;
let client: pg.Client;
let paid: Sale;
let waiting: Sale;

beforeAll(async () => {
  at = await startPaymentsTest(20);
  const story = moneyStory(at);
  const line = { variantId: at.variantId, quantity: 1 };
  paid = await story.sold({ lines: [line] });
  await story.released(paid);
  const refunded = await story.sold();
  await story.refund(refunded, { amount: { amountMinor: '300', currency: 'USD' } });
  await until(async () => (await story.refundsOf(refunded)).length === 1);
  waiting = await story.sold({ lines: [line] });
  await at.sendRequest();
  client = new pg.Client({ connectionString: at.stack.databaseUrl });
  await client.connect();
}, 60_000);

afterAll(async () => {
  await client?.end();
  await at?.close();
});

const codeOf = (id: string) => INVARIANTS.filter((invariant) => invariant.id === id);

/**
 * What each finds, when somebody with every right breaks it. Nothing of ours can: constraints and
 * triggers are off here, and everything is rolled back.
 */
const BREAKS: Readonly<Record<string, string>> = {
  I1: `alter table payments.payment drop constraint payment_request_id_key;
       update payments.payment set request_id = '$waiting.request' where id = '$paid.payment'`,
  I2: `insert into payments.finding (id, key, kind, subject, reference, opened_at)
       values ('fnd_1', 'k', 'MISSING_HERE', 'CAPTURE', 'X', now())`,
  I3a: `update payments.payment set captured_at = captured_at - interval '1 hour' where id = '$waiting.payment';
        delete from orders."order" where payment_id = '$waiting.payment'`,
  I3b: `update orders."order" set total_minor = total_minor + 1 where payment_id = '$waiting.payment'`,
  I4a: `update payments.ledger_entry set amount_minor = amount_minor + 1 where reference = '$paid.payment:captured'`,
  I4b: `alter table payments.ledger_entry disable trigger ledger_entry_append_only`,
  I4c: `delete from payments.ledger_entry where reference = '$paid.payment:released'`,
  I5a: `update payments.disbursement set net_minor = net_minor - 1 where payment_id = '$waiting.payment'`,
  I5b: `update payments.ledger_entry set amount_minor = amount_minor + 1 where reference = '$paid.payment:disbursed'`,
  I6a: `alter table catalog.inventory_item drop constraint inventory_item_on_hand_check;
        alter table catalog.inventory_item drop constraint inventory_item_check;
        update catalog.inventory_item set on_hand = -1`,
  I6b: `update catalog.inventory_item set on_hand = on_hand + 1`,
  I6c: `update catalog.inventory_item set allocated = allocated + 1`,
  I6d: `alter table orders.order_item drop constraint order_item_check;
        update orders.order_item set sent = sent + 1`,
  I7: `update payments.disbursement set net_minor = net_minor + 500 where payment_id = '$paid.payment'`,
  I8a: `update payments.disbursement set released_at = fully_sent_at + interval '71 hours'
        where payment_id = '$paid.payment'`,
  I8b: `insert into payments.dispute
          (id, processor_dispute_id, payment_id, buyer_id, seller_id, amount_minor, amount_currency, opened_at, status,
           stage, reason, lost_minor, lost_currency, can_provide_evidence, version)
        select 'dsp_1', 'PP-D-1', p.id, p.buyer_id, p.seller_id, 100, 'USD', p.captured_at, 'UNDER_REVIEW',
           'CHARGEBACK', 'x', 0, 'USD', true, 1 from payments.payment p where p.id = '$paid.payment'`,
  I9: `update payments.payment set refunded_total_minor = refunded_total_minor + 1 where id = '$waiting.payment'`,
  I10a: `update payments.payment_request set status = 'SENT' where id = '$waiting.request'`,
  I10b: `update payments.outbox set type = 'payments.payment-request-withdrawn'
         where type = 'payments.payment-request-paying' and aggregate_id = '$waiting.request'`,
  I11a: `delete from payments.outbox where aggregate_id = '$waiting.request' and aggregate_version = 2`,
  I11b: `insert into orders.parked_event (consumer, event_id, aggregate_id, envelope, error, attempts)
         select consumer, event_id, 'x', '{}', 'x', 1 from orders.inbox limit 1`,
  I12: `delete from conversations.message where seq = 2`,
  I13: `update conversations.message set text = 'mine is 219-09-9999' where seq = 1`,
  I14a: `update seller_accounts.identity_access set purpose = 'curiosity'`,
  I14b: `delete from seller_accounts.identity_access`,
  I15: `update payments.idempotency_key set response = '{"attemptId": "pat_none"}' where operation = 'payPaymentRequest'`,
  I16: `update payments.payment_method set buyer_id = 'usr_somebody'`,
  I17a: `update payments.refund set status = 'PENDING', created_at = created_at - interval '1 day', completed_at = null`,
  I17b: `delete from event_bus.event where aggregate_id = '$paid.payment';
         update payments.outbox set occurred_at = occurred_at - interval '1 hour' where aggregate_id = '$paid.payment'`,
  I17c: `insert into orders.parked_event (consumer, event_id, aggregate_id, envelope, error, attempts)
         values ('orders', 'evt_x', 'x', '{}', 'x', 1)`,
  I17d: `update payments.webhook_event set state = 'PARKED'`,
};

describe('the invariants', () => {
  it('hold after sales, a payout and a refund', async () => {
    expect(await checkInvariants(at.stack.databaseUrl)).toEqual([]);
  });

  it('have each a way to be broken, which is tried below', () => {
    expect(Object.keys(BREAKS).sort()).toEqual(INVARIANTS.map(({ id }) => id).sort());
  });

  it.each(INVARIANTS.map(({ id, title }) => [id, title]))(
    '%s, %s: is seen when broken',
    async (id) => {
      const sql = BREAKS[id!]!.replaceAll('$paid.payment', paid.paymentId)
        .replaceAll('$waiting.payment', waiting.paymentId)
        .replaceAll('$waiting.request', waiting.requestId);
      await client.query('begin');
      try {
        expect(await violationsIn(client, codeOf(id!))).toEqual([]);
        await client.query('set local session_replication_role = replica');
        await client.query(sql);
        const found = await violationsIn(client, codeOf(id!));

        expect(found.length).toBeGreaterThan(0);
        expect(new Set(found.map((violation) => violation.id))).toEqual(new Set([id]));
        expect(JSON.stringify(found)).not.toContain('219-09-9999');
      } finally {
        await client.query('rollback');
      }
    },
  );
});

describe('what the processor told', () => {
  it.each([
    ['a capture without a payment', `update payments.payment set capture_id = 'X' where id = $1`],
    ['another amount', 'update payments.payment set amount_minor = amount_minor + 1 where id = $1'],
    [
      'a payout without its id',
      'update payments.disbursement set release_id = null where payment_id = $1',
    ],
  ])('is seen where the books say otherwise: %s', async (_case, sql) => {
    await client.query('begin');
    try {
      await client.query('set local session_replication_role = replica');
      await client.query(
        `update payments.webhook_event set received_at = received_at - interval '16 minutes'`,
      );
      expect(await violationsIn(client, codeOf('I2'))).toEqual([]);
      await client.query(sql, [paid.paymentId]);

      expect(await violationsIn(client, codeOf('I2'))).toHaveLength(1);
    } finally {
      await client.query('rollback');
    }
  });
});

describe('what is searched for in plain text', () => {
  const foundIn = async (text: string): Promise<boolean> => {
    await client.query('begin');
    try {
      await client.query('update conversations.message set text = $1 where seq = 1', [text]);
      return (await violationsIn(client, codeOf('I13'))).length > 0;
    } finally {
      await client.query('rollback');
    }
  };

  it.each([
    ['4111111111111111'],
    ['my card: 4242 4242 4242 4242.'],
    ['5555-5555-5555-4444'],
    ['2223003122003222'],
    ['3782 822463 10005'],
    ['6011111111111117'],
    ['219-09-9999'],
  ])('%s is found', async (text) => {
    expect(await foundIn(text)).toBe(true);
  });

  it.each([
    // No card number has this check digit.
    ['4111111111111112'],
    ['order 5555555555554445'],
    ['ref 3782-822463-10006'],
    // Part of something longer.
    ['41111111111111110'],
    ['A4111111111111111'],
    ['1Z4111111111111111'],
    ['call 415 555 0132'],
  ])('%s is not', async (text) => {
    expect(await foundIn(text)).toBe(false);
  });
});

describe('npm run invariants', () => {
  const run = async (args: readonly string[], env: Record<string, string>) => {
    const output = { out: '', err: '' };
    const code = await runInvariants(args, env, {
      out: (text) => {
        output.out += text;
      },
      err: (text) => {
        output.err += text;
      },
    });
    return { code, ...output };
  };

  it('says of each that it holds, and exits with 0', async () => {
    const { code, out, err } = await run([], { ADMIN_DATABASE_URL: at.stack.databaseUrl });

    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n')).toHaveLength(INVARIANTS.length + 1);
    expect(out).toContain('holds   I1    at most one capture per payment request\n');
    expect(out).not.toContain('BROKEN');
  });

  it('says what is broken, and exits with 1', async () => {
    await at.rows(`insert into payments.finding (id, key, kind, subject, reference, opened_at)
      values ('fnd_2', 'k2', 'MISSING_THERE', 'REFUND', 'R1', now())`);
    const env = { ADMIN_DATABASE_URL: at.stack.databaseUrl };
    const { code, out } = await run([], env);
    const json = await run(['--json'], env);
    await at.rows(`delete from payments.finding where id = 'fnd_2'`);

    expect(code).toBe(1);
    expect(out).toContain(
      'BROKEN  I2    the books agree with the processor, by what it told and what reconciliation last found\n      R1: MISSING_THERE REFUND R1\n',
    );
    expect(JSON.parse(json.out)).toEqual({
      invariants: INVARIANTS.length,
      violations: [{ id: 'I2', subject: 'R1', problem: 'MISSING_THERE REFUND R1' }],
    });
  });

  it.each<[string, string[], Record<string, string>, RegExp]>([
    [
      'a flag that is none',
      ['--fast'],
      {},
      /^invariants: Unknown option '--fast'; try --help\.\n$/,
    ],
    ['no database', [], { PARLEY_DATA: '/nowhere' }, /^invariants: Set ADMIN_DATABASE_URL, or run/],
    [
      'a database that is not there',
      [],
      { ADMIN_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
      /^invariants: The database cannot be read: /,
    ],
  ])('cannot be run with %s, and exits with 2', async (_case, args, env, message) => {
    const { code, out, err } = await run(args, env);

    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });
});
