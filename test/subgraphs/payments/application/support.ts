import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { PEOPLE } from '../../../../local/people.ts';
import type { LocalStack } from '../../../../local/stack.ts';
import { checkInvariants, INVARIANTS } from '../../../../subgraphs/invariants/check.ts';
import { startTestStack } from '../../../support/stack.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers of the graph, each read by the test that asked
type Answer = any;

export const ADDRESS = {
  name: 'A',
  line1: '1 Way',
  city: 'Oakland',
  state: 'CA',
  postalCode: '94607',
  country: 'US',
};
export const usd = (minor: string) => ({ amountMinor: minor, currency: 'USD' });

/** A shop that sells, a buyer with a payment method, and a conversation between them. */
export interface PaymentsTest {
  readonly stack: LocalStack;
  readonly conversationId: string;
  readonly variantId: string;
  readonly methodId: string;
  ask(person: keyof typeof PEOPLE, query: string, variables?: object): Promise<Answer>;
  rows(sql: string, values?: unknown[]): Promise<Answer[]>;
  /** Events and requests there are: what a refusal must leave as it is. */
  footprint(): Promise<Answer>;
  readonly sellerId: string;
  /** Any mutation by its input, with its refusals. */
  mutate(person: keyof typeof PEOPLE, name: string, input: object, fields: string): Promise<Answer>;
  /** What the simulator has logged of one kind, oldest first. */
  logged(what: string): Promise<Answer[]>;
  simulator(path: string, body: object): Promise<void>;
  sendRequest(input?: object): Promise<Answer>;
  pay(request: Answer, input?: object, person?: 'buyer' | 'secondBuyer'): Promise<Answer>;
  fault(fault: object): Promise<void>;
  captures(): Promise<Answer[]>;
  /** Fails where an invariant is broken, but for those that the tests broke on purpose. */
  close(brokenOnPurpose?: readonly string[]): Promise<void>;
}

/** Asks again until there is an answer; fails after fifteen seconds. */
export async function until<T>(read: () => Promise<T | null | undefined | false>): Promise<T> {
  for (const deadline = Date.now() + 15_000; ; ) {
    const found = await read();
    if (found) return found;
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function startPaymentsTest(stock: number): Promise<PaymentsTest> {
  const stack = await startTestStack();
  const database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
  const ask: PaymentsTest['ask'] = async (person, query, variables = {}) => {
    const response = await fetch(stack.graphUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${stack.tokens[person]}`,
      },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as Answer;
    if (errors) throw new Error(JSON.stringify(errors));
    return Object.values(data)[0];
  };
  const rows = async (sql: string, values: unknown[] = []) =>
    (await database.query(sql, values)).rows;
  const mutate = (person: keyof typeof PEOPLE, name: string, input: object, fields: string) =>
    ask(
      person,
      `mutation($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${fields} userErrors { code path currentState allowedActions } } }`,
      { input },
    );

  await mutate(
    'support',
    'setAllowListEntry',
    { userId: PEOPLE.seller.sub, state: 'ENABLED' },
    'state',
  );
  await mutate(
    'seller',
    'startSellerApplication',
    { accountType: 'BUSINESS', displayName: 'Shop', handle: 'shop', dateOfBirth: '1990-01-01' },
    'sellerAccount { id }',
  );
  await mutate(
    'seller',
    'provideSellerIdentity',
    {
      legalName: 'S Hop',
      dateOfBirth: '1990-01-01',
      socialSecurityNumber: '219-09-9999',
      line1: '1 Rd',
      city: 'X',
      state: 'OR',
      postalCode: '97201',
    },
    'sellerAccount { id }',
  );
  await mutate('seller', 'submitSellerApplication', { hasConsented: true }, 'sellerAccount { id }');
  let sellerId: string | null = null;
  for (const deadline = Date.now() + 20_000; sellerId === null; ) {
    const { sellerAccount } = await ask(
      'seller',
      '{ viewer { sellerAccount { id canRequestPayments } } }',
    );
    if (sellerAccount.canRequestPayments) sellerId = sellerAccount.id;
    else if (Date.now() > deadline) throw new Error('the seller never became active');
    else await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const created = await mutate(
    'seller',
    'createListing',
    {
      title: 'Mug',
      description: 'A mug.',
      variants: [{ price: usd('2400'), stock }],
      idempotencyKey: randomUUID(),
    },
    'listing { id variants { id } }',
  );
  await mutate('seller', 'publishListing', { listingId: created.listing.id }, 'listing { id }');
  const opened = await mutate(
    'buyer',
    'openConversation',
    { sellerId, firstMessage: { clientMessageId: randomUUID(), text: 'Hi' } },
    'conversation { id }',
  );
  const conversationId = opened.conversation.id;
  await mutate(
    'seller',
    'sendMessage',
    { conversationId, clientMessageId: randomUUID(), text: 'Hello' },
    'message { id }',
  );
  const methodOf = async (person: 'buyer' | 'secondBuyer') => {
    const begun = await mutate(
      person,
      'startPaymentMethodSetup',
      { hasConsented: true, idempotencyKey: randomUUID() },
      'paymentMethod { id approvalUrl }',
    );
    await fetch(begun.paymentMethod.approvalUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'brand=VISA&last_digits=4242',
    });
    await mutate(
      person,
      'completePaymentMethodSetup',
      { paymentMethodId: begun.paymentMethod.id },
      'paymentMethod { id }',
    );
    return begun.paymentMethod.id as string;
  };
  const methodId = await methodOf('buyer');
  const logged = async (what: string) => {
    const { entries } = (await (await fetch(`${stack.paypal.url}/simulator/log`)).json()) as Answer;
    return entries.filter((entry: Answer) => entry.what === what);
  };
  const simulator = async (path: string, body: object) => {
    const response = await fetch(`${stack.paypal.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
  };

  return {
    stack,
    conversationId,
    variantId: created.listing.variants[0].id,
    methodId,
    ask,
    rows,
    footprint: () =>
      rows(
        'select (select count(*)::int from payments.outbox) as events, (select count(*)::int from payments.payment_request) as requests, (select count(*)::int from payments.payment_attempt) as attempts, (select count(*)::int from payments.ledger_entry) as entries, (select count(*)::int from payments.refund) as refunds, (select coalesce(sum(refunded_total_minor), 0)::text from payments.payment) as refunded, (select coalesce(sum(version), 0)::int from payments.payment_request) as versions',
      ),
    sendRequest: (input = {}) =>
      mutate(
        'seller',
        'sendPaymentRequest',
        {
          conversationId,
          lines: [{ title: 'T', description: 'D', unitPrice: usd('1000') }],
          idempotencyKey: randomUUID(),
          ...input,
        },
        'paymentRequest { id status total { amountMinor currency } }',
      ),
    pay: (request, input = {}, person = 'buyer') =>
      mutate(
        person,
        'payPaymentRequest',
        {
          paymentRequestId: request.id,
          approvedTotal: request.total,
          paymentMethodId: methodId,
          shippingAddress: ADDRESS,
          idempotencyKey: randomUUID(),
          ...input,
        },
        'paymentRequest { id status } attempt { id status advice }',
      ),
    fault: (fault) => simulator('/simulator/faults', fault),
    captures: () => logged('capture.completed'),
    sellerId,
    mutate,
    logged,
    simulator,
    close: async (brokenOnPurpose = []) => {
      await database.end();
      try {
        // Whatever a story did: what must always be true is true at its end.
        const kept = INVARIANTS.filter(({ id }) => !brokenOnPurpose.includes(id));
        let broken = await checkInvariants(stack.databaseUrl, kept);
        // Timed work may be about to do what the last move of the clock made due.
        for (const end = Date.now() + 10_000; broken.length > 0 && Date.now() < end; ) {
          await stack.advanceClock(1_000);
          await new Promise((resolve) => setTimeout(resolve, 200));
          broken = await checkInvariants(stack.databaseUrl, kept);
        }
        if (broken.length > 0) throw new Error(JSON.stringify(broken, null, 2));
      } finally {
        await stack.close();
      }
    },
  };
}
