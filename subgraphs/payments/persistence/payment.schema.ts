import { EntitySchema } from '@mikro-orm/core';
import { Money } from '../../kernel/money.ts';
import { Payment } from '../domain/payment.ts';
import { PaymentAttempt } from '../domain/payment-attempt.ts';
import { PaymentMethod } from '../domain/payment-method.ts';

const money = (prefix: string) => ({
  kind: 'embedded',
  entity: () => Money as never,
  prefix: `${prefix}_`,
});
const text = (fieldName: string, nullable = false) => ({ type: 'text', fieldName, nullable });
const time = (fieldName: string, nullable = false) => ({ type: 'Date', fieldName, nullable });

export const PaymentAttemptSchema = new EntitySchema<PaymentAttempt>({
  class: PaymentAttempt as never,
  tableName: 'payment_attempt',
  properties: {
    id: { type: 'text', primary: true },
    requestId: text('request_id'),
    buyerId: text('buyer_id'),
    paymentMethodId: text('payment_method_id'),
    amount: money('amount'),
    payeeMerchantId: text('payee_merchant_id'),
    sealedAddress: text('sealed_address'),
    createdAt: time('created_at'),
    status: text('status'),
    processorOrderId: text('processor_order_id', true),
    declineCode: text('decline_code', true),
    advice: text('advice', true),
    settledAt: time('settled_at', true),
    nextLookAt: time('next_look_at', true),
  },
} as never);

export const PaymentSchema = new EntitySchema<Payment>({
  class: Payment as never,
  tableName: 'payment',
  properties: {
    id: { type: 'text', primary: true },
    requestId: text('request_id'),
    attemptId: text('attempt_id'),
    buyerId: text('buyer_id'),
    sellerId: text('seller_id'),
    amount: money('amount'),
    processorFee: money('processor_fee'),
    processorOrderId: text('processor_order_id'),
    captureId: text('capture_id'),
    sealedAddress: text('sealed_address'),
    capturedAt: time('captured_at'),
    orderId: text('order_id', true),
    refundedTotal: money('refunded_total'),
    platformFee: money('platform_fee'),
    payeeMerchantId: text('payee_merchant_id'),
  },
} as never);

export const PaymentMethodSchema = new EntitySchema<PaymentMethod>({
  class: PaymentMethod as never,
  tableName: 'payment_method',
  properties: {
    id: { type: 'text', primary: true },
    buyerId: text('buyer_id'),
    setupToken: text('setup_token'),
    approvalUrl: text('approval_url'),
    consentText: text('consent_text'),
    consentedAt: time('consented_at'),
    status: text('status'),
    vaultId: text('vault_id', true),
    brand: text('brand', true),
    lastFour: text('last_four', true),
    expiry: text('expiry', true),
    activatedAt: time('activated_at', true),
    forgetAt: time('forget_at', true),
  },
} as never);
