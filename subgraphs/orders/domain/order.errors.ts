import { DomainError } from '../../kernel/errors.ts';

// In order of precedence: a call that deserves several of these is told the first.

export class PaymentNotCaptured extends DomainError {
  constructor(paymentState: string) {
    super('PAYMENT_NOT_CAPTURED', `The payment is ${paymentState}; nothing may be sent.`, {
      currentState: paymentState,
    });
  }
}

export class CancelNeedsRequest extends DomainError {
  constructor(status: string) {
    super(
      'CANCEL_NEEDS_REQUEST',
      'Something was sent already. Ask the seller to cancel, or return it.',
      { currentState: status, allowedActions: ['requestCancellation', 'requestReturn'] },
    );
  }
}

export class QuantityInvalid extends DomainError {
  constructor(available: number, path: readonly string[]) {
    super('QUANTITY_INVALID', `quantity must be between 1 and ${available}.`, { path });
  }
}

export class SentAtInvalid extends DomainError {
  constructor() {
    super('SENT_AT_INVALID', 'sentAt must lie between the payment and now.', { path: ['sentAt'] });
  }
}

export class TrackingInvalid extends DomainError {
  constructor() {
    super('TRACKING_INVALID', 'trackingNumber must be 1 to 64 letters, digits, spaces or dashes.', {
      path: ['trackingNumber'],
    });
  }
}

export class ShipmentAlreadyScanned extends DomainError {
  constructor(status: string) {
    super('SHIPMENT_ALREADY_SCANNED', 'The carrier has the shipment; it cannot be voided.', {
      currentState: status,
    });
  }
}

export class PayoutAlreadyReleased extends DomainError {
  constructor() {
    super(
      'PAYOUT_ALREADY_RELEASED',
      'The seller was paid for this order; it cannot be undone here.',
    );
  }
}

export class AlreadyOpen extends DomainError {
  constructor(what: string) {
    super('ALREADY_OPEN', `This order has an open ${what}.`);
  }
}

export class FinalSale extends DomainError {
  constructor() {
    super('FINAL_SALE', 'This was sold as a final sale and cannot be returned.', {
      allowedActions: ['openCase'],
    });
  }
}

export class ReturnPeriodEnded extends DomainError {
  constructor() {
    super('RETURN_PERIOD_ENDED', 'The time to return this is over.', {
      allowedActions: ['openCase'],
    });
  }
}

export class CaseTooEarly extends DomainError {
  constructor() {
    super('CASE_TOO_EARLY', 'The seller still has time to send this.', {
      allowedActions: ['cancelOrder'],
    });
  }
}

export class AmountInvalid extends DomainError {
  constructor(message: string) {
    super('AMOUNT_INVALID', message, { path: ['refundAmount'] });
  }
}

export class AppealPeriodEnded extends DomainError {
  constructor() {
    super('APPEAL_PERIOD_ENDED', 'The ten days to appeal are over.');
  }
}
