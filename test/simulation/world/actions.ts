import { DomainError } from '../../../subgraphs/kernel/errors.ts';
import { Money } from '../../../subgraphs/kernel/money.ts';
import type { Order } from '../../../subgraphs/orders/domain/order.ts';
import type { LineInput } from '../../../subgraphs/payments/application/send-payment-request.ts';
import type { Action, Goods } from '../plan.ts';
import {
  ADDRESS,
  BUYERS,
  CONVERSATIONS,
  METHODS,
  SELLER,
  STRANGER,
  STRANGERS_METHOD,
  SUPPORT,
  SYSTEM,
} from './people.ts';
import type { World } from './world.ts';

const usd = (minor: bigint) => Money.of(minor, 'USD');
/** A client that got no answer asks again with the same key, so often. */
const ASKED_AGAIN_MAX = 3;
/** Begins the keys of payments for another total than was asked for. */
export const UNAPPROVED = 'unapproved';
const CUSTOM_PRICE = usd(3_500n);

/** Does one action of a plan. What cannot be done at this moment is refused or does nothing. */
export class Actions {
  /** Payment requests by the ordinal that a plan gives them. */
  readonly requests = new Map<number, { readonly id: string; readonly total: Money }>();

  constructor(private readonly world: World) {}

  begin(action: Action): void {
    const { scheduler, outside } = this.world;
    const what = `${action.do} ${'request' in action ? `#${action.request}` : ''}`;
    scheduler.spawn(
      outside,
      what,
      () => this.act(action),
      (result) => {
        const text = result.ok ? 'done' : `refused: ${(result.error as Error).message}`;
        scheduler.note(`${what}: ${text}`);
        if (!result.ok && isDefect(result.error)) this.world.defects.push(result.error as Error);
      },
    );
  }

  private async act(action: Action): Promise<unknown> {
    const { world } = this;
    switch (action.do) {
      case 'send':
        return this.send(action);
      case 'pay':
        return this.pay(action);
      case 'checkout':
        return this.checkout(action);
      case 'strangerPays':
        return this.strangerPays(action.request);
      case 'withdraw':
      case 'decline':
      case 'view':
        return this.onRequest(action.do, action.request);
      case 'refund':
        return this.refund(action);
      case 'restrict':
        return world.desk.restrict(true);
      case 'unrestrict':
        return world.desk.restrict(false);
      case 'promote':
        return world.desk.promote();
      case 'reprice':
        return this.reprice(action.cents);
      case 'decidePending':
        return world.paypal.decidePending(action.complete);
      case 'dispute':
      case 'appeal':
      case 'endDispute':
        return this.dispute(action);
      case 'job':
        return world.runJobs(action.worker, [action.job]);
      case 'repeatMessages':
        world.faults.count('message repeated');
        return world.bus.repeatAll();
      default:
        return this.onOrder(action);
    }
  }

  private async send(action: Extract<Action, { do: 'send' }>): Promise<void> {
    const replaced = action.replaces === null ? null : this.requests.get(action.replaces);
    // Another offer in the same conversation, or nothing to replace yet.
    const conversationId = CONVERSATIONS[(action.replaces ?? action.request) % BUYERS.length] ?? '';
    const request = await this.again(
      `send/${action.request}`,
      (tries) =>
        this.world.onPayments(action.request + tries, 'sendPaymentRequest', ({ send }) =>
          send.execute({
            actor: SELLER,
            conversationId,
            lines: linesOf(action.goods, this.world.variantId),
            ...{ shipping: usd(500n), tax: null, discount: null, expectedTotal: null },
            expiresInHours: 24,
            replacesId: replaced?.id ?? null,
            idempotencyKey: `send-${action.request}`,
          }),
        ),
      ({ id }) => id,
    );
    this.requests.set(action.request, { id: request.id, total: request.total });
  }

  private async pay(action: Extract<Action, { do: 'pay' }>): Promise<void> {
    const request = this.requests.get(action.request);
    if (!request) return;
    const buyer = action.buyer % BUYERS.length;
    const isRight = action.total === 'RIGHT';
    const total = isRight ? request.total : request.total.plus(usd(1n));
    await this.again(
      `pay/${action.buyer}/${action.key}/${request.id}/${action.total}`,
      (tries) =>
        this.world.onPayments(action.worker + tries, 'payPaymentRequest', ({ pay }) =>
          pay.execute({
            actor: BUYERS[buyer] ?? STRANGER,
            paymentRequestId: request.id,
            approvedTotal: total,
            paymentMethodId: METHODS[buyer] ?? '',
            shippingAddress: ADDRESS,
            idempotencyKey: `${isRight ? 'pay' : UNAPPROVED}-${action.request}-${action.key}`,
          }),
        ),
      (outcome) => (outcome.kind === 'ATTEMPTED' ? outcome.attempt.id : outcome.kind),
    );
  }

  private async checkout(action: Extract<Action, { do: 'checkout' }>): Promise<void> {
    const buyer = action.buyer % BUYERS.length;
    await this.again(
      `checkout/${action.buyer}/${action.key}`,
      (tries) =>
        this.world.onPayments(action.worker + tries, 'checkoutListing', ({ checkout }) =>
          checkout.execute({
            actor: BUYERS[buyer] ?? STRANGER,
            variantId: this.world.variantId,
            quantity: action.quantity,
            expectedTotal: null,
            paymentMethodId: METHODS[buyer] ?? '',
            shippingAddress: ADDRESS,
            idempotencyKey: `checkout-${action.key}`,
          }),
        ),
      ({ request }) => {
        this.requests.set(action.request, { id: request.id, total: request.total });
        return request.id;
      },
    );
  }

  private async strangerPays(ordinal: number): Promise<void> {
    const request = this.requests.get(ordinal);
    if (!request) return;
    this.world.faults.count('stranger pays');
    try {
      await this.world.onPayments(0, 'a stranger pays', ({ pay }) =>
        pay.execute({
          actor: STRANGER,
          paymentRequestId: request.id,
          approvedTotal: request.total,
          paymentMethodId: STRANGERS_METHOD,
          shippingAddress: ADDRESS,
          idempotencyKey: 'stranger',
        }),
      );
      this.world.leaks.push('a stranger may pay');
    } catch (error) {
      // Any other refusal tells that the request exists.
      if (error instanceof DomainError && error.code !== 'NOT_FOUND')
        this.world.leaks.push(`a stranger is told ${error.code}`);
    }
  }

  private async onRequest(what: 'withdraw' | 'decline' | 'view', ordinal: number): Promise<void> {
    const request = this.requests.get(ordinal);
    if (!request) return;
    const stored = await this.world.storage.requestOf(request.id);
    const buyer = BUYERS.find(({ userId }) => userId === stored?.buyerId) ?? STRANGER;
    await this.world.onPayments(ordinal, what, (parts) =>
      parts[what].execute({
        paymentRequestId: request.id,
        actor: what === 'withdraw' ? SELLER : buyer,
      }),
    );
  }

  private async refund(action: Extract<Action, { do: 'refund' }>): Promise<void> {
    const request = this.requests.get(action.request);
    const payment = request ? await this.world.storage.paymentOf(request.id) : null;
    if (!payment) return;
    const amounts = { ALL: null, HALF: usd(payment.amount.amountMinor / 2n), CENT: usd(1n) };
    const key = `refund-${action.key}`;
    await this.again(
      `refund/${payment.id}/${key}`,
      (tries) =>
        this.world.onPayments(action.worker + tries, 'refundPayment', ({ refund }) =>
          refund.execute({
            actor: SELLER,
            paymentId: payment.id,
            amount: amounts[action.part],
            reason: 'OTHER',
            key,
          }),
        ),
      ({ id }) => id,
    );
  }

  private async reprice(cents: number): Promise<void> {
    const policy = {
      priceMaxByCurrency: new Map([['USD', usd(1_000_000n)]]),
      prohibitedTerms: [],
    };
    await this.world.onCatalog('reprice', ({ store }) =>
      store.transact(async (tx) => {
        const [variant] = await tx.variants([this.world.variantId]);
        const price = usd(BigInt(cents));
        variant?.edit({ title: null, price, isOffered: null }, policy, []);
      }),
    );
  }

  private async dispute(
    action: Extract<Action, { do: 'dispute' | 'appeal' | 'endDispute' }>,
  ): Promise<void> {
    const request = this.requests.get(action.request);
    const captureId = request ? await this.captureOf(request.id) : null;
    if (captureId === null) return;
    if (action.do === 'appeal') {
      // What was decided before is known here: see "Not there yet".
      const known = this.world.paypal.disputeOf(captureId)?.id;
      const { disputes } = await this.world.storage.rows();
      const isRead = disputes.some((one) => one.processorDisputeId === known && !one.isOpen());
      if (isRead && this.world.paypal.appeal(captureId))
        this.world.faults.count('dispute appealed');
      return;
    }
    this.world.faults.count(action.do === 'dispute' ? 'dispute opened' : 'dispute ended');
    if (action.do === 'dispute') this.world.paypal.openDispute(captureId, action.part);
    else this.world.paypal.endDispute(captureId, action.sellerWins);
  }

  /** A buyer disputes what PayPal took, whether we know of it yet or not. */
  private async captureOf(requestId: string): Promise<string | null> {
    const { storage, paypal } = this.world;
    const payment = await storage.paymentOf(requestId);
    if (payment) return payment.captureId;
    const { attempts } = await storage.rows();
    return paypal.captureOf(
      attempts.filter((attempt) => attempt.requestId === requestId).map(({ id }) => id),
    );
  }

  private async onOrder(action: OrderAction): Promise<unknown> {
    const request = this.requests.get(action.request);
    const rows = request ? await this.world.storage.orderOf(request.id) : null;
    if (!rows) return;
    const { world } = this;
    const { order, items } = rows;
    const orderId = order.id;
    const buyer = BUYERS.find(({ userId }) => userId === order.buyerId) ?? STRANGER;
    const shipment = rows.shipments.findLast(({ status }) => status !== 'VOIDED');
    const returned = rows.returns.at(-1);
    const [opened] = rows.cases;
    const oneUnit = items[0] ? [{ orderItemId: items[0].id, quantity: 1 }] : null;
    switch (action.do) {
      case 'markSent': {
        const sentAt = sentAtOf(order, action.hoursAgo, world.scheduler.nowMs);
        return this.again(
          `markSent/${orderId}/${action.key}`,
          () =>
            world.onOrders('markSent', ({ markSent }) =>
              markSent.execute({
                ...{ orderId, carrier: 'UPS', trackingNumber: `T${action.key}`, sentAt },
                idempotencyKey: `sent-${action.key}`,
                items: action.units === 'ONE' ? oneUnit : null,
                actor: SELLER,
              }),
            ),
          (id) => id,
        );
      }
      case 'voidShipment':
        if (!shipment) return;
        return world.onOrders(action.do, ({ voidShipment }) =>
          voidShipment.execute(shipment.id, SELLER),
        );
      case 'carrier':
        if (!shipment) return;
        return world.onOrders(action.do, ({ carrier }) =>
          carrier.execute({
            ...{ shipmentId: shipment.id, carrierEventId: `scan-${world.scheduler.nowMs}` },
            ...{ status: 'IN_TRANSIT', source: 'UPS', actor: SYSTEM },
            occurredAt: new Date(world.scheduler.nowMs),
          }),
        );
      case 'confirmDelivery':
        return world.onOrders(action.do, ({ confirmDelivery }) =>
          confirmDelivery.execute(orderId, null, buyer),
        );
      case 'cancel':
        return this.again(
          `cancel/${orderId}/${action.key}/${action.by}`,
          () =>
            world.onOrders('cancel', ({ cancel }) =>
              cancel.execute({
                ...{ orderId, reason: 'OTHER', note: null, restock: null },
                idempotencyKey: `cancel-${action.key}`,
                items: action.units === 'ONE' ? oneUnit : null,
                actor: action.by === 'BUYER' ? buyer : SELLER,
              }),
            ),
          (id) => id,
        );
      case 'askToCancel':
        return world.onOrders(action.do, ({ askToCancel }) =>
          askToCancel.execute({ orderId, reason: 'CHANGED_MIND', note: null, actor: buyer }),
        );
      case 'answerCancel':
        return world.onOrders(action.do, ({ answerCancel }) =>
          answerCancel.execute({ orderId, accept: action.accept, actor: SELLER }),
        );
      case 'askReturn':
        if (!items[0]) return;
        return world.onOrders(action.do, ({ askReturn }) =>
          askReturn.execute({
            ...{ orderId, orderItemId: items[0]?.id ?? '', quantity: 1 },
            ...{ reason: 'OTHER', note: null, actor: buyer },
          }),
        );
      case 'approveReturn':
        if (!returned) return;
        return world.onOrders(action.do, ({ approveReturn }) =>
          approveReturn.execute(returned.id, SELLER),
        );
      case 'sendReturn':
        if (!returned) return;
        return world.onOrders(action.do, ({ sendReturn }) =>
          sendReturn.execute({
            ...{ returnId: returned.id, carrier: null, trackingNumber: null, actor: buyer },
          }),
        );
      case 'receiveReturn':
        if (!returned) return;
        return world.onOrders(action.do, ({ receiveReturn }) =>
          receiveReturn.execute({
            ...{ returnId: returned.id, goodQuantity: action.isGood ? null : 0, actor: SELLER },
          }),
        );
      case 'openCase':
        return world.onOrders(action.do, ({ openCase }) =>
          openCase.execute({ orderId, reason: 'OTHER', text: 'Help', actor: buyer }),
        );
      case 'decideCase':
        if (!opened) return;
        return world.onOrders(action.do, ({ decideCase }) =>
          decideCase.execute({
            ...{ caseId: opened.id, refundAmount: null, text: 'Decided', actor: SUPPORT },
            decidedFor: action.forBuyer ? 'BUYER' : 'SELLER',
          }),
        );
    }
  }

  /** As a client does: asks again with the same key until it is told something; remembers every answer. */
  private async again<T>(
    key: string,
    ask: (tries: number) => Promise<T>,
    answerOf: (answer: T) => string,
  ): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await ask(tries);
        const known = this.world.answers.get(key) ?? [];
        this.world.answers.set(key, [...known, answerOf(answer)]);
        return answer;
      } catch (error) {
        const isAnswer = error instanceof DomainError && !error.retryable;
        if (isAnswer || tries >= ASKED_AGAIN_MAX) throw error;
      }
    }
  }
}

type OrderAction = Extract<
  Action,
  {
    do:
      | 'markSent'
      | 'voidShipment'
      | 'carrier'
      | 'confirmDelivery'
      | 'cancel'
      | 'askToCancel'
      | 'answerCancel'
      | 'askReturn'
      | 'approveReturn'
      | 'sendReturn'
      | 'receiveReturn'
      | 'openCase'
      | 'decideCase';
  }
>;

/** A TypeError is never an answer to a client: the code under test is broken, or the simulation is. */
function isDefect(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError;
}

function linesOf(goods: Goods, variantId: string): LineInput[] {
  const custom: LineInput = {
    ...{ kind: 'CUSTOM', title: 'Gift', description: 'A gift.', unitPrice: CUSTOM_PRICE },
    quantity: 1,
  };
  const listed: LineInput = { kind: 'LISTING', variantId, quantity: 1 };
  if (goods === 'CUSTOM') return [custom];
  return goods === 'LISTING' ? [listed] : [{ ...listed, quantity: 2 }, custom];
}

function sentAtOf(order: Order, hoursAgo: number, nowMs: number): Date | null {
  if (hoursAgo === 0) return null;
  return new Date(Math.max(order.capturedAt.getTime(), nowMs - hoursAgo * 3_600_000));
}
