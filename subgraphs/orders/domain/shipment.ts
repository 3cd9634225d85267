import { step } from '../../kernel/state-machine.ts';
import { ShipmentAlreadyScanned } from './order.errors.ts';
import {
  type CarrierStatus,
  SHIPMENT_TRANSITIONS,
  type ShipmentStatus,
} from './shipment.states.ts';

export interface ShipmentItem {
  readonly orderItemId: string;
  readonly quantity: number;
}

/** One parcel: some units of one order, with at most one tracking number. */
export class Shipment {
  private constructor(
    readonly id: string,
    readonly orderId: string,
    readonly status: ShipmentStatus,
    readonly carrier: string | null,
    readonly trackingNumber: string | null,
    /** When it left, by the seller's word. */
    readonly sentAt: Date,
    /** When the seller said so, by our clock. */
    readonly markedSentAt: Date,
    readonly statusAt: Date,
    readonly deliveredAt: Date | null,
    readonly items: readonly ShipmentItem[],
  ) {}

  static send(
    facts: Pick<
      Shipment,
      'id' | 'orderId' | 'carrier' | 'trackingNumber' | 'sentAt' | 'markedSentAt' | 'items'
    >,
  ): Shipment {
    const { id, orderId, carrier, trackingNumber, sentAt, markedSentAt, items } = facts;
    return new Shipment(
      id,
      orderId,
      'SENT',
      carrier,
      trackingNumber,
      sentAt,
      markedSentAt,
      markedSentAt,
      null,
      items,
    );
  }

  void(): void {
    if (this.status !== 'SENT' && this.status !== 'VOIDED')
      throw new ShipmentAlreadyScanned(this.status);
    this.become({
      status: step(`Shipment ${this.id}`, SHIPMENT_TRANSITIONS, this.status, 'VOIDED'),
    });
  }

  move(to: CarrierStatus, at: Date): void {
    this.become({
      status: step(`Shipment ${this.id}`, SHIPMENT_TRANSITIONS, this.status, to),
      statusAt: at,
      ...(to === 'DELIVERED' ? { deliveredAt: at } : {}),
    });
  }

  private become(change: Partial<Pick<Shipment, 'status' | 'statusAt' | 'deliveredAt'>>): void {
    Object.assign(this, change);
  }
}
