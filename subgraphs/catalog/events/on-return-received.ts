import { z } from 'zod';
import type { EventHandler } from '../../kernel/events/consumer.ts';
import type { SettleAllocation } from '../application/settle-allocation.ts';

const payload = z.object({
  orderId: z.string(),
  variantId: z.string().nullable(),
  goodQuantity: z.number().int(),
  damagedQuantity: z.number().int(),
});

/** Good units that came back are for sale again. */
export function onReturnReceived(settle: SettleAllocation): EventHandler {
  return {
    type: 'orders.return-received',
    schemaVersions: [1],
    handle: async (event) => {
      const { orderId, variantId, goodQuantity, damagedQuantity } = payload.parse(event.payload);
      if (variantId === null) return;
      await settle.takeBack({ orderId, variantId, good: goodQuantity, damaged: damagedQuantity });
    },
  };
}
