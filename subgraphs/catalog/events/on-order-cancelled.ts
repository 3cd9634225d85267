import { z } from 'zod';
import type { EventHandler } from '../../kernel/events/consumer.ts';
import type { SettleAllocation } from '../application/settle-allocation.ts';

const payload = z.object({
  paymentId: z.string(),
  restock: z.boolean(),
  items: z.array(z.object({ variantId: z.string().nullable(), quantity: z.number().int() })),
});

/** Units of a cancelled order are for sale again, or leave the books. */
export function onOrderCancelled(settle: SettleAllocation): EventHandler {
  return {
    type: 'orders.order-cancelled',
    schemaVersions: [1],
    handle: (event) => {
      const { paymentId, restock, items } = payload.parse(event.payload);
      return settle.cancel(paymentId, quantitiesOf(items), restock);
    },
  };
}

/** Quantities by variant; items of no listing have no stock here. */
export function quantitiesOf(
  items: readonly { readonly variantId: string | null; readonly quantity: number }[],
): Map<string, number> {
  const quantities = new Map<string, number>();
  for (const { variantId, quantity } of items) {
    if (variantId !== null) quantities.set(variantId, (quantities.get(variantId) ?? 0) + quantity);
  }
  return quantities;
}
