// Written by hand from the specification, not from the code: who changes a table changes it twice.

export const ALLOWED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  payment_request: {
    SENT: ['PAYING', 'DECLINED', 'WITHDRAWN', 'EXPIRED', 'SUPERSEDED'],
    // A capture that is found late passes through states inside one transaction.
    PAYING: ['PAID', 'PENDING', 'SENT'],
    PENDING: ['PAID', 'SENT'],
  },
  payment_attempt: {
    CAPTURING: ['CAPTURED', 'DECLINED', 'PENDING', 'UNKNOWN', 'CANCELED'],
    PENDING: ['CAPTURED', 'DECLINED'],
    UNKNOWN: ['CAPTURED', 'DECLINED', 'CANCELED', 'PENDING'],
  },
  disbursement: {
    HELD: ['SCHEDULED', 'FROZEN', 'RETURNED', 'AUTO_DISBURSED'],
    SCHEDULED: ['RELEASING', 'HELD', 'FROZEN', 'RETURNED', 'AUTO_DISBURSED'],
    FROZEN: ['HELD', 'SCHEDULED', 'RETURNED', 'AUTO_DISBURSED'],
    RELEASING: ['RELEASED', 'FAILED', 'SCHEDULED', 'FROZEN', 'AUTO_DISBURSED'],
    FAILED: ['SCHEDULED', 'FROZEN', 'AUTO_DISBURSED'],
  },
  refund: {
    APPROVED: ['SUBMITTED', 'COMPLETED', 'CANCELLED'],
    SUBMITTED: ['PENDING', 'COMPLETED', 'FAILED', 'ESCALATED'],
    PENDING: ['COMPLETED', 'FAILED', 'ESCALATED'],
    FAILED: ['SUBMITTED', 'ESCALATED', 'CANCELLED'],
    ESCALATED: ['SUBMITTED', 'CANCELLED'],
  },
  order: {
    ON_HOLD: ['AWAITING_SHIPMENT', 'CANCELLED'],
    AWAITING_SHIPMENT: ['PARTIALLY_SENT', 'SENT', 'CANCELLED'],
    PARTIALLY_SENT: ['AWAITING_SHIPMENT', 'SENT', 'DELIVERED', 'CANCELLED'],
    SENT: ['AWAITING_SHIPMENT', 'PARTIALLY_SENT', 'DELIVERED', 'COMPLETED', 'CANCELLED'],
    DELIVERED: ['COMPLETED'],
  },
};
