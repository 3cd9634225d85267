import { after, HOUR_MS } from '../../kernel/clock.ts';
import { Money } from '../../kernel/money.ts';
import { step } from '../../kernel/state-machine.ts';
import {
  AmountNegative,
  AmountNotPositive,
  CurrencyNotSupported,
  ExpiryOutOfRange,
  LinesInvalid,
  OfferChanged,
  PaymentInFlight,
  TotalMismatch,
} from './payment-request.errors.ts';
import type { PaymentRequestChange, PaymentRequestEvent } from './payment-request.events.ts';
import {
  PAYMENT_REQUEST_TRANSITIONS,
  type PaymentRequestStatus,
} from './payment-request.states.ts';
import { type PlatformFeePolicy, platformFeeOf } from './platform-fee.ts';
import { checkedLine, LINES_MAX, lineTotal, type RequestLine } from './request-line.ts';

/** Terms that were promised with the offer; kept with the request because listings change. */
export interface RequestTerms {
  readonly returnWindowDays: number;
  readonly handlingBusinessDays: number;
  readonly isFinalSale: boolean;
}

export interface Offer {
  readonly lines: readonly RequestLine[];
  readonly shipping: Money;
  readonly tax: Money;
  readonly discount: Money;
  /** What the sender believes it adds up to; null trusts the server's sum. */
  readonly expectedTotal: Money | null;
  readonly terms: RequestTerms;
}

export interface RequestParties {
  readonly conversationId: string | null;
  readonly origin: 'CHAT' | 'CHECKOUT';
  readonly buyerId: string;
  readonly sellerId: string;
}

export const EXPIRY_HOURS_MIN = 1;
export const EXPIRY_HOURS_MAX = 168;
export const EXPIRY_HOURS_DEFAULT = 72;

/**
 * What a seller asks one buyer to pay, or what a buyer takes from a listing by its button. Payable
 * once, by that buyer. The offer never changes: another offer is another request that supersedes
 * this one. `version` counts the changes of state.
 */
export class PaymentRequest {
  private constructor(
    readonly id: string,
    readonly conversationId: string | null,
    readonly origin: 'CHAT' | 'CHECKOUT',
    readonly buyerId: string,
    readonly sellerId: string,
    readonly lines: readonly RequestLine[],
    readonly subtotal: Money,
    readonly shipping: Money,
    readonly tax: Money,
    readonly discount: Money,
    readonly total: Money,
    readonly terms: RequestTerms,
    readonly replacesId: string | null,
    readonly createdAt: Date,
    readonly expiresAt: Date,
    readonly status: PaymentRequestStatus,
    readonly version: number,
    readonly viewedAt: Date | null,
    readonly updatedAt: Date,
    /** What the platform takes of it, by the policy of the moment it was sent. */
    readonly platformFee: Money,
  ) {}

  static send(
    id: string,
    parties: RequestParties,
    offer: Offer,
    options: {
      readonly expiresInHours: number | null;
      readonly replacesId: string | null;
      readonly currency: string;
      /** Absent: the platform takes nothing. */
      readonly feePolicy?: PlatformFeePolicy;
    },
    now: Date,
  ): { request: PaymentRequest; event: PaymentRequestEvent } {
    const amounts = addUp(offer, options.currency);
    const hours = options.expiresInHours ?? EXPIRY_HOURS_DEFAULT;
    if (!Number.isInteger(hours) || hours < EXPIRY_HOURS_MIN || hours > EXPIRY_HOURS_MAX) {
      throw new ExpiryOutOfRange(
        `A request is open for ${EXPIRY_HOURS_MIN} to ${EXPIRY_HOURS_MAX} whole hours.`,
      );
    }
    const request = new PaymentRequest(
      id,
      parties.conversationId,
      parties.origin,
      parties.buyerId,
      parties.sellerId,
      offer.lines,
      amounts.subtotal,
      offer.shipping,
      offer.tax,
      offer.discount,
      amounts.total,
      offer.terms,
      options.replacesId,
      now,
      after(now, hours * HOUR_MS),
      'SENT',
      1,
      null,
      now,
      options.feePolicy
        ? platformFeeOf(amounts.total, options.feePolicy)
        : Money.zero(options.currency),
    );
    return { request, event: request.happened('sent', null, now) };
  }

  /** The buyer has seen it. A timestamp, not a state: null when it was seen before. */
  view(now: Date): PaymentRequestEvent | null {
    if (this.viewedAt !== null) return null;
    this.become({ viewedAt: now, updatedAt: now });
    return this.happened('viewed', null, now);
  }

  /** Refuses what beginPaying would, and changes nothing. */
  checkPayable(approvedTotal: Money): void {
    this.next('PAYING');
    if (!approvedTotal.equals(this.total)) throw new OfferChanged();
  }

  /** One attempt begins, for the total the buyer approved. */
  beginPaying(approvedTotal: Money, now: Date): PaymentRequestEvent {
    this.checkPayable(approvedTotal);
    this.become({ status: this.next('PAYING'), updatedAt: now });
    return this.happened('paying', null, now);
  }

  markPaid(now: Date): PaymentRequestEvent {
    return this.move('PAID', 'paid', null, now);
  }

  markPending(reason: string, now: Date): PaymentRequestEvent {
    return this.move('PENDING', 'pending', reason, now);
  }

  /** The attempt was declined or came to nothing; the buyer can try again. */
  reopen(reason: string, now: Date): PaymentRequestEvent {
    return this.move('SENT', 'attempt-declined', reason, now);
  }

  declineByBuyer(now: Date): PaymentRequestEvent {
    this.refuseInFlight();
    return this.move('DECLINED', 'declined-by-buyer', null, now);
  }

  /** Refused when any attempt succeeded or is pending. */
  withdraw(now: Date): PaymentRequestEvent {
    this.refuseInFlight();
    return this.move('WITHDRAWN', 'withdrawn', null, now);
  }

  supersede(now: Date): PaymentRequestEvent {
    this.refuseInFlight();
    return this.move('SUPERSEDED', 'superseded', null, now);
  }

  expire(now: Date): PaymentRequestEvent {
    return this.move('EXPIRED', 'expired', null, now);
  }

  isExpiredAt(now: Date): boolean {
    return this.expiresAt.getTime() <= now.getTime();
  }

  private refuseInFlight(): void {
    if (this.status === 'PAYING' || this.status === 'PENDING' || this.status === 'PAID') {
      throw new PaymentInFlight(this.status);
    }
  }

  private move(
    to: PaymentRequestStatus,
    change: PaymentRequestChange,
    reason: string | null,
    now: Date,
  ): PaymentRequestEvent {
    this.become({ status: this.next(to), updatedAt: now });
    return this.happened(change, reason, now);
  }

  private next(to: PaymentRequestStatus): PaymentRequestStatus {
    return step('The payment request', PAYMENT_REQUEST_TRANSITIONS, this.status, to);
  }

  private happened(
    change: PaymentRequestChange,
    reason: string | null,
    now: Date,
  ): PaymentRequestEvent {
    return { type: 'payment-request-changed', change, request: this, reason, occurredAt: now };
  }

  // The only writer: its parameter lists everything about a request that can ever change.
  private become(change: Partial<Pick<PaymentRequest, 'status' | 'viewedAt' | 'updatedAt'>>): void {
    Object.assign(this, change, { version: this.version + 1 });
  }
}

/** The server's sum, never the client's: subtotal + shipping + tax - discount, in one currency. */
function addUp(offer: Offer, currency: string): { subtotal: Money; total: Money } {
  if (offer.lines.length === 0) throw new LinesInvalid('A request needs at least one line.');
  if (offer.lines.length > LINES_MAX)
    throw new LinesInvalid(`A request may have at most ${LINES_MAX} lines.`);
  offer.lines.forEach((line, index) => {
    if (line.unitPrice.currency !== currency) {
      throw new CurrencyNotSupported(line.unitPrice.currency, currency, [
        'lines',
        String(index),
        'unitPrice',
      ]);
    }
    checkedLine(line, index);
  });
  for (const part of ['shipping', 'tax', 'discount'] as const) {
    if (offer[part].currency !== currency)
      throw new CurrencyNotSupported(offer[part].currency, currency, [part]);
    if (offer[part].isNegative()) throw new AmountNegative([part]);
  }
  const subtotal = Money.sum(offer.lines.map(lineTotal), currency);
  const total = subtotal.plus(offer.shipping).plus(offer.tax).minus(offer.discount);
  if (offer.expectedTotal && !offer.expectedTotal.equals(total))
    throw new TotalMismatch(offer.expectedTotal, total);
  if (!total.isPositive()) throw new AmountNotPositive(['discount']);
  return { subtotal, total };
}
