import { z } from 'zod';
import type { EventHandler } from '../../kernel/events/consumer.ts';
import type { ConvertHold } from '../application/convert-hold.ts';

const payload = z.object({
  paymentId: z.string(),
  paymentRequestId: z.string(),
  sellerId: z.string(),
  lines: z.array(z.object({ variantId: z.string().nullable(), quantity: z.number().int() })),
});

/** Held units become the buyer's. */
export function onPaymentCaptured(convert: ConvertHold): EventHandler {
  return {
    type: 'payments.payment-captured',
    schemaVersions: [1],
    handle: (event) => {
      const { lines, ...ids } = payload.parse(event.payload);
      return convert.execute({
        ...ids,
        lines: lines.flatMap(({ variantId, quantity }) =>
          variantId === null ? [] : [{ variantId, quantity }],
        ),
      });
    },
  };
}
