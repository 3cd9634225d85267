import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { isId, type NewId, sellerIdOf } from '../../kernel/ids.ts';
import { Money, type MoneyJson } from '../../kernel/money.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { ListingNotAvailable } from '../domain/payment-request.errors.ts';
import { PaymentRequest } from '../domain/payment-request.ts';
import { checkedAddress, type ShippingAddress } from '../domain/shipping-address.ts';
import type { PayOutcome, PayPaymentRequest } from './pay-payment-request.ts';
import type { Catalog, ListingSnapshot, PaymentsStore, Sellers, StoredAnswers } from './ports.ts';
import { eligibleSeller, REQUEST_CURRENCY } from './send-payment-request.ts';

export interface CheckoutCommand {
  readonly actor: Actor;
  readonly variantId: string;
  readonly quantity: number;
  readonly expectedTotal: Money | null;
  readonly paymentMethodId: string;
  readonly shippingAddress: ShippingAddress;
  readonly idempotencyKey: string;
}

interface Begun {
  readonly paymentRequestId: string;
  readonly total: MoneyJson;
}

/** An unpaid checkout is of no use for long: the next press of the button begins a new one. */
const CHECKOUT_OPEN_HOURS = 1;

/** A listing's own button: the buyer takes it at its price, without a chat, in the same order flow. */
export class CheckoutListing {
  constructor(
    private readonly store: PaymentsStore,
    private readonly catalog: Catalog,
    private readonly sellers: Sellers,
    private readonly pay: PayPaymentRequest,
    private readonly idempotency: StoredAnswers,
    private readonly newId: NewId,
  ) {}

  async execute(
    command: CheckoutCommand,
  ): Promise<{ request: PaymentRequest; outcome: PayOutcome }> {
    checkedAddress(command.shippingAddress);
    const { actor, idempotencyKey, ...content } = command;
    if (actor.kind !== 'member') throw new NotAllowed('buy');
    const call = {
      principal: principalOf(actor),
      operation: 'checkoutListing',
      key: idempotencyKey,
      request: content,
    };
    // A repeat gets its answer whatever has become of the listing or its seller since.
    const begun =
      (await this.idempotency.recall<Begun>(call)) ??
      (await this.begin(command, actor.userId, call));
    const outcome = await this.pay.execute({
      actor,
      paymentRequestId: begun.paymentRequestId,
      approvedTotal: Money.fromJSON(begun.total),
      paymentMethodId: command.paymentMethodId,
      shippingAddress: command.shippingAddress,
      idempotencyKey,
    });
    const request = await this.store.findRequest(begun.paymentRequestId);
    if (request === null) throw new NotFound('payment request');
    return { request, outcome };
  }

  private async begin(
    command: CheckoutCommand,
    buyerId: string,
    call: Parameters<StoredAnswers['once']>[0],
  ): Promise<Begun> {
    const sale = await this.onSale(command.variantId, buyerId);
    const { response } = await this.idempotency.once(call, () =>
      this.create(command, buyerId, sale),
    );
    return response;
  }

  // Asked before the transaction: nothing waits for a neighbour inside one.
  private async onSale(
    variantId: string,
    buyerId: string,
  ): Promise<{ snapshot: ListingSnapshot; region: string }> {
    const [snapshot] = isId('variant', variantId) ? await this.catalog.snapshots([variantId]) : [];
    if (!snapshot?.isSaleable) throw new ListingNotAvailable(['variantId']);
    if (snapshot.sellerId === sellerIdOf(buyerId)) throw new NotAllowed('buy your own listing');
    const { region } = await eligibleSeller(this.sellers, snapshot.sellerId, 'BUYER');
    return { snapshot, region };
  }

  private create(
    command: CheckoutCommand,
    buyerId: string,
    { snapshot, region }: { readonly snapshot: ListingSnapshot; readonly region: string },
  ): Promise<Begun> {
    return this.store.transact(async (tx) => {
      const { listingId, variantId, title, description, unitPrice, terms } = snapshot;
      const zero = Money.zero(REQUEST_CURRENCY);
      const { request, event } = PaymentRequest.send(
        this.newId('paymentRequest'),
        { conversationId: null, origin: 'CHECKOUT', buyerId, sellerId: snapshot.sellerId },
        {
          lines: [
            {
              lineId: '1',
              kind: 'LISTING',
              listingId,
              variantId,
              title,
              description,
              unitPrice,
              quantity: command.quantity,
            },
          ],
          shipping: zero,
          tax: zero,
          discount: zero,
          expectedTotal: command.expectedTotal,
          terms,
        },
        {
          expiresInHours: CHECKOUT_OPEN_HOURS,
          replacesId: null,
          currency: REQUEST_CURRENCY,
          feePolicy: await tx.feePolicyOf(region, 'CHECKOUT'),
        },
        await tx.now(),
      );
      tx.addRequest(request);
      await tx.recordRequest(event);
      return { paymentRequestId: request.id, total: request.total.toJSON() };
    });
  }
}
