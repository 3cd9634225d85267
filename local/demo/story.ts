import { randomUUID } from 'node:crypto';
import type { Stage } from './demo.ts';
import {
  AskAboutListingDocument,
  BeginMethodDocument,
  BuyerSideDocument,
  CarrierReportsDocument,
  CheckoutDocument,
  CreateDemoListingDocument,
  EnableSellerDocument,
  FinishMethodDocument,
  MarkDemoOrderSentDocument,
  OrderNewsDocument,
  PayDocument,
  ProvideIdentityDocument,
  PublishDemoListingDocument,
  RequestNewsDocument,
  RequestWithOrderDocument,
  SayDocument,
  SellerSeesDocument,
  SellerSideDocument,
  SendDemoRequestDocument,
  StartApplicationDocument,
  SubmitApplicationDocument,
  ThreadDocument,
} from './operations.generated.ts';
import { PersonClient } from './person.ts';
import { done, expectThat, money, type Report } from './report.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const WAIT_MS = 15_000;

const usd = (amountMinor: string) => ({ amountMinor, currency: 'USD' });
const ADDRESS = {
  name: 'Amira Haddad',
  line1: '12 Orchard Street',
  city: 'Oakland',
  state: 'CA',
  postalCode: '94607',
  country: 'US',
};

export interface Cast {
  readonly stage: Stage;
  readonly report: Report;
  readonly buyer: PersonClient;
  readonly seller: PersonClient;
  readonly support: PersonClient;
}

export interface Goods {
  readonly listingId: string;
  readonly variantId: string;
  readonly title: string;
}

/** From the application of a seller to the payout, by both ways to buy. */
export async function tellStory(stage: Stage, report: Report): Promise<void> {
  const client = (token: string) => new PersonClient(stage.graphUrl, stage.webSocketUrl, token);
  const cast: Cast = {
    stage,
    report,
    buyer: client(stage.tokens.buyer),
    seller: client(stage.tokens.seller),
    support: client(stage.tokens.support),
  };
  try {
    report.chapter('A seller is let in');
    const sellerId = await becomeSeller(cast);
    const paidBefore = await paidOut(cast);
    const goods = await listGoods(cast);
    report.chapter('Buying in the chat');
    const methodId = await saveMethod(cast);
    const first = await buyInChat(cast, sellerId, goods, methodId);
    report.chapter('Sending, and watching it arrive');
    await sendAndDeliver(cast, first);
    report.chapter('Buying with the button');
    const second = await buyByButton(cast, goods, methodId);
    await sendAndDeliver(cast, second);
    report.chapter('The seller is paid');
    await payOut(cast, [first, second], paidBefore);
  } finally {
    await Promise.all([cast.buyer.close(), cast.seller.close(), cast.support.close()]);
  }
}

export async function becomeSeller({ seller, support, report }: Cast): Promise<string> {
  const me = await seller.request(SellerSideDocument, {});
  const userId = me.viewer?.id ?? '';
  if (me.viewer?.sellerAccount?.status === 'ACTIVE') {
    report.step({ who: 'seller', what: 'already sells, from an earlier run' });
    return me.viewer.sellerAccount.id;
  }
  const listed = await support.request(EnableSellerDocument, {
    input: { userId, state: 'ENABLED' },
  });
  done(listed.setAllowListEntry, 'putting the seller on the list');
  report.step({ who: 'support', what: 'puts the seller on the list of the rollout' });
  const begun = await seller.request(StartApplicationDocument, {
    input: {
      accountType: 'BUSINESS',
      displayName: 'Clay & Co',
      handle: 'clay.and.co',
      region: 'US',
      dateOfBirth: '1990-05-17',
    },
  });
  const account = done(begun.startSellerApplication, 'the application').sellerAccount;
  report.step({
    who: 'seller',
    what: `applies; still needed: ${account?.requirements.currentlyDue.join(', ')}`,
  });
  const given = await seller.request(ProvideIdentityDocument, {
    input: {
      legalName: 'Clara Potter',
      dateOfBirth: '1990-05-17',
      socialSecurityNumber: '219-09-9999',
      line1: '5 Kiln Road',
      city: 'Portland',
      state: 'OR',
      postalCode: '97201',
    },
  });
  done(given.provideSellerIdentity, 'the identity data');
  report.step({ who: 'seller', what: 'hands over identity data, which nobody is ever shown' });
  const submitted = await seller.request(SubmitApplicationDocument, {
    input: { hasConsented: true },
  });
  done(submitted.submitSellerApplication, 'submitting');
  const active = await until('the seller account to be active', async () => {
    const now = await seller.request(SellerSideDocument, {});
    return now.viewer?.sellerAccount?.canRequestPayments ? now.viewer.sellerAccount : null;
  });
  report.step({
    who: 'seller',
    what: `is eligible: the account is ${active.status}`,
    facts: { sellerId: active.id },
  });
  return active.id;
}

export async function listGoods({ seller, report }: Cast): Promise<Goods> {
  const created = await seller.request(CreateDemoListingDocument, {
    input: {
      title: 'Stoneware mug',
      description: 'Thrown by hand, glazed in celadon, holds 300 ml. Dishwasher safe.',
      variants: [{ price: usd('2400'), stock: 10 }],
      idempotencyKey: randomUUID(),
    },
  });
  const listing = done(created.createListing, 'the listing').listing;
  const published = await seller.request(PublishDemoListingDocument, {
    input: { listingId: listing?.id ?? '' },
  });
  const onSale = done(published.publishListing, 'publishing').listing;
  const variant = onSale?.variants[0];
  expectThat(
    onSale?.status === 'ACTIVE' && variant?.available === 10,
    'ten mugs are on sale',
    onSale,
  );
  report.step({
    who: 'seller',
    what: `lists "${onSale.title}" at ${money(variant.price)}, ten in stock`,
    facts: { listingId: onSale.id },
  });
  return { listingId: onSale.id, variantId: variant.id, title: onSale.title };
}

export async function saveMethod({ buyer, report }: Cast): Promise<string> {
  const begun = await buyer.request(BeginMethodDocument, {
    input: { hasConsented: true, idempotencyKey: randomUUID() },
  });
  const method = done(begun.startPaymentMethodSetup, 'saving a payment method').paymentMethod;
  expectThat(Boolean(method?.approvalUrl), 'PayPal has a page to approve it on', method);
  // The buyer's own browser, on PayPal's page: nothing of it passes through the graph.
  const approved = await fetch(method?.approvalUrl ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'brand=VISA&last_digits=4242',
  });
  expectThat(approved.ok, 'PayPal takes the approval', approved.status);
  const finished = await buyer.request(FinishMethodDocument, {
    input: { paymentMethodId: method?.id ?? '' },
  });
  const saved = done(
    finished.completePaymentMethodSetup,
    'finishing the payment method',
  ).paymentMethod;
  expectThat(saved?.status === 'ACTIVE', 'the payment method is active', saved);
  report.step({
    who: 'buyer',
    what: `saves a payment method: ${saved.brand} ending in ${saved.lastFour}`,
  });
  return saved.id;
}

export interface Bought {
  readonly orderId: string;
  readonly conversationId: string | null;
  readonly totalMinor: bigint;
}

async function buyInChat(
  cast: Cast,
  sellerId: string,
  goods: Goods,
  methodId: string,
): Promise<Bought> {
  const { buyer, seller, report } = cast;
  const asked = await buyer.request(AskAboutListingDocument, {
    input: {
      sellerId,
      firstMessage: {
        clientMessageId: randomUUID(),
        text: 'Hello! Could you engrave a name on two of these? مرحبا 👋',
        context: { listingId: goods.listingId, variantId: goods.variantId },
      },
    },
  });
  const opened = done(asked.openConversation, 'opening the conversation');
  const conversationId = opened.conversation?.id ?? '';
  expectThat(
    opened.message?.context?.listing?.title === goods.title,
    'the question carries the listing',
    opened.message,
  );
  report.step({
    who: 'buyer',
    what: `asks about "${goods.title}" (${money(opened.message.context.priceAtAsk ?? usd('0'))}): ${opened.message.text}`,
  });

  const buyerThread = await buyer.subscribe(ThreadDocument, { conversationId });
  const sellerThread = await seller.subscribe(ThreadDocument, { conversationId });
  const answered = await seller.request(SayDocument, {
    input: {
      conversationId,
      clientMessageId: randomUUID(),
      text: 'Gladly! Six dollars for both names.',
    },
  });
  const answer = done(answered.sendMessage, 'the answer').message;
  const heard = await buyerThread.wait(
    'the answer',
    (event) => event.messageAdded?.id === answer?.id && event.messageAdded,
  );
  report.step({ who: 'buyer', what: `reads live: ${heard.text}` });

  const sent = await seller.request(SendDemoRequestDocument, {
    input: {
      conversationId,
      lines: [
        { variantId: goods.variantId, quantity: 2 },
        {
          title: 'Engraving',
          description: 'Two names, up to eight letters each, on the foot of the mug.',
          unitPrice: usd('600'),
        },
      ],
      shipping: usd('500'),
      expectedTotal: usd('5900'),
      idempotencyKey: randomUUID(),
    },
  });
  const request = done(sent.sendPaymentRequest, 'the payment request').paymentRequest;
  expectThat(request?.total.amountMinor === '5900', 'the lines add up to 59.00 USD', request);
  report.step({
    who: 'seller',
    what: `sends a payment request over ${money(request.total)}: ${request.lines.map((line) => line.title).join(', ')}`,
  });
  const card = await buyerThread.wait(
    'the card of the request',
    ({ messageAdded }) =>
      messageAdded?.card?.__typename === 'PaymentRequest' &&
      messageAdded.card.id === request.id &&
      messageAdded.card,
  );
  expectThat(
    card.lines[0]?.listing?.title === goods.title,
    'the card is joined with the listing',
    card,
  );
  report.step({
    who: 'buyer',
    what: `sees it arrive live: ${money(card.total)}, ${card.requestStatus}`,
  });

  const buyerNews = await buyer.subscribe(RequestNewsDocument, { paymentRequestId: request.id });
  const sellerNews = await seller.subscribe(RequestNewsDocument, { paymentRequestId: request.id });
  const paid = await buyer.request(PayDocument, {
    input: {
      paymentRequestId: request.id,
      approvedTotal: request.total,
      paymentMethodId: methodId,
      shippingAddress: ADDRESS,
      idempotencyKey: randomUUID(),
    },
  });
  const outcome = done(paid.payPaymentRequest, 'paying');
  expectThat(outcome.paymentRequest?.status === 'PAID', 'the request is paid', outcome);
  report.step({ who: 'buyer', what: `confirms the address and pays ${money(request.total)}` });
  for (const [who, news] of [
    ['buyer', buyerNews],
    ['seller', sellerNews],
  ] as const) {
    const seen = await news.wait(
      'PAID',
      (event) => event.paymentRequestUpdated?.status === 'PAID' && event.paymentRequestUpdated,
    );
    report.step({
      who,
      what: `sees live: the request of ${seen.seller?.displayName} over ${money(seen.total)} is ${seen.status}`,
    });
  }
  const orderId = await orderOf(cast, request.id);
  await sellerThread.wait(
    'the card of the order',
    ({ messageAdded }) =>
      messageAdded?.card?.__typename === 'Order' && messageAdded.card.id === orderId,
  );
  report.step({ who: 'both', what: 'see the order appear in the thread', facts: { orderId } });
  return { orderId, conversationId, totalMinor: 5900n };
}

async function orderOf({ buyer }: Cast, requestId: string): Promise<string> {
  return until('the order', async () => {
    const read = await buyer.request(RequestWithOrderDocument, { id: requestId });
    return read.paymentRequest?.order?.id ?? null;
  });
}

export async function buyByButton(cast: Cast, goods: Goods, methodId: string): Promise<Bought> {
  const { buyer, report, stage } = cast;
  const bought = await buyer.request(CheckoutDocument, {
    input: {
      variantId: goods.variantId,
      quantity: 1,
      expectedTotal: usd('2400'),
      paymentMethodId: methodId,
      shippingAddress: ADDRESS,
      idempotencyKey: randomUUID(),
    },
  });
  const request = done(bought.checkoutListing, 'the checkout').paymentRequest;
  expectThat(
    request?.status === 'PAID' && request.origin === 'CHECKOUT',
    'the checkout is paid',
    bought.checkoutListing,
  );
  report.step({
    who: 'buyer',
    what: `takes "${goods.title}" for ${money(request.total)} with the saved method, without a chat`,
  });
  const orderId = await orderOf(cast, request.id);
  await advance(stage, 31 * MINUTE_MS);
  await until('the half hour in which the buyer may think again to pass', async () => {
    const seen = await cast.seller.request(SellerSeesDocument, { orderId });
    return seen.order?.status === 'AWAITING_SHIPMENT' ? seen.order : null;
  });
  report.step({
    who: 'seller',
    what: 'gets the order once the half hour for second thoughts has passed',
    facts: { orderId },
  });
  return { orderId, conversationId: null, totalMinor: 2400n };
}

export async function sendAndDeliver(
  cast: Cast,
  { orderId, conversationId }: Bought,
): Promise<void> {
  const { buyer, seller, support, report } = cast;
  const before = await until('the address', async () => {
    const seen = await seller.request(SellerSeesDocument, { orderId });
    return seen.order?.shippingAddress ? seen.order : null;
  });
  report.step({
    who: 'seller',
    what: `sees where to send it: ${before.shippingAddress?.name}, ${before.shippingAddress?.city}; not how it was paid`,
  });
  const news = await buyer.subscribe(OrderNewsDocument, { orderId });
  const thread = conversationId ? await buyer.subscribe(ThreadDocument, { conversationId }) : null;
  const marked = await seller.request(MarkDemoOrderSentDocument, {
    input: {
      orderId,
      carrier: 'USPS',
      trackingNumber: `94001${Date.now()}`,
      idempotencyKey: randomUUID(),
    },
  });
  const shipment = done(marked.markSent, 'marking it sent').shipment;
  report.step({
    who: 'seller',
    what: `marks it sent with ${shipment?.carrier} ${shipment?.trackingNumber}`,
  });
  const sent = await news.wait(
    'SENT',
    (event) => event.orderUpdated?.status === 'SENT' && event.orderUpdated,
  );
  report.step({ who: 'buyer', what: `sees live: sent with ${sent.shipments[0]?.carrier}` });
  if (thread) {
    const card = await thread.wait(
      'the card of the shipment',
      ({ messageAdded }) =>
        messageAdded?.card?.__typename === 'Shipment' &&
        messageAdded.card.id === shipment?.id &&
        messageAdded.card,
    );
    report.step({
      who: 'buyer',
      what: `sees the shipment in the same thread: ${card.carrier} ${card.trackingNumber}`,
    });
  }
  for (const status of ['IN_TRANSIT', 'DELIVERED'] as const) {
    const told = await support.request(CarrierReportsDocument, {
      input: {
        shipmentId: shipment?.id ?? '',
        carrierEventId: randomUUID(),
        status,
        occurredAt: new Date().toISOString(),
      },
    });
    done(told.recordCarrierUpdate, 'the report of the carrier');
  }
  await news.wait('DELIVERED', (event) => event.orderUpdated?.status === 'DELIVERED');
  report.step({ who: 'buyer', what: 'sees live: delivered' });
}

async function paidOut({ seller }: Cast): Promise<bigint> {
  const side = await seller.request(SellerSideDocument, {});
  return BigInt(side.viewer?.sellerAccount?.balance?.paidOut.amountMinor ?? '0');
}

async function payOut(cast: Cast, bought: readonly Bought[], paidBefore: bigint): Promise<void> {
  const { seller, report, stage } = cast;
  const held = await until('both payouts to be scheduled', async () => {
    const side = await seller.request(SellerSideDocument, {});
    const items = side.viewer?.sellerAccount?.balance?.items ?? [];
    return items.length === bought.length && items.every((item) => item.releaseAt)
      ? side.viewer?.sellerAccount?.balance
      : null;
  });
  report.step({
    who: 'seller',
    what: `reads the balance: ${money(held?.held ?? usd('0'))} held; ${held?.items[0]?.reason}`,
  });
  await advance(stage, 8 * DAY_MS);
  report.step({ who: 'clock', what: 'moves eight days forward' });
  const balance = await until('the payouts', async () => {
    const side = await seller.request(SellerSideDocument, {});
    const now = side.viewer?.sellerAccount?.balance;
    return now && now.items.length === 0 ? now : null;
  });
  const gross = bought.reduce((sum, { totalMinor }) => sum + totalMinor, 0n);
  const fees = bought.reduce((sum, { totalMinor }) => sum + processorFee(totalMinor), 0n);
  const paid = BigInt(balance.paidOut.amountMinor) - paidBefore;
  expectThat(paid === gross - fees, `the payout is ${gross - fees}`, balance);
  expectThat(
    balance.held.amountMinor === '0' && balance.owed.amountMinor === '0',
    'nothing is held or owed',
    balance,
  );
  for (const { orderId } of bought) {
    const seen = await until('the order to show its payout', async () => {
      const read = await seller.request(SellerSeesDocument, { orderId });
      return read.order?.payout?.status === 'RELEASED' ? read.order : null;
    });
    expectThat(seen.payment !== null, 'the payment is there', seen);
  }
  report.step({
    who: 'seller',
    what: `is paid ${money(usd(paid.toString()))}: ${money(usd(gross.toString()))} less ${money(usd(fees.toString()))} of the processor`,
    facts: {
      paidOutMinor: paid.toString(),
      grossMinor: gross.toString(),
      feesMinor: fees.toString(),
    },
  });
  const mine = await cast.buyer.request(BuyerSideDocument, {});
  const orders =
    mine.viewer?.orders?.nodes.filter((order) =>
      bought.some(({ orderId }) => orderId === order.id),
    ) ?? [];
  expectThat(
    orders.length === bought.length,
    'both orders are in the orders section',
    mine.viewer?.orders,
  );
  report.step({
    who: 'buyer',
    what: `finds both orders in the orders section: ${orders.map((order) => order.status).join(', ')}`,
  });
  report.step({
    who: 'books',
    what: 'agree: captured = paid out + fees, nothing held, nothing owed',
  });
}

/** 3.49 % and 49 cents, rounded half up: what PayPal keeps of a payment by the simulator's price list. */
function processorFee(totalMinor: bigint): bigint {
  return (totalMinor * 349n + 5_000n) / 10_000n + 49n;
}

async function advance({ controlUrl }: Stage, advanceMs: number): Promise<void> {
  const response = await fetch(`${controlUrl}/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ advanceMs }),
  });
  expectThat(response.ok, 'the local clock moves', await response.text());
}

async function until<T>(what: string, read: () => Promise<T | null | undefined>): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const found = await read();
    if (found) return found;
    expectThat(Date.now() < deadline, `waited in vain for ${what}`, null);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
