import type { Dispute, DisputePolicy } from '../domain/dispute.ts';
import type { EvidenceMessage, EvidenceShipment } from '../domain/dispute-evidence.ts';
import type { Payment } from '../domain/payment.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';
import type { MoneyTransaction } from './money.ports.ts';

/** Locked after the payment and its disbursement: see the store of the money. */
export interface DisputesTransaction extends MoneyTransaction {
  lockDispute(id: string): Promise<Dispute | null>;
  addDispute(dispute: Dispute): void;
  disputesOf(paymentId: string): Promise<readonly Dispute[]>;
  disputePolicy(): Promise<DisputePolicy>;
  /** Tells orders, live clients and whoever listens; `isPaymentDisputed` counts all of the payment's. */
  recordDispute(dispute: Dispute, payment: Payment, isPaymentDisputed: boolean): Promise<void>;
}

export interface DisputePage {
  readonly first: number;
  readonly after: readonly string[] | null;
}

export interface DisputesStore {
  transact<T>(work: (tx: DisputesTransaction) => Promise<T>): Promise<T>;
  findDispute(id: string): Promise<Dispute | null>;
  findPayment(id: string): Promise<Payment | null>;
  findPaymentByCapture(captureId: string): Promise<Payment | null>;
  findRequest(id: string): Promise<PaymentRequest | null>;
  /** Undecided ones the processor was not asked about for a while. */
  disputesToRead(now: Date, limit: number): Promise<readonly Dispute[]>;
  /** Ones that wait for the seller and were not answered yet. */
  disputesToAnswer(now: Date, limit: number): Promise<readonly Dispute[]>;
  /** Decided ones whose time to appeal is over. */
  disputesToClose(resolvedBefore: Date, limit: number): Promise<readonly string[]>;
  policy(): Promise<DisputePolicy>;
  /** Newest first, one more than asked for where there is more. */
  disputes(
    filter: { readonly isOpen: boolean | null },
    page: DisputePage,
  ): Promise<readonly Dispute[]>;
  disputesOfPayments(paymentIds: readonly string[]): Promise<readonly Dispute[]>;
}

/** What other subgraphs know of a disputed sale. Rejects while one of them does not answer. */
export interface EvidenceSources {
  shipmentsOf(orderId: string): Promise<readonly EvidenceShipment[]>;
  /** The words of the thread up to the payment's dispute, oldest first. */
  messagesOf(conversationId: string, until: Date): Promise<readonly EvidenceMessage[]>;
}
