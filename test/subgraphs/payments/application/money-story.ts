import { randomUUID } from 'node:crypto';
import { type PaymentsTest, until } from './support.ts';

export interface Sale {
  readonly requestId: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly captureId: string;
}

type Person = Parameters<PaymentsTest['mutate']>[0];

/** What happens to money after it was taken, told in steps. */
export function moneyStory(at: PaymentsTest) {
  /** Money taken, and an order that knows of it. */
  async function sold(input: object = {}): Promise<Sale> {
    const { paymentRequest } = await at.sendRequest(input);
    await at.pay(paymentRequest);
    return until(async () => {
      const [row] = await at.rows(
        'select id, order_id, capture_id from payments.payment where request_id = $1',
        [paymentRequest.id],
      );
      return (
        row?.order_id && {
          requestId: paymentRequest.id,
          paymentId: row.id,
          orderId: row.order_id,
          captureId: row.capture_id,
        }
      );
    });
  }

  const payoutOf = async ({ paymentId }: Pick<Sale, 'paymentId'>) =>
    (
      await at.rows(
        'select status, reasons, release_at, net_minor::int as net, netted_minor::int as netted from payments.disbursement where payment_id = $1',
        [paymentId],
      )
    )[0];

  async function sentAndScheduled(sale: Sale, input: object = {}): Promise<Date> {
    const { userErrors } = await at.mutate(
      'seller',
      'markSent',
      { orderId: sale.orderId, idempotencyKey: randomUUID(), ...input },
      'shipment { id }',
    );
    if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
    return until(async () => {
      const { status, release_at } = await payoutOf(sale);
      return status === 'SCHEDULED' && release_at;
    });
  }

  async function now(): Promise<Date> {
    const response = await fetch(`${at.stack.paypal.url}/simulator/state`);
    return new Date(((await response.json()) as { now: string }).now);
  }

  /** To `offsetMs` after a moment, and time for everything that is due then. */
  async function goTo(moment: Date, offsetMs = 0): Promise<void> {
    await at.stack.advanceClock(moment.getTime() + offsetMs - (await now()).getTime());
  }

  /** PayPal, as the platform calls it. */
  const paypal = async (method: string, path: string, body?: object) => {
    const token = await fetch(`${at.stack.paypal.url}/v1/oauth2/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${at.stack.paypal.clientId}:${at.stack.paypal.clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    const { access_token } = (await token.json()) as { access_token: string };
    const response = await fetch(`${at.stack.paypal.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    // biome-ignore lint/suspicious/noExplicitAny: PayPal's answer, read by the test that asked
    return (await response.json()) as any;
  };

  async function released(sale: Sale, input: object = {}): Promise<void> {
    await goTo(await sentAndScheduled(sale, input), 1_000);
    await until(async () => (await payoutOf(sale)).status === 'RELEASED');
  }

  return {
    sold,
    payoutOf,
    sentAndScheduled,
    goTo,
    released,
    paypal,
    now,
    settle: () => new Promise((resolve) => setTimeout(resolve, 700)),
    net: (sale: Sale) => payoutOf(sale).then((payout) => payout.net as number),
    refund: (sale: Pick<Sale, 'paymentId'>, input: object = {}, person: Person = 'seller') =>
      at.mutate(
        person,
        'refundPayment',
        { paymentId: sale.paymentId, reason: 'Sorry', idempotencyKey: randomUUID(), ...input },
        'refund { id status amount { amountMinor } }',
      ),
    /** Credits less debits of the seller's accounts and the system's, empty ones left out. */
    books: async (): Promise<Record<string, number>> => {
      const rows = await at.rows(`
        select account, sum(minor)::int as minor from (
          select credit as account, amount_minor as minor from payments.ledger_entry
          union all select debit, -amount_minor from payments.ledger_entry
        ) sides group by account having sum(minor) <> 0`);
      return Object.fromEntries(
        rows.map(({ account, minor }) => [account.replace(`seller:${at.sellerId}:`, ''), minor]),
      );
    },
    /** What was posted about one thing: from, to, how much, in order. */
    booked: async (id: string) =>
      (
        await at.rows(
          `select debit, credit, amount_minor::int as minor from payments.ledger_entry
           where reference like $1 || ':%' order by id`,
          [id],
        )
      ).map(({ debit, credit, minor }) => [
        debit.replace(`seller:${at.sellerId}:`, ''),
        credit.replace(`seller:${at.sellerId}:`, ''),
        minor,
      ]),
    payoutsOf: async ({ captureId }: Sale) =>
      (await at.logged('payout.completed')).filter((entry) =>
        JSON.stringify(entry).includes(captureId),
      ),
    refundsOf: async ({ captureId }: Sale) =>
      (await at.logged('refund.completed')).filter((entry) =>
        JSON.stringify(entry).includes(captureId),
      ),
  };
}

export const codes = (payload: { userErrors: { code: string }[] }) =>
  payload.userErrors.map(({ code }) => code);
