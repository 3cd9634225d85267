import { EntitySchema } from '@mikro-orm/core';
import { SellerAccount } from '../domain/seller-account.ts';

const text = (fieldName: string, nullable = false) => ({ type: 'text', fieldName, nullable });
const time = (fieldName: string, nullable = false) => ({ type: 'Date', fieldName, nullable });
const flag = (fieldName: string) => ({ type: 'boolean', fieldName });

export const SellerAccountSchema = new EntitySchema<SellerAccount>({
  class: SellerAccount as never,
  tableName: 'seller_account',
  properties: {
    id: { type: 'text', primary: true },
    userId: text('user_id'),
    accountType: text('account_type'),
    displayName: text('display_name'),
    handle: text('handle'),
    region: text('region'),
    trackingId: text('tracking_id'),
    createdAt: time('created_at'),
    status: text('status'),
    tier: text('tier'),
    isIdentityProvided: flag('is_identity_provided'),
    consentText: text('consent_text', true),
    consentedAt: time('consented_at', true),
    onboardingUrl: text('onboarding_url', true),
    merchantId: text('merchant_id', true),
    canRequestPayments: flag('can_request_payments'),
    canReceivePayouts: flag('can_receive_payouts'),
    disabledReason: text('disabled_reason', true),
    disabledText: text('disabled_text', true),
    updatedAt: time('updated_at'),
    processorDue: { type: 'json', columnType: 'jsonb', fieldName: 'processor_due' },
    dueAt: time('due_at', true),
    decidedAt: time('decided_at', true),
    isUnderReview: flag('is_under_review'),
  },
} as never);
