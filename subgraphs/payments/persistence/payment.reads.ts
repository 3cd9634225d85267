import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type { PaymentReads, ReadPage, RequestFilter } from '../application/read-payments.ts';
import { Payment } from '../domain/payment.ts';
import { PaymentMethod } from '../domain/payment-method.ts';
import { PaymentRequest } from '../domain/payment-request.ts';

/** One statement per batch, whatever its size. */
export class StoredPaymentReads implements PaymentReads {
  constructor(private readonly transactions: Transactions) {}

  requests(ids: readonly string[]): Promise<PaymentRequest[]> {
    return this.transactions.reader().find(PaymentRequest, { id: { $in: [...ids] } });
  }

  payments(ids: readonly string[]): Promise<Payment[]> {
    return this.transactions.reader().find(Payment, { id: { $in: [...ids] } });
  }

  paymentsOfRequests(requestIds: readonly string[]): Promise<Payment[]> {
    return this.transactions.reader().find(Payment, { requestId: { $in: [...requestIds] } });
  }

  methodsOf(buyerId: string): Promise<PaymentMethod[]> {
    return this.transactions
      .reader()
      .find(
        PaymentMethod,
        { buyerId, status: { $in: ['ACTIVE', 'EXPIRED'] } },
        { orderBy: { id: 'desc' }, limit: 50 },
      );
  }

  methods(ids: readonly string[]): Promise<PaymentMethod[]> {
    return this.transactions.reader().find(PaymentMethod, { id: { $in: [...ids] } });
  }

  requestPage(filter: RequestFilter, { first, after }: ReadPage): Promise<PaymentRequest[]> {
    const [createdAt, id] = after ?? [];
    return this.transactions.reader().find(
      PaymentRequest,
      {
        ...ownerOf(filter),
        ...(createdAt !== undefined && id !== undefined
          ? {
              $or: [
                { createdAt: { $lt: new Date(createdAt) } },
                { createdAt: new Date(createdAt), id: { $lt: id } },
              ],
            }
          : {}),
      },
      { orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], limit: first + 1 },
    );
  }
}

function ownerOf(filter: RequestFilter) {
  switch (filter.by) {
    case 'buyer':
      return { buyerId: filter.userId };
    case 'seller':
      return { sellerId: filter.sellerId };
    case 'conversation':
      return { conversationId: filter.conversationId };
  }
}
