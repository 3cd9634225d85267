import { Tracking } from '../domain/tracking.ts';
import { type PaymentProcessor, ProcessorRefused } from './processor.port.ts';
import type { TrackingStore } from './tracking.ports.ts';

const BATCH_MAX = 100;

/**
 * Tells the processor which parcel a payment went out with, once per shipment: it settles complaints
 * about goods that never came by it. No money waits for it.
 */
export class ForwardTracking {
  constructor(
    private readonly store: TrackingStore,
    private readonly processor: PaymentProcessor,
  ) {}

  /** A shipment was marked as sent; one without a number has nothing to tell. */
  note(shipment: {
    readonly shipmentId: string;
    readonly paymentId: string;
    readonly carrier: string | null;
    readonly trackingNumber: string | null;
  }): Promise<void> {
    const { shipmentId, paymentId, carrier, trackingNumber } = shipment;
    return this.store.transact(async (tx) => {
      if (trackingNumber === null || (await tx.lockTracking(shipmentId)) !== null) return;
      const told = { shipmentId, paymentId, carrier: carrier ?? 'OTHER', trackingNumber };
      tx.addTracking(Tracking.note(told, await tx.now()));
    });
  }

  void(shipmentId: string): Promise<void> {
    return this.store.transact(async (tx) => (await tx.lockTracking(shipmentId))?.void());
  }

  async runDue(): Promise<void> {
    const now = await this.store.transact((tx) => tx.now());
    for (const shipmentId of await this.store.dueTrackings(now, BATCH_MAX))
      await this.forward(shipmentId);
  }

  private async forward(shipmentId: string): Promise<void> {
    const begun = await this.store.transact(async (tx) => {
      const tracking = await tx.lockTracking(shipmentId);
      const now = await tx.now();
      if (!tracking?.isDueAt(now)) return null;
      tracking.begin(now);
      return tracking;
    });
    const payment = begun && (await this.store.findPayment(begun.paymentId));
    if (!begun || !payment) return;
    const { carrier, trackingNumber } = begun;
    const { processorOrderId, captureId, payeeMerchantId: merchantId } = payment;
    try {
      await this.processor.addTracking({
        ...{ processorOrderId, captureId, carrier, trackingNumber },
        requestId: `track:${shipmentId}`,
        merchantId,
      });
      await this.change(shipmentId, (tracking, now) => tracking.forwarded(now));
    } catch (error) {
      // Unknown, or not asked: the next try goes out under the same request id.
      if (!(error instanceof ProcessorRefused)) return;
      await this.change(shipmentId, (tracking) => tracking.refused(error.issue));
    }
  }

  private change(
    shipmentId: string,
    change: (tracking: Tracking, now: Date) => void,
  ): Promise<void> {
    return this.store.transact(async (tx) => {
      const tracking = await tx.lockTracking(shipmentId);
      if (tracking?.status === 'PENDING') change(tracking, await tx.now());
    });
  }
}
