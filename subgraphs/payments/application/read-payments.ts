import { isId, sellerIdOf } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import type { Payment } from '../domain/payment.ts';
import type { PaymentMethod } from '../domain/payment-method.ts';
import { maySeeMethod, maySeeRequest } from '../domain/payment-request.policy.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';
import type { ShippingAddress } from '../domain/shipping-address.ts';
import type { AddressSealer } from './ports.ts';

export interface ReadPage {
  readonly first: number;
  readonly after: readonly string[] | null;
}

export type RequestFilter =
  | { readonly by: 'buyer'; readonly userId: string }
  | { readonly by: 'seller'; readonly sellerId: string }
  | { readonly by: 'conversation'; readonly conversationId: string };

/** Batched reads. Nothing here decides who may see: ReadPayments does. */
export interface PaymentReads {
  requests(ids: readonly string[]): Promise<readonly PaymentRequest[]>;
  payments(ids: readonly string[]): Promise<readonly Payment[]>;
  paymentsOfRequests(requestIds: readonly string[]): Promise<readonly Payment[]>;
  methodsOf(buyerId: string): Promise<readonly PaymentMethod[]>;
  methods(ids: readonly string[]): Promise<readonly PaymentMethod[]>;
  /** Newest first, one more than asked for where there is more. */
  requestPage(filter: RequestFilter, page: ReadPage): Promise<readonly PaymentRequest[]>;
}

/** Reads for one actor: what the actor may not see is not there. */
export class ReadPayments {
  constructor(
    private readonly reads: PaymentReads,
    private readonly sealer: AddressSealer,
  ) {}

  async requests(ids: readonly string[], actor: Actor): Promise<(PaymentRequest | null)[]> {
    const known = ids.filter((id) => isId('paymentRequest', id));
    const found = new Map(
      (known.length > 0 ? await this.reads.requests(known) : []).map((request) => [
        request.id,
        request,
      ]),
    );
    return ids.map((id) => visible(found.get(id), (request) => maySeeRequest(actor, request)));
  }

  async payments(ids: readonly string[], actor: Actor): Promise<(Payment | null)[]> {
    const known = ids.filter((id) => isId('payment', id));
    const found = new Map(
      (known.length > 0 ? await this.reads.payments(known) : []).map((payment) => [
        payment.id,
        payment,
      ]),
    );
    return ids.map((id) => visible(found.get(id), (payment) => maySeeRequest(actor, payment)));
  }

  async paymentsOfRequests(
    requestIds: readonly string[],
    actor: Actor,
  ): Promise<(Payment | null)[]> {
    const found = new Map(
      (await this.reads.paymentsOfRequests(requestIds)).map((payment) => [
        payment.requestId,
        payment,
      ]),
    );
    return requestIds.map((id) =>
      visible(found.get(id), (payment) => maySeeRequest(actor, payment)),
    );
  }

  async methods(ids: readonly string[], actor: Actor): Promise<(PaymentMethod | null)[]> {
    const known = ids.filter((id) => isId('paymentMethod', id));
    const found = new Map(
      (known.length > 0 ? await this.reads.methods(known) : []).map((method) => [
        method.id,
        method,
      ]),
    );
    return ids.map((id) => visible(found.get(id), (method) => maySeeMethod(actor, method.buyerId)));
  }

  async ownMethods(actor: Actor): Promise<readonly PaymentMethod[]> {
    return actor.kind === 'member' ? this.reads.methodsOf(actor.userId) : [];
  }

  /** The actor's own requests: received as a buyer, or sent as a seller. */
  async ownRequests(
    actor: Actor,
    side: 'BUYER' | 'SELLER',
    page: ReadPage,
  ): Promise<readonly PaymentRequest[]> {
    if (actor.kind !== 'member') return [];
    return this.reads.requestPage(
      side === 'BUYER'
        ? { by: 'buyer', userId: actor.userId }
        : { by: 'seller', sellerId: sellerIdOf(actor.userId) },
      page,
    );
  }

  async requestsOfConversation(
    conversationId: string,
    actor: Actor,
    page: ReadPage,
  ): Promise<readonly PaymentRequest[]> {
    if (!isId('conversation', conversationId)) return [];
    const requests = await this.reads.requestPage({ by: 'conversation', conversationId }, page);
    return requests.filter((request) => maySeeRequest(actor, request));
  }

  /** For orders alone: it keeps a sealed copy of its own. */
  async capturedAddress(paymentId: string, actor: Actor): Promise<ShippingAddress | null> {
    if (actor.kind !== 'system' || !isId('payment', paymentId)) return null;
    const [payment] = await this.reads.payments([paymentId]);
    return payment ? this.sealer.open(payment.sealedAddress, payment.attemptId) : null;
  }
}

function visible<T>(value: T | undefined, may: (value: T) => boolean): T | null {
  return value !== undefined && may(value) ? value : null;
}
