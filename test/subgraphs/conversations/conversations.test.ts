import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subgraph } from '../../../subgraphs/conversations/server.ts';
import type { SubgraphHandler } from '../../../subgraphs/kernel/handler.ts';
import { UNSETTLED } from '../../support/settled.ts';
import { misshapen } from './event-schemas.ts';
import {
  type Claims,
  type Harness,
  idOf,
  member,
  neighbour,
  startHarness,
  support,
  system,
  until,
} from './harness.ts';

let at: Harness;

const ada = member('Ada');
const eve = member('Eve');
const shop = member('Shop');
const otherShop = member('Other shop');
const draft = member('Draft');
const listingId = idOf('lst', 'mug');
const variantId = idOf('var', 'mug');

const standings: Record<string, string> = {
  [shop.sellerId]: 'ACTIVE',
  [otherShop.sellerId]: 'ACTIVE',
  [draft.sellerId]: 'DRAFT',
};

beforeAll(async () => {
  const neighbours = new Map<string, SubgraphHandler>([
    [
      'seller-accounts',
      neighbour('type Query { sellerStanding(sellerId: ID!): S } type S { status: String! }', {
        sellerStanding: ({ sellerId }: { sellerId: string }) =>
          standings[sellerId] ? { status: standings[sellerId] } : null,
      }),
    ],
    [
      'catalog',
      neighbour(
        `type Query { listingSnapshots(variantIds: [ID!]!): [L!] }
         type L { variantId: ID!, listingId: ID!, sellerId: ID!, unitPrice: M! } type M { amountMinor: String!, currency: String! }`,
        {
          listingSnapshots: ({ variantIds }: { variantIds: string[] }) =>
            variantIds.includes(variantId)
              ? [
                  {
                    variantId,
                    listingId,
                    sellerId: shop.sellerId,
                    unitPrice: { amountMinor: '4800', currency: 'USD' },
                  },
                ]
              : [],
        },
      ),
    ],
  ]);
  at = await startHarness(subgraph, neighbours);
});

afterAll(() => at.close());

const OPEN = `mutation($input: OpenConversationInput!) { openConversation(input: $input) {
  conversation { id state seller { id } buyer { id displayName } lastSeq }
  message { id seq text clientMessageId context { listing { id } priceAtAsk { amountMinor currency } } }
  userErrors { code path message } } }`;
const SEND = `mutation($input: SendMessageInput!) { sendMessage(input: $input) {
  message { id seq text sender isYours clientMessageId conversation { id state } }
  userErrors { code path currentState allowedActions isRetryable } } }`;

const open = async (who: { claims: Claims }, sellerId: string, firstMessage?: object) =>
  (await at.ask(who.claims, OPEN, { input: { sellerId, firstMessage } })).data.openConversation;
const send = async (who: { claims: Claims }, conversationId: string, id: string, text: string) =>
  (
    await at.ask(who.claims, SEND, {
      input: { conversationId, clientMessageId: id, text },
    })
  ).data.sendMessage;
const change = async (
  who: Claims,
  name: string,
  input: object,
  select = 'conversation { id state }',
) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
  const query = `mutation($input: ${type}) { ${name}(input: $input) { ${select} userErrors { code path currentState allowedActions } } }`;
  const answer = await at.ask(who, query, { input });
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data[name];
};

/** Everything that a refusal must leave as it was. */
const footprint = async () =>
  JSON.stringify(
    await at.sql(`select (select json_agg(c order by id) from conversation c) as c,
      (select json_agg(m order by id) from message m) as m,
      (select json_agg(m order by conversation_id, side) from member m) as b,
      (select count(*) from outbox) as o`),
  );

const active = async (buyerName: string) => {
  const buyer = member(buyerName);
  const { conversation } = await open(buyer, shop.sellerId, {
    clientMessageId: 'a',
    text: 'Hello',
  });
  await send(shop, conversation.id, 'b', 'Hi');
  await until(async () => (await at.sql(UNSETTLED)).length === 0);
  return { buyer, id: conversation.id as string };
};

describe('openConversation', () => {
  it('asks with a listing as context, at the price of the moment', async () => {
    const opened = await open(ada, shop.sellerId, {
      clientMessageId: 'first',
      text: 'Is this mug blue?',
      context: { listingId, variantId },
    });

    expect(opened).toMatchObject({
      conversation: {
        state: 'REQUESTED',
        seller: { id: shop.sellerId },
        buyer: { id: ada.userId, displayName: 'Ada' },
        lastSeq: 1,
      },
      message: {
        seq: 1,
        text: 'Is this mug blue?',
        clientMessageId: 'first',
        context: {
          listing: { id: listingId },
          priceAtAsk: { amountMinor: '4800', currency: 'USD' },
        },
      },
      userErrors: [],
    });
  });

  it('finds the one conversation of the pair, also when two ask at once', async () => {
    const bob = member('Bob');

    const answers = await Promise.all([1, 2, 3, 4].map(() => open(bob, shop.sellerId)));

    expect(new Set(answers.map((answer) => answer.conversation.id)).size).toBe(1);
    const events = await at.sql(`select type from outbox where aggregate_id = $1`, [
      answers[0].conversation.id,
    ]);
    expect(events).toEqual([{ type: 'conversations.conversation-opened' }]);
  });

  it.each([
    ['an unknown seller', idOf('sel', 'nobody'), 'NOT_FOUND'],
    ['an id of another type', ada.userId, 'NOT_FOUND'],
    ['no id at all', 'x', 'NOT_FOUND'],
    ['somebody who only began to apply', draft.sellerId, 'NOT_FOUND'],
    ['themselves', ada.sellerId, 'CANNOT_MESSAGE_YOURSELF'],
  ])('refuses %s, and stores nothing', async (_case, sellerId, code) => {
    const before = await footprint();

    const answer = await open(ada, sellerId, { clientMessageId: 'x', text: 'Hello' });

    expect(answer).toMatchObject({
      conversation: null,
      message: null,
      userErrors: [{ code, path: ['sellerId'] }],
    });
    expect(await footprint()).toBe(before);
  });

  it('refuses a variant of another seller as context', async () => {
    const before = await footprint();

    const answer = await open(ada, otherShop.sellerId, {
      clientMessageId: 'x',
      text: 'Hello',
      context: { listingId, variantId },
    });

    expect(answer.userErrors).toMatchObject([
      { code: 'NOT_FOUND', path: ['context', 'listingId'] },
    ]);
    expect(await footprint()).toBe(before);
  });

  it('is for members only', async () => {
    const input = { sellerId: shop.sellerId };

    const anonymous = await at.ask(null, OPEN, { input });
    const staff = await at.ask(support, OPEN, { input });

    expect(anonymous.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(staff.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('sendMessage', () => {
  it("turns a request active by the seller's answer", async () => {
    const { conversation } = await open(member('Cem'), shop.sellerId);

    const { message } = await send(shop, conversation.id, 'm1', 'Welcome');

    expect(message).toMatchObject({
      seq: 1,
      sender: 'SELLER',
      isYours: true,
      conversation: { state: 'ACTIVE' },
    });
    expect(
      await at.sql('select type, payload from outbox where aggregate_id = $1 order by id', [
        conversation.id,
      ]),
    ).toMatchObject([
      { type: 'conversations.conversation-opened', payload: { state: 'REQUESTED' } },
      {
        type: 'conversations.conversation-changed',
        payload: { state: 'ACTIVE', isFrozen: false, blockedBy: 'NONE' },
      },
      { type: 'conversations.message-added', payload: { seq: 1, messageId: message.id } },
    ]);
  });

  it('sends once per client message id, however many ask at once', async () => {
    const { buyer, id } = await active('Dan');

    const answers = await Promise.all(
      Array.from({ length: 6 }, () => send(buyer, id, 'same', 'Only once')),
    );

    expect(new Set(answers.map((answer) => answer.message.id)).size).toBe(1);
    expect(answers.map((answer) => answer.message.seq)).toEqual([3, 3, 3, 3, 3, 3]);
    expect(await at.sql('select last_seq from conversation where id = $1', [id])).toEqual([
      { last_seq: 3 },
    ]);
  });

  it('numbers messages of both sides densely', async () => {
    const { buyer, id } = await active('Dora');

    await Promise.all(
      Array.from({ length: 12 }, (_, n) => send(n % 2 ? buyer : shop, id, `n${n}`, `Message ${n}`)),
    );

    const seqs = await at.sql('select seq from message where conversation_id = $1 order by seq', [
      id,
    ]);
    expect(seqs.map((row) => row.seq)).toEqual(Array.from({ length: 14 }, (_, n) => n + 1));
  });

  it('refuses the same client message id with other content', async () => {
    const { buyer, id } = await active('Dina');
    await send(buyer, id, 'k', 'One');
    const before = await footprint();

    const answer = await send(buyer, id, 'k', 'Two');

    expect(answer).toMatchObject({
      message: null,
      userErrors: [{ code: 'CLIENT_MESSAGE_ID_REUSED', path: ['clientMessageId'] }],
    });
    expect(await footprint()).toBe(before);
  });

  it('leaves the same client message id free for the other side', async () => {
    const { id } = await active('Dean');

    const answer = await send(shop, id, 'a', 'Mine');

    expect(answer.message.text).toBe('Mine');
  });

  it.each([
    ['empty', '', 'TEXT_EMPTY'],
    ['blank', ' \n\t', 'TEXT_EMPTY'],
    ['a NUL', 'a\u0000b', 'TEXT_NOT_STORABLE'],
    ['half a surrogate pair', 'a\ud800', 'TEXT_NOT_STORABLE'],
    ['one too many', 'x'.repeat(2001), 'TEXT_TOO_LONG'],
    ['one emoji too many', '\u{1f600}'.repeat(2001), 'TEXT_TOO_LONG'],
  ])('refuses a text that is %s', async (_case, text, code) => {
    const { buyer, id } = await active('Eli');
    const before = await footprint();

    const answer = await send(buyer, id, 'bad', text);

    expect(answer).toMatchObject({ message: null, userErrors: [{ code, path: ['text'] }] });
    expect(await footprint()).toBe(before);
  });

  it.each([
    ['the most that is allowed', '\u{1f600}'.repeat(2000)],
    ['Hindi', 'क्या यह नीला है? नमस्ते'],
    ['Thai', 'สีน้ำเงินไหมครับ'],
    ['Arabic', 'هل هذا أزرق؟ \u202bمرحبا\u202c'],
    ['a family emoji', '👩‍👩‍👧‍👦🏳️‍🌈'],
    ['decomposed letters', 'e\u0301 a\u030a'],
  ])('gives back %s byte for byte', async (name, text) => {
    const { buyer, id } = await active(`Fay ${name}`);

    const { message } = await send(buyer, id, 'same', text);

    const read = await at.ask(shop.claims, 'query($id: ID!) { message(id: $id) { text } }', {
      id: message.id,
    });
    expect(Buffer.from(read.data.message.text)).toEqual(Buffer.from(text));
  });

  it('masks card numbers before they are stored', async () => {
    const { buyer, id } = await active('Gus');

    const { message } = await send(
      buyer,
      id,
      'card',
      'Take 4111 1111 1111 1111, my SSN is 123-45-6789',
    );

    expect(message.text).toBe('Take •••• •••• •••• 1111, my SSN is •••-••-••••');
    expect(await footprint()).not.toMatch(/4111|123-45/);
    expect(JSON.stringify(await at.sql('select payload from outbox'))).not.toMatch(/4111|123-45/);
  });

  it('is unknown to anybody else, as an id of nothing is', async () => {
    const { id } = await active('Hal');
    const before = await footprint();

    const theirs = await send(eve, id, 'x', 'Let me in');
    const unknown = await send(eve, idOf('cnv', 'nothing'), 'x', 'Let me in');
    const malformed = await send(eve, 'cnv_zz', 'x', 'Let me in');

    expect(theirs).toEqual(unknown);
    expect(theirs).toEqual(malformed);
    expect(theirs.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['conversationId'] }]);
    expect(await footprint()).toBe(before);
  });

  it('slows a sender down after thirty messages in a minute', async () => {
    const { buyer, id } = await active('Ivy');
    for (let n = 0; n < 29; n += 1) await send(buyer, id, `m${n}`, 'Quick');
    const before = await footprint();

    const answer = await send(buyer, id, 'one-more', 'Quick');

    expect(answer.userErrors).toMatchObject([{ code: 'RATE_LIMITED', isRetryable: true }]);
    expect(await footprint()).toBe(before);
    // The repeat of one that was sent is still answered.
    expect((await send(buyer, id, 'm3', 'Quick')).message.seq).toBe(6);
  });
});

describe('block, freeze and close', () => {
  it('stops both sides while one blocks, and tells only the blocker how to undo it', async () => {
    const { buyer, id } = await active('Jan');
    await change(shop.claims, 'blockConversation', { conversationId: id });
    const before = await footprint();

    const fromBuyer = await send(buyer, id, 'x1', 'Hello?');
    const fromSeller = await send(shop, id, 'x2', 'Hello?');

    expect(fromBuyer.userErrors).toMatchObject([
      { code: 'CONVERSATION_BLOCKED', allowedActions: [] },
    ]);
    expect(fromSeller.userErrors).toMatchObject([
      { code: 'CONVERSATION_BLOCKED', allowedActions: ['unblockConversation'] },
    ]);
    expect(await footprint()).toBe(before);
  });

  it("does not let one side lift the other's block", async () => {
    const { buyer, id } = await active('Jim');
    await change(shop.claims, 'blockConversation', { conversationId: id });

    const lifted = await change(
      buyer.claims,
      'unblockConversation',
      { conversationId: id },
      'conversation { blockedBy }',
    );

    expect(lifted).toEqual({ conversation: { blockedBy: 'SELLER' }, userErrors: [] });
  });

  it('freezes by support alone, with a recorded reason', async () => {
    const { buyer, id } = await active('Kai');

    const refused = await at.ask(
      buyer.claims,
      'mutation($input: FreezeConversationInput!) { freezeConversation(input: $input) { conversation { id } } }',
      { input: { conversationId: id, reason: 'I want to' } },
    );
    await change(support, 'freezeConversation', { conversationId: id, reason: 'A scam report' });

    expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await send(buyer, id, 'x', 'Hello')).userErrors).toMatchObject([
      { code: 'CONVERSATION_FROZEN' },
    ]);
    expect(
      await at.sql(
        `select action, reason from audit where conversation_id = $1 and action <> 'READ'`,
        [id],
      ),
    ).toEqual([{ action: 'FREEZE', reason: 'A scam report' }]);
  });

  it('reopens a closed thread as a request when the buyer writes', async () => {
    const { buyer, id } = await active('Leo');
    await change(shop.claims, 'closeConversation', { conversationId: id });
    const before = await footprint();

    const again = await change(shop.claims, 'closeConversation', { conversationId: id });
    expect(again.userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION', currentState: 'CLOSED', allowedActions: ['REQUESTED'] },
    ]);
    expect(await footprint()).toBe(before);
    const { message } = await send(buyer, id, 'again', 'One more thing');

    expect(message.conversation.state).toBe('REQUESTED');
  });

  it('does not let a buyer accept their own request', async () => {
    const { conversation } = await open(member('Lin'), shop.sellerId);
    const before = await footprint();

    const answer = await change(member('Lin').claims, 'acceptConversation', {
      conversationId: conversation.id,
    });

    expect(answer.userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect(await footprint()).toBe(before);
  });
});

describe('read markers', () => {
  const MARKERS = `query($id: ID!) { conversation(id: $id) { unreadCount readUpTo otherReadUpTo otherDeliveredUpTo } }`;
  const markers = async (who: Claims, id: string) =>
    (await at.ask(who, MARKERS, { id })).data.conversation;

  it('count what the other side wrote, move forward only, and stay private while requested', async () => {
    const max = member('Max');
    const { conversation } = await open(max, shop.sellerId, { clientMessageId: '1', text: 'One' });
    const id = conversation.id;
    await send(max, id, '2', 'Two');

    expect(await markers(shop.claims, id)).toMatchObject({ unreadCount: 2, readUpTo: 0 });
    await change(shop.claims, 'markConversationRead', { conversationId: id, upToSeq: 2 });
    await change(shop.claims, 'markConversationRead', { conversationId: id, upToSeq: 1 });
    expect(await markers(shop.claims, id)).toMatchObject({ unreadCount: 0, readUpTo: 2 });
    expect(await markers(max.claims, id)).toMatchObject({
      otherReadUpTo: null,
      otherDeliveredUpTo: null,
    });
    await change(shop.claims, 'acceptConversation', { conversationId: id });

    expect(await markers(max.claims, id)).toMatchObject({
      otherReadUpTo: 2,
      otherDeliveredUpTo: 2,
    });
  });

  it('leave deleted messages out of the count', async () => {
    const { buyer, id } = await active('Mia');
    const { message } = await send(buyer, id, 'gone', 'Oops');
    expect(await markers(shop.claims, id)).toMatchObject({ unreadCount: 1 });

    await change(buyer.claims, 'deleteMessage', { messageId: message.id }, 'message { id }');

    expect(await markers(shop.claims, id)).toMatchObject({ unreadCount: 0 });
  });

  it.each([-1, 3])('refuse the number %s of a thread of two', async (upToSeq) => {
    const { buyer, id } = await active(`Ned ${upToSeq}`);
    const before = await footprint();

    const answer = await change(buyer.claims, 'markConversationRead', {
      conversationId: id,
      upToSeq,
    });

    expect(answer.userErrors).toMatchObject([{ code: 'READ_MARKER_INVALID', path: ['upToSeq'] }]);
    expect(await footprint()).toBe(before);
  });
});

describe('edit, delete and report', () => {
  it('keeps what was said before, and leaves a tombstone', async () => {
    const { buyer, id } = await active('Olga');
    const { message } = await send(buyer, id, 'm', 'Blue');

    const edited = await change(
      buyer.claims,
      'editMessage',
      { messageId: message.id, text: 'Green' },
      'message { text revision seq editedAt }',
    );
    const deleted = await change(
      buyer.claims,
      'deleteMessage',
      { messageId: message.id },
      'message { text isDeleted seq }',
    );

    expect(edited.message).toMatchObject({ text: 'Green', revision: 1, seq: 3 });
    expect(deleted.message).toEqual({ text: null, isDeleted: true, seq: 3 });
    expect(
      await at.sql(
        'select revision, text, change from message_revision where message_id = $1 order by 1',
        [message.id],
      ),
    ).toEqual([
      { revision: 1, text: 'Blue', change: 'EDITED' },
      { revision: 2, text: 'Green', change: 'DELETED' },
    ]);
    // The original send is still answered with the same message.
    expect((await send(buyer, id, 'm', 'Blue')).message.id).toBe(message.id);
  });

  it('refuses the other side, and refuses changes of what is gone', async () => {
    const { buyer, id } = await active('Pam');
    const { message } = await send(buyer, id, 'm', 'Blue');
    await change(buyer.claims, 'deleteMessage', { messageId: message.id }, 'message { id }');
    const before = await footprint();

    const theirs = await change(
      shop.claims,
      'editMessage',
      { messageId: message.id, text: 'x' },
      'message { id }',
    );
    const again = await change(
      buyer.claims,
      'deleteMessage',
      { messageId: message.id },
      'message { id }',
    );
    const stranger = await change(
      eve.claims,
      'deleteMessage',
      { messageId: message.id },
      'message { id }',
    );

    expect(theirs.userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect(again.userErrors).toMatchObject([{ code: 'MESSAGE_NOT_EDITABLE' }]);
    expect(stranger.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['messageId'] }]);
    expect(await footprint()).toBe(before);
  });

  it('takes a copy of a reported message', async () => {
    const { buyer, id } = await active('Quin');
    const { message } = await send(buyer, id, 'm', 'Pay me elsewhere');

    const { reportId, userErrors } = await change(
      shop.claims,
      'reportMessage',
      { messageId: message.id, reason: 'OFF_PLATFORM_PAYMENT', note: null },
      'reportId message { id }',
    );

    expect(userErrors).toEqual([]);
    expect(
      await at.sql('select reason, status, snapshot from report where id = $1', [reportId]),
    ).toMatchObject([
      { reason: 'OFF_PLATFORM_PAYMENT', status: 'OPEN', snapshot: { text: 'Pay me elsewhere' } },
    ]);
  });
});

describe('cards', () => {
  const CARDS = `query($id: ID!) { conversation(id: $id) { messages(first: 50) { nodes {
    seq kind notice text card { __typename ... on PaymentRequest { id } ... on Order { id } ... on Shipment { id } } } } } }`;

  it('tell each step of a payment and an order once, also when the event comes again', async () => {
    const { buyer, id } = await active('Rae');
    const paymentRequestId = idOf('prq', 'rae');
    const orderId = idOf('ord', 'rae');
    const shipmentId = idOf('shp', 'rae');
    const of = { conversationId: id, buyerId: buyer.userId, sellerId: shop.sellerId };

    const sent = await at.hear('payments', 'payments.payment-request-sent', paymentRequestId, {
      ...of,
      paymentRequestId,
    });
    await at.hear('payments', 'payments.payment-captured', paymentRequestId, {
      ...of,
      paymentRequestId,
    });
    await at.hear('orders', 'orders.order-placed', orderId, { ...of, orderId, paymentRequestId });
    await at.hear('orders', 'orders.shipment-sent', orderId, { ...of, orderId, shipmentId });
    await at.hear('orders', 'orders.shipment-updated', orderId, {
      ...of,
      orderId,
      shipmentId,
      status: 'DELIVERED',
    });
    await at
      .republish({ ...sent, eventId: idOf('evt', 'again'), aggregateVersion: 1 })
      .catch(() => {});

    const { nodes } = (await at.ask(buyer.claims, CARDS, { id })).data.conversation.messages;
    expect(nodes.slice(2)).toEqual([
      {
        seq: 3,
        kind: 'CARD',
        notice: 'PAYMENT_REQUESTED',
        text: null,
        card: { __typename: 'PaymentRequest', id: paymentRequestId },
      },
      {
        seq: 4,
        kind: 'SYSTEM',
        notice: 'PAID',
        text: null,
        card: { __typename: 'PaymentRequest', id: paymentRequestId },
      },
      {
        seq: 5,
        kind: 'CARD',
        notice: 'ORDER_PLACED',
        text: null,
        card: { __typename: 'Order', id: orderId },
      },
      {
        seq: 6,
        kind: 'CARD',
        notice: 'SHIPMENT_SENT',
        text: null,
        card: { __typename: 'Shipment', id: shipmentId },
      },
      {
        seq: 7,
        kind: 'SYSTEM',
        notice: 'SHIPMENT_DELIVERED',
        text: null,
        card: { __typename: 'Shipment', id: shipmentId },
      },
    ]);
  });

  it('cannot be edited', async () => {
    const { buyer, id } = await active('Sam');
    const paymentRequestId = idOf('prq', 'sam');
    await at.hear('payments', 'payments.payment-request-sent', paymentRequestId, {
      conversationId: id,
      paymentRequestId,
    });
    const [card] = await at.sql(`select id from message where card_id = $1`, [paymentRequestId]);

    const answer = await change(
      shop.claims,
      'editMessage',
      { messageId: card.id, text: 'Free' },
      'message { id }',
    );

    expect(answer.userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect(buyer.userId).not.toBe(shop.userId);
  });

  it('let a seller speak first to a buyer of an order, and to nobody else', async () => {
    const tom = member('Tom');
    const orderId = idOf('ord', 'tom');
    await at.hear('orders', 'orders.order-placed', orderId, {
      orderId,
      paymentRequestId: idOf('prq', 'tom'),
      conversationId: null,
      buyerId: tom.userId,
      sellerId: shop.sellerId,
    });
    const before = await footprint();

    const stranger = await change(otherShop.claims, 'openConversationForOrder', { orderId });
    expect(stranger.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['orderId'] }]);
    expect(await footprint()).toBe(before);
    const opened = await change(shop.claims, 'openConversationForOrder', { orderId });

    expect(opened.conversation.state).toBe('ACTIVE');
    expect((await send(shop, opened.conversation.id, 'x', 'Thank you')).message.seq).toBe(1);
  });
});

describe('messageAdded', () => {
  const STREAM = `subscription($conversationId: ID!) { messageAdded(conversationId: $conversationId) { seq text } }`;

  it('delivers in order, and resumes after a position with no gap and no repeat', async () => {
    const { buyer, id } = await active('Uma');
    const live = at.subscribe(buyer.claims, STREAM, { conversationId: id });
    await until(() => live.positions.length === 1);
    await send(shop, id, 'first', 'While you are here');
    await until(() => live.events.length === 1);
    const first = live.positions.at(-1);
    live.close();
    const missed = await send(shop, id, 'missed', 'While you were away');

    const resumed = at.subscribe(buyer.claims, STREAM, { conversationId: id, position: first });
    await until(() =>
      resumed.events.some((event) => event.data?.messageAdded?.text === 'While you were away'),
    );
    const next = await send(shop, id, 'next', 'And live again');
    await until(() => resumed.events.at(-1)?.data?.messageAdded?.text === 'And live again');
    resumed.close();

    const seqs = resumed.events.map((event) => event.data.messageAdded.seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(seqs.slice(-2)).toEqual([missed.message.seq, next.message.seq]);
  });

  it('resumes before its first event', async () => {
    const { buyer, id } = await active('Wim');
    const live = at.subscribe(buyer.claims, STREAM, { conversationId: id });
    await until(() => live.positions.length === 1);
    live.close();
    const missed = await send(shop, id, 'missed', 'Before anything came');

    const resumed = at.subscribe(buyer.claims, STREAM, {
      conversationId: id,
      position: live.positions[0],
    });
    await until(() => resumed.events.length === 1);
    resumed.close();

    expect(live.events).toEqual([]);
    expect(resumed.events[0]?.data.messageAdded.seq).toBe(missed.message.seq);
  });

  it('is closed to everybody else', async () => {
    const { id } = await active('Val');

    const foreign = at.subscribe(eve.claims, STREAM, { conversationId: id });
    const anonymous = at.subscribe(null, STREAM, { conversationId: id });
    await until(() => foreign.refused.length > 0 && anonymous.refused.length > 0);

    expect(foreign.refused[0]?.extensions?.code).toBe('FORBIDDEN');
    expect(anonymous.refused[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    expect(foreign.events).toEqual([]);
  });

  it('says nothing more to one who no longer belongs to the conversation, and ends', async () => {
    const { buyer, id } = await active('Xan');
    const live = at.subscribe(buyer.claims, STREAM, { conversationId: id });
    const seller = at.subscribe(shop.claims, STREAM, { conversationId: id });
    await until(() => live.positions.length === 1 && seller.positions.length === 1);
    await send(shop, id, 'seen', 'For both of us');
    await until(() => live.events.length === 1);

    await at.sql('update conversation set buyer_id = $1 where id = $2', [eve.userId, id]);
    await send(shop, id, 'unseen', 'A secret');
    await send(shop, id, 'later', 'Another secret');
    await until(() => seller.events.length === 3 && live.events.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(live.events.map(({ data }) => data.messageAdded)).toEqual([
      { seq: expect.any(Number), text: 'For both of us' },
      null,
    ]);
    expect(live.events[1]?.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(JSON.stringify(live.events)).not.toContain('secret');
    for (const open of [live, seller]) open.close();
  });
});

describe('lists', () => {
  it('page an inbox of fifty with a bounded number of statements', async () => {
    const wide = member('Wide shop');
    standings[wide.sellerId] = 'ACTIVE';
    for (let n = 0; n < 52; n += 1)
      await open(member(`crowd ${n}`), wide.sellerId, { clientMessageId: 'a', text: `Hello ${n}` });
    const query = `query($after: String) { viewer { conversations(as: SELLER, first: 50, after: $after) {
      nodes { id state unreadCount buyer { displayName } lastMessage { text } } pageInfo { hasNextPage endCursor } } } }`;

    // biome-ignore lint/suspicious/noExplicitAny: an answer of the graph
    let first: any;
    const statements = await at.statements(async () => {
      first = (await at.ask(wide.claims, query)).data.viewer.conversations;
    });
    const second = (await at.ask(wide.claims, query, { after: first.pageInfo.endCursor })).data
      .viewer.conversations;

    expect(first.nodes).toHaveLength(50);
    expect(first.nodes[0]).toMatchObject({
      unreadCount: 1,
      buyer: { displayName: 'crowd 51' },
      lastMessage: { text: 'Hello 51' },
    });
    expect(
      second.nodes.map((node: { buyer: { displayName: string } }) => node.buyer.displayName),
    ).toEqual(['crowd 1', 'crowd 0']);
    expect(second.pageInfo.hasNextPage).toBe(false);
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.length).toBeLessThanOrEqual(7);
  });

  it('read messages oldest first and newest first', async () => {
    const { buyer, id } = await active('Xan');
    for (let n = 3; n <= 6; n += 1) await send(buyer, id, `m${n}`, `Message ${n}`);
    const query = `query($id: ID!, $after: String) { conversation(id: $id) {
      messages(first: 4, after: $after) { nodes { seq } pageInfo { hasNextPage endCursor } }
      recentMessages(first: 4) { nodes { seq } pageInfo { hasNextPage } } } }`;

    const first = (await at.ask(buyer.claims, query, { id })).data.conversation;
    const rest = (
      await at.ask(buyer.claims, query, { id, after: first.messages.pageInfo.endCursor })
    ).data.conversation;

    const seqs = (list: { nodes: { seq: number }[] }) => list.nodes.map((node) => node.seq);
    expect(seqs(first.messages)).toEqual([1, 2, 3, 4]);
    expect(seqs(rest.messages)).toEqual([5, 6]);
    expect(seqs(first.recentMessages)).toEqual([6, 5, 4, 3]);
    expect([first.messages.pageInfo.hasNextPage, rest.messages.pageInfo.hasNextPage]).toEqual([
      true,
      false,
    ]);
  });

  it.each([0, 51, -1])('refuse a page of %s', async (first) => {
    const answer = await at.ask(
      ada.claims,
      'query($first: Int!) { viewer { conversations(as: BUYER, first: $first) { nodes { id } } } }',
      { first },
    );

    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('entities and system calls', () => {
  const ENTITIES = `query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Conversation { id } ... on Buyer { id displayName } ... on Viewer { id } } }`;

  it("answer null for what is not the actor's", async () => {
    const { buyer, id } = await active('Yan');
    const r = [
      { __typename: 'Conversation', id },
      { __typename: 'Buyer', id: buyer.userId },
      { __typename: 'Viewer', id: buyer.userId },
    ];

    const own = await at.ask(buyer.claims, ENTITIES, { r });
    const foreign = await at.ask(eve.claims, ENTITIES, { r });

    expect(own.data._entities).toEqual([
      { __typename: 'Conversation', id },
      { __typename: 'Buyer', id: buyer.userId, displayName: 'Yan' },
      { __typename: 'Viewer', id: buyer.userId },
    ]);
    expect(foreign.data._entities).toEqual([null, null, null]);
  });

  it('tell other subgraphs who talks to whom, and nobody else', async () => {
    const { buyer, id } = await active('Zoe');
    const query = `query($id: ID!) { conversationParty(conversationId: $id) { conversationId buyerId sellerId state isFrozen blockedBy }
      conversationEvidence(conversationId: $id) { seq sender text } }`;

    const asked = await at.ask(system, query, { id });
    const refused = await at.ask(buyer.claims, query, { id });

    expect(asked.data).toEqual({
      conversationParty: {
        conversationId: id,
        buyerId: buyer.userId,
        sellerId: shop.sellerId,
        state: 'ACTIVE',
        isFrozen: false,
        blockedBy: 'NONE',
      },
      conversationEvidence: [
        { seq: 1, sender: 'BUYER', text: 'Hello' },
        { seq: 2, sender: 'SELLER', text: 'Hi' },
      ],
    });
    expect(refused.errors?.map((error) => error.extensions.code)).toEqual([
      'FORBIDDEN',
      'FORBIDDEN',
    ]);
  });
});

// Last, because it looks at everything that the tests above have published.
describe('published events', () => {
  it('have the shapes that are checked in', async () => {
    const rows = await at.sql('select type, schema_version, payload from outbox');

    expect(misshapen(rows)).toEqual([]);
    expect(new Set(rows.map((row) => row.type)).size).toBe(4);
    expect(misshapen([{ ...rows[0], payload: { ...rows[0].payload, name: 'Ada' } }])).toHaveLength(
      1,
    );
  });
});
