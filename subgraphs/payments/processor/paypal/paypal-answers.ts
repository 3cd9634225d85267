import { z } from 'zod';
import { amountSchema } from './paypal-amounts.ts';

// The parts of PayPal's answers that are read, and no others: PayPal adds fields without notice.

export const captureSchema = z.object({
  id: z.string(),
  status: z.string(),
  status_details: z.object({ reason: z.string().optional() }).optional(),
  amount: amountSchema,
  invoice_id: z.string().optional(),
  seller_receivable_breakdown: z.object({ paypal_fee: amountSchema.optional() }).optional(),
  create_time: z.iso.datetime({ offset: true }).optional(),
  processor_response: z.object({ response_code: z.string().optional() }).optional(),
});

export const orderSchema = z.object({
  id: z.string(),
  status: z.string(),
  purchase_units: z
    .array(
      z.object({ payments: z.object({ captures: z.array(captureSchema).optional() }).optional() }),
    )
    .optional(),
});

export const refundSchema = z.object({
  id: z.string(),
  status: z.string(),
  amount: amountSchema,
});

export const releaseSchema = z.object({
  item_id: z.string(),
  processing_state: z.object({ status: z.string(), reason: z.string().optional() }),
  payout_amount: amountSchema.optional(),
});

export const disputeSchema = z.object({
  dispute_id: z.string(),
  status: z.string(),
  reason: z.string(),
  dispute_amount: amountSchema,
  disputed_transactions: z
    .array(z.object({ seller_transaction_id: z.string().optional() }))
    .optional(),
  seller_response_due_date: z.string().optional(),
  update_time: z.string().optional(),
  dispute_life_cycle_stage: z.string().optional(),
  dispute_outcome: z
    .object({ outcome_code: z.string().optional(), amount_refunded: amountSchema.optional() })
    .optional(),
  links: z.array(z.object({ rel: z.string() })).optional(),
});

export const transactionsSchema = z.object({
  transaction_details: z
    .array(
      z.object({
        transaction_info: z.object({
          transaction_id: z.string(),
          transaction_event_code: z.string(),
          transaction_initiation_date: z.string(),
          transaction_amount: z.object({ currency_code: z.string(), value: z.string() }),
          transaction_status: z.string().optional(),
          paypal_reference_id: z.string().optional(),
          invoice_id: z.string().optional(),
        }),
      }),
    )
    .default([]),
  total_pages: z.number().int().optional(),
});

export type CaptureAnswer = z.infer<typeof captureSchema>;
export type OrderAnswer = z.infer<typeof orderSchema>;
export type DisputeAnswer = z.infer<typeof disputeSchema>;
export type TransactionInfo = z.infer<
  typeof transactionsSchema
>['transaction_details'][number]['transaction_info'];
