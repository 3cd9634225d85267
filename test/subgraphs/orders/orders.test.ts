import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SubgraphHandler } from '../../../subgraphs/kernel/handler.ts';
import { subgraph } from '../../../subgraphs/orders/server.ts';
import { UNSETTLED } from '../../support/settled.ts';
import { misshapen } from '../conversations/event-schemas.ts';
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
} from '../conversations/harness.ts';

const DAY_MS = 86_400_000;
const CARRIER_SECRET = 'carrier-secret-of-at-least-32-characters';

let at: Harness;
let addressIsDown = false;

const ada = member('Ada');
const eve = member('Eve');
const shop = member('Shop');
const rival = member('Rival');
const partner: Claims = { iss: 'test', sub: 'erp', kind: 'partner', sellerIds: [shop.sellerId] };
const address = {
  name: 'Ada Lovelace',
  line1: '1 Analytical Way',
  line2: null,
  city: 'Austin',
  state: 'TX',
  postalCode: '78701',
  country: 'US',
};

beforeAll(async () => {
  const payments = neighbour(
    `type Query { capturedShippingAddress(paymentId: ID!): A }
     type A { name: String!, line1: String!, line2: String, city: String!, state: String!, postalCode: String!, country: String! }`,
    {
      capturedShippingAddress: () => {
        if (addressIsDown) throw new Error('down');
        return address;
      },
    },
  );
  at = await startHarness(subgraph, new Map<string, SubgraphHandler>([['payments', payments]]), {
    SEALING_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    CARRIER_WEBHOOK_SECRET: CARRIER_SECRET,
  });
});

afterAll(() => at.close());

const usd = (amountMinor: string) => ({ amountMinor, currency: 'USD' });
let serial = 0;

/** A captured payment: two mugs at 20.00, a free-form line at 5.00, shipping 3.00. */
async function placed(
  given: {
    origin?: 'CHAT' | 'CHECKOUT';
    isFinalSale?: boolean;
    buyer?: { userId: string };
    sellerId?: string;
  } = {},
) {
  serial += 1;
  const name = `order ${serial}`;
  const paymentId = idOf('pay', name);
  const paymentRequestId = idOf('prq', name);
  const [{ now }] = await at.sql('select parley_clock.now() as now');
  const event = await at.hear('payments', 'payments.payment-captured', paymentId, {
    paymentId,
    paymentRequestId,
    conversationId: given.origin === 'CHECKOUT' ? null : idOf('cnv', name),
    origin: given.origin ?? 'CHAT',
    buyerId: (given.buyer ?? ada).userId,
    sellerId: given.sellerId ?? shop.sellerId,
    total: usd('4800'),
    shipping: usd('300'),
    lines: [
      {
        lineId: 'a',
        listingId: idOf('lst', 'mug'),
        variantId: idOf('var', 'mug'),
        title: 'Mug',
        description: 'A blue mug',
        unitPrice: usd('2000'),
        quantity: 2,
        lineTotal: usd('4000'),
      },
      {
        lineId: 'b',
        listingId: null,
        variantId: null,
        title: 'Gift wrap',
        description: 'By hand',
        unitPrice: usd('500'),
        quantity: 1,
        lineTotal: usd('500'),
      },
    ],
    capturedAt: now.toISOString(),
    terms: {
      returnWindowDays: 30,
      handlingBusinessDays: 3,
      isFinalSale: given.isFinalSale ?? false,
    },
  });
  const [{ id }] = await at.sql('select id from "order" where payment_id = $1', [paymentId]);
  const items = await at.sql('select id from order_item where order_id = $1 order by position', [
    id,
  ]);
  return {
    id: id as string,
    paymentId,
    paymentRequestId,
    event,
    items: items.map((row) => row.id as string),
  };
}

const SELECT: Record<string, string> = {
  order:
    'order { id status paymentState afterSale refundable { amountMinor } items { openQuantity sentQuantity deliveredQuantity cancelledQuantity returnedQuantity } }',
  shipment: 'shipment { id status carrier trackingNumber order { id status } }',
  return:
    'return { id status quantity refundAmount { amountMinor } dueAt order { status afterSale } }',
  case: 'case { id status decidedFor refundAmount { amountMinor } messages { author text } order { afterSale } }',
};

async function act(who: Claims, name: string, input: object, ...select: string[]) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
  const fields = select.map((one) => SELECT[one] ?? one).join(' ');
  const query = `mutation($input: ${type}) { ${name}(input: $input) { ${fields} userErrors { code path currentState allowedActions } } }`;
  const answer = await at.ask(who, query, { input });
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data[name];
}

const keyed = (input: object) => {
  serial += 1;
  return { idempotencyKey: `key-${serial}`, ...input };
};
const send = (who: Claims, orderId: string, input: object = {}) =>
  act(who, 'markSent', keyed({ orderId, ...input }), 'order', 'shipment');
const eventsOf = (orderId: string) =>
  at.sql('select type, payload from outbox where aggregate_id = $1 order by aggregate_version', [
    orderId,
  ]);
const typesOf = async (orderId: string) =>
  (await eventsOf(orderId)).map((event) => event.type.slice('orders.'.length));
const carrier = (
  shipmentId: string,
  status: string,
  occurredAt: Date,
  carrierEventId = `${shipmentId}:${status}`,
) =>
  act(
    partner,
    'recordCarrierUpdate',
    { shipmentId, status, occurredAt, carrierEventId },
    'shipment',
  );
const deliver = async (shipmentId: string) =>
  carrier(shipmentId, 'DELIVERED', (await at.sql('select parley_clock.now() as now'))[0].now);

/** Everything that a refusal must leave as it was; addresses are fetched behind its back. */
const footprint = async () =>
  JSON.stringify(
    await at.sql(`select (select json_agg(to_jsonb(o) - 'address_state' - 'address_sealed' order by id) from "order" o) as o, (select json_agg(i order by id) from order_item i) as i,
      (select json_agg(s order by id) from shipment s) as s, (select json_agg(r order by id) from "return" r) as r,
      (select json_agg(c order by id) from "case" c) as c, (select count(*) from outbox) as e,
      (select count(*) from notification) as n, (select count(*) from timeline) as t`),
  );

describe('a captured payment', () => {
  it('becomes one order, however often it is told', async () => {
    const { id, paymentRequestId, event } = await placed();
    await at.republish({ ...event, eventId: idOf('evt', `again ${id}`), aggregateVersion: 2 });

    const rows = await at.sql(
      'select id, status, on_hold_until from "order" where payment_request_id = $1',
      [paymentRequestId],
    );
    expect(rows).toEqual([{ id, status: 'AWAITING_SHIPMENT', on_hold_until: null }]);
    expect(await eventsOf(id)).toMatchObject([
      {
        type: 'orders.order-placed',
        payload: { orderId: id, paymentRequestId, total: usd('4800'), buyerId: ada.userId },
      },
    ]);
  });

  it('of a checkout waits thirty minutes before anything can be sent', async () => {
    const { id } = await placed({ origin: 'CHECKOUT' });
    const before = await footprint();

    const early = await send(shop.claims, id);

    expect(early.userErrors).toMatchObject([
      {
        code: 'ILLEGAL_TRANSITION',
        currentState: 'ON_HOLD',
        allowedActions: ['AWAITING_SHIPMENT', 'CANCELLED'],
      },
    ]);
    expect(await footprint()).toBe(before);
    await at.moveClock(30 * 60_000);
    await until(
      async () =>
        (await at.sql('select status from "order" where id = $1', [id]))[0].status ===
        'AWAITING_SHIPMENT',
    );
    expect((await send(shop.claims, id)).order.status).toBe('SENT');
  });

  it('is cancelled with an apology when the stock is gone, whichever is told first', async () => {
    const { id, paymentId, paymentRequestId } = await placed();
    await at.hear('catalog', 'catalog.stock-conversion-failed', paymentRequestId, {
      paymentRequestId,
      paymentId,
      sellerId: shop.sellerId,
    });

    expect((await eventsOf(id)).at(-1)).toMatchObject({
      type: 'orders.order-cancelled',
      payload: {
        by: 'SYSTEM',
        reason: 'OUT_OF_STOCK',
        refundAmount: usd('4800'),
        isWholeOrder: true,
        restock: false,
      },
    });
  });

  it('keeps its address sealed, for the buyer always and for the seller while it matters', async () => {
    addressIsDown = true;
    const { id } = await placed();
    const query =
      'query($id: ID!) { order(id: $id) { shippingAddress { name line1 line2 city state postalCode country } } }';
    const read = async (who: Claims) =>
      (await at.ask(who, query, { id })).data.order?.shippingAddress;
    expect(await read(ada.claims)).toBeNull();
    addressIsDown = false;
    await at.running.runtime.enqueue('fetch-addresses');
    await until(
      async () =>
        (await at.sql('select address_state from "order" where id = $1', [id]))[0].address_state ===
        'SEALED',
    );

    expect(await read(ada.claims)).toEqual(address);
    expect(await read(shop.claims)).toEqual(address);
    expect(await read(rival.claims)).toBeUndefined();
    const [row] = await at.sql('select row_to_json(o)::text as text from "order" o where id = $1', [
      id,
    ]);
    expect(row.text).not.toMatch(/Lovelace|Analytical|78701/);
    expect(await at.sql('select principal from access_log where order_id = $1', [id])).toEqual([
      { principal: shop.userId },
    ]);

    await act(shop.claims, 'cancelOrder', keyed({ orderId: id, reason: 'CANNOT_SHIP' }), 'order');
    expect(await read(shop.claims)).toBeNull();
    expect(await read(ada.claims)).toEqual(address);
  });
});

describe('markSent', () => {
  it('sends in parts, and tells payments at the last one', async () => {
    const { id, paymentId, items } = await placed();

    const first = await send(shop.claims, id, {
      items: [{ orderItemId: items[0], quantity: 1 }],
      carrier: 'UPS',
      trackingNumber: '1Z 999',
    });
    expect(first).toMatchObject({
      order: { status: 'PARTIALLY_SENT' },
      shipment: { status: 'SENT', carrier: 'UPS', trackingNumber: '1Z 999' },
      userErrors: [],
    });
    expect(await typesOf(id)).toEqual(['order-placed', 'shipment-sent']);
    const rest = await send(shop.claims, id);

    expect(rest.order).toMatchObject({
      status: 'SENT',
      items: [
        { openQuantity: 0, sentQuantity: 2 },
        { openQuantity: 0, sentQuantity: 1 },
      ],
    });
    expect((await eventsOf(id)).slice(-2)).toMatchObject([
      {
        type: 'orders.shipment-sent',
        payload: {
          items: [
            { orderItemId: items[0], quantity: 1 },
            { orderItemId: items[1], quantity: 1 },
          ],
        },
      },
      {
        type: 'orders.order-fully-sent',
        payload: { orderId: id, paymentId, sellerId: shop.sellerId },
      },
    ]);
  });

  it('has one effect per idempotency key, also at once', async () => {
    const { id, items } = await placed();
    const input = {
      orderId: id,
      idempotencyKey: 'same',
      items: [{ orderItemId: items[0], quantity: 1 }],
    };

    const answers = await Promise.all(
      [1, 2, 3].map(() => act(shop.claims, 'markSent', input, 'shipment')),
    );
    const other = await act(shop.claims, 'markSent', { ...input, carrier: 'DHL' }, 'shipment');

    expect(new Set(answers.map((answer) => answer.shipment.id)).size).toBe(1);
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
    expect(await at.sql('select id from shipment where order_id = $1', [id])).toHaveLength(1);
  });

  it('sends each unit once when many send at once, and everybody finds the order', async () => {
    const { id, items } = await placed();

    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        act(
          shop.claims,
          'markSent',
          {
            orderId: id,
            idempotencyKey: `race-${n}`,
            items: [{ orderItemId: items[0], quantity: 1 }],
          },
          'shipment',
        ),
      ),
    );

    const refused = answers.filter(({ shipment }) => shipment === null);
    expect(refused).toHaveLength(10);
    for (const { userErrors } of refused) {
      expect(userErrors).toMatchObject([{ code: 'QUANTITY_INVALID' }]);
    }
    expect(await at.sql('select id from shipment where order_id = $1', [id])).toHaveLength(2);
  });

  it.each([
    ['0 units', { quantity: 0 }, 'QUANTITY_INVALID', ['items', '0', 'quantity']],
    ['one too many', { quantity: 3 }, 'QUANTITY_INVALID', ['items', '0', 'quantity']],
    [
      'an item of another order',
      { orderItemId: idOf('itm', 'other'), quantity: 1 },
      'NOT_FOUND',
      ['items', '0', 'orderItemId'],
    ],
  ])('refuses %s, and changes nothing', async (_case, item, code, path) => {
    const { id, items } = await placed();
    const before = await footprint();

    const answer = await send(shop.claims, id, { items: [{ orderItemId: items[0], ...item }] });

    expect(answer).toMatchObject({ order: null, shipment: null, userErrors: [{ code, path }] });
    expect(await footprint()).toBe(before);
  });

  it.each([
    ['a day ahead', { sentAt: '2999-01-01T00:00:00Z' }, 'SENT_AT_INVALID'],
    ['before the payment', { sentAt: '2001-01-01T00:00:00Z' }, 'SENT_AT_INVALID'],
    ['with 65 characters of tracking', { trackingNumber: '1'.repeat(65) }, 'TRACKING_INVALID'],
    ['with an empty tracking number', { trackingNumber: '' }, 'TRACKING_INVALID'],
    ['with a NUL in the carrier', { carrier: 'U\u0000PS' }, 'TEXT_NOT_STORABLE'],
    ['under a key that is none', { idempotencyKey: 'a b' }, 'IDEMPOTENCY_KEY_INVALID'],
  ])('refuses sending %s', async (_case, input, code) => {
    const { id } = await placed();
    const before = await footprint();

    const answer = await send(shop.claims, id, input);

    expect(answer.userErrors).toMatchObject([{ code }]);
    expect(await footprint()).toBe(before);
  });

  it("is the seller's word alone", async () => {
    const { id } = await placed();
    const before = await footprint();

    const byBuyer = await send(ada.claims, id);
    const byRival = await send(rival.claims, id);
    const unknown = await send(rival.claims, idOf('ord', 'nothing'));
    const malformed = await send(rival.claims, shop.sellerId);

    expect(byBuyer.userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect(byRival).toEqual(unknown);
    expect(byRival).toEqual(malformed);
    expect(byRival.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['orderId'] }]);
    expect(await footprint()).toBe(before);
    expect((await send(partner, id)).order.status).toBe('SENT');
  });

  it('refuses a second time with what is allowed instead', async () => {
    const { id } = await placed();
    await send(shop.claims, id);
    const before = await footprint();

    const again = await send(shop.claims, id);

    expect(again.userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION', currentState: 'SENT' }]);
    expect(await footprint()).toBe(before);
  });
});

describe('shipments', () => {
  it('are voided before a scan, which reopens the sending', async () => {
    const { id } = await placed();
    const { shipment } = await send(shop.claims, id);

    const voided = await act(shop.claims, 'voidShipment', { shipmentId: shipment.id }, 'shipment');

    expect(voided).toMatchObject({
      shipment: { status: 'VOIDED', order: { status: 'AWAITING_SHIPMENT' } },
      userErrors: [],
    });
    expect((await typesOf(id)).slice(-2)).toEqual(['shipment-voided', 'order-sending-reopened']);
    expect((await send(shop.claims, id)).order.status).toBe('SENT');
  });

  it('are not voided after one', async () => {
    const { id } = await placed();
    const { shipment } = await send(shop.claims, id);
    await carrier(shipment.id, 'IN_TRANSIT', new Date());
    const before = await footprint();

    const voided = await act(shop.claims, 'voidShipment', { shipmentId: shipment.id }, 'shipment');

    expect(voided.userErrors).toMatchObject([
      { code: 'SHIPMENT_ALREADY_SCANNED', currentState: 'IN_TRANSIT' },
    ]);
    expect(await footprint()).toBe(before);
  });

  it('show the furthest word of the carrier, however the words come', async () => {
    const { id } = await placed();
    const { shipment } = await send(shop.claims, id);
    const moment = (minutes: number) => new Date(Date.now() + minutes * 60_000);

    await carrier(shipment.id, 'OUT_FOR_DELIVERY', moment(20));
    const late = await carrier(shipment.id, 'IN_TRANSIT', moment(10));
    expect(late.shipment.status).toBe('OUT_FOR_DELIVERY');
    await carrier(shipment.id, 'DELIVERED', moment(30), 'delivered-once');
    await carrier(shipment.id, 'DELIVERED', moment(30), 'delivered-once');
    const later = await carrier(shipment.id, 'EXCEPTION', moment(40));

    expect(later.shipment).toMatchObject({ status: 'DELIVERED', order: { status: 'DELIVERED' } });
    expect(
      await at.sql('select count(*)::int as kept from carrier_event where shipment_id = $1', [
        shipment.id,
      ]),
    ).toEqual([{ kept: 4 }]);
    expect((await typesOf(id)).filter((type) => type === 'shipment-updated')).toHaveLength(2);
  });

  it('are not moved by the seller or the buyer in the name of a carrier', async () => {
    const { id } = await placed();
    const { shipment } = await send(shop.claims, id);
    const before = await footprint();
    const input = {
      shipmentId: shipment.id,
      status: 'DELIVERED',
      occurredAt: new Date(),
      carrierEventId: 'x',
    };

    const bySeller = await act(shop.claims, 'recordCarrierUpdate', input, 'shipment');
    const byStranger = await act(eve.claims, 'recordCarrierUpdate', input, 'shipment');

    expect(bySeller.userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect(byStranger.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['shipmentId'] }]);
    expect(await footprint()).toBe(before);
  });

  it('arrive when the buyer says so', async () => {
    const { id } = await placed();
    await send(shop.claims, id);

    const confirmed = await act(ada.claims, 'confirmDelivery', { orderId: id }, 'order');
    const again = await act(ada.claims, 'confirmDelivery', { orderId: id }, 'order');

    expect(confirmed.order).toMatchObject({
      status: 'DELIVERED',
      items: [{ deliveredQuantity: 2 }, { deliveredQuantity: 1 }],
    });
    expect(again).toEqual(confirmed);
    expect((await typesOf(id)).filter((type) => type === 'shipment-updated')).toHaveLength(1);
  });
});

describe('the carrier webhook', () => {
  const post = (body: string, signature: string) =>
    fetch(new URL('/webhooks/carrier', at.running.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'carrier-signature': signature },
      body,
    });
  const signed = (body: string) =>
    `sha256=${createHmac('sha256', CARRIER_SECRET).update(body).digest('hex')}`;

  it('moves a parcel by its number, once per event id', async () => {
    const { id } = await placed();
    const { shipment } = await send(shop.claims, id, { trackingNumber: 'WEB-1' });
    const body = JSON.stringify({
      eventId: 'web-1',
      trackingNumber: 'WEB-1',
      status: 'IN_TRANSIT',
      occurredAt: new Date().toISOString(),
    });

    const first = await post(body, signed(body));
    const second = await post(body, signed(body));
    await until(
      async () =>
        (await at.sql('select status from shipment where id = $1', [shipment.id]))[0].status ===
        'IN_TRANSIT',
    );

    expect([first.status, await first.json()]).toEqual([200, { isKnown: false }]);
    expect([second.status, await second.json()]).toEqual([200, { isKnown: true }]);
    expect(
      await at.sql('select count(*)::int as n from carrier_event where shipment_id = $1', [
        shipment.id,
      ]),
    ).toEqual([{ n: 1 }]);
  });

  it('refuses a forged, a missing and a foreign signature before it reads anything', async () => {
    const body = JSON.stringify({
      eventId: 'forged',
      trackingNumber: 'WEB-1',
      status: 'DELIVERED',
      occurredAt: new Date().toISOString(),
    });

    const statuses = [];
    for (const signature of ['', 'sha256=00', signed(`${body} `)])
      statuses.push((await post(body, signature)).status);

    expect(statuses).toEqual([401, 401, 401]);
    expect(await at.sql(`select 1 from carrier_inbox where event_id = 'forged'`)).toEqual([]);
  });
});

describe('cancelling', () => {
  it('is free for the buyer before anything is sent, with the refund in the same breath', async () => {
    const { id, paymentId } = await placed();

    const { order, userErrors } = await act(
      ada.claims,
      'cancelOrder',
      keyed({ orderId: id, reason: 'CHANGED_MIND' }),
      'order',
    );

    expect(userErrors).toEqual([]);
    expect(order).toMatchObject({ status: 'CANCELLED', refundable: { amountMinor: '0' } });
    expect((await eventsOf(id)).at(-1)).toMatchObject({
      type: 'orders.order-cancelled',
      payload: {
        paymentId,
        by: 'BUYER',
        reason: 'CHANGED_MIND',
        refundAmount: usd('4800'),
        isWholeOrder: true,
        restock: true,
      },
    });
  });

  it('of some units refunds their share, and the parts add up to the whole', async () => {
    const { id, items } = await placed();
    const cancel = (orderItemId: string | undefined, quantity: number) =>
      act(
        shop.claims,
        'cancelOrder',
        keyed({ orderId: id, reason: 'OUT_OF_STOCK', items: [{ orderItemId, quantity }] }),
        'order',
      );

    await cancel(items[0], 1);
    await cancel(items[1], 1);
    await cancel(items[0], 1);

    const amounts = (await eventsOf(id)).flatMap(({ payload }) =>
      payload.refundAmount ? [payload.refundAmount.amountMinor] : [],
    );
    // Shipping goes back with the last unit only.
    expect(amounts).toEqual(['2000', '500', '2300']);
  });

  it('after something was sent needs the seller, until the ship-by date has passed', async () => {
    const { id, items } = await placed();
    await send(shop.claims, id, { items: [{ orderItemId: items[0], quantity: 1 }] });
    const before = await footprint();

    const early = await act(
      ada.claims,
      'cancelOrder',
      keyed({ orderId: id, reason: 'CHANGED_MIND' }),
      'order',
    );
    expect(early.userErrors).toMatchObject([
      {
        code: 'CANCEL_NEEDS_REQUEST',
        currentState: 'PARTIALLY_SENT',
        allowedActions: ['requestCancellation', 'requestReturn'],
      },
    ]);
    expect(await footprint()).toBe(before);
    await at.moveClock(6 * DAY_MS);
    const late = await act(
      ada.claims,
      'cancelOrder',
      keyed({ orderId: id, reason: 'TAKES_TOO_LONG' }),
      'order',
    );

    expect(late.order).toMatchObject({
      status: 'SENT',
      items: [{ cancelledQuantity: 1, sentQuantity: 1 }, { cancelledQuantity: 1 }],
    });
    expect((await typesOf(id)).slice(-2)).toEqual(['order-cancelled', 'order-fully-sent']);
  });

  it('by request holds the pay until the seller answers', async () => {
    const { id } = await placed();
    await send(shop.claims, id);

    const asked = await act(
      ada.claims,
      'requestCancellation',
      { orderId: id, reason: 'CHANGED_MIND' },
      'order',
    );
    const twice = await act(
      ada.claims,
      'requestCancellation',
      { orderId: id, reason: 'CHANGED_MIND' },
      'order',
    );
    const accepted = await act(
      shop.claims,
      'answerCancellation',
      { orderId: id, isAccepted: true },
      'order',
    );

    expect(asked.order.afterSale).toBe('CANCEL_REQUESTED');
    expect(twice.userErrors).toMatchObject([{ code: 'ALREADY_OPEN' }]);
    expect(accepted.order).toMatchObject({ status: 'CANCELLED', afterSale: 'NONE' });
    expect(
      (await eventsOf(id))
        .filter(({ type }) => type === 'orders.release-hold-changed')
        .map(({ payload }) => payload),
    ).toMatchObject([
      { hold: 'CANCEL_REQUESTED', isOpen: true },
      { hold: 'CANCEL_REQUESTED', isOpen: false },
    ]);
  });

  it('lapses by itself when the seller does not answer', async () => {
    const { id } = await placed();
    await send(shop.claims, id);
    await act(ada.claims, 'requestCancellation', { orderId: id, reason: 'CHANGED_MIND' }, 'order');

    await at.moveClock(5 * DAY_MS);
    await until(
      async () =>
        !(await at.sql('select has_cancel_request as open from "order" where id = $1', [id]))[0]
          .open,
    );

    expect(await at.sql('select status from cancel_request where order_id = $1', [id])).toEqual([
      { status: 'LAPSED' },
    ]);
  });

  it('happens by itself on day 21 for what was never sent', async () => {
    const { id, items } = await placed();
    await send(shop.claims, id, { items: [{ orderItemId: items[1], quantity: 1 }] });

    await at.moveClock(21 * DAY_MS);
    await until(async () => (await typesOf(id)).includes('order-cancelled'));

    const events = await eventsOf(id);
    expect(events.find(({ type }) => type === 'orders.order-cancelled')?.payload).toMatchObject({
      by: 'TIMER',
      reason: 'NEVER_SENT',
      refundAmount: usd('4000'),
      isWholeOrder: false,
      restock: true,
      items: [{ orderItemId: items[0], quantity: 2, variantId: idOf('var', 'mug') }],
    });
    expect(events.at(-1)?.type).toBe('orders.order-fully-sent');
  });
});

describe('returns', () => {
  const delivered = async (given: Parameters<typeof placed>[0] = {}) => {
    const order = await placed(given);
    const { shipment } = await send(shop.claims, order.id);
    await deliver(shipment.id);
    return order;
  };
  const ask = (order: { id: string; items: string[] }, quantity: number) =>
    act(
      ada.claims,
      'requestReturn',
      { orderId: order.id, orderItemId: order.items[0], quantity, reason: 'DOES_NOT_FIT' },
      'return',
    );

  it('go back, are received, and are refunded', async () => {
    const order = await delivered();

    const asked = await ask(order, 1);
    const returnId = asked.return.id;
    expect(asked.return).toMatchObject({
      status: 'REQUESTED',
      order: { afterSale: 'RETURN_OPEN' },
    });
    await act(shop.claims, 'approveReturn', { returnId }, 'return');
    await act(
      ada.claims,
      'markReturnSent',
      { returnId, carrier: 'UPS', trackingNumber: 'R1' },
      'return',
    );
    const received = await act(
      shop.claims,
      'markReturnReceived',
      { returnId, goodQuantity: 0 },
      'return',
    );
    expect(received.return).toMatchObject({
      status: 'RECEIVED',
      refundAmount: { amountMinor: '2000' },
    });
    expect((await eventsOf(order.id)).slice(-2)).toMatchObject([
      {
        type: 'orders.return-received',
        payload: { goodQuantity: 0, damagedQuantity: 1, variantId: idOf('var', 'mug') },
      },
      {
        type: 'orders.refund-owed',
        payload: { returnId, amount: usd('2000'), reason: 'DOES_NOT_FIT' },
      },
    ]);
    await at.hear('payments', 'payments.payment-refunded', order.paymentId, {
      ...{
        paymentId: order.paymentId,
        paymentRequestId: order.paymentRequestId,
        refundId: idOf('rfd', returnId),
      },
      ...{
        buyerId: ada.userId,
        sellerId: shop.sellerId,
        amount: usd('2000'),
        refundedTotal: usd('2000'),
      },
      ...{ capturedTotal: usd('4800'), isFullyRefunded: false, reason: 'RETURN' },
      ...{ returnId, caseId: null },
    });

    const read = await at.ask(
      ada.claims,
      'query($id: ID!) { order(id: $id) { paymentState afterSale returns { status } items { returnedQuantity deliveredQuantity } } }',
      { id: order.id },
    );
    expect(read.data.order).toEqual({
      paymentState: 'PARTIALLY_REFUNDED',
      afterSale: 'NONE',
      returns: [{ status: 'REFUNDED' }],
      items: [
        { returnedQuantity: 1, deliveredQuantity: 1 },
        { returnedQuantity: 0, deliveredQuantity: 1 },
      ],
    });
  });

  it('refuse a final sale, too many units, and what arrived 30 days ago', async () => {
    const final = await delivered({ isFinalSale: true });
    const order = await delivered();
    await ask(order, 1);
    const before = await footprint();

    expect((await ask(final, 1)).userErrors).toMatchObject([{ code: 'FINAL_SALE' }]);
    expect((await ask(order, 2)).userErrors).toMatchObject([
      { code: 'QUANTITY_INVALID', path: ['quantity'] },
    ]);
    expect((await ask(order, 0)).userErrors).toMatchObject([
      { code: 'QUANTITY_INVALID', path: ['quantity'] },
    ]);
    expect(await footprint()).toBe(before);
    await at.moveClock(30 * DAY_MS + 60_000);
    expect((await ask(order, 1)).userErrors).toMatchObject([
      { code: 'RETURN_PERIOD_ENDED', path: [] },
    ]);
  });

  it('are approved by silence, and lapse when never sent', async () => {
    const order = await delivered();
    const { return: asked } = await ask(order, 1);
    const statusIs = (status: string) => async () =>
      (await at.sql('select status from "return" where id = $1', [asked.id]))[0].status === status;

    await at.moveClock(5 * DAY_MS);
    await until(statusIs('APPROVED'));
    await at.moveClock(14 * DAY_MS + 60_000);
    await until(statusIs('LAPSED'));

    expect(await at.sql('select open_returns from "order" where id = $1', [order.id])).toEqual([
      { open_returns: 0 },
    ]);
  });

  it("are the seller's to answer, and unknown to others", async () => {
    const order = await delivered();
    const { return: asked } = await ask(order, 1);
    const before = await footprint();

    const byBuyer = await act(ada.claims, 'approveReturn', { returnId: asked.id }, 'return');
    const byRival = await act(rival.claims, 'approveReturn', { returnId: asked.id }, 'return');
    const unknown = await act(
      rival.claims,
      'approveReturn',
      { returnId: idOf('ret', 'none') },
      'return',
    );

    expect(byBuyer.userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect(byRival).toEqual(unknown);
    expect(byRival.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['returnId'] }]);
    expect(await footprint()).toBe(before);
  });
});

describe('cases', () => {
  it('go from the buyer to the seller to support, and end in a refund', async () => {
    const { id } = await placed();
    await send(shop.claims, id);

    const opened = await act(
      ada.claims,
      'openCase',
      { orderId: id, reason: 'NOT_RECEIVED', text: 'Nothing came' },
      'case',
    );
    const caseId = opened.case.id;
    expect(opened.case).toMatchObject({ status: 'SELLER_TURN', order: { afterSale: 'CASE_OPEN' } });
    await act(shop.claims, 'answerCase', { caseId, text: 'I sent it' }, 'case');
    const early = await act(
      support,
      'decideCase',
      { caseId, decidedFor: 'BUYER', text: 'x' },
      'case',
    );
    expect(early.userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION', currentState: 'BUYER_TURN' },
    ]);
    await act(ada.claims, 'escalateCase', { caseId }, 'case');
    const over = await act(
      support,
      'decideCase',
      { caseId, decidedFor: 'BUYER', refundAmount: usd('4801'), text: 'x' },
      'case',
    );
    expect(over.userErrors).toMatchObject([{ code: 'AMOUNT_INVALID', path: ['refundAmount'] }]);
    const decided = await act(
      support,
      'decideCase',
      { caseId, decidedFor: 'BUYER', refundAmount: usd('4000'), text: 'No proof' },
      'case',
    );

    expect(decided.case).toMatchObject({
      status: 'DECIDED',
      decidedFor: 'BUYER',
      refundAmount: { amountMinor: '4000' },
      order: { afterSale: 'NONE' },
    });
    expect((await typesOf(id)).slice(-3)).toEqual([
      'refund-owed',
      'release-hold-changed',
      'order-updated',
    ]);
    const loser = await act(ada.claims, 'appealCase', { caseId, text: 'More' }, 'case');
    expect(loser.userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    const appealed = await act(
      shop.claims,
      'appealCase',
      { caseId, text: 'Here is proof' },
      'case',
    );
    expect(appealed.case.status).toBe('APPEALED');
    const last = await act(
      support,
      'decideCase',
      { caseId, decidedFor: 'SELLER', text: 'Proven' },
      'case',
    );
    expect(last.case.status).toBe('CLOSED');
  });

  it('escalate when the seller is silent', async () => {
    const { id } = await placed();
    await send(shop.claims, id);
    const { case: opened } = await act(
      ada.claims,
      'openCase',
      { orderId: id, reason: 'DAMAGED', text: 'Broken' },
      'case',
    );

    await at.moveClock(5 * DAY_MS);
    await until(
      async () =>
        (await at.sql('select status from "case" where id = $1', [opened.id]))[0].status ===
        'ESCALATED',
    );

    expect(await at.sql('select open_cases from "order" where id = $1', [id])).toEqual([
      { open_cases: 1 },
    ]);
  });

  it('are too early while the seller still has time, and one at a time', async () => {
    const { id } = await placed();
    const before = await footprint();
    const early = await act(
      ada.claims,
      'openCase',
      { orderId: id, reason: 'NOT_RECEIVED', text: 'Where?' },
      'case',
    );
    expect(early.userErrors).toMatchObject([{ code: 'CASE_TOO_EARLY' }]);
    expect(await footprint()).toBe(before);

    await act(ada.claims, 'openCase', { orderId: id, reason: 'OTHER', text: 'Hello' }, 'case');
    const second = await act(
      ada.claims,
      'openCase',
      { orderId: id, reason: 'OTHER', text: 'Hello' },
      'case',
    );

    expect(second.userErrors).toMatchObject([{ code: 'ALREADY_OPEN' }]);
  });
});

describe('the money side', () => {
  const payout = (order: { paymentId: string; paymentRequestId: string }, status: string) =>
    at.hear('payments', 'payments.disbursement-changed', order.paymentId, {
      ...{
        paymentId: order.paymentId,
        paymentRequestId: order.paymentRequestId,
        sellerId: shop.sellerId,
      },
      ...{
        status,
        releaseAt: null,
        amount: usd('4800'),
        reasons: ['Waiting until everything is sent.'],
      },
    });

  it('shows the payout to the seller alone', async () => {
    const order = await placed();
    await payout(order, 'HELD');
    const query =
      'query($id: ID!) { order(id: $id) { payout { status reasons } timeline { nodes { kind } } } }';

    const seller = (await at.ask(shop.claims, query, { id: order.id })).data.order;
    const buyer = (await at.ask(ada.claims, query, { id: order.id })).data.order;

    expect(seller.payout).toEqual({
      status: 'HELD',
      reasons: ['Waiting until everything is sent.'],
    });
    expect(seller.timeline.nodes).toEqual([{ kind: 'ORDER_PLACED' }, { kind: 'PAYOUT_CHANGED' }]);
    expect(buyer).toEqual({ payout: null, timeline: { nodes: [{ kind: 'ORDER_PLACED' }] } });
  });

  it('completes an order that is delivered, paid out, and past its returns', async () => {
    const order = await placed();
    const { shipment } = await send(shop.claims, order.id);
    await deliver(shipment.id);
    await payout(order, 'RELEASED');
    await at.running.runtime.enqueue('complete-orders');
    expect((await at.sql('select status from "order" where id = $1', [order.id]))[0].status).toBe(
      'DELIVERED',
    );

    await at.moveClock(30 * DAY_MS + 60_000);
    await until(
      async () =>
        (await at.sql('select status from "order" where id = $1', [order.id]))[0].status ===
        'COMPLETED',
    );

    expect((await typesOf(order.id)).at(-1)).toBe('order-completed');
  });
});

describe('what happens at the processor', () => {
  const moneyNews = (order: { paymentId: string; paymentRequestId: string }) => ({
    paymentId: order.paymentId,
    paymentRequestId: order.paymentRequestId,
    buyerId: ada.userId,
    sellerId: shop.sellerId,
  });
  const paymentState = async (id: string) =>
    (await at.ask(ada.claims, 'query($id: ID!) { order(id: $id) { paymentState } }', { id })).data
      .order.paymentState;
  const noticesOf = (orderId: string, kind: string) =>
    at.sql('select side from notification where order_id = $1 and kind = $2 order by side', [
      orderId,
      kind,
    ]);

  it('a lost dispute shows as disputed, and then as refunded', async () => {
    const order = await placed();
    const disputeId = idOf('dsp', order.id);
    const dispute = (status: string, outcome: string | null, refunded: string) =>
      at.hear('payments', 'payments.dispute-changed', disputeId, {
        ...moneyNews(order),
        ...{ disputeId, status, outcome, stage: 'CHARGEBACK', reason: 'OTHER' },
        ...{ amount: usd('4800'), lost: usd(refunded), dueAt: null, isEvidenceProvided: false },
        isPaymentDisputed: outcome === null,
        refundedTotal: usd(refunded),
      });

    await dispute('WAITING_SELLER', null, '0');
    expect(await paymentState(order.id)).toBe('DISPUTED');
    await dispute('RESOLVED', 'LOST', '4800');
    expect(await paymentState(order.id)).toBe('REFUNDED');
    await dispute('FINAL', 'LOST', '4800');

    expect(await paymentState(order.id)).toBe('REFUNDED');
    expect(await noticesOf(order.id, 'PAYMENT_DISPUTED')).toEqual([{ side: 'SELLER' }]);
    expect(await noticesOf(order.id, 'PAYMENT_REFUNDED')).toEqual([{ side: 'BUYER' }]);
  });

  it('a refund that cannot be made is told to both sides, and refunds nothing', async () => {
    const order = await placed();

    await at.hear('payments', 'payments.refund-failed', idOf('rfd', order.id), {
      ...{ paymentId: order.paymentId, refundId: idOf('rfd', order.id) },
      ...{ buyerId: ada.userId, sellerId: shop.sellerId, amount: usd('4800') },
      ...{ returnId: null, caseId: null, code: 'REFUND_FAILED_INSUFFICIENT_FUNDS' },
    });

    expect(await paymentState(order.id)).toBe('PAID');
    expect(await noticesOf(order.id, 'REFUND_FAILED')).toEqual([
      { side: 'BUYER' },
      { side: 'SELLER' },
    ]);
  });
});

describe('reading', () => {
  it('lists what one buys and sells with a bounded number of statements', async () => {
    const buyer = member('Collector');
    const many = member('Many shop');
    for (let n = 0; n < 51; n += 1) await placed({ buyer, sellerId: many.sellerId });
    const query = `query($after: String) { viewer { orders(first: 50, after: $after) { nodes { id status items { title } shipments { id }
      returns { id } cases { id } cancelRequest { id } shippingAddress { city } buyer { id } seller { id } } pageInfo { hasNextPage endCursor } } } }`;

    // biome-ignore lint/suspicious/noExplicitAny: an answer of the graph
    let first: any;
    // Timed work of the subgraph can run beside one of them: the fewest of three is the reading's own.
    const counts: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const statements = await at.statements(async () => {
        first = (await at.ask(buyer.claims, query)).data.viewer.orders;
      });
      counts.push(statements.length);
    }
    const second = (await at.ask(buyer.claims, query, { after: first.pageInfo.endCursor })).data
      .viewer.orders;

    expect([first.nodes.length, second.nodes.length]).toEqual([50, 1]);
    expect(new Set([...first.nodes, ...second.nodes].map((node) => node.id)).size).toBe(51);
    expect(first.nodes[0].items).toEqual([{ title: 'Mug' }, { title: 'Gift wrap' }]);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(Math.min(...counts)).toBeLessThanOrEqual(10);
    const sales = await at.ask(
      many.claims,
      'query { viewer { orders { nodes { id } } sales(first: 50, statuses: [SENT]) { nodes { id } } } }',
    );
    expect(sales.data.viewer).toEqual({ orders: { nodes: [] }, sales: { nodes: [] } });
  });

  it('notifies each side once per step, and marks as read', async () => {
    const buyer = member('Notified');
    const order = await placed({ buyer });
    const { shipment } = await send(shop.claims, order.id);
    await deliver(shipment.id);
    const query =
      '{ viewer { unreadNotificationCount notifications { nodes { kind side order { id } } } } }';

    const { viewer } = (await at.ask(buyer.claims, query)).data;
    expect(viewer).toEqual({
      unreadNotificationCount: 3,
      notifications: {
        nodes: ['SHIPMENT_DELIVERED', 'SHIPMENT_SENT', 'ORDER_PLACED'].map((kind) => ({
          kind,
          side: 'BUYER',
          order: { id: order.id },
        })),
      },
    });
    const marked = await act(buyer.claims, 'markNotificationsRead', { ids: null }, 'unreadCount');
    expect(marked.unreadCount).toBe(0);
    expect(
      (
        await at.sql(
          'select count(*)::int as n from notification where order_id = $1 and recipient_id = $2',
          [order.id, shop.userId],
        )
      )[0].n,
    ).toBe(2);
  });

  it("joins payment requests and conversations, and answers null for what is not the actor's", async () => {
    const order = await placed();
    const { shipment } = await send(shop.claims, order.id);
    const [{ conversation_id: conversationId }] = await at.sql(
      'select conversation_id from "order" where id = $1',
      [order.id],
    );
    const r = [
      { __typename: 'Order', id: order.id },
      { __typename: 'Shipment', id: shipment.id },
      { __typename: 'PaymentRequest', id: order.paymentRequestId },
      { __typename: 'Conversation', id: conversationId },
    ];
    const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on Order { id } ... on Shipment { id }
      ... on PaymentRequest { order { id } } ... on Conversation { orders { nodes { id } } } } }`;

    const own = await at.ask(ada.claims, query, { r });
    const foreign = await at.ask(eve.claims, query, { r });

    expect(own.data._entities).toEqual([
      { id: order.id },
      { id: shipment.id },
      { order: { id: order.id } },
      { orders: { nodes: [{ id: order.id }] } },
    ]);
    expect(foreign.data._entities).toEqual([
      null,
      null,
      { order: null },
      { orders: { nodes: [] } },
    ]);
  });

  it('keeps a timeline that cannot be changed', async () => {
    const { id } = await placed();

    await expect(
      at.sql('update timeline set reason = $1 where order_id = $2', ['x', id]),
    ).rejects.toThrow('only grows');
    await expect(at.sql('delete from timeline where order_id = $1', [id])).rejects.toThrow(
      'only grows',
    );
  });

  it('gives evidence to other subgraphs alone', async () => {
    const { id } = await placed();
    await send(shop.claims, id, { trackingNumber: 'EV-1' });
    const query =
      'query($id: ID!) { orderEvidence(orderId: $id) { orderId status shipments { trackingNumber status } } }';

    expect((await at.ask(system, query, { id })).data.orderEvidence).toEqual({
      orderId: id,
      status: 'SENT',
      shipments: [{ trackingNumber: 'EV-1', status: 'SENT' }],
    });
    expect((await at.ask(shop.claims, query, { id })).errors?.[0]?.extensions.code).toBe(
      'FORBIDDEN',
    );
  });
});

describe('orderUpdated', () => {
  it('tells each side of every order of theirs, and nobody else', async () => {
    const buyer = member('Watcher');
    const stream = 'subscription($orderId: ID) { orderUpdated(orderId: $orderId) { id status } }';
    const all = at.subscribe(buyer.claims, stream);
    await until(() => all.positions.length === 1);
    const order = await placed({ buyer });
    await until(async () => (await at.sql(UNSETTLED)).length === 0);
    const one = at.subscribe(shop.claims, stream, { orderId: order.id });
    const foreign = at.subscribe(eve.claims, stream, { orderId: order.id });
    await until(() => foreign.refused.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send(shop.claims, order.id);
    await until(
      () => one.events.length > 0 && all.events.at(-1)?.data.orderUpdated.status === 'SENT',
    );

    expect(one.events.map((event) => event.data.orderUpdated)).toEqual([
      { id: order.id, status: 'SENT' },
    ]);
    expect(foreign.refused[0]?.extensions?.code).toBe('FORBIDDEN');
    expect(foreign.events).toEqual([]);
    for (const open of [all, one, foreign]) open.close();
  });
});

// Last, because it looks at everything that the tests above have published.
describe('published events', () => {
  it('have the shapes that are checked in', async () => {
    const rows = await at.sql('select type, schema_version, payload from outbox');

    expect(misshapen(rows)).toEqual([]);
    expect(new Set(rows.map((row) => row.type)).size).toBe(12);
    expect(misshapen([{ ...rows[0], payload: { ...rows[0].payload, name: 'Ada' } }])).toHaveLength(
      1,
    );
  });
});
