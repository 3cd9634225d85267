import type { EntityManager } from '@mikro-orm/postgresql';
import type { Outbox } from '../../kernel/events/outbox.ts';
import { Money } from '../../kernel/money.ts';
import type { DatabaseClock } from '../../kernel/persistence/database-clock.ts';
import { lockRow } from '../../kernel/persistence/lock-row.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import { HELD } from '../../kernel/persistence/transaction-client.ts';
import type { MethodsToForget, PaymentsStore, PaymentsTransaction } from '../application/ports.ts';
import { Payment } from '../domain/payment.ts';
import { OPEN_ATTEMPT_STATUSES } from '../domain/payment-attempt.states.ts';
import { PaymentAttempt } from '../domain/payment-attempt.ts';
import { PaymentMethod } from '../domain/payment-method.ts';
import { PaymentRequest } from '../domain/payment-request.ts';
import type { PlatformFeePolicy } from '../domain/platform-fee.ts';
import type { RequestLimits } from '../domain/request-limits.ts';
import { publishedCapture, publishedRequestEvent } from '../events/published.ts';

const OPEN = OPEN_ATTEMPT_STATUSES.map((status) => `'${status}'`).join(', ');

interface LimitRow {
  readonly currency: string;
  readonly per_request_minor: string;
  readonly per_window_minor: string;
  readonly window_hours: number;
}

/** Every row lock of payments is taken here; within one transaction: seller, attempt, request, payment. */
export class PaymentStore implements PaymentsStore, MethodsToForget {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: DatabaseClock,
  ) {}

  transact<T>(work: (tx: PaymentsTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) => work(this.transaction(em)));
  }

  findRequest(id: string): Promise<PaymentRequest | null> {
    return this.fresh().findOne(PaymentRequest, { id });
  }

  findAttempt(id: string): Promise<PaymentAttempt | null> {
    return this.fresh().findOne(PaymentAttempt, { id });
  }

  findPaymentOf(requestId: string): Promise<Payment | null> {
    return this.fresh().findOne(Payment, { requestId });
  }

  async expiredRequests(now: Date, limit: number): Promise<string[]> {
    const rows = await this.fresh().execute<{ id: string }[]>(
      `select id from payment_request where status = 'SENT' and expires_at <= ? order by expires_at limit ?`,
      [now, limit],
    );
    return rows.map((row) => row.id);
  }

  async unsettledAttempts(before: Date, limit: number, now: Date): Promise<string[]> {
    const rows = await this.fresh().execute<{ id: string }[]>(
      `select id from payment_attempt
       where status in (${OPEN}) and created_at <= ? and (next_look_at is null or next_look_at <= ?)
       order by next_look_at nulls first, created_at limit ?`,
      [before, now, limit],
    );
    return rows.map((row) => row.id);
  }

  async methodsToForget(now: Date, limit: number): Promise<string[]> {
    const rows = await this.fresh().execute<{ id: string }[]>(
      'select id from payment_method where forget_at <= ? order by forget_at limit ?',
      [now, limit],
    );
    return rows.map((row) => row.id);
  }

  // A unit of work of its own: a waiting caller must see what others have committed meanwhile.
  private fresh(): EntityManager {
    return this.transactions.reader();
  }

  private transaction(em: EntityManager): PaymentsTransaction {
    return {
      now: () => this.clock.fromDatabase(),
      lockRequest: (id) => lockRow(em, PaymentRequest, { id }),
      addRequest: (request) => void em.persist(request),
      lockSeller: async (sellerId) => {
        await em.execute(`${HELD}select pg_advisory_xact_lock(hashtextextended(?, 0))`, [sellerId]);
      },
      sumSentSince: (sellerId, since, currency) => sumSentSince(em, sellerId, since, currency),
      limitsOf: (region, tier) => limitsOf(em, region, tier),
      feePolicyOf: (region, origin) => feePolicyOf(em, region, origin),
      addAttempt: (attempt) => void em.persist(attempt),
      lockAttempt: (id) => lockRow(em, PaymentAttempt, { id }),
      currentAttemptOf: (requestId) =>
        em.findOne(PaymentAttempt, {
          requestId,
          status: { $in: [...OPEN_ATTEMPT_STATUSES, 'CAPTURED'] },
        }),
      findMethod: (id) => em.findOne(PaymentMethod, { id }),
      lockMethod: (id) => lockRow(em, PaymentMethod, { id }),
      addMethod: (method) => void em.persist(method),
      addPayment: (payment) => void em.persist(payment),
      lockPayment: (id) => lockRow(em, Payment, { id }),
      recordRequest: (event) => this.outbox.append([publishedRequestEvent(event)]),
      recordCapture: (payment, request) => this.outbox.append([publishedCapture(payment, request)]),
    };
  }
}

// Requests of the chat, whatever became of them: the limit counts what was sent.
async function sumSentSince(
  em: EntityManager,
  sellerId: string,
  since: Date,
  currency: string,
): Promise<Money> {
  const [row] = await em.execute<{ minor: string }[]>(
    `select coalesce(sum(total_minor), 0)::text as minor from payment_request
     where seller_id = ? and origin = 'CHAT' and created_at > ? and total_currency = ?`,
    [sellerId, since, currency],
  );
  return Money.of(BigInt(row?.minor ?? '0'), currency);
}

async function limitsOf(em: EntityManager, region: string, tier: string): Promise<RequestLimits> {
  const [row] = await em.execute<LimitRow[]>(
    'select currency, per_request_minor::text, per_window_minor::text, window_hours from request_limit where region = ? and tier = ?',
    [region, tier],
  );
  // Fails closed: where nobody wrote a limit, nothing may be asked for.
  if (!row)
    return { perRequest: Money.zero('USD'), perWindow: Money.zero('USD'), windowHours: 168 };
  return {
    perRequest: Money.of(BigInt(row.per_request_minor), row.currency),
    perWindow: Money.of(BigInt(row.per_window_minor), row.currency),
    windowHours: row.window_hours,
  };
}

async function feePolicyOf(
  em: EntityManager,
  region: string,
  origin: string,
): Promise<PlatformFeePolicy> {
  const [row] = await em.execute<{ basis_points: number; fixed_minor: string; currency: string }[]>(
    'select basis_points, fixed_minor::text, currency from platform_fee_policy where region = ? and origin = ?',
    [region, origin],
  );
  if (!row) return { basisPoints: 0, fixed: Money.zero('USD') };
  return { basisPoints: row.basis_points, fixed: Money.of(BigInt(row.fixed_minor), row.currency) };
}
