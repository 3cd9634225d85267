import type { Transitions } from '../../kernel/state-machine.ts';

export type ShipmentStatus =
  | 'SENT'
  | 'IN_TRANSIT'
  | 'OUT_FOR_DELIVERY'
  | 'EXCEPTION'
  | 'LOST'
  | 'RETURNED_TO_SENDER'
  | 'DELIVERED'
  | 'VOIDED';

/** A parcel from the seller's mark on. Carriers skip steps, and a lost parcel may turn up. */
export const SHIPMENT_TRANSITIONS: Transitions<ShipmentStatus> = {
  SENT: [
    'IN_TRANSIT',
    'OUT_FOR_DELIVERY',
    'EXCEPTION',
    'LOST',
    'RETURNED_TO_SENDER',
    'DELIVERED',
    'VOIDED',
  ],
  IN_TRANSIT: ['OUT_FOR_DELIVERY', 'EXCEPTION', 'LOST', 'RETURNED_TO_SENDER', 'DELIVERED'],
  OUT_FOR_DELIVERY: ['IN_TRANSIT', 'EXCEPTION', 'LOST', 'RETURNED_TO_SENDER', 'DELIVERED'],
  EXCEPTION: ['IN_TRANSIT', 'OUT_FOR_DELIVERY', 'LOST', 'RETURNED_TO_SENDER', 'DELIVERED'],
  LOST: ['RETURNED_TO_SENDER', 'DELIVERED'],
  RETURNED_TO_SENDER: ['LOST', 'DELIVERED'],
  DELIVERED: [],
  VOIDED: [],
};

/** What a carrier, or the buyer, can say. */
export type CarrierStatus = Exclude<ShipmentStatus, 'SENT' | 'VOIDED'>;

/** How far along a word is. On the way the latest counts; an end outranks every step before it. */
const RANKS: Readonly<Record<CarrierStatus, number>> = {
  IN_TRANSIT: 1,
  OUT_FOR_DELIVERY: 1,
  EXCEPTION: 1,
  LOST: 2,
  RETURNED_TO_SENDER: 2,
  DELIVERED: 3,
};

export interface CarrierWord {
  readonly status: CarrierStatus;
  readonly occurredAt: Date;
}

/** The furthest word by rank, then by time: words come late and out of order, and all are kept. */
export function furthest(words: readonly CarrierWord[]): CarrierWord | null {
  return words.reduce<CarrierWord | null>((best, word) => {
    if (best === null) return word;
    const ahead = RANKS[word.status] - RANKS[best.status];
    if (ahead !== 0) return ahead > 0 ? word : best;
    return word.occurredAt > best.occurredAt ? word : best;
  }, null);
}
