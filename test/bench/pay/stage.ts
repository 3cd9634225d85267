import { randomUUID } from 'node:crypto';
import { parse, print } from 'graphql';
import type { Stage } from '../../../local/demo/demo.ts';
import {
  AskAboutListingDocument,
  CreateDemoListingDocument,
  PayDocument,
  PublishDemoListingDocument,
  SayDocument,
  SendDemoRequestDocument,
} from '../../../local/demo/operations.generated.ts';
import { PersonClient } from '../../../local/demo/person.ts';
import { becomeSeller, type Cast, saveMethod } from '../../../local/demo/story.ts';
import { SilentReport } from '../support/silent-report.ts';

export interface People extends Omit<Stage, 'close'> {
  readonly buyers: readonly string[];
  readonly databaseUrl: string;
}

/** One HTTP request that pays one payment request; nobody has paid it yet. */
export interface PreparedPayment {
  readonly token: string;
  readonly body: string;
}

/** Small enough for a seller's weekly limit: what is paid costs the machine the same. */
const PRICE = { amountMinor: '100', currency: 'USD' };
const ADDRESS = {
  name: 'Amira Haddad',
  line1: '12 Orchard Street',
  city: 'Oakland',
  state: 'CA',
  postalCode: '94607',
  country: 'US',
};
const PAY = print(parse(print(PayDocument)));

/** Through the public graph: a seller, goods enough, and for each buyer a method and a thread. */
export async function prepare(
  people: People,
): Promise<(count: number) => Promise<PreparedPayment[]>> {
  const client = (token: string) => new PersonClient(people.graphUrl, people.webSocketUrl, token);
  const [seller, support] = [client(people.tokens.seller), client(people.tokens.support)];
  const castOf = (buyer: PersonClient): Cast => ({
    stage: { ...people, close: () => Promise.resolve() },
    report: new SilentReport(),
    buyer,
    seller,
    support,
  });
  const sellerId = await becomeSeller(castOf(seller));
  const shops = await Promise.all(
    people.buyers.map(async (token) => {
      const buyer = client(token);
      return {
        token,
        methodId: await saveMethod(castOf(buyer)),
        // Goods of its own for each buyer: the bench is not about one bestseller's row.
        variantId: await goods(seller),
        conversationId: await thread(buyer, seller, sellerId),
      };
    }),
  );
  return (count) => sendRequests(seller, shops, count);
}

type Shop = Readonly<Record<'token' | 'methodId' | 'variantId' | 'conversationId', string>>;

async function sendRequests(
  seller: PersonClient,
  shops: readonly Shop[],
  count: number,
): Promise<PreparedPayment[]> {
  const payments: PreparedPayment[] = [];
  let next = 0;
  await Promise.all(
    shops.map(async ({ token, methodId, variantId, conversationId }) => {
      while (next++ < count) {
        const { sendPaymentRequest: sent } = await seller.request(SendDemoRequestDocument, {
          input: {
            conversationId,
            lines: [{ variantId, quantity: 1 }],
            idempotencyKey: randomUUID(),
          },
        });
        const paymentRequestId = sent?.paymentRequest?.id;
        if (!paymentRequestId) throw new Error(`not sent: ${JSON.stringify(sent)}`);
        const input = {
          paymentRequestId,
          approvedTotal: PRICE,
          paymentMethodId: methodId,
          shippingAddress: ADDRESS,
          idempotencyKey: randomUUID(),
        };
        payments.push({ token, body: JSON.stringify({ query: PAY, variables: { input } }) });
      }
    }),
  );
  return payments;
}

async function goods(seller: PersonClient): Promise<string> {
  const { createListing } = await seller.request(CreateDemoListingDocument, {
    input: {
      title: 'Stoneware mug',
      description: 'Thrown by hand, glazed in celadon, holds 300 ml. Dishwasher safe.',
      variants: [{ price: PRICE, stock: 10_000 }],
      idempotencyKey: randomUUID(),
    },
  });
  const listing = createListing?.listing;
  if (!listing) throw new Error(`no listing: ${JSON.stringify(createListing)}`);
  await seller.request(PublishDemoListingDocument, { input: { listingId: listing.id } });
  return listing.variants[0]?.id ?? '';
}

async function thread(
  buyer: PersonClient,
  seller: PersonClient,
  sellerId: string,
): Promise<string> {
  const said = (text: string) => ({ clientMessageId: randomUUID(), text });
  const opened = await buyer.request(AskAboutListingDocument, {
    input: { sellerId, firstMessage: said('Hello') },
  });
  const conversationId = opened.openConversation?.conversation?.id ?? '';
  await seller.request(SayDocument, { input: { conversationId, ...said('Hello') } });
  return conversationId;
}
