import { z } from 'zod';
import type { ProcessorSeller } from '../../application/processor.port.ts';
import type { PayPalClient } from './paypal-client.ts';

/** Without these two a seller's money could neither be held back nor shared. */
const FEATURES = [
  'PAYMENT',
  'REFUND',
  'PARTNER_FEE',
  'DELAY_FUNDS_DISBURSEMENT',
  'ACCESS_MERCHANT_INFORMATION',
] as const;

const referralSchema = z.object({
  links: z.array(z.object({ rel: z.string(), href: z.string() })).default([]),
});
const foundSchema = z.object({ merchant_id: z.string() });
const integrationSchema = z.object({
  merchant_id: z.string(),
  payments_receivable: z.boolean().default(false),
  primary_email_confirmed: z.boolean().default(false),
  oauth_integrations: z
    .array(
      z.object({
        oauth_third_party: z
          .array(z.object({ scopes: z.array(z.string()).default([]) }))
          .default([]),
      }),
    )
    .default([]),
});

export async function createReferral(
  client: PayPalClient,
  command: {
    readonly trackingId: string;
    readonly returnUrl: string;
    readonly email: string | null;
  },
): Promise<string> {
  const answer = await client.call(
    {
      operation: 'referrals.create',
      method: 'POST',
      path: '/v2/customer/partner-referrals',
      body: {
        tracking_id: command.trackingId,
        ...(command.email ? { email: command.email } : {}),
        partner_config_override: { return_url: command.returnUrl },
        operations: [
          {
            operation: 'API_INTEGRATION',
            api_integration_preference: {
              rest_api_integration: {
                integration_method: 'PAYPAL',
                integration_type: 'THIRD_PARTY',
                third_party_details: { features: FEATURES },
              },
            },
          },
        ],
        products: ['EXPRESS_CHECKOUT'],
        legal_consents: [{ type: 'SHARE_DATA_CONSENT', granted: true }],
      },
    },
    referralSchema,
  );
  const page = answer?.links.find((link) => link.rel === 'action_url')?.href;
  if (!page) throw new Error('PayPal gave no page to continue the onboarding on');
  return page;
}

/** Reads the account found under our tracking id; what a return URL says is never believed. */
export async function sellerStatus(
  client: PayPalClient,
  partnerId: string,
  trackingId: string,
): Promise<ProcessorSeller | null> {
  const path = `/v1/customer/partners/${encodeURIComponent(partnerId)}/merchant-integrations`;
  const found = await client.call(
    {
      operation: 'merchants.find',
      method: 'GET',
      path: `${path}?${new URLSearchParams({ tracking_id: trackingId })}`,
    },
    foundSchema,
  );
  if (found === null) return null;
  const merchant = await client.call(
    {
      operation: 'merchants.get',
      method: 'GET',
      path: `${path}/${encodeURIComponent(found.merchant_id)}`,
    },
    integrationSchema,
  );
  if (merchant === null) return null;
  const scopes = merchant.oauth_integrations.flatMap((integration) =>
    integration.oauth_third_party.flatMap((party) => party.scopes),
  );
  return {
    merchantId: merchant.merchant_id,
    canReceivePayments: merchant.payments_receivable,
    hasConfirmedEmail: merchant.primary_email_confirmed,
    grantedFeatures: FEATURES.filter((feature) => scopes.some((scope) => grants(scope, feature))),
  };
}

/** PayPal grants a feature as a scope whose path names it. */
const SCOPES: Readonly<Record<(typeof FEATURES)[number], RegExp>> = {
  PAYMENT: /\/payments\/realtimepayment$/,
  REFUND: /\/payments\/refund$/,
  PARTNER_FEE: /\/payments\/partnerfee$/,
  DELAY_FUNDS_DISBURSEMENT: /\/payments\/delay-funds-disbursement$/,
  ACCESS_MERCHANT_INFORMATION: /\/customer\/merchant-integrations\/read$/,
};

function grants(scope: string, feature: (typeof FEATURES)[number]): boolean {
  return SCOPES[feature].test(scope);
}
