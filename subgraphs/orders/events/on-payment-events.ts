import { z } from 'zod';
import type { EventHandler } from '../../kernel/events/consumer.ts';
import { Money } from '../../kernel/money.ts';
import type { FollowPayment } from '../application/follow-payment.ts';
import type { CancelForLackOfStock, PlaceOrder } from '../application/place-order.ts';

const money = z
  .object({ amountMinor: z.string(), currency: z.string() })
  .transform((json) => Money.fromJSON(json));
const time = z.string().transform((text) => new Date(text));

const captured = z.object({
  paymentId: z.string(),
  paymentRequestId: z.string(),
  conversationId: z.string().nullable(),
  origin: z.enum(['CHAT', 'CHECKOUT']),
  buyerId: z.string(),
  sellerId: z.string(),
  total: money,
  shipping: money,
  lines: z
    .array(
      z.object({
        lineId: z.string(),
        listingId: z.string().nullable(),
        variantId: z.string().nullable(),
        title: z.string(),
        description: z.string(),
        unitPrice: money,
        quantity: z.number().int().positive(),
      }),
    )
    .min(1),
  capturedAt: time,
  terms: z.object({
    returnWindowDays: z.number().int(),
    handlingBusinessDays: z.number().int(),
    isFinalSale: z.boolean(),
  }),
});

const refunded = z.object({
  paymentId: z.string(),
  refundedTotal: money,
  returnId: z.string().nullable(),
});

const refundFailed = z.object({ paymentId: z.string(), refundId: z.string() });

const dispute = z.object({
  paymentId: z.string(),
  isPaymentDisputed: z.boolean(),
  refundedTotal: money,
});

const disbursement = z.object({
  paymentId: z.string(),
  status: z.string(),
  releaseAt: time.nullable(),
  reasons: z.array(z.string()),
});

const refundCancelled = z.object({
  paymentId: z.string(),
  refundedTotal: money,
  isSettled: z.boolean(),
  returnId: z.string().nullable(),
});

const conversionFailed = z.object({ paymentRequestId: z.string(), paymentId: z.string() });

export function onPaymentCaptured(placeOrder: PlaceOrder): EventHandler {
  return handler('payments.payment-captured', captured, (payload) => placeOrder.execute(payload));
}

export function onPaymentRefunded(followPayment: FollowPayment): EventHandler {
  return handler('payments.payment-refunded', refunded, ({ paymentId, refundedTotal, returnId }) =>
    followPayment.refunded(paymentId, refundedTotal, returnId),
  );
}

export function onRefundFailed(followPayment: FollowPayment): EventHandler {
  return handler('payments.refund-failed', refundFailed, ({ paymentId, refundId }) =>
    followPayment.refundFailed(paymentId, refundId),
  );
}

/** What waits for a refund ends with it, also when a dispute gave its money back. */
export function onRefundCancelled(followPayment: FollowPayment): EventHandler {
  return handler('payments.refund-cancelled', refundCancelled, (payload) =>
    followPayment.refunded(
      payload.paymentId,
      payload.refundedTotal,
      payload.isSettled ? payload.returnId : null,
    ),
  );
}

export function onDisputeChanged(followPayment: FollowPayment): EventHandler {
  return handler(
    'payments.dispute-changed',
    dispute,
    ({ paymentId, isPaymentDisputed, refundedTotal }) =>
      followPayment.disputed(paymentId, isPaymentDisputed, refundedTotal),
  );
}

export function onDisbursementChanged(followPayment: FollowPayment): EventHandler {
  return handler('payments.disbursement-changed', disbursement, ({ paymentId, ...payout }) =>
    followPayment.payout(paymentId, payout),
  );
}

export function onStockConversionFailed(cancelForLackOfStock: CancelForLackOfStock): EventHandler {
  return handler(
    'catalog.stock-conversion-failed',
    conversionFailed,
    ({ paymentRequestId, paymentId }) => cancelForLackOfStock.execute(paymentRequestId, paymentId),
  );
}

function handler<T extends z.ZodType>(
  type: string,
  shape: T,
  handle: (payload: z.infer<T>) => Promise<void>,
): EventHandler {
  return { type, schemaVersions: [1], handle: (event) => handle(shape.parse(event.payload)) };
}
