import type { Money } from '../../kernel/money.ts';
import type { Payment } from '../domain/payment.ts';
import type { DeclineAdvice, PaymentAttempt } from '../domain/payment-attempt.ts';
import type { PaymentMethod, VaultedInstrument } from '../domain/payment-method.ts';
import type { PaymentRequestEvent } from '../domain/payment-request.events.ts';
import type { PaymentRequest, RequestTerms } from '../domain/payment-request.ts';
import type { PlatformFeePolicy } from '../domain/platform-fee.ts';
import type { RequestLimits } from '../domain/request-limits.ts';
import type { ShippingAddress } from '../domain/shipping-address.ts';

/** What the use cases need. Storage, the processor, the neighbours and time are all behind these. */

/** Everything one transaction can read and write. Locks are held until it ends. */
export interface PaymentsTransaction {
  /** The database's time: what decides about money. */
  now(): Promise<Date>;
  lockRequest(id: string): Promise<PaymentRequest | null>;
  addRequest(request: PaymentRequest): void;
  /** Serialises everything that counts against one seller's limits. */
  lockSeller(sellerId: string): Promise<void>;
  sumSentSince(sellerId: string, since: Date, currency: string): Promise<Money>;
  limitsOf(region: string, tier: 'NEW' | 'ESTABLISHED'): Promise<RequestLimits>;
  /** What the platform takes of a sale; nothing where no policy was written. */
  feePolicyOf(region: string, origin: 'CHAT' | 'CHECKOUT'): Promise<PlatformFeePolicy>;
  addAttempt(attempt: PaymentAttempt): void;
  lockAttempt(id: string): Promise<PaymentAttempt | null>;
  /** The attempt that is open, or that took the money: at most one by its indexes. */
  currentAttemptOf(requestId: string): Promise<PaymentAttempt | null>;
  findMethod(id: string): Promise<PaymentMethod | null>;
  lockMethod(id: string): Promise<PaymentMethod | null>;
  addMethod(method: PaymentMethod): void;
  addPayment(payment: Payment): void;
  lockPayment(id: string): Promise<Payment | null>;
  /** Announces what happened to a request, to other subgraphs and to live streams. */
  recordRequest(event: PaymentRequestEvent): Promise<void>;
  /** Announces captured money: what orders and stock wait for. */
  recordCapture(payment: Payment, request: PaymentRequest): Promise<void>;
}

export interface PaymentsStore {
  /** Work started inside joins the open transaction. */
  transact<T>(work: (tx: PaymentsTransaction) => Promise<T>): Promise<T>;
  findRequest(id: string): Promise<PaymentRequest | null>;
  findAttempt(id: string): Promise<PaymentAttempt | null>;
  findPaymentOf(requestId: string): Promise<Payment | null>;
  /** Requests past their time that are still open, oldest first. */
  expiredRequests(now: Date, limit: number): Promise<readonly string[]>;
  /** Attempts whose outcome is awaited since before `before` and that are due for a look, longest due first. */
  unsettledAttempts(before: Date, limit: number, now: Date): Promise<readonly string[]>;
}

export interface MethodsToForget {
  /** Removed payment methods of which the processor may still keep something, longest due first. */
  methodsToForget(now: Date, limit: number): Promise<readonly string[]>;
}

/** Ledger entries and the hold on the seller's money, in the transaction that settles a capture. */
export interface MoneyBooks {
  captured(payment: Payment, takenAt: Date | null, now: Date): Promise<void>;
}

/** Three answers and two kinds of silence. NOTHING is certain: the processor was read. */
export type CaptureOutcome =
  | {
      readonly kind: 'CAPTURED';
      readonly processorOrderId: string;
      readonly captureId: string;
      /** The processor's time, which its day 28 is counted from; null where it does not say. */
      readonly takenAt: Date | null;
      readonly amount: Money;
      readonly processorFee: Money;
    }
  | { readonly kind: 'PENDING'; readonly processorOrderId: string; readonly reason: string }
  | {
      readonly kind: 'DECLINED';
      readonly processorOrderId: string | null;
      readonly code: string;
      readonly advice: DeclineAdvice;
    }
  | { readonly kind: 'UNKNOWN'; readonly processorOrderId: string | null }
  | { readonly kind: 'NOTHING' };

/** What an attempt that is about to begin asks the processor to make ready. */
export interface OrderCommand {
  readonly attemptId: string;
  readonly payeeMerchantId: string;
  readonly request: PaymentRequest;
  readonly address: ShippingAddress;
}

export type OrderOutcome =
  | { readonly kind: 'READY'; readonly processorOrderId: string }
  | Extract<CaptureOutcome, { kind: 'DECLINED' }>;

export interface CaptureGateway {
  /**
   * Makes the processor's order of an attempt, which moves nothing. Its id must be kept before
   * `capture` is called: by it alone an attempt can be looked up and ended. Rejects with
   * ProcessorUnavailable or ProcessorOutcomeUnknown where the processor does not answer; an order
   * that nobody knows of is never captured.
   */
  prepare(command: OrderCommand): Promise<OrderOutcome>;
  /** Never rejects for an outcome: what is not known is UNKNOWN. Repeating it has one effect. */
  capture(
    attempt: Pick<PaymentAttempt, 'id' | 'processorOrderId'>,
    vaultId: string,
  ): Promise<CaptureOutcome>;
  /**
   * Finds out what became of an attempt, and ends it at the processor where nothing did: whoever was
   * about to take its money and stood still finds it refused. So NOTHING is certain, now and later.
   */
  lookUp(attempt: Pick<PaymentAttempt, 'processorOrderId'>): Promise<CaptureOutcome>;
  /** Gives back a capture that may not stand: another amount, or no order can come of it. */
  giveBack(
    captureId: string,
    attempt: Pick<PaymentAttempt, 'id' | 'payeeMerchantId'>,
  ): Promise<void>;
}

export interface Vault {
  beginSetup(
    buyerId: string,
    requestId: string,
  ): Promise<{ readonly setupToken: string; readonly approvalUrl: string }>;
  /** Null while the buyer has not approved it. */
  completeSetup(setupToken: string, requestId: string): Promise<VaultedInstrument | null>;
  remove(vaultId: string): Promise<void>;
}

/** What a listing's variant is at this moment, from the catalog. */
export interface ListingSnapshot {
  readonly variantId: string;
  readonly listingId: string;
  readonly sellerId: string;
  readonly title: string;
  readonly description: string;
  readonly unitPrice: Money;
  readonly isSaleable: boolean;
  readonly terms: RequestTerms;
}

export interface StockLine {
  readonly variantId: string;
  readonly quantity: number;
}

export interface Catalog {
  snapshots(variantIds: readonly string[]): Promise<readonly ListingSnapshot[]>;
  /** Holds all lines or none, under `reference`; repeating it is harmless. */
  hold(
    reference: string,
    lines: readonly StockLine[],
  ): Promise<{ readonly isHeld: boolean; readonly lines: readonly ListingSnapshot[] }>;
  release(reference: string): Promise<void>;
}

export interface ConversationParty {
  readonly buyerId: string;
  readonly sellerId: string;
  readonly state: string;
  readonly isFrozen: boolean;
  readonly isBlocked: boolean;
}

export interface Conversations {
  party(conversationId: string): Promise<ConversationParty | null>;
}

export interface SellerStanding {
  readonly canRequestPayments: boolean;
  readonly tier: 'NEW' | 'ESTABLISHED';
  readonly merchantId: string | null;
  readonly region: string;
  readonly reason: string | null;
}

export interface Sellers {
  standing(sellerId: string): Promise<SellerStanding | null>;
}

/** One effect per (principal, operation, key); see the kernel's IdempotencyKeys. */
export interface IdempotencyPort {
  once<T>(
    call: {
      readonly principal: string;
      readonly operation: string;
      readonly key: string;
      readonly request: unknown;
    },
    work: () => Promise<T>,
  ): Promise<{ response: T; replayed: boolean }>;
}

/** For calls that ask others before their transaction: a repeat is answered without asking again. */
export interface StoredAnswers extends IdempotencyPort {
  /** What the key answered before, or null; refuses an unusable key, and one of another body. */
  recall<T>(call: {
    readonly principal: string;
    readonly operation: string;
    readonly key: string;
    readonly request: unknown;
  }): Promise<T | null>;
}

/** Seals personal data; the address leaves this subgraph only to orders and the processor. */
export interface AddressSealer {
  seal(address: ShippingAddress, attemptId: string): string;
  open(sealed: string, attemptId: string): ShippingAddress;
}

/** Waits; a port because a simulation has its own time. */
export type Pause = (milliseconds: number) => Promise<void>;
