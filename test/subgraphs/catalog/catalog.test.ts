import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subgraph } from '../../../subgraphs/catalog/server.ts';
import { misshapen } from '../conversations/event-schemas.ts';
import {
  type Claims,
  type Harness,
  idOf,
  member,
  startHarness,
  support,
  system,
  until,
} from '../conversations/harness.ts';

let at: Harness;

const shop = member('Shop');
const rival = member('Rival');
const ada = member('Ada');

beforeAll(async () => {
  at = await startHarness(subgraph, new Map());
});

afterAll(() => at.close());

const usd = (amountMinor: string) => ({ amountMinor, currency: 'USD' });
const LISTING = `id status title description reviewReason isSoldOut seller { id }
  variants { id title price { amountMinor currency } isOffered available stock { onHand allocated held saleable } }`;
const ERRORS = 'userErrors { code path currentState allowedActions isRetryable }';

let serial = 0;
const key = () => `key-${++serial}`;

const change = async (
  who: Claims,
  name: string,
  input: object,
  select = `listing { ${LISTING} }`,
) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
  const answer = await at.ask(
    who,
    `mutation($input: ${type}) { ${name}(input: $input) { ${select} ${ERRORS} } }`,
    { input },
  );
  if (answer.errors) return { errors: answer.errors.map((error) => error.extensions.code) };
  return answer.data[name];
};
const mug = (more: object = {}) => ({
  category: 'PHYSICAL',
  title: 'Mug',
  description: 'Holds tea.',
  variants: [{ price: usd('4800'), stock: 5 }],
  idempotencyKey: key(),
  ...more,
});
const created = async (more: object = {}, who = shop.claims) => {
  const { listing, userErrors } = await change(who, 'createListing', mug(more));
  expect(userErrors).toEqual([]);
  return listing;
};
const onSale = async (more: object = {}) => {
  const { id } = await created(more);
  return (await change(shop.claims, 'publishListing', { listingId: id })).listing;
};
const seen = async (who: Claims, id: string) =>
  (await at.ask(who, `query($id: ID!) { listing(id: $id) { ${LISTING} } }`, { id })).data.listing;
const hold = async (reference: string, lines: object[], holdSeconds = 900) =>
  (
    await at.ask(
      system,
      `mutation($input: HoldStockInput!) { holdStock(input: $input) {
        isHeld refusedVariantIds lines { variantId listingId sellerId title unitPrice { amountMinor currency } isSaleable saleableQuantity } } }`,
      { input: { reference, lines, holdSeconds } },
    )
  ).data.holdStock;
const release = async (reference: string) =>
  (
    await at.ask(
      system,
      'mutation($input: ReleaseStockInput!) { releaseStock(input: $input) { isReleased } }',
      { input: { reference } },
    )
  ).data.releaseStock.isReleased;
const capture = (reference: string, lines: object[]) =>
  at.hear('payments', 'payments.payment-captured', idOf('pay', reference), {
    paymentId: idOf('pay', reference),
    paymentRequestId: reference,
    sellerId: shop.sellerId,
    lines,
  });
const stockOf = async (listingId: string) =>
  (await seen(shop.claims, listingId)).variants.map(
    (variant: { stock: { onHand: number; allocated: number; held: number } }) => [
      variant.stock.onHand,
      variant.stock.allocated,
      variant.stock.held,
    ],
  );
const eventsOf = (aggregateId: string) =>
  at.sql('select type, schema_version, payload from outbox where aggregate_id = $1 order by id', [
    aggregateId,
  ]);
const failuresOf = (reference: string) => eventsOf(`stock:${reference}`);

/** Statements of a read, without those of timed work that happened to run beside one of three tries. */
async function fewestStatements(read: () => Promise<unknown>): Promise<number> {
  const counts: number[] = [];
  for (let n = 0; n < 3; n += 1) counts.push((await at.statements(read)).length);
  return Math.min(...counts);
}

/** Levels that are not the sum of their movements. */
const unexplained = () =>
  at.sql(
    `select i.id from inventory_item i left join stock_movement m on m.inventory_item_id = i.id group by i.id
     having (i.on_hand, i.allocated, i.held) is distinct from
       (coalesce(sum(m.on_hand), 0)::int, coalesce(sum(m.allocated), 0)::int, coalesce(sum(m.held), 0)::int)`,
  );

describe('a listing', () => {
  it('is a draft that only its seller sees, until it is published', async () => {
    const { id } = await created();

    expect(await seen(ada.claims, id)).toBeNull();
    expect(await seen(null, id)).toBeNull();
    expect(await seen(rival.claims, id)).toBeNull();
    expect(await seen(support, id)).toMatchObject({ status: 'DRAFT' });

    const { listing } = await change(shop.claims, 'publishListing', { listingId: id });

    expect(listing).toMatchObject({ status: 'ACTIVE', seller: { id: shop.sellerId } });
    expect(await seen(null, id)).toMatchObject({
      title: 'Mug',
      isSoldOut: false,
      variants: [{ price: usd('4800'), available: 5, stock: null }],
    });
    expect(await eventsOf(id)).toMatchObject([
      {
        type: 'catalog.listing-changed',
        payload: { listingId: id, sellerId: shop.sellerId, status: 'ACTIVE' },
      },
    ]);
  });

  it('comes back byte for byte, whatever it is written in', async () => {
    const texts = [
      'चाय का प्याला — हाथ से बना',
      'ถ้วยชา ทำด้วยมือ น้ำใจ',
      'كوب شاي \u202bمصنوع يدويًا\u202c',
      '🫖👩🏽‍🍳 e\u0301 vs é',
    ];

    for (const title of texts) {
      const { id } = await created({ title, description: `${title}\n${title}` });
      expect(await seen(shop.claims, id)).toMatchObject({
        title,
        description: `${title}\n${title}`,
      });
    }
  });

  it('pauses, resumes and ends; each step is told once', async () => {
    const { id } = await onSale();
    const step = async (name: string) =>
      (await change(shop.claims, name, { listingId: id })).listing.status;

    expect(await step('pauseListing')).toBe('PAUSED');
    expect(await seen(ada.claims, id)).toBeNull();
    expect(await step('resumeListing')).toBe('ACTIVE');
    expect(await step('archiveListing')).toBe('ARCHIVED');
    expect(await change(shop.claims, 'resumeListing', { listingId: id })).toMatchObject({
      listing: null,
      userErrors: [{ code: 'ILLEGAL_TRANSITION', currentState: 'ARCHIVED', allowedActions: [] }],
    });

    expect((await eventsOf(id)).map((row) => row.payload.status)).toEqual([
      'ACTIVE',
      'PAUSED',
      'ACTIVE',
      'ARCHIVED',
    ]);
  });

  it('with a prohibited term waits for support, who removes it; publishing again does not help', async () => {
    const { id } = await created({ title: 'IVORY box' });
    const publish = () => change(shop.claims, 'publishListing', { listingId: id });

    expect((await publish()).listing).toMatchObject({
      status: 'IN_REVIEW',
      reviewReason: "These words need a person's look first: ivory.",
    });
    expect(await seen(ada.claims, id)).toBeNull();
    const review = (decision: string, reason?: string) =>
      change(support, 'reviewListing', { listingId: id, decision, reason });
    expect((await review('REMOVE')).userErrors).toMatchObject([{ code: 'TEXT_EMPTY' }]);
    expect((await review('REMOVE', 'Ivory is not sold here.')).listing.status).toBe(
      'REMOVED_BY_POLICY',
    );
    await change(shop.claims, 'updateListing', { listingId: id, title: 'Box' });

    expect(await publish()).toMatchObject({
      userErrors: [{ code: 'ILLEGAL_TRANSITION', currentState: 'REMOVED_BY_POLICY' }],
    });
    expect((await change(shop.claims, 'appealListing', { listingId: id })).listing.status).toBe(
      'IN_REVIEW',
    );
    expect((await review('APPROVE')).listing).toMatchObject({ status: 'ACTIVE', title: 'Box' });
  });

  it('goes off sale when a new name of a choice is a prohibited one', async () => {
    const { id, variants } = await onSale();

    const { userErrors } = await change(
      shop.claims,
      'updateVariant',
      { variantId: variants[0].id, title: 'replica watch' },
      'variant { id title }',
    );

    expect(userErrors).toEqual([]);
    expect(await seen(shop.claims, id)).toMatchObject({ status: 'IN_REVIEW' });
  });

  it('is found by everyone who waited for it', async () => {
    const { id } = await created();
    const titles = Array.from({ length: 12 }, (_, n) => `Mug ${n}`);

    const answers = await Promise.all(
      titles.map((title) => change(shop.claims, 'updateListing', { listingId: id, title })),
    );

    expect(answers.map(({ listing, userErrors }) => [listing?.title, userErrors])).toEqual(
      titles.map((title) => [title, []]),
    );
    expect(titles).toContain((await seen(shop.claims, id)).title);
  });

  it('made twice with one key is made once; with other content it is refused', async () => {
    const input = mug();

    const [first, second] = await Promise.all([
      change(shop.claims, 'createListing', input),
      change(shop.claims, 'createListing', input),
    ]);
    const other = await change(shop.claims, 'createListing', { ...input, title: 'Cup' });

    expect(second.listing.id).toBe(first.listing.id);
    expect(other).toMatchObject({
      listing: null,
      userErrors: [{ code: 'IDEMPOTENCY_KEY_REUSED', path: ['idempotencyKey'] }],
    });
  });

  const refused: [more: object, code: string, path: string[]][] = [
    [{ category: 'DIGITAL' }, 'CATEGORY_NOT_ACCEPTED', ['category']],
    [{ title: '' }, 'TEXT_EMPTY', ['title']],
    [{ title: 'a\u0000' }, 'TEXT_NOT_STORABLE', ['title']],
    [{ description: 'x'.repeat(2001) }, 'TEXT_TOO_LONG', ['description']],
    [{ variants: [] }, 'VARIANTS_OUT_OF_RANGE', ['variants']],
    [{ variants: [{ price: usd('0') }] }, 'PRICE_OUT_OF_RANGE', ['variants', '0', 'price']],
    [{ variants: [{ price: usd('-1') }] }, 'PRICE_OUT_OF_RANGE', ['variants', '0', 'price']],
    [{ variants: [{ price: usd('1000001') }] }, 'PRICE_OUT_OF_RANGE', ['variants', '0', 'price']],
    [
      { variants: [{ price: { amountMinor: '5', currency: 'EUR' } }] },
      'CURRENCY_NOT_ACCEPTED',
      ['variants', '0', 'price'],
    ],
    [
      { variants: [{ price: usd('5') }, { price: { amountMinor: '5', currency: 'EUR' } }] },
      'CURRENCY_MIXED',
      ['variants', '1', 'price'],
    ],
    [
      { variants: [{ price: usd('5'), stock: -1 }] },
      'QUANTITY_OUT_OF_RANGE',
      ['variants', '0', 'stock'],
    ],
    [
      { variants: [{ price: usd('5'), stock: 1_000_001 }] },
      'QUANTITY_OUT_OF_RANGE',
      ['variants', '0', 'stock'],
    ],
    [
      { variants: [{ price: usd('5'), stockFromVariant: 0 }] },
      'SHARED_STOCK_UNKNOWN',
      ['variants', '0', 'stockFromVariant'],
    ],
    [{ idempotencyKey: '' }, 'IDEMPOTENCY_KEY_INVALID', ['idempotencyKey']],
  ];

  it.each(refused.map(([more, code, path]) => ({ more, code, path })))(
    'is refused with $code at $path, and nothing is written',
    async ({ more, code, path }) => {
      const count = () =>
        at.sql(
          'select (select count(*) from listing)::int l, (select count(*) from inventory_item)::int i, (select count(*) from outbox)::int o',
        );
      const before = await count();

      expect(await change(shop.claims, 'createListing', mug(more))).toMatchObject({
        listing: null,
        userErrors: [{ code, path }],
      });

      expect(await count()).toEqual(before);
    },
  );

  it('of somebody else, of nobody, or of another kind is the same unknown', async () => {
    const { id } = await created();
    const unknown = { listing: null, userErrors: [{ code: 'NOT_FOUND', path: ['listingId'] }] };

    for (const listingId of [id, idOf('lst', 'nothing'), idOf('ord', 'order'), 'x', '']) {
      expect(await change(rival.claims, 'publishListing', { listingId })).toMatchObject(unknown);
    }
    expect(
      await change(shop.claims, 'reviewListing', { listingId: id, decision: 'APPROVE' }),
    ).toEqual({
      errors: ['FORBIDDEN'],
    });
    expect(await change(null, 'createListing', mug())).toEqual({ errors: ['UNAUTHENTICATED'] });

    expect(await seen(shop.claims, id)).toMatchObject({ status: 'DRAFT' });
    expect(await eventsOf(id)).toEqual([]);
  });

  it('on sale may be seen by its rival, and not touched', async () => {
    const { id, variants } = await onSale();

    expect(await change(rival.claims, 'pauseListing', { listingId: id })).toMatchObject({
      listing: null,
      userErrors: [{ code: 'NOT_ALLOWED' }],
    });
    expect(
      await change(
        rival.claims,
        'adjustStock',
        { variantId: variants[0].id, delta: 1, reason: 'mine', idempotencyKey: key() },
        'variant { id }',
      ),
    ).toMatchObject({ variant: null, userErrors: [{ code: 'NOT_FOUND' }] });

    expect(await seen(shop.claims, id)).toMatchObject({ status: 'ACTIVE' });
    expect(await stockOf(id)).toEqual([[5, 0, 0]]);
  });

  it('is acted on by a partner it was granted to, and by no other', async () => {
    const { id } = await onSale();
    const partner = (sellerIds: string[]): Claims => ({
      iss: 'test',
      sub: 'partner-1',
      kind: 'partner',
      sellerIds,
    });

    expect(
      await change(partner([rival.sellerId]), 'pauseListing', { listingId: id }),
    ).toMatchObject({ userErrors: [{ code: 'NOT_ALLOWED' }] });
    expect(
      (await change(partner([shop.sellerId]), 'pauseListing', { listingId: id })).listing.status,
    ).toBe('PAUSED');
  });
});

describe('listings', () => {
  const LIST = `query($sellerId: ID, $first: Int! = 20, $after: String) {
    listings(sellerId: $sellerId, first: $first, after: $after) { nodes { id status } pageInfo { hasNextPage endCursor } } }`;

  it('are paged without a gap or a repeat, everything for the seller and the rest for others', async () => {
    const seller = member('Paged shop');
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.unshift((await created({}, seller.claims)).id);
    await change(seller.claims, 'publishListing', { listingId: ids[2] });
    const pages: string[][] = [];
    let after: string | null = null;
    for (;;) {
      const { data } = await at.ask(seller.claims, LIST, {
        sellerId: seller.sellerId,
        first: 2,
        after,
      });
      pages.push(data.listings.nodes.map((node: { id: string }) => node.id));
      if (!data.listings.pageInfo.hasNextPage) break;
      after = data.listings.pageInfo.endCursor;
    }

    expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
    const { data } = await at.ask(ada.claims, LIST, { sellerId: seller.sellerId });
    expect(data.listings.nodes).toEqual([{ id: ids[2], status: 'ACTIVE' }]);
  });

  it.each([
    { first: 0 },
    { first: 51 },
    { after: 'nonsense' },
    { after: Buffer.from('["not a date","x"]').toString('base64url') },
    { after: Buffer.from(`["2030-01-01T00:00:00.000Z","x"]`).toString('base64url') },
  ])('refuse the page %j as input, not as a defect', async (page) => {
    const { data, errors } = await at.ask(ada.claims, LIST, page);

    expect(data).toEqual({ listings: null });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('of 50 items with all their choices and counts take four statements', async () => {
    const seller = member('Big shop');
    for (let n = 0; n < 50; n += 1) await created({}, seller.claims);

    const statements = await fewestStatements(async () => {
      const { data } = await at.ask(
        seller.claims,
        `query($sellerId: ID!) { listings(sellerId: $sellerId, first: 50) { nodes { ${LISTING} } } }`,
        { sellerId: seller.sellerId },
      );
      expect(data.listings.nodes).toHaveLength(50);
    });

    expect(statements).toBe(4);
  });

  it('of several sellers come in two statements, each with its own page', async () => {
    const sellers = [member('Potter'), member('Weaver'), member('Idle')];
    const [potter, weaver] = sellers as [typeof shop, typeof shop, typeof shop];
    const made: Record<string, string[]> = { [potter.sellerId]: [], [weaver.sellerId]: [] };
    for (const who of [potter, weaver, potter, potter, weaver]) {
      const { id } = await created({}, who.claims);
      await change(who.claims, 'publishListing', { listingId: id });
      made[who.sellerId]!.unshift(id);
    }
    const hidden = await created({}, potter.claims);
    const SELLERS = `query($r: [_Any!]!, $after: String) { _entities(representations: $r) {
      ... on Seller { listings(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } } }`;
    const r = sellers.map(({ sellerId }) => ({ __typename: 'Seller', id: sellerId }));
    const pages = async (who: Claims, after: string | null = null) =>
      (await at.ask(who, SELLERS, { r, after })).data._entities.map(
        (seller: { listings: object }) => seller.listings,
      );
    const ids = (...found: (string | undefined)[]) => found.map((id) => ({ id }));
    const [pots, cloths] = [made[potter.sellerId]!, made[weaver.sellerId]!];

    const statements = await fewestStatements(async () => {
      expect(await pages(ada.claims)).toEqual([
        {
          nodes: ids(pots[0], pots[1]),
          pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
        },
        { nodes: ids(...cloths), pageInfo: { hasNextPage: false, endCursor: expect.any(String) } },
        { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } },
      ]);
    });
    const [own] = await pages(potter.claims);
    const after = (await pages(ada.claims))[0].pageInfo.endCursor;
    const next = await pages(ada.claims, after);

    expect(statements).toBe(2);
    expect(own.nodes).toEqual(ids(hidden.id, pots[0]));
    expect(next.map(({ nodes }: { nodes: object[] }) => nodes)).toEqual([
      ids(pots[2]),
      // Made between the potter's second and third.
      ids(cloths[1]),
      [],
    ]);
  });

  it('are reached as entities in one statement, and hidden ones are null', async () => {
    const { id } = await onSale();
    const hidden = await created();
    const ENTITIES =
      'query($r: [_Any!]!) { _entities(representations: $r) { ... on Listing { id title } } }';
    const of = (...ids: string[]) => ids.map((one) => ({ __typename: 'Listing', id: one }));

    const statements = await fewestStatements(async () => {
      const { data } = await at.ask(ada.claims, ENTITIES, {
        r: of(id, hidden.id, idOf('lst', 'none'), 'x', id),
      });
      expect(data._entities).toEqual([
        { id, title: 'Mug' },
        null,
        null,
        null,
        { id, title: 'Mug' },
      ]);
    });

    expect(statements).toBe(1);
  });
});

describe('adjustStock', () => {
  const adjust = (variantId: string, delta: number, idempotencyKey = key(), who = shop.claims) =>
    change(
      who,
      'adjustStock',
      { variantId, delta, reason: 'counted', idempotencyKey },
      'variant { stock { onHand } }',
    );

  it('changes the level by a movement, once per key', async () => {
    const { id, variants } = await created();
    const once = key();

    await adjust(variants[0].id, 3, once);
    await adjust(variants[0].id, 3, once);
    await adjust(variants[0].id, -8);

    expect(await stockOf(id)).toEqual([[0, 0, 0]]);
    expect(await seen(shop.claims, id)).toMatchObject({ isSoldOut: true });
  });

  it.each([
    { delta: 0, code: 'QUANTITY_OUT_OF_RANGE' },
    { delta: -6, code: 'STOCK_INSUFFICIENT' },
    { delta: 999_996, code: 'QUANTITY_OUT_OF_RANGE' },
    { delta: 1_000_001, code: 'QUANTITY_OUT_OF_RANGE' },
  ])('of 5 by $delta is refused with $code', async ({ delta, code }) => {
    const { id, variants } = await created();

    expect((await adjust(variants[0].id, delta)).userErrors).toMatchObject([
      { code, path: ['delta'] },
    ]);

    expect(await stockOf(id)).toEqual([[5, 0, 0]]);
  });

  it('never takes away what is held for a buyer', async () => {
    const { id, variants } = await onSale();
    await hold(idOf('prq', 'promised'), [{ variantId: variants[0].id, quantity: 4 }]);

    expect((await adjust(variants[0].id, -2)).userErrors).toMatchObject([
      { code: 'STOCK_INSUFFICIENT' },
    ]);
    expect((await adjust(variants[0].id, -1)).userErrors).toEqual([]);

    expect(await stockOf(id)).toEqual([[4, 0, 4]]);
  });
});

describe('setStockThreshold', () => {
  it('keeps units back from new buyers, and leaves what is held alone', async () => {
    const { id, variants } = await onSale();
    const variantId = variants[0].id;
    const set = (threshold: number, who: Claims = shop.claims) =>
      change(who, 'setStockThreshold', { variantId, threshold }, 'variant { available }');
    await hold(idOf('prq', 'before threshold'), [{ variantId, quantity: 3 }]);

    expect(await set(1)).toEqual({ variant: { available: 1 }, userErrors: [] });
    expect((await set(5)).variant.available).toBe(0);
    expect(await hold(idOf('prq', 'after'), [{ variantId, quantity: 1 }])).toMatchObject({
      isHeld: false,
    });
    expect((await set(-1)).userErrors).toMatchObject([
      { code: 'QUANTITY_OUT_OF_RANGE', path: ['threshold'] },
    ]);
    expect((await set(0, rival.claims)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);

    expect(await stockOf(id)).toEqual([[5, 0, 3]]);
  });
});

describe('holdStock', () => {
  it('is for the system alone', async () => {
    const { variants } = await onSale();
    const input = {
      reference: idOf('prq', 'thief'),
      lines: [{ variantId: variants[0].id, quantity: 1 }],
      holdSeconds: 60,
    };

    const { errors } = await at.ask(
      ada.claims,
      'mutation($input: HoldStockInput!) { holdStock(input: $input) { isHeld } }',
      { input },
    );

    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it('keeps units once per reference, however often it is asked, and says what they are', async () => {
    const { id, variants } = await onSale();
    const reference = idOf('prq', 'again');
    const lines = [{ variantId: variants[0].id, quantity: 2 }];

    const answers = await Promise.all(Array.from({ length: 4 }, () => hold(reference, lines)));

    const again = await hold(reference, lines);

    expect(answers.map((answer) => answer.isHeld)).toEqual([true, true, true, true]);
    expect(again).toEqual({
      isHeld: true,
      refusedVariantIds: [],
      lines: [
        {
          variantId: variants[0].id,
          listingId: id,
          sellerId: shop.sellerId,
          title: 'Mug',
          unitPrice: usd('4800'),
          isSaleable: true,
          saleableQuantity: 3,
        },
      ],
    });
    expect(await stockOf(id)).toEqual([[5, 0, 2]]);
    expect(await release(reference)).toBe(true);
    expect(await release(reference)).toBe(false);
    expect(await stockOf(id)).toEqual([[5, 0, 0]]);
  });

  it('with other lines takes the place of the hold before', async () => {
    const { id, variants } = await onSale();
    const reference = idOf('prq', 'changed mind');
    await hold(reference, [{ variantId: variants[0].id, quantity: 4 }]);

    expect(await hold(reference, [{ variantId: variants[0].id, quantity: 5 }])).toMatchObject({
      isHeld: true,
    });

    expect(await stockOf(id)).toEqual([[5, 0, 5]]);
  });

  // Each of the two lines fits alone; together they ask for six of five.
  it('sums lines that share one stock', async () => {
    const { id, variants } = await onSale({
      variants: [
        { title: 'One', price: usd('100'), stock: 5 },
        { title: 'Pack of three', price: usd('250'), unitsPerSale: 3, stockFromVariant: 0 },
      ],
    });
    const lines = [
      { variantId: variants[0].id, quantity: 3 },
      { variantId: variants[1].id, quantity: 1 },
    ];

    expect(await hold(idOf('prq', 'bundle'), lines)).toMatchObject({
      isHeld: false,
      refusedVariantIds: [variants[0].id, variants[1].id],
    });
    expect(await stockOf(id)).toEqual([
      [5, 0, 0],
      [5, 0, 0],
    ]);
    lines[0] = { variantId: variants[0].id, quantity: 2 };
    expect(await hold(idOf('prq', 'bundle'), lines)).toMatchObject({ isHeld: true });
    expect(await stockOf(id)).toEqual([
      [5, 0, 5],
      [5, 0, 5],
    ]);
    expect((await seen(null, id)).isSoldOut).toBe(true);
  });

  it('takes all lines or none, and nothing that is not on sale', async () => {
    const good = await onSale();
    const paused = await onSale();
    await change(shop.claims, 'pauseListing', { listingId: paused.id });
    const withdrawn = await onSale();
    await change(
      shop.claims,
      'updateVariant',
      { variantId: withdrawn.variants[0].id, isOffered: false },
      'variant { id }',
    );
    const refused = [paused.variants[0].id, withdrawn.variants[0].id, idOf('var', 'none'), 'x'];

    const answer = await hold(
      idOf('prq', 'mixed'),
      [good.variants[0].id, ...refused].map((variantId) => ({ variantId, quantity: 1 })),
    );

    expect(answer).toMatchObject({ isHeld: false, refusedVariantIds: refused });
    for (const { id } of [good, paused, withdrawn]) expect(await stockOf(id)).toEqual([[5, 0, 0]]);
  });

  it.each([
    { quantity: 0, holdSeconds: 60 },
    { quantity: -1, holdSeconds: 60 },
    { quantity: 1_000_001, holdSeconds: 60 },
    { quantity: 1, holdSeconds: 0 },
    { quantity: 1, holdSeconds: 86_401 },
  ])('refuses %j', async ({ quantity, holdSeconds }) => {
    const { id, variants } = await onSale();

    expect(
      await hold(idOf('prq', 'bad'), [{ variantId: variants[0].id, quantity }], holdSeconds),
    ).toBeNull();

    expect(await stockOf(id)).toEqual([[5, 0, 0]]);
  });

  it('gives the last one to exactly one of many buyers', async () => {
    const { id, variants } = await onSale({ variants: [{ price: usd('100'), stock: 1 }] });
    const lines = [{ variantId: variants[0].id, quantity: 1 }];

    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => hold(idOf('prq', `race ${n}`), lines)),
    );

    expect(answers.filter((answer) => answer.isHeld)).toHaveLength(1);
    expect(await stockOf(id)).toEqual([[1, 0, 1]]);
  });

  it('of two items in opposite orders never blocks one buyer on another', async () => {
    const first = await onSale({ variants: [{ price: usd('100'), stock: 50 }] });
    const second = await onSale({ variants: [{ price: usd('100'), stock: 50 }] });
    const forward = [first, second].map(({ variants }) => ({
      variantId: variants[0].id,
      quantity: 1,
    }));

    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        hold(idOf('prq', `crossing ${n}`), n % 2 ? forward : forward.toReversed()),
      ),
    );

    expect(answers.every((answer) => answer.isHeld)).toBe(true);
    expect(await stockOf(first.id)).toEqual([[50, 0, 16]]);
    expect(await stockOf(second.id)).toEqual([[50, 0, 16]]);
  });

  it('ends when its time is over, and not before', async () => {
    const { id, variants } = await onSale();
    const reference = idOf('prq', 'forgotten');
    await hold(reference, [{ variantId: variants[0].id, quantity: 5 }], 600);

    await at.moveClock(590_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await stockOf(id)).toEqual([[5, 0, 5]]);
    await at.moveClock(11_000);
    await until(async () => (await stockOf(id))[0][2] === 0);

    expect(await at.sql('select status from stock_hold where reference = $1', [reference])).toEqual(
      [{ status: 'EXPIRED' }],
    );
    expect(await release(reference)).toBe(false);
  });
});

describe('a captured payment', () => {
  it('turns the hold into an allocation, once', async () => {
    const { id, variants } = await onSale();
    const reference = idOf('prq', 'paid');
    const lines = [
      { variantId: variants[0].id, quantity: 2 },
      { variantId: null, quantity: 1 },
    ];
    await hold(reference, lines.slice(0, 1));

    await capture(reference, lines);
    await capture(reference, lines);

    expect(await stockOf(id)).toEqual([[5, 2, 0]]);
    expect(await hold(reference, lines.slice(0, 1))).toMatchObject({ isHeld: true });
    expect(await stockOf(id)).toEqual([[5, 2, 0]]);
    expect(await release(reference)).toBe(false);
    expect(await failuresOf(reference)).toEqual([]);
  });

  it('takes the units anew when the hold is gone', async () => {
    const { id, variants } = await onSale();
    const reference = idOf('prq', 'late');
    const lines = [{ variantId: variants[0].id, quantity: 5 }];
    await hold(reference, lines);
    await release(reference);

    await capture(reference, lines);

    expect(await stockOf(id)).toEqual([[5, 5, 0]]);
  });

  it('announces that the goods are gone when somebody else has them', async () => {
    const { id, variants } = await onSale({ variants: [{ price: usd('100'), stock: 1 }] });
    const lines = [{ variantId: variants[0].id, quantity: 1 }];
    const late = idOf('prq', 'too late');
    await hold(late, lines);
    await release(late);
    await hold(idOf('prq', 'quicker'), lines);

    await capture(late, lines);

    expect(await stockOf(id)).toEqual([[1, 0, 1]]);
    expect(await failuresOf(late)).toMatchObject([
      {
        type: 'catalog.stock-conversion-failed',
        payload: {
          paymentRequestId: late,
          paymentId: idOf('pay', late),
          sellerId: shop.sellerId,
        },
      },
    ]);
  });

  it('is followed through sending, cancelling and returning', async () => {
    const { id, variants } = await onSale();
    const variantId = variants[0].id;
    const reference = idOf('prq', 'followed');
    const paymentId = idOf('pay', reference);
    const orderId = idOf('ord', reference);
    await hold(reference, [{ variantId, quantity: 4 }]);
    await capture(reference, [{ variantId, quantity: 4 }]);
    const items = (quantity: number) => [
      { orderItemId: idOf('itm', '1'), variantId, quantity },
      { orderItemId: idOf('itm', '2'), variantId: null, quantity: 1 },
    ];

    await at.hear('orders', 'orders.shipment-sent', orderId, {
      orderId,
      paymentId,
      items: items(2),
    });
    expect(await stockOf(id)).toEqual([[3, 2, 0]]);
    const cancelled = (restock: boolean) =>
      at.hear('orders', 'orders.order-cancelled', orderId, { paymentId, restock, items: items(1) });
    await cancelled(true);
    expect(await stockOf(id)).toEqual([[3, 1, 0]]);
    await cancelled(false);
    expect(await stockOf(id)).toEqual([[2, 0, 0]]);
    await at.hear('orders', 'orders.return-received', orderId, {
      orderId,
      variantId,
      goodQuantity: 1,
      damagedQuantity: 1,
    });

    expect(await stockOf(id)).toEqual([[3, 0, 0]]);
  });

  it('is not disturbed by an event about units that were never here', async () => {
    const { id, variants } = await onSale();
    const reference = idOf('prq', 'undisturbed');
    await capture(reference, [{ variantId: variants[0].id, quantity: 1 }]);

    const returned = await at.hear('orders', 'orders.return-received', idOf('ord', 'stranger'), {
      orderId: idOf('ord', 'stranger'),
      variantId: variants[0].id,
      goodQuantity: 1,
      damagedQuantity: 0,
    });

    expect(await stockOf(id)).toEqual([[5, 1, 0]]);
    expect(
      await at.sql('select 1 from parked_event where event_id = $1', [returned.eventId]),
    ).toHaveLength(1);
  });
});

describe('the database', () => {
  it('refuses a promise of more than there is, and any change of a movement', async () => {
    const { variants } = await onSale();
    const [{ item }] = await at.sql('select inventory_item_id as item from variant where id = $1', [
      variants[0].id,
    ]);

    await expect(
      at.sql('update inventory_item set held = 6 where id = $1', [item]),
    ).rejects.toThrow('violates check constraint');
    await expect(
      at.sql('update inventory_item set on_hand = -1 where id = $1', [item]),
    ).rejects.toThrow('violates check constraint');
    await expect(at.sql('delete from stock_movement')).rejects.toThrow('only ever added');
  });

  // Last, after everything above has moved stock about.
  it('explains every level by its movements, and every event by its shape', async () => {
    expect(await unexplained()).toEqual([]);
    const events = await at.sql('select type, schema_version, payload from outbox');
    expect(misshapen(events as never)).toEqual([]);
    expect(new Set(events.map((row) => row.type))).toEqual(
      new Set(['catalog.listing-changed', 'catalog.stock-conversion-failed']),
    );
  });
});
