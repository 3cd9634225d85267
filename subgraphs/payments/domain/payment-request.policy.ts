import { type Actor, actsForSeller, isMember } from '../../kernel/policy.ts';
import type { PaymentRequest } from './payment-request.ts';

/** What has a buyer and a seller: a request, and the payment made for it. */
type Deal = Pick<PaymentRequest, 'buyerId' | 'sellerId'>;

/** Buyer, seller side, support, and the system on their behalf. */
export function maySeeRequest(actor: Actor, deal: Deal): boolean {
  return (
    isMember(actor, deal.buyerId) ||
    actsForSeller(actor, deal.sellerId) ||
    actor.kind === 'support' ||
    actor.kind === 'system'
  );
}

/** Only the one buyer a request is addressed to: a forwarded card is inert. */
export function mayPay(actor: Actor, request: PaymentRequest): boolean {
  return isMember(actor, request.buyerId);
}

export function maySendRequest(actor: Actor, sellerId: string): boolean {
  return actsForSeller(actor, sellerId);
}

export function mayWithdraw(actor: Actor, request: PaymentRequest): boolean {
  return actsForSeller(actor, request.sellerId) || actor.kind === 'support';
}

/** Payment methods exist for their buyer alone: not for a seller, a partner, or support. */
export function maySeeMethod(actor: Actor, buyerId: string): boolean {
  return isMember(actor, buyerId);
}
