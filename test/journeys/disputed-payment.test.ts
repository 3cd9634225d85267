import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SellerSideDocument } from '../../local/demo/operations.generated.ts';
import { PersonClient } from '../../local/demo/person.ts';
import { Report } from '../../local/demo/report.ts';
import {
  becomeSeller,
  buyByButton,
  type Cast,
  listGoods,
  saveMethod,
  sendAndDeliver,
} from '../../local/demo/story.ts';
import type { LocalStack } from '../../local/stack.ts';
import { checkInvariants } from '../../subgraphs/invariants/check.ts';
import { startTestStack } from '../support/stack.ts';

const DAY_MS = 24 * 3_600_000;

class Silent extends Report {
  constructor() {
    super(true);
  }

  override step(): void {}
}

let stack: LocalStack;
let cast: Cast;

beforeAll(async () => {
  stack = await startTestStack();
  const client = (token: string) => new PersonClient(stack.graphUrl, stack.webSocketUrl, token);
  const { buyer, seller, support } = stack.tokens;
  cast = {
    stage: stack,
    report: new Silent(),
    buyer: client(buyer),
    seller: client(seller),
    support: client(support),
  };
});

afterAll(async () => {
  await Promise.all([cast?.buyer.close(), cast?.seller.close(), cast?.support.close()]);
  await stack?.close();
});

const simulator = async (method: string, path: string, body?: object) => {
  const token = await fetch(`${stack.paypal.url}/v1/oauth2/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${stack.paypal.clientId}:${stack.paypal.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const { access_token: accessToken } = (await token.json()) as { access_token: string };
  const response = await fetch(`${stack.paypal.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await response.json()) as Record<string, unknown>;
};

const balance = async () =>
  (await cast.seller.request(SellerSideDocument, {})).viewer?.sellerAccount?.balance;

const payouts = async () => {
  const { entries } = (await simulator('GET', '/simulator/log')) as {
    entries: { what: string; id: string }[];
  };
  return entries.filter(({ what }) => what === 'payout.completed');
};

async function until<T>(read: () => Promise<T | null | undefined | false>): Promise<T> {
  for (const deadline = Date.now() + 15_000; ; ) {
    const found = await read();
    if (found) return found;
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a payment that the buyer disputes with PayPal', () => {
  it('is not paid out while the dispute is open, and is once the seller has won it', async () => {
    await becomeSeller(cast);
    const goods = await listGoods(cast);
    const methodId = await saveMethod(cast);
    await sendAndDeliver(cast, await buyByButton(cast, goods, methodId));
    await until(async () => (await balance())?.items[0]?.status === 'SCHEDULED');
    const { entries } = (await simulator('GET', '/simulator/log')) as {
      entries: { what: string; id: string }[];
    };
    const captureId = entries.find(({ what }) => what === 'capture.completed')?.id;

    const opened = await simulator('POST', '/simulator/disputes', { captureId });
    const frozen = await until(async () => {
      const now = await balance();
      return now?.items[0]?.status === 'FROZEN' && now;
    });
    await stack.advanceClock(8 * DAY_MS);
    await new Promise((resolve) => setTimeout(resolve, 1_000));

    expect(frozen.items[0]?.releaseAt).toBeNull();
    expect(frozen.items[0]?.reason).toContain('disputes the payment with PayPal');
    expect((await balance())?.items[0]?.status).toBe('FROZEN');
    expect(await payouts()).toEqual([]);

    const dispute = `/v1/customer/disputes/${opened.dispute_id}`;
    await simulator('POST', `${dispute}/provide-evidence`, {
      evidences: [{ evidence_type: 'PROOF_OF_FULFILLMENT', notes: 'Delivered as tracked.' }],
    });
    await simulator('POST', `${dispute}/adjudicate`, { adjudication_outcome: 'SELLER_FAVOR' });
    await until(async () => (await balance())?.items.length === 0);

    expect(await payouts()).toHaveLength(1);
    expect((await balance())?.held.amountMinor).toBe('0');
  });

  it('breaks nothing that must always be true', async () => {
    expect(await checkInvariants(stack.databaseUrl)).toEqual([]);
  });
});
