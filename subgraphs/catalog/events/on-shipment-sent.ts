import { z } from 'zod';
import type { EventHandler } from '../../kernel/events/consumer.ts';
import type { SettleAllocation } from '../application/settle-allocation.ts';
import { quantitiesOf } from './on-order-cancelled.ts';

const payload = z.object({
  orderId: z.string(),
  paymentId: z.string(),
  items: z.array(z.object({ variantId: z.string().nullable(), quantity: z.number().int() })),
});

/** Sent units leave the shelf. */
export function onShipmentSent(settle: SettleAllocation): EventHandler {
  return {
    type: 'orders.shipment-sent',
    schemaVersions: [1],
    handle: (event) => {
      const { orderId, paymentId, items } = payload.parse(event.payload);
      return settle.sell(paymentId, orderId, quantitiesOf(items));
    },
  };
}
