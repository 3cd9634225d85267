import { z } from 'zod';
import type {
  CaptureGateway,
  CaptureOutcome,
  OrderCommand,
  OrderOutcome,
} from '../../application/ports.ts';
import { ProcessorRefused } from '../../application/processor.port.ts';
import type { PaymentAttempt } from '../../domain/payment-attempt.ts';
import { adviceOf, adviceOfResponse } from './decline-codes.ts';
import { toPayPal } from './paypal-amounts.ts';
import { type CaptureAnswer, type OrderAnswer, orderSchema } from './paypal-answers.ts';
import type { PayPalClient } from './paypal-client.ts';
import { parseVaultReference } from './vault-reference.ts';

/** Fields of an item are cut to what PayPal takes; the request keeps the full text as evidence. */
const ITEM_TEXT_MAX = 127;

/**
 * Takes the money of an attempt in two calls: an order that moves nothing, with the disbursement
 * delayed, and its capture, which names the instrument. So the call that may be in doubt always has
 * an order id that is known to us, and can be read and ended there. Both request ids follow from the
 * attempt, and a repeat after any silence finds the first effect.
 */
export class PayPalCaptureGateway implements CaptureGateway {
  constructor(private readonly client: PayPalClient) {}

  async prepare(command: OrderCommand): Promise<OrderOutcome> {
    try {
      const order = await this.client.call(
        {
          operation: 'orders.create',
          method: 'POST',
          path: '/v2/checkout/orders',
          requestId: `order:${command.attemptId}`,
          body: { intent: 'CAPTURE', purchase_units: [purchaseUnit(command)] },
        },
        orderSchema,
      );
      if (order === null) throw new Error('PayPal answered a POST with nothing');
      return { kind: 'READY', processorOrderId: order.id };
    } catch (error) {
      if (!(error instanceof ProcessorRefused)) throw error;
      return declined(error, null);
    }
  }

  async capture(
    { id: attemptId, processorOrderId: orderId }: Pick<PaymentAttempt, 'id' | 'processorOrderId'>,
    vaultId: string,
  ): Promise<CaptureOutcome> {
    if (orderId === null) return { kind: 'NOTHING' };
    try {
      const order = await this.take(attemptId, orderId, vaultId);
      return (order && outcomeOf(order)) ?? { kind: 'UNKNOWN', processorOrderId: orderId };
    } catch (error) {
      return outcomeOfError(error, orderId);
    }
  }

  async lookUp({
    processorOrderId: orderId,
  }: Pick<PaymentAttempt, 'processorOrderId'>): Promise<CaptureOutcome> {
    // No money is asked for before its order is known to us.
    if (orderId === null) return { kind: 'NOTHING' };
    try {
      return (await this.seen(orderId)) ?? (await this.end(orderId));
    } catch (error) {
      return outcomeOfError(error, orderId);
    }
  }

  async giveBack(
    captureId: string,
    { id: attemptId, payeeMerchantId: merchantId }: Pick<PaymentAttempt, 'id' | 'payeeMerchantId'>,
  ): Promise<void> {
    try {
      await this.client.call(
        {
          operation: 'captures.refund',
          method: 'POST',
          path: `/v2/payments/captures/${captureId}/refund`,
          requestId: `giveback:${attemptId}`,
          // The money is the seller's, as with every other refund.
          merchantId,
          body: {},
        },
        z.object({ id: z.string() }),
      );
    } catch (error) {
      // Given back before: by an earlier try of ours.
      if (error instanceof ProcessorRefused && error.issue === 'CAPTURE_FULLY_REFUNDED') return;
      throw error;
    }
  }

  private async take(
    attemptId: string,
    orderId: string,
    vaultId: string,
  ): Promise<OrderAnswer | null> {
    try {
      return await this.client.call(
        {
          operation: 'orders.capture',
          method: 'POST',
          path: `/v2/checkout/orders/${orderId}/capture`,
          requestId: `capture:${attemptId}`,
          body: { payment_source: paymentSource(vaultId) },
        },
        orderSchema,
      );
    } catch (error) {
      // Captured before: by an earlier try whose answer was lost. What it is now is read, not guessed.
      if (!(error instanceof ProcessorRefused) || error.issue !== 'ORDER_ALREADY_CAPTURED')
        throw error;
      return this.read(orderId);
    }
  }

  private read(orderId: string): Promise<OrderAnswer | null> {
    return this.client.call(
      { operation: 'orders.get', method: 'GET', path: `/v2/checkout/orders/${orderId}` },
      orderSchema,
    );
  }

  private async seen(orderId: string): Promise<CaptureOutcome | null> {
    const order = await this.read(orderId);
    return order && outcomeOf(order);
  }

  /**
   * Takes from an order the one thing it is for: PayPal refuses to capture what is to be authorized.
   * An order that PayPal does not change was captured this moment, or is gone.
   */
  private async end(orderId: string): Promise<CaptureOutcome> {
    try {
      await this.client.call(
        {
          operation: 'orders.patch',
          method: 'PATCH',
          path: `/v2/checkout/orders/${orderId}`,
          body: [{ op: 'replace', path: '/intent', value: 'AUTHORIZE' }],
        },
        z.unknown(),
      );
    } catch (error) {
      if (!(error instanceof ProcessorRefused)) throw error;
      return (await this.seen(orderId)) ?? { kind: 'NOTHING' };
    }
    return { kind: 'NOTHING' };
  }
}

function purchaseUnit({ attemptId, payeeMerchantId, request, address }: OrderCommand) {
  // Left out where the platform takes none.
  const { platformFee } = request;
  return {
    reference_id: 'default',
    custom_id: attemptId,
    invoice_id: attemptId,
    amount: {
      ...toPayPal(request.total),
      breakdown: {
        item_total: toPayPal(request.subtotal),
        shipping: toPayPal(request.shipping),
        tax_total: toPayPal(request.tax),
        discount: toPayPal(request.discount),
      },
    },
    items: request.lines.map((line) => ({
      name: cut(line.title),
      ...(line.description ? { description: cut(line.description) } : {}),
      quantity: String(line.quantity),
      unit_amount: toPayPal(line.unitPrice),
      category: 'PHYSICAL_GOODS',
    })),
    payee: { merchant_id: payeeMerchantId },
    payment_instruction: {
      disbursement_mode: 'DELAYED',
      ...(platformFee.isPositive() ? { platform_fees: [{ amount: toPayPal(platformFee) }] } : {}),
    },
    shipping: {
      name: { full_name: address.name },
      address: {
        address_line_1: address.line1,
        ...(address.line2 ? { address_line_2: address.line2 } : {}),
        admin_area_2: address.city,
        admin_area_1: address.state,
        postal_code: address.postalCode,
        country_code: address.country,
      },
    },
  };
}

/** A saved instrument, used by its owner who is here now. */
function paymentSource(vaultId: string) {
  const { kind, id } = parseVaultReference(vaultId);
  if (kind === 'paypal') return { paypal: { vault_id: id } };
  return {
    card: {
      vault_id: id,
      stored_credential: {
        payment_initiator: 'CUSTOMER',
        payment_type: 'ONE_TIME',
        usage: 'SUBSEQUENT',
      },
    },
  };
}

function outcomeOfError(error: unknown, orderId: string): CaptureOutcome {
  if (!(error instanceof ProcessorRefused)) return { kind: 'UNKNOWN', processorOrderId: orderId };
  // This attempt was given up while its caller stood still: see end().
  if (error.issue === 'ACTION_DOES_NOT_MATCH_INTENT') return { kind: 'NOTHING' };
  // Our invoice number was paid before, in another order than this one: no refusal of the money.
  if (error.issue === 'DUPLICATE_INVOICE_ID') return { kind: 'UNKNOWN', processorOrderId: orderId };
  return declined(error, orderId);
}

function declined({ issue }: ProcessorRefused, processorOrderId: string | null) {
  return { kind: 'DECLINED', processorOrderId, code: issue, advice: adviceOf(issue) } as const;
}

function outcomeOf(order: OrderAnswer): CaptureOutcome | null {
  const capture = order.purchase_units?.[0]?.payments?.captures?.[0];
  return capture ? captureOutcome(order.id, capture) : null;
}

function captureOutcome(processorOrderId: string, capture: CaptureAnswer): CaptureOutcome {
  const code = capture.processor_response?.response_code;
  switch (capture.status) {
    case 'COMPLETED':
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED':
      return {
        kind: 'CAPTURED',
        processorOrderId,
        captureId: capture.id,
        takenAt: capture.create_time ? new Date(capture.create_time) : null,
        amount: capture.amount,
        processorFee:
          capture.seller_receivable_breakdown?.paypal_fee ?? capture.amount.minus(capture.amount),
      };
    case 'PENDING':
      return {
        kind: 'PENDING',
        processorOrderId,
        reason: capture.status_details?.reason ?? 'PENDING',
      };
    case 'DECLINED':
    case 'FAILED':
      return {
        kind: 'DECLINED',
        processorOrderId,
        code: code ?? `CAPTURE_${capture.status}`,
        advice: adviceOfResponse(code),
      };
    default:
      return { kind: 'UNKNOWN', processorOrderId };
  }
}

function cut(text: string): string {
  return [...text].slice(0, ITEM_TEXT_MAX).join('');
}
