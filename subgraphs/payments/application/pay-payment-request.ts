import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId, type NewId } from '../../kernel/ids.ts';
import type { Money } from '../../kernel/money.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { PaymentAttempt } from '../domain/payment-attempt.ts';
import { OutOfStock, PaymentMethodUnusable } from '../domain/payment-request.errors.ts';
import { mayPay, maySeeRequest } from '../domain/payment-request.policy.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';
import { checkedAddress, type ShippingAddress } from '../domain/shipping-address.ts';
import type {
  AddressSealer,
  CaptureGateway,
  Catalog,
  ListingSnapshot,
  OrderOutcome,
  Pause,
  PaymentsStore,
  PaymentsTransaction,
  Sellers,
  StoredAnswers,
} from './ports.ts';
import { answered } from './processor-answers.ts';
import { eligibleSeller } from './send-payment-request.ts';
import type { SettleAttempt } from './settle-attempt.ts';

export interface PayCommand {
  readonly actor: Actor;
  readonly paymentRequestId: string;
  /** What the buyer was shown and said yes to. */
  readonly approvedTotal: Money;
  readonly paymentMethodId: string;
  readonly shippingAddress: ShippingAddress;
  readonly idempotencyKey: string;
}

/** How a line of the offer differs from what the listing is now. */
export interface OfferChange {
  readonly lineId: string;
  readonly what: 'PRICE' | 'NO_LONGER_SOLD';
  readonly offered: Money;
  readonly current: Money | null;
}

export type PayOutcome =
  | { readonly kind: 'ATTEMPTED'; readonly attempt: PaymentAttempt }
  | { readonly kind: 'OFFER_CHANGED'; readonly changes: readonly OfferChange[] };

/** An attempt of this call's own, and the instrument that it is to be taken from. */
interface Begun {
  readonly isNew: true;
  readonly attempt: PaymentAttempt;
  readonly vaultId: string;
  readonly order: OrderOutcome;
}

/** What is known of an attempt before it begins: the processor's order for it was asked for. */
interface Prepared {
  readonly attemptId: string;
  readonly payeeMerchantId: string;
  readonly order: OrderOutcome;
}

interface Answered {
  readonly attemptId: string;
  readonly isNew: boolean;
}

/** A duplicate waits this long for the first call's answer; then it is told to ask again. */
const WAIT_FOR_ANSWER_MS = 10_000;
const WAIT_STEP_MS = 50;

/**
 * Takes the money of a request: hold stock, make the processor's order, last check, capture, settle.
 * Nothing waits for the processor inside a transaction; what is left behind by a crash at any point is
 * found again by reconciliation from the attempt's row, which knows the order before any money moves.
 */
export class PayPaymentRequest {
  constructor(
    private readonly store: PaymentsStore,
    private readonly catalog: Catalog,
    private readonly sellers: Sellers,
    private readonly gateway: CaptureGateway,
    private readonly settle: SettleAttempt,
    private readonly sealer: AddressSealer,
    private readonly idempotency: StoredAnswers,
    private readonly newId: NewId,
    private readonly pause: Pause,
  ) {}

  async execute(command: PayCommand): Promise<PayOutcome> {
    const request = await this.payable(command);
    checkedAddress(command.shippingAddress);
    const running = await this.alreadyRunning(request);
    if (running)
      return {
        kind: 'ATTEMPTED',
        attempt: await this.answerOf(await this.bound(command, running)),
      };
    // The same call again: it holds nothing and asks nobody.
    const known = await this.idempotency.recall<Answered>(callOf(command));
    if (known) return { kind: 'ATTEMPTED', attempt: await this.answerOf(await this.found(known)) };

    const changes = request.status === 'SENT' ? await this.holdStock(request) : [];
    if (changes.length > 0) return { kind: 'OFFER_CHANGED', changes };
    const begun = await this.begin(command, request);
    if (!begun.isNew) {
      const attempt = await this.answerOf(begun.attempt);
      // Somebody else's answer, which came to nothing: what was held just now is for nobody.
      if (attempt.status === 'DECLINED' || attempt.status === 'CANCELED')
        await this.catalog.release(request.id).catch(() => {});
      return { kind: 'ATTEMPTED', attempt };
    }
    return {
      kind: 'ATTEMPTED',
      attempt: await this.take(begun),
    };
  }

  private async payable({ paymentRequestId: id, actor }: PayCommand): Promise<PaymentRequest> {
    const request = isId('paymentRequest', id) ? await this.store.findRequest(id) : null;
    if (request === null || !maySeeRequest(actor, request))
      throw new NotFound('payment request', ['paymentRequestId']);
    if (!mayPay(actor, request))
      throw new NotAllowed('pay this request: it is addressed to another buyer');
    return request;
  }

  // The buyer pressed twice, or pays from two devices, or again after it was paid: all get the one
  // attempt, never an error that a screen would show as a failure.
  private async alreadyRunning(request: PaymentRequest): Promise<PaymentAttempt | null> {
    if (request.status !== 'PAYING' && request.status !== 'PENDING' && request.status !== 'PAID')
      return null;
    return this.store.transact((tx) => tx.currentAttemptOf(request.id));
  }

  /** The key answers with this attempt from now on, or with the one that it was used for before. */
  private async bound(command: PayCommand, running: PaymentAttempt): Promise<PaymentAttempt> {
    const { response } = await this.idempotency.once(callOf(command), async () => ({
      attemptId: running.id,
      isNew: false,
    }));
    if (response.attemptId === running.id) return running;
    return (await this.store.findAttempt(response.attemptId)) ?? running;
  }

  private async holdStock(request: PaymentRequest): Promise<OfferChange[]> {
    const lines = request.lines.flatMap(({ variantId, quantity }) =>
      variantId === null ? [] : [{ variantId, quantity }],
    );
    if (lines.length === 0) return [];
    const held = await this.catalog.hold(request.id, lines);
    const changes = differences(request, held.lines);
    if (held.isHeld && changes.length === 0) return [];
    if (held.isHeld) await this.catalog.release(request.id);
    if (changes.length === 0) throw new OutOfStock();
    return changes;
  }

  /** The last check and the beginning of the attempt, in one transaction with the claimed key. */
  private async begin(
    command: PayCommand,
    seen: PaymentRequest,
  ): Promise<Begun | { readonly isNew: false; readonly attempt: PaymentAttempt }> {
    try {
      const prepared = await this.prepare(command, seen);
      let begun: Begun | null = null;
      const { response, replayed } = await this.idempotency.once(callOf(command), async () => {
        const result = await this.beginOnce(command, prepared);
        begun = result.isNew ? result : null;
        return { attemptId: result.attempt.id, isNew: result.isNew };
      });
      const isNew = response.isNew && !replayed;
      if (isNew && begun) return begun;
      return { isNew: false, attempt: await this.found(response) };
    } catch (error) {
      // Nothing was begun, so nothing may stay held.
      const request = await this.store.findRequest(seen.id);
      if (request?.status === 'SENT') await this.catalog.release(seen.id).catch(() => {});
      throw error;
    }
  }

  // Before the transaction, because the processor is asked. What is refused here is refused again
  // under the lock; an order whose attempt never begins stays unknown, and is never captured.
  private async prepare(command: PayCommand, seen: PaymentRequest): Promise<Prepared> {
    const { merchantId } = await eligibleSeller(this.sellers, seen.sellerId, 'BUYER');
    seen.checkPayable(command.approvedTotal);
    await this.store.transact((tx) => usableMethod(tx, command, seen));
    const attemptId = this.newId('paymentAttempt');
    const order = await answered(() =>
      this.gateway.prepare({
        attemptId,
        payeeMerchantId: merchantId,
        request: seen,
        address: command.shippingAddress,
      }),
    );
    return { attemptId, payeeMerchantId: merchantId, order };
  }

  private beginOnce(
    command: PayCommand,
    { attemptId, payeeMerchantId, order }: Prepared,
  ): Promise<Begun | { readonly isNew: false; readonly attempt: PaymentAttempt }> {
    return this.store.transact(async (tx) => {
      const request = await tx.lockRequest(command.paymentRequestId);
      if (request === null) throw new NotFound('payment request', ['paymentRequestId']);
      const open = await tx.currentAttemptOf(request.id);
      if (open) return { isNew: false, attempt: open };
      const now = await tx.now();
      if (request.status === 'SENT' && request.isExpiredAt(now)) {
        // The sweep will say so too; a buyer who is late is told the same thing at once.
        request.expire(now);
        request.beginPaying(command.approvedTotal, now);
      }
      const event = request.beginPaying(command.approvedTotal, now);
      const vaultId = await usableMethod(tx, command, request);
      const attempt = PaymentAttempt.begin(
        attemptId,
        {
          requestId: request.id,
          buyerId: request.buyerId,
          paymentMethodId: command.paymentMethodId,
          amount: request.total,
          payeeMerchantId,
          sealedAddress: this.sealer.seal(command.shippingAddress, attemptId),
          processorOrderId: order.kind === 'READY' ? order.processorOrderId : null,
        },
        now,
      );
      tx.addAttempt(attempt);
      await tx.recordRequest(event);
      return { isNew: true, attempt, vaultId, order };
    });
  }

  private async found({ attemptId }: Answered): Promise<PaymentAttempt> {
    const attempt = await this.store.findAttempt(attemptId);
    if (attempt === null) throw new Error(`attempt ${attemptId} is gone`);
    return attempt;
  }

  private async take({ attempt, vaultId, order }: Begun): Promise<PaymentAttempt> {
    const outcome =
      order.kind === 'DECLINED' ? order : await this.gateway.capture(attempt, vaultId);
    const settled = await this.settle.execute(attempt.id, outcome);
    if (settled === null) throw new Error(`attempt ${attempt.id} is gone`);
    return settled;
  }

  /** Waits for the first call's answer. PENDING and UNKNOWN are answers: only a capture is awaited. */
  private async answerOf(attempt: PaymentAttempt): Promise<PaymentAttempt> {
    let current = attempt;
    for (
      let waited = 0;
      current.status === 'CAPTURING' && waited < WAIT_FOR_ANSWER_MS;
      waited += WAIT_STEP_MS
    ) {
      await this.pause(WAIT_STEP_MS);
      current = (await this.store.findAttempt(attempt.id)) ?? current;
    }
    return current;
  }
}

/** The reference of the buyer's own instrument; refuses any other. */
async function usableMethod(
  tx: PaymentsTransaction,
  { paymentMethodId: id }: PayCommand,
  { buyerId }: PaymentRequest,
): Promise<string> {
  const method = isId('paymentMethod', id) ? await tx.findMethod(id) : null;
  if (method?.buyerId !== buyerId || !method.isUsable() || method.vaultId === null)
    throw new PaymentMethodUnusable();
  return method.vaultId;
}

function callOf({ actor, idempotencyKey: key, ...request }: PayCommand) {
  return { principal: principalOf(actor), operation: 'payPaymentRequest', key, request };
}

function differences(request: PaymentRequest, current: readonly ListingSnapshot[]): OfferChange[] {
  const now = new Map(current.map((snapshot) => [snapshot.variantId, snapshot]));
  return request.lines.flatMap((line): OfferChange[] => {
    if (line.variantId === null) return [];
    const snapshot = now.get(line.variantId);
    if (!snapshot?.isSaleable)
      return [
        { lineId: line.lineId, what: 'NO_LONGER_SOLD', offered: line.unitPrice, current: null },
      ];
    // A seller's own offer in the chat stands at its price; the button's price is the listing's.
    if (request.origin === 'CHAT' || snapshot.unitPrice.equals(line.unitPrice)) return [];
    return [
      { lineId: line.lineId, what: 'PRICE', offered: line.unitPrice, current: snapshot.unitPrice },
    ];
  });
}
