import { z } from 'zod';
import type { CaptureCommand, CaptureGateway, CaptureOutcome } from '../../application/ports.ts';
import { ProcessorRefused } from '../../application/processor.port.ts';
import type { PaymentAttempt } from '../../domain/payment-attempt.ts';
import { adviceOf } from './decline-codes.ts';
import { amountSchema, toPayPal } from './paypal-amounts.ts';
import type { PayPalClient } from './paypal-client.ts';

const captureSchema = z.object({
  id: z.string(),
  status: z.string(),
  status_details: z.object({ reason: z.string().optional() }).optional(),
  amount: amountSchema,
  seller_receivable_breakdown: z.object({ paypal_fee: amountSchema.optional() }).optional(),
});

const orderSchema = z.object({
  id: z.string(),
  status: z.string(),
  purchase_units: z
    .array(
      z.object({ payments: z.object({ captures: z.array(captureSchema).optional() }).optional() }),
    )
    .optional(),
});

type Order = z.infer<typeof orderSchema>;

/** Fields of an item are cut to what PayPal takes; the request keeps the full text as evidence. */
const ITEM_TEXT_MAX = 127;

/**
 * Takes the money of an attempt: creates the order and captures it, with the disbursement delayed.
 * Both request ids follow from the attempt, so a repeat after any silence finds the first effect.
 */
export class PayPalCaptureGateway implements CaptureGateway {
  constructor(private readonly client: PayPalClient) {}

  async capture(command: CaptureCommand): Promise<CaptureOutcome> {
    let orderId: string | null = null;
    try {
      const order = await this.create(command);
      orderId = order.id;
      const taken = outcomeOf(order);
      if (taken) return taken;
      return (
        (await this.take(command.attempt, orderId)) ?? {
          kind: 'UNKNOWN',
          processorOrderId: orderId,
        }
      );
    } catch (error) {
      return this.outcomeOfError(error, orderId);
    }
  }

  async lookUp(command: CaptureCommand, now: Date): Promise<CaptureOutcome> {
    const { attempt } = command;
    try {
      const isRemembered = now.getTime() - attempt.createdAt.getTime() < ORDER_MEMORY_MS;
      if (attempt.processorOrderId === null && !isRemembered)
        return await this.searchByInvoice(attempt);
      // The same request id gives the order of the first call, if there was one.
      const orderId = attempt.processorOrderId ?? (await this.create(command)).id;
      const order = await this.client.call(
        { operation: 'orders.get', method: 'GET', path: `/v2/checkout/orders/${orderId}` },
        orderSchema,
      );
      // Approved and never captured: the money was not taken, and by this attempt never will be.
      return (order && outcomeOf(order)) ?? { kind: 'NOTHING' };
    } catch (error) {
      // Refused at its very beginning, so nothing can have been taken under it.
      if (error instanceof ProcessorRefused)
        return this.outcomeOfError(error, attempt.processorOrderId);
      return { kind: 'UNKNOWN', processorOrderId: attempt.processorOrderId };
    }
  }

  async giveBack(captureId: string, attemptId: string): Promise<void> {
    try {
      await this.client.call(
        {
          operation: 'captures.refund',
          method: 'POST',
          path: `/v2/payments/captures/${captureId}/refund`,
          requestId: `giveback:${attemptId}`,
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

  private async create({ attempt, request, vaultId, address }: CaptureCommand): Promise<Order> {
    const body = {
      intent: 'CAPTURE',
      purchase_units: [
        {
          reference_id: 'default',
          custom_id: attempt.id,
          invoice_id: attempt.id,
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
            description: cut(line.description),
            quantity: String(line.quantity),
            unit_amount: toPayPal(line.unitPrice),
            category: 'PHYSICAL_GOODS',
          })),
          payee: { merchant_id: attempt.payeeMerchantId },
          payment_instruction: { disbursement_mode: 'DELAYED' },
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
        },
      ],
      payment_source: { token: { id: vaultId, type: 'PAYMENT_METHOD_TOKEN' } },
    };
    const order = await this.client.call(
      {
        operation: 'orders.create',
        method: 'POST',
        path: '/v2/checkout/orders',
        requestId: `order:${attempt.id}`,
        body,
      },
      orderSchema,
    );
    if (order === null) throw new Error('PayPal answered a POST with nothing');
    return order;
  }

  private async take(attempt: PaymentAttempt, orderId: string): Promise<CaptureOutcome | null> {
    try {
      const order = await this.client.call(
        {
          operation: 'orders.capture',
          method: 'POST',
          path: `/v2/checkout/orders/${orderId}/capture`,
          requestId: `capture:${attempt.id}`,
          body: {},
        },
        orderSchema,
      );
      return order && outcomeOf(order);
    } catch (error) {
      // Captured before: by an earlier try whose answer was lost. What it is now is read, not guessed.
      if (!(error instanceof ProcessorRefused) || error.issue !== 'ORDER_ALREADY_CAPTURED')
        throw error;
      const order = await this.client.call(
        { operation: 'orders.get', method: 'GET', path: `/v2/checkout/orders/${orderId}` },
        orderSchema,
      );
      return order && outcomeOf(order);
    }
  }

  /** No order id was ever learned: look for a capture under our invoice number. */
  private async searchByInvoice(attempt: PaymentAttempt): Promise<CaptureOutcome> {
    const found = await this.client.call(
      {
        operation: 'reporting.transactions',
        method: 'GET',
        path: `/v1/reporting/transactions?fields=transaction_info&start_date=${encodeURIComponent(attempt.createdAt.toISOString())}&end_date=${encodeURIComponent(new Date(attempt.createdAt.getTime() + SEARCH_DAYS * 86_400_000).toISOString())}`,
      },
      z.object({
        transaction_details: z.array(
          z.object({
            transaction_info: z.object({
              transaction_id: z.string(),
              invoice_id: z.string().optional(),
              paypal_reference_id: z.string().optional(),
            }),
          }),
        ),
      }),
    );
    const mine = found?.transaction_details.find(
      ({ transaction_info: info }) => info.invoice_id === attempt.id,
    )?.transaction_info;
    if (!mine) return { kind: 'NOTHING' };
    const capture = await this.client.call(
      {
        operation: 'captures.get',
        method: 'GET',
        path: `/v2/payments/captures/${mine.transaction_id}`,
      },
      captureSchema,
    );
    return capture
      ? captureOutcome(mine.paypal_reference_id ?? '', capture)
      : { kind: 'UNKNOWN', processorOrderId: null };
  }

  private outcomeOfError(error: unknown, orderId: string | null): CaptureOutcome {
    if (error instanceof ProcessorRefused) {
      return {
        kind: 'DECLINED',
        processorOrderId: orderId,
        code: error.issue,
        advice: adviceOf(error.issue),
      };
    }
    return { kind: 'UNKNOWN', processorOrderId: orderId };
  }
}

/** PayPal remembers the request id of an order for six hours; a little less, because clocks differ. */
const ORDER_MEMORY_MS = 5.5 * 3_600_000;
/** Transaction search takes at most 31 days; an attempt is settled or given up long before. */
const SEARCH_DAYS = 30;

function outcomeOf(order: Order): CaptureOutcome | null {
  const capture = order.purchase_units?.[0]?.payments?.captures?.[0];
  return capture ? captureOutcome(order.id, capture) : null;
}

function captureOutcome(
  processorOrderId: string,
  capture: z.infer<typeof captureSchema>,
): CaptureOutcome {
  switch (capture.status) {
    case 'COMPLETED':
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED': {
      const fee = capture.seller_receivable_breakdown?.paypal_fee;
      return {
        kind: 'CAPTURED',
        processorOrderId,
        captureId: capture.id,
        amount: capture.amount,
        processorFee: fee ?? capture.amount.minus(capture.amount),
      };
    }
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
        code: `CAPTURE_${capture.status}`,
        advice: 'USE_OTHER',
      };
    default:
      return { kind: 'UNKNOWN', processorOrderId };
  }
}

function cut(text: string): string {
  return [...text].slice(0, ITEM_TEXT_MAX).join('');
}
