import type { Payment } from '../domain/payment.ts';
import type { Tracking } from '../domain/tracking.ts';

export interface TrackingTransaction {
  now(): Promise<Date>;
  lockTracking(shipmentId: string): Promise<Tracking | null>;
  addTracking(tracking: Tracking): void;
}

export interface TrackingStore {
  transact<T>(work: (tx: TrackingTransaction) => Promise<T>): Promise<T>;
  findPayment(id: string): Promise<Payment | null>;
  /** Shipments whose number is still to be told, the longest waiting first. */
  dueTrackings(now: Date, limit: number): Promise<readonly string[]>;
}
