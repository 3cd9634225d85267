import DataLoader from 'dataloader';
import type { Actor } from '../../kernel/policy.ts';
import type { ReadDisputes } from '../application/read-disputes.ts';
import type { ReadPayments } from '../application/read-payments.ts';
import type { Dispute } from '../domain/dispute.ts';
import type { Payment } from '../domain/payment.ts';
import type { PaymentMethod } from '../domain/payment-method.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';

export interface PaymentLoaders {
  readonly request: DataLoader<string, PaymentRequest | null>;
  readonly payment: DataLoader<string, Payment | null>;
  readonly paymentOfRequest: DataLoader<string, Payment | null>;
  readonly method: DataLoader<string, PaymentMethod | null>;
  readonly disputesOfPayment: DataLoader<string, Dispute[]>;
}

/** Batched reads for one actor; they live as long as one operation. */
export function createLoaders(
  read: ReadPayments,
  disputes: ReadDisputes,
  actor: Actor,
): PaymentLoaders {
  return {
    request: new DataLoader((ids) => read.requests(ids, actor)),
    payment: new DataLoader((ids) => read.payments(ids, actor)),
    paymentOfRequest: new DataLoader((ids) => read.paymentsOfRequests(ids, actor)),
    method: new DataLoader((ids) => read.methods(ids, actor)),
    disputesOfPayment: new DataLoader((ids) => disputes.ofPayments(ids, actor)),
  };
}
