import type { Money } from '../../kernel/money.ts';

/**
 * What payments asks of the processor once money was captured; CaptureGateway and Vault in ports.ts
 * are what it asks before. Every call with a request id may be repeated: it has one effect.
 */

/** Certainly nothing happened: the call was never sent, was turned away for its rate, or only read. */
export class ProcessorUnavailable extends Error {
  constructor(readonly operation: string) {
    super(`the processor could not be asked for ${operation}`);
    this.name = 'ProcessorUnavailable';
  }
}

/** The call may have had its effect; only a fresh read tells. */
export class ProcessorOutcomeUnknown extends Error {
  constructor(readonly operation: string) {
    super(`the processor did not answer ${operation}`);
    this.name = 'ProcessorOutcomeUnknown';
  }
}

/** Refused for certain; nothing happened. `issue` is the processor's stable code. */
export class ProcessorRefused extends Error {
  constructor(
    readonly operation: string,
    readonly issue: string,
    readonly debugId: string | null,
  ) {
    super(`the processor refused ${operation}: ${issue}`);
    this.name = 'ProcessorRefused';
  }
}

export interface ProcessorRefund {
  readonly refundId: string;
  readonly status: 'COMPLETED' | 'PENDING' | 'FAILED';
  readonly amount: Money;
}

export interface ProcessorRelease {
  readonly releaseId: string;
  readonly status: 'SUCCESS' | 'PENDING' | 'FAILED';
  readonly amount: Money | null;
}

export interface ProcessorCapture {
  readonly captureId: string;
  readonly status:
    | 'COMPLETED'
    | 'PENDING'
    | 'DECLINED'
    | 'FAILED'
    | 'PARTIALLY_REFUNDED'
    | 'REFUNDED';
  readonly amount: Money;
  readonly processorFee: Money | null;
  /** Our own number for it: the attempt that took it. */
  readonly invoiceId: string | null;
}

export interface ProcessorDispute {
  readonly disputeId: string;
  readonly captureId: string;
  readonly status:
    | 'OPEN'
    | 'WAITING_FOR_BUYER_RESPONSE'
    | 'WAITING_FOR_SELLER_RESPONSE'
    | 'UNDER_REVIEW'
    | 'RESOLVED'
    | 'OTHER';
  readonly reason: string;
  readonly amount: Money;
  readonly dueAt: Date | null;
  /** Null while it is open. */
  readonly wonBySeller: boolean | null;
  readonly canProvideEvidence: boolean;
  /** A chargeback is the payer's bank's; it costs its seller a fee when it is lost. */
  readonly stage: 'INQUIRY' | 'CHARGEBACK';
  /** What the payer got back; null while it is open, or where the processor does not say. */
  readonly refunded: Money | null;
  readonly updatedAt: Date | null;
}

export interface ProcessorMovement {
  readonly id: string;
  readonly kind: 'CAPTURE' | 'REFUND' | 'RELEASE';
  readonly amount: Money;
  /** For a refund or a release: the capture it belongs to. */
  readonly captureId: string | null;
  /** Our own number for it, where it has one: the attempt of a capture. */
  readonly invoiceId: string | null;
  readonly at: Date;
}

export interface ProcessorEvent {
  readonly eventId: string;
  readonly eventType: string;
  /** Ids found in the event; what they are now is read afresh. */
  readonly captureId: string | null;
  readonly refundId: string | null;
  readonly disputeId: string | null;
  readonly orderId: string | null;
}

/** One event as the processor keeps it, whether it reached us or not. */
export interface ProcessorWebhook {
  readonly eventId: string;
  readonly eventType: string;
  readonly rawBody: Buffer;
}

/** Headers of a webhook, lower case. */
export type WebhookHeaders = Readonly<Record<string, string | undefined>>;

/** Whether a seller can be paid, as the processor sees it now. */
export interface ProcessorSeller {
  readonly merchantId: string;
  readonly canReceivePayments: boolean;
  readonly hasConfirmedEmail: boolean;
  /** For example PARTNER_FEE and DELAY_FUNDS_DISBURSEMENT; both are needed before the first request. */
  readonly grantedFeatures: readonly string[];
}

/**
 * Every method throws ProcessorUnavailable (nothing happened), ProcessorRefused (nothing happened,
 * and why) or, for one that changes something, ProcessorOutcomeUnknown (read before trying again).
 * `merchantId` is the seller the call is made for; request ids are at most 108 characters.
 */
export interface PaymentProcessor {
  getCapture(captureId: string): Promise<ProcessorCapture | null>;
  /**
   * `amount` null refunds what is left; `platformFeeRefund` is the part of it that the platform bears
   * out of its fee. A request id is remembered for 45 days. CAPTURE_FULLY_REFUNDED,
   * REFUND_AMOUNT_EXCEEDED, TRANSACTION_DISPUTED and REFUND_FAILED_INSUFFICIENT_FUNDS are refusals.
   */
  refundCapture(command: {
    readonly captureId: string;
    readonly requestId: string;
    readonly amount: Money | null;
    readonly note: string | null;
    readonly platformFeeRefund?: Money | null;
    readonly merchantId?: string | null;
  }): Promise<ProcessorRefund>;
  getRefund(refundId: string): Promise<ProcessorRefund | null>;
  /** Pays the seller: once, and the whole capture. PAYOUT_ALREADY_COMPLETED_FOR_REFERENCE is a refusal. */
  releaseCapture(command: {
    readonly captureId: string;
    readonly requestId: string;
  }): Promise<ProcessorRelease>;
  getRelease(releaseId: string): Promise<ProcessorRelease | null>;
  addTracking(command: {
    readonly processorOrderId: string;
    readonly captureId: string;
    readonly requestId: string;
    readonly trackingNumber: string;
    readonly carrier: string;
    readonly merchantId?: string | null;
  }): Promise<void>;
  listDisputes(captureId: string): Promise<readonly ProcessorDispute[]>;
  getDispute(disputeId: string): Promise<ProcessorDispute | null>;
  provideEvidence(
    disputeId: string,
    evidence: {
      readonly notes: string;
      readonly trackingNumber: string | null;
      readonly carrier: string | null;
    },
  ): Promise<void>;
  /** Lets the payer win: the processor refunds, and the dispute is over. */
  acceptClaim(disputeId: string, note: string): Promise<void>;
  /** Begins a seller's onboarding under our tracking id; resolves to the page to send the seller to. */
  createSellerReferral(command: {
    readonly trackingId: string;
    readonly returnUrl: string;
    readonly email: string | null;
  }): Promise<string>;
  /** Null while the processor knows no account under this tracking id. */
  getSellerStatus(trackingId: string): Promise<ProcessorSeller | null>;
  /** Registers our endpoint, or finds it registered; resolves to its webhook id. */
  registerWebhook(url: string): Promise<string>;
  /** Checks the signature over the raw bytes; resolves to why it is refused, or null when it is good. */
  webhookRefusal(headers: WebhookHeaders, rawBody: Buffer): Promise<string | null>;
  parseWebhook(rawBody: Buffer): ProcessorEvent;
  /** What the processor has told in that time, of the kinds that we listen to: also what never came. */
  webhookEventsBetween(since: Date, until: Date): Promise<readonly ProcessorWebhook[]>;
  /**
   * Every movement of money in that time, for reconciliation. PayPal lists a movement up to three
   * hours after it happened: one that is younger and missing is no difference yet.
   */
  movementsBetween(since: Date, until: Date): Promise<readonly ProcessorMovement[]>;
}
