import { DomainError } from '../../kernel/errors.ts';
import type { Money } from '../../kernel/money.ts';

// In order of precedence: who and where, then the state, then the content, then the limits.

export class SellerCannotRequest extends DomainError {
  constructor(reason: string) {
    super('SELLER_CANNOT_REQUEST', `This seller cannot take payments now: ${reason}`);
  }
}

export class RegionNotSupported extends DomainError {
  constructor(which: 'seller account' | 'shipping address') {
    super(
      'REGION_NOT_SUPPORTED',
      `Payments are not offered where this ${which} is. Supported: US.`,
      {
        path: which === 'shipping address' ? ['shippingAddress', 'country'] : [],
      },
    );
  }
}

export class ConversationNotActive extends DomainError {
  constructor(state: string) {
    super(
      'CONVERSATION_NOT_ACTIVE',
      `The conversation is ${state}. A request can be sent once the seller has answered.`,
      {
        currentState: state,
        allowedActions: ['ACTIVE'],
      },
    );
  }
}

export class ConversationBlocked extends DomainError {
  constructor() {
    super(
      'CONVERSATION_BLOCKED',
      'This conversation is blocked or frozen; no new payment request can be sent in it.',
    );
  }
}

/** WhatsApp's rule: no withdrawing once money has, or may have, moved. */
export class PaymentInFlight extends DomainError {
  constructor(state: string) {
    super(
      'PAYMENT_IN_FLIGHT',
      'A payment for this request succeeded or is still pending, so it cannot be changed.',
      {
        currentState: state,
        allowedActions: [],
      },
    );
  }
}

export class OfferChanged extends DomainError {
  constructor() {
    super(
      'OFFER_CHANGED',
      'What was approved is not the total of this request. Show the total, and ask the buyer again. Nothing was charged.',
      { path: ['approvedTotal'] },
    );
  }
}

export class OutOfStock extends DomainError {
  constructor() {
    super('OUT_OF_STOCK', 'Not enough is left of an item in this request. Nothing was charged.');
  }
}

export class ListingNotAvailable extends DomainError {
  constructor(path: readonly string[]) {
    super('LISTING_NOT_AVAILABLE', "There is no such item on sale among this seller's listings.", {
      path,
    });
  }
}

export class LinesInvalid extends DomainError {
  constructor(message: string, path: readonly string[] = ['lines']) {
    super('LINES_INVALID', message, { path });
  }
}

export class AmountNotPositive extends DomainError {
  constructor(path: readonly string[]) {
    super('AMOUNT_NOT_POSITIVE', 'The amount must be greater than zero.', { path });
  }
}

export class AmountNegative extends DomainError {
  constructor(path: readonly string[]) {
    super('AMOUNT_NEGATIVE', 'The amount must not be negative.', { path });
  }
}

export class CurrencyNotSupported extends DomainError {
  constructor(currency: string, supported: string, path: readonly string[]) {
    super(
      'CURRENCY_NOT_SUPPORTED',
      `Amounts are in ${supported}; ${currency} is not supported here.`,
      { path },
    );
  }
}

export class TotalMismatch extends DomainError {
  constructor(expected: Money, computed: Money) {
    super(
      'TOTAL_MISMATCH',
      `The lines add up to ${computed.toString()}, not to ${expected.toString()}.`,
      {
        path: ['expectedTotal'],
      },
    );
  }
}

export class ExpiryOutOfRange extends DomainError {
  constructor(message: string) {
    super('EXPIRY_OUT_OF_RANGE', message, { path: ['expiresInHours'] });
  }
}

export class RequestLimitExceeded extends DomainError {
  constructor(limit: Money) {
    super('REQUEST_LIMIT_EXCEEDED', `A single request may be at most ${limit.toString()}.`);
  }
}

export class WeeklyLimitExceeded extends DomainError {
  constructor(limit: Money, left: Money) {
    super(
      'WEEKLY_LIMIT_EXCEEDED',
      `Requests of any 7 days may sum up to ${limit.toString()}; ${left.toString()} is left.`,
    );
  }
}

export class AddressInvalid extends DomainError {
  constructor(field: string, message: string) {
    super('ADDRESS_INVALID', message, { path: ['shippingAddress', field] });
  }
}

export class PaymentMethodUnusable extends DomainError {
  constructor() {
    super(
      'PAYMENT_METHOD_NOT_FOUND',
      'There is no such usable payment method. Choose or add another.',
      {
        path: ['paymentMethodId'],
      },
    );
  }
}
