import DataLoader from 'dataloader';
import type { Actor } from '../../kernel/policy.ts';
import type { ReadPayments } from '../application/read-payments.ts';
import type { Payment } from '../domain/payment.ts';
import type { PaymentMethod } from '../domain/payment-method.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';

export interface PaymentLoaders {
  readonly request: DataLoader<string, PaymentRequest | null>;
  readonly payment: DataLoader<string, Payment | null>;
  readonly paymentOfRequest: DataLoader<string, Payment | null>;
  readonly method: DataLoader<string, PaymentMethod | null>;
}

/** Batched reads for one actor; they live as long as one operation. */
export function createLoaders(read: ReadPayments, actor: Actor): PaymentLoaders {
  return {
    request: new DataLoader((ids) => read.requests(ids, actor)),
    payment: new DataLoader((ids) => read.payments(ids, actor)),
    paymentOfRequest: new DataLoader((ids) => read.paymentsOfRequests(ids, actor)),
    method: new DataLoader((ids) => read.methods(ids, actor)),
  };
}
