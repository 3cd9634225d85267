import { z } from 'zod';
import type {
  PaymentProcessor,
  ProcessorCapture,
  ProcessorDispute,
  ProcessorEvent,
  ProcessorMovement,
  ProcessorRefund,
  ProcessorRelease,
  ProcessorSeller,
  ProcessorWebhook,
  WebhookHeaders,
} from '../../application/processor.port.ts';
import { trackerCarrier } from './carriers.ts';
import { toPayPal } from './paypal-amounts.ts';
import { captureSchema, refundSchema, releaseSchema } from './paypal-answers.ts';
import type { PayPalClient } from './paypal-client.ts';
import { acceptClaim, getDispute, listDisputes, provideEvidence } from './paypal-disputes.ts';
import { movementsBetween } from './paypal-movements.ts';
import { createReferral, sellerStatus } from './paypal-sellers.ts';
import { eventOf, registerWebhook, webhookEventsBetween } from './paypal-webhooks.ts';
import type { WebhookVerifier } from './webhook-verifier.ts';

export interface PayPalProcessorOptions {
  /** PayPal's id of our own account: sellers are asked for under it. */
  readonly partnerId: string;
  readonly verifier: WebhookVerifier;
}

const anySchema = z.unknown();
/** PayPal's limit for the note a payer sees. */
const NOTE_MAX = 255;

/** Everything after a capture, at PayPal: Payments v2, referenced payouts, disputes, webhooks, search. */
export class PayPalProcessor implements PaymentProcessor {
  constructor(
    private readonly client: PayPalClient,
    private readonly options: PayPalProcessorOptions,
  ) {}

  async getCapture(captureId: string): Promise<ProcessorCapture | null> {
    const capture = await this.client.call(
      {
        operation: 'captures.get',
        method: 'GET',
        path: `/v2/payments/captures/${segment(captureId)}`,
      },
      captureSchema,
    );
    if (capture === null) return null;
    return {
      captureId: capture.id,
      status: captureStatus(capture.status),
      amount: capture.amount,
      processorFee: capture.seller_receivable_breakdown?.paypal_fee ?? null,
      invoiceId: capture.invoice_id ?? null,
    };
  }

  async refundCapture(
    command: Parameters<PaymentProcessor['refundCapture']>[0],
  ): Promise<ProcessorRefund> {
    const { captureId, requestId, amount, note, platformFeeRefund, merchantId } = command;
    const refund = await this.client.call(
      {
        operation: 'captures.refund',
        method: 'POST',
        path: `/v2/payments/captures/${segment(captureId)}/refund`,
        requestId,
        merchantId: merchantId ?? null,
        body: {
          ...(amount ? { amount: toPayPal(amount) } : {}),
          ...(note ? { note_to_payer: [...note].slice(0, NOTE_MAX).join('') } : {}),
          ...(platformFeeRefund?.isPositive()
            ? {
                payment_instruction: { platform_fees: [{ amount: toPayPal(platformFeeRefund) }] },
              }
            : {}),
        },
      },
      refundSchema,
    );
    return toRefund(present(refund));
  }

  async getRefund(refundId: string): Promise<ProcessorRefund | null> {
    const refund = await this.client.call(
      {
        operation: 'refunds.get',
        method: 'GET',
        path: `/v2/payments/refunds/${segment(refundId)}`,
      },
      refundSchema,
    );
    return refund && toRefund(refund);
  }

  async releaseCapture(command: {
    readonly captureId: string;
    readonly requestId: string;
  }): Promise<ProcessorRelease> {
    const release = await this.client.call(
      {
        operation: 'payouts.create',
        method: 'POST',
        path: '/v1/payments/referenced-payouts-items',
        requestId: command.requestId,
        body: { reference_id: command.captureId, reference_type: 'TRANSACTION_ID' },
      },
      releaseSchema,
    );
    return toRelease(present(release));
  }

  async getRelease(releaseId: string): Promise<ProcessorRelease | null> {
    const release = await this.client.call(
      {
        operation: 'payouts.get',
        method: 'GET',
        path: `/v1/payments/referenced-payouts-items/${segment(releaseId)}`,
      },
      releaseSchema,
    );
    return release && toRelease(release);
  }

  async addTracking(command: Parameters<PaymentProcessor['addTracking']>[0]): Promise<void> {
    await this.client.call(
      {
        operation: 'orders.track',
        method: 'POST',
        path: `/v2/checkout/orders/${segment(command.processorOrderId)}/track`,
        requestId: command.requestId,
        merchantId: command.merchantId ?? null,
        body: {
          capture_id: command.captureId,
          transaction_id: command.captureId,
          status: 'SHIPPED',
          tracking_number: command.trackingNumber,
          ...trackerCarrier(command.carrier),
        },
      },
      anySchema,
    );
  }

  listDisputes(captureId: string): Promise<readonly ProcessorDispute[]> {
    return listDisputes(this.client, captureId);
  }

  getDispute(disputeId: string): Promise<ProcessorDispute | null> {
    return getDispute(this.client, disputeId);
  }

  provideEvidence(...[disputeId, evidence]: Parameters<PaymentProcessor['provideEvidence']>) {
    return provideEvidence(this.client, disputeId, evidence);
  }

  acceptClaim(disputeId: string, note: string): Promise<void> {
    return acceptClaim(this.client, disputeId, note);
  }

  createSellerReferral(command: Parameters<PaymentProcessor['createSellerReferral']>[0]) {
    return createReferral(this.client, command);
  }

  getSellerStatus(trackingId: string): Promise<ProcessorSeller | null> {
    return sellerStatus(this.client, this.options.partnerId, trackingId);
  }

  registerWebhook(url: string): Promise<string> {
    return registerWebhook(this.client, url);
  }

  webhookRefusal(headers: WebhookHeaders, rawBody: Buffer): Promise<string | null> {
    return this.options.verifier.refusal(headers, rawBody);
  }

  webhookEventsBetween(since: Date, until: Date): Promise<readonly ProcessorWebhook[]> {
    return webhookEventsBetween(this.client, since, until);
  }

  parseWebhook(rawBody: Buffer): ProcessorEvent {
    return eventOf(rawBody);
  }

  movementsBetween(since: Date, until: Date): Promise<readonly ProcessorMovement[]> {
    return movementsBetween(this.client, since, until);
  }
}

/** Ids come from PayPal, and those of payouts hold characters that a path may not. */
function segment(id: string): string {
  return encodeURIComponent(id);
}

function present<T>(answer: T | null): T {
  if (answer === null) throw new Error('PayPal answered a POST with nothing');
  return answer;
}

const CAPTURE_STATUSES: readonly ProcessorCapture['status'][] = [
  'COMPLETED',
  'PENDING',
  'DECLINED',
  'FAILED',
  'PARTIALLY_REFUNDED',
  'REFUNDED',
];

/** A status PayPal added since is not decided, as far as we can tell. */
function captureStatus(status: string): ProcessorCapture['status'] {
  return CAPTURE_STATUSES.find((known) => known === status) ?? 'PENDING';
}

function toRefund({ id, status, amount }: z.infer<typeof refundSchema>): ProcessorRefund {
  const isOver = status === 'CANCELLED' || status === 'FAILED';
  return {
    refundId: id,
    status: status === 'COMPLETED' ? 'COMPLETED' : isOver ? 'FAILED' : 'PENDING',
    amount,
  };
}

function toRelease(release: z.infer<typeof releaseSchema>): ProcessorRelease {
  const { status } = release.processing_state;
  return {
    releaseId: release.item_id,
    status: status === 'SUCCESS' || status === 'FAILED' ? status : 'PENDING',
    amount: release.payout_amount ?? null,
  };
}
