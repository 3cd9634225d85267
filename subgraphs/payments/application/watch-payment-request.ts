import { isId } from '../../kernel/ids.ts';
import type { Actor } from '../../kernel/policy.ts';
import { maySeeRequest } from '../domain/payment-request.policy.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';
import type { PaymentsStore } from './ports.ts';

/** Opens a live stream at a place in it. */
export type OpenStream<T> = (
  topic: string,
  position: string | null,
) => Promise<AsyncIterableIterator<T>>;

/** Live changes of one request, for its two parties. */
export class WatchPaymentRequest {
  constructor(
    private readonly store: PaymentsStore,
    private readonly topicOf: (requestId: string) => string,
  ) {}

  /** Null when there is no such request for this actor: asked at the beginning and at every event. */
  async visible(requestId: string, actor: Actor): Promise<PaymentRequest | null> {
    const request = isId('paymentRequest', requestId)
      ? await this.store.findRequest(requestId)
      : null;
    return request !== null && maySeeRequest(actor, request) ? request : null;
  }

  async open<T>(
    requestId: string,
    actor: Actor,
    position: string | null,
    open: OpenStream<T>,
  ): Promise<AsyncIterableIterator<T> | null> {
    if ((await this.visible(requestId, actor)) === null) return null;
    return open(this.topicOf(requestId), position);
  }
}
