import { z } from 'zod';
import type { EventHandler } from '../../kernel/events/consumer.ts';
import type { ForwardTracking } from '../application/forward-tracking.ts';

const sent = z.object({
  shipmentId: z.string(),
  paymentId: z.string(),
  carrier: z.string().nullable(),
  trackingNumber: z.string().nullable(),
});
const voided = z.object({ shipmentId: z.string() });

/** Parcels of a payment, for the processor. */
export function onShipments(tracking: ForwardTracking): EventHandler[] {
  return [
    {
      type: 'orders.shipment-sent',
      schemaVersions: [1],
      handle: (event) => tracking.note(sent.parse(event.payload)),
    },
    {
      type: 'orders.shipment-voided',
      schemaVersions: [1],
      handle: (event) => tracking.void(voided.parse(event.payload).shipmentId),
    },
  ];
}
