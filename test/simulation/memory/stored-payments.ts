import type { Outbox } from '../../../subgraphs/kernel/events/outbox.ts';
import { Money } from '../../../subgraphs/kernel/money.ts';
import type { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import type {
  PaymentsStore,
  PaymentsTransaction,
} from '../../../subgraphs/payments/application/ports.ts';
import type { Payment } from '../../../subgraphs/payments/domain/payment.ts';
import { OPEN_ATTEMPT_STATUSES } from '../../../subgraphs/payments/domain/payment-attempt.states.ts';
import type { PaymentAttempt } from '../../../subgraphs/payments/domain/payment-attempt.ts';
import type { PaymentMethod } from '../../../subgraphs/payments/domain/payment-method.ts';
import type { PaymentRequest } from '../../../subgraphs/payments/domain/payment-request.ts';
import {
  publishedCapture,
  publishedRequestEvent,
} from '../../../subgraphs/payments/events/published.ts';
import type { SimClock } from '../storage.ts';
import { FEE_BASIS_POINTS } from '../world/people.ts';
import type { MemorySession } from './database.ts';
import type { TableSpec } from './tables.ts';

const isOpen = (attempt: PaymentAttempt) => OPEN_ATTEMPT_STATUSES.includes(attempt.status);

/** The tables of 0001-create-payments.ts, with the constraints that a schedule can meet. */
export const PAYMENT_TABLES = [
  { name: 'payment_request', keyOf: (row: PaymentRequest) => row.id },
  {
    name: 'payment_attempt',
    keyOf: (row: PaymentAttempt) => row.id,
    uniques: [
      (row: PaymentAttempt) => (isOpen(row) ? row.requestId : null),
      (row: PaymentAttempt) => (row.status === 'CAPTURED' ? row.requestId : null),
    ],
    refusal: (row: PaymentAttempt) =>
      isOpen(row) === (row.settledAt !== null) ? 'settled_at is wrong for the status' : null,
  },
  { name: 'payment_method', keyOf: (row: PaymentMethod) => row.id },
  {
    name: 'payment',
    keyOf: (row: Payment) => row.id,
    uniques: [
      (row: Payment) => row.requestId,
      (row: Payment) => row.attemptId,
      (row: Payment) => row.captureId,
      (row: Payment) => row.orderId,
    ],
    refusal: (row: Payment) =>
      row.refundedTotal.exceeds(row.amount) ? 'refunded more than captured' : null,
  },
] as unknown as readonly TableSpec<never>[];

// As the migration publishes them: 750 USD a request, 2,250 USD in any seven days.
const PER_REQUEST = Money.of(75_000n, 'USD');
const PER_WINDOW = Money.of(225_000n, 'USD');

export class MemoryPaymentStore implements PaymentsStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: SimClock,
  ) {}

  transact<T>(work: (tx: PaymentsTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) => work(this.transaction(em as unknown as MemorySession)));
  }

  async findRequest(id: string): Promise<PaymentRequest | null> {
    return (await this.fresh('find request')).entity<PaymentRequest>('payment_request', id);
  }

  async findAttempt(id: string): Promise<PaymentAttempt | null> {
    return (await this.fresh('find attempt')).entity<PaymentAttempt>('payment_attempt', id);
  }

  async findPaymentOf(requestId: string): Promise<Payment | null> {
    const session = await this.fresh('find payment');
    const found = await session.entities<Payment>('payment', (row) => row.requestId === requestId);
    return found[0] ?? null;
  }

  async expiredRequests(now: Date, limit: number): Promise<string[]> {
    const session = await this.fresh('look for expired requests');
    const ids: string[] = [];
    for (const row of session.rowsOf<PaymentRequest>('payment_request'))
      if (row.status === 'SENT' && row.expiresAt <= now) ids.push(row.id);
    return ids.slice(0, limit);
  }

  async unsettledAttempts(before: Date, limit: number): Promise<string[]> {
    const session = await this.fresh('look for unsettled attempts');
    const ids: string[] = [];
    for (const row of session.rowsOf<PaymentAttempt>('payment_attempt'))
      if (isOpen(row) && row.createdAt <= before) ids.push(row.id);
    return ids.slice(0, limit);
  }

  private async fresh(label: string): Promise<MemorySession> {
    const session = this.transactions.reader() as unknown as MemorySession;
    await session.pause(label);
    return session;
  }

  private transaction(session: MemorySession): PaymentsTransaction {
    return {
      now: () => this.clock.fromDatabase(),
      lockRequest: (id) => session.lockedEntity<PaymentRequest>('payment_request', id),
      addRequest: (request) => session.add('payment_request', request),
      lockSeller: (sellerId) => session.lock(`seller/${sellerId}`),
      sumSentSince: async (sellerId, since, currency) => {
        const sent = await session.entities<PaymentRequest>(
          'payment_request',
          (row) => row.sellerId === sellerId && row.origin === 'CHAT' && row.createdAt > since,
        );
        return Money.sum(
          sent.map((request) => request.total),
          currency,
        );
      },
      limitsOf: async () => ({
        perRequest: PER_REQUEST,
        perWindow: PER_WINDOW,
        windowHours: 168,
      }),
      feePolicyOf: async (_region, origin) => ({
        basisPoints: FEE_BASIS_POINTS[origin],
        fixed: Money.zero('USD'),
      }),
      addAttempt: (attempt) => session.add('payment_attempt', attempt),
      lockAttempt: (id) => session.lockedEntity<PaymentAttempt>('payment_attempt', id),
      currentAttemptOf: async (requestId) => {
        await session.pause('look for the current attempt');
        const [found] = await session.entities<PaymentAttempt>(
          'payment_attempt',
          (row) => row.requestId === requestId && (isOpen(row) || row.status === 'CAPTURED'),
        );
        return found ?? null;
      },
      findMethod: async (id) => session.entity<PaymentMethod>('payment_method', id),
      lockMethod: (id) => session.lockedEntity<PaymentMethod>('payment_method', id),
      addMethod: (method) => session.add('payment_method', method),
      addPayment: (payment) => session.add('payment', payment),
      lockPayment: (id) => session.lockedEntity<Payment>('payment', id),
      recordRequest: (event) => this.outbox.append([publishedRequestEvent(event)]),
      recordCapture: (payment, request) => this.outbox.append([publishedCapture(payment, request)]),
    };
  }
}
