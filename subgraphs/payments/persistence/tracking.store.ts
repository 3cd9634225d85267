import { EntitySchema } from '@mikro-orm/core';
import type { DatabaseClock } from '../../kernel/persistence/database-clock.ts';
import { lockRow } from '../../kernel/persistence/lock-row.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type { TrackingStore, TrackingTransaction } from '../application/tracking.ports.ts';
import { Payment } from '../domain/payment.ts';
import { Tracking } from '../domain/tracking.ts';

const text = (fieldName: string, nullable = false) => ({ type: 'text', fieldName, nullable });
const time = (fieldName: string, nullable = false) => ({ type: 'Date', fieldName, nullable });

export const TrackingSchema = new EntitySchema<Tracking>({
  class: Tracking as never,
  tableName: 'tracking',
  properties: {
    shipmentId: { type: 'text', primary: true, fieldName: 'shipment_id' },
    paymentId: text('payment_id'),
    carrier: text('carrier'),
    trackingNumber: text('tracking_number'),
    notedAt: time('noted_at'),
    status: text('status'),
    attempts: { type: 'integer' },
    nextAttemptAt: time('next_attempt_at'),
    lastRefusal: text('last_refusal', true),
    forwardedAt: time('forwarded_at', true),
  },
} as never);

export class StoredTracking implements TrackingStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: DatabaseClock,
  ) {}

  transact<T>(work: (tx: TrackingTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) =>
      work({
        now: () => this.clock.fromDatabase(),
        lockTracking: (shipmentId) => lockRow(em, Tracking, { shipmentId }),
        addTracking: (tracking) => void em.persist(tracking),
      }),
    );
  }

  findPayment(id: string): Promise<Payment | null> {
    return this.transactions.reader().findOne(Payment, { id });
  }

  async dueTrackings(now: Date, limit: number): Promise<string[]> {
    const rows = await this.transactions.reader().execute<{ id: string }[]>(
      `select shipment_id as id from tracking where status = 'PENDING' and next_attempt_at <= ?
         order by next_attempt_at limit ?`,
      [now, limit],
    );
    return rows.map(({ id }) => id);
  }
}
