import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { issueApiKey } from '../../gateway/api-keys.ts';
import { readManifest } from '../../gateway/operation-manifest.ts';
import { AskAboutListingDocument, SayDocument } from '../../local/demo/operations.generated.ts';
import { PersonClient } from '../../local/demo/person.ts';
import { Report } from '../../local/demo/report.ts';
import { becomeSeller, type Cast, type Goods, listGoods } from '../../local/demo/story.ts';
import type { LocalStack } from '../../local/stack.ts';
import { checkInvariants } from '../../subgraphs/invariants/check.ts';
import { startTestStack } from '../support/stack.ts';

// A shop system works for one seller: by registered ids alone, and for nobody else.

class Silent extends Report {
  constructor() {
    super(true);
  }

  override step(): void {}
}

// biome-ignore lint/suspicious/noExplicitAny: answers of operations chosen at run time
type Answer = any;

const MANIFEST = new URL('../../schema/persisted-operations/sample-partner.json', import.meta.url);
const REGISTRY = new URL('../../schema/clients.json', import.meta.url);
const { key, entry } = issueApiKey();
const folder = mkdtempSync(join(tmpdir(), 'parley-partner-'));
const clientsFile = join(folder, 'clients.json');

let stack: LocalStack;
let cast: Cast;
let goods: Goods;
let sellerId: string;
let conversationId: string;

function writeRegistry(sellers: readonly string[], keys: readonly object[]): void {
  const { clients } = JSON.parse(readFileSync(REGISTRY, 'utf8'));
  const registered = clients.map((client: { name: string }) =>
    client.name === 'sample-partner' ? { ...client, sellers, apiKeys: keys } : client,
  );
  writeFileSync(clientsFile, JSON.stringify({ clients: registered }));
}

const idOf = (name: string) => {
  const operation = readManifest(MANIFEST.pathname).find((each) => each.name === name);
  if (!operation) throw new Error(`${name} is not registered`);
  return operation.id;
};

async function post(body: object, apiKey = key): Promise<Answer> {
  const response = await fetch(stack.graphUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'parley-api-key': apiKey },
    body: JSON.stringify(body),
  });
  return response.json();
}

const call = (name: string, variables: object, apiKey = key) =>
  post({ documentId: idOf(name), variables }, apiKey);

async function get(
  path: string,
): Promise<{ status: number; answer: Answer; cache: string | null }> {
  const response = await fetch(`${stack.graphUrl}${path}`, {
    headers: { 'parley-api-key': key, 'apollo-require-preflight': '1' },
  });
  const cache = response.headers.get('cache-control');
  return { status: response.status, answer: await response.json(), cache };
}

const code = (answer: Answer) => answer.errors?.[0]?.extensions?.code ?? null;

beforeAll(async () => {
  writeRegistry([], [entry]);
  stack = await startTestStack({ clientsFile });
  const client = (token: string) => new PersonClient(stack.graphUrl, stack.webSocketUrl, token);
  const { buyer, seller, support } = stack.tokens;
  cast = {
    stage: stack,
    report: new Silent(),
    buyer: client(buyer),
    seller: client(seller),
    support: client(support),
  };
  sellerId = await becomeSeller(cast);
  goods = await listGoods(cast);
  const opened = await cast.buyer.request(AskAboutListingDocument, {
    input: {
      sellerId,
      firstMessage: { clientMessageId: 'first', text: 'Is it dishwasher safe?' },
    },
  });
  conversationId = opened.openConversation?.conversation?.id ?? '';
});

afterAll(async () => {
  await Promise.all([cast?.buyer.close(), cast?.seller.close(), cast?.support.close()]);
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a partner', () => {
  it('that no seller has let in sees what everybody sees, and can do nothing', async () => {
    const listings = await call('SellerListings', { sellerId });
    const [{ node }] = listings.data.listings.edges;
    expect(node.title).toBe('Stoneware mug');
    expect(node.variants[0].stock).toBeNull();

    const thread = await call('ConversationMessages', { conversationId });
    expect(thread.data.conversation).toBeNull();
    const said = await call('SendMessage', {
      input: { conversationId, clientMessageId: 'x', text: 'Hello' },
    });
    expect(said.data.sendMessage).toMatchObject({
      message: null,
      userErrors: [{ code: 'NOT_FOUND' }],
    });
    const adjusted = await call('AdjustStock', {
      input: { variantId: goods.variantId, delta: 5, reason: 'count', idempotencyKey: 'a' },
    });
    expect(adjusted.data.adjustStock.variant).toBeNull();
    expect((await call('SellerListings', { sellerId })).data.listings.edges[0].node).toMatchObject({
      variants: [{ available: 10 }],
    });
  });

  it('works for the seller that let it in, as soon as the registry says so', async () => {
    writeRegistry([sellerId], [entry]);
    for (const end = Date.now() + 10_000; Date.now() < end; ) {
      const { data } = await call('ConversationMessages', { conversationId });
      if (data.conversation) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }

    const thread = await call('ConversationMessages', { conversationId });
    expect(thread.data.conversation.messages.edges[0].node).toMatchObject({
      sender: 'BUYER',
      text: 'Is it dishwasher safe?',
    });
    const adjusted = await call('AdjustStock', {
      input: { variantId: goods.variantId, delta: 5, reason: 'count', idempotencyKey: 'b' },
    });
    expect(adjusted.data.adjustStock).toMatchObject({ variant: { available: 15 }, userErrors: [] });
    const answered = await call('SendMessage', {
      input: { conversationId, clientMessageId: 'answer', text: 'Yes, it is.' },
    });
    expect(answered.data.sendMessage).toMatchObject({ message: { seq: 2 }, userErrors: [] });
    const sent = await call('SendPaymentRequest', {
      input: {
        conversationId,
        lines: [{ variantId: goods.variantId, quantity: 1 }],
        expectedTotal: { amountMinor: '2400', currency: 'USD' },
        idempotencyKey: 'c',
      },
    });
    expect(sent.data.sendPaymentRequest).toMatchObject({
      paymentRequest: { status: 'SENT', total: { amountMinor: '2400', currency: 'USD' } },
      userErrors: [],
    });
    const { id } = sent.data.sendPaymentRequest.paymentRequest;
    const state = await get(
      `?documentId=${idOf('PaymentRequestState')}&variables=${encodeURIComponent(JSON.stringify({ paymentRequestId: id }))}`,
    );
    expect(state).toMatchObject({ status: 200, cache: 'no-store' });
    expect(state.answer.data.paymentRequest).toMatchObject({ id, status: 'SENT', order: null });
  });

  it('reads by an id in the path, changes nothing by GET', async () => {
    const variables = encodeURIComponent(JSON.stringify({ sellerId }));
    const read = await get(`/persisted/${idOf('SellerListings')}?variables=${variables}`);
    expect(read.answer.data.listings.edges[0].node.variants[0].stock).toMatchObject({ onHand: 15 });

    const input = encodeURIComponent(
      JSON.stringify({
        input: { variantId: goods.variantId, delta: 1, reason: 'count', idempotencyKey: 'd' },
      }),
    );
    const changed = await get(`/persisted/${idOf('AdjustStock')}?variables=${input}`);
    expect(changed.status).toBe(405);
    const after = await call('SellerListings', { sellerId });
    expect(after.data.listings.edges[0].node.variants[0].stock.onHand).toBe(15);
  });

  it('is heard live by its key, and reads what the buyer writes', async () => {
    const socket = createClient({
      url: stack.webSocketUrl,
      webSocketImpl: WebSocket,
      connectionParams: { apiKey: key },
      retryAttempts: 0,
    });
    const events: Answer[] = [];
    const stream = (async () => {
      const query = '';
      const extensions = {
        persistedQuery: { version: 1, sha256Hash: idOf('ConversationMessagesAdded') },
      };
      for await (const event of socket.iterate({
        query,
        extensions,
        variables: { conversationId },
      })) {
        // What was said just before can come now, too; these words are what is waited for.
        const { data } = event as Answer;
        if (data.messageAdded.text?.startsWith('And in the oven')) events.push(event);
      }
    })();
    // Nothing tells a client when its stream has begun, so the buyer asks until it has.
    for (let asked = 1; events.length === 0 && asked <= 30; asked += 1) {
      const said = await cast.buyer.request(SayDocument, {
        input: { conversationId, clientMessageId: `oven-${asked}`, text: 'And in the oven?' },
      });
      expect(said.sendMessage?.userErrors).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }

    expect(events[0].data.messageAdded).toMatchObject({
      sender: 'BUYER',
      text: 'And in the oven?',
    });
    await socket.dispose();
    await stream.catch(() => undefined);
  });

  it.each([
    ['its own words', { query: '{ viewer { id } }' }, 'OPERATION_ID_REQUIRED'],
    ['an id nobody registered', { documentId: 'a'.repeat(64) }, 'PERSISTED_QUERY_NOT_FOUND'],
    [
      'other words beside a registered id',
      { query: '{ viewer { id } }', documentId: idOf('SellerListings') },
      'PERSISTED_QUERY_HASH_MISMATCH',
    ],
  ])('may not send %s', async (_case, body, expected) => {
    expect(code(await post(body))).toBe(expected);
  });

  it('without a good key is nobody', async () => {
    const other = issueApiKey().key;
    expect(code(await call('SellerListings', { sellerId }, other))).toBe('UNAUTHENTICATED');
  });

  it('whose key was taken out is nobody from then on', async () => {
    writeRegistry([sellerId], []);
    let last: string | null = null;
    for (const end = Date.now() + 10_000; last === null && Date.now() < end; ) {
      last = code(await call('SellerListings', { sellerId }));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(last).toBe('UNAUTHENTICATED');
  });

  it('breaks nothing that must always be true', async () => {
    expect(await checkInvariants(stack.databaseUrl)).toEqual([]);
  });
});
