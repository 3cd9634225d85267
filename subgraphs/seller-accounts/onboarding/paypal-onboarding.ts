import { z } from 'zod';
import type { Onboarding } from '../application/ports.ts';
import type { Identity } from '../domain/identity.ts';
import type { ProcessorStanding, SellerAccount } from '../domain/seller-account.ts';

export interface PayPalOnboardingSettings {
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly partnerId: string;
}

const CALL_TIMEOUT_MS = 8_000;
/** What the platform must be allowed to do before a seller may take money (delayed disbursement, fees). */
const FEATURES = [
  'PAYMENT',
  'REFUND',
  'PARTNER_FEE',
  'DELAY_FUNDS_DISBURSEMENT',
  'ACCESS_MERCHANT_INFORMATION',
];
const NEEDED_PERMISSIONS = ['PARTNER_FEE', 'DELAY_FUNDS_DISBURSEMENT'];

const tokenSchema = z.object({ access_token: z.string() });
const referralSchema = z.object({
  links: z.array(z.object({ rel: z.string(), href: z.string() })),
});
const foundSchema = z.object({ merchant_id: z.string() });
const merchantSchema = z.object({
  merchant_id: z.string(),
  payments_receivable: z.boolean(),
  primary_email_confirmed: z.boolean(),
  granted_permissions: z.array(z.string()).optional(),
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

/** Partner referrals v2 and merchant integration status, over plain typed HTTP. Bodies are never logged. */
export class PayPalOnboarding implements Onboarding {
  constructor(private readonly settings: PayPalOnboardingSettings) {}

  async refer(account: SellerAccount, identity: Identity): Promise<{ onboardingUrl: string }> {
    const answer = await this.call('POST', '/v2/customer/partner-referrals', {
      tracking_id: account.trackingId,
      individual_owners: [
        {
          type: 'PRIMARY',
          names: [nameOf(identity.legalName)],
          addresses: [addressOf(identity)],
          birth_details: { date_of_birth: identity.dateOfBirth },
          // PayPal keeps the number only under the consent below.
          documents: [
            {
              type: 'SOCIAL_SECURITY_NUMBER',
              identification_number: identity.socialSecurityNumber,
              issuing_country_code: 'US',
            },
          ],
        },
      ],
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
      products: ['PPCP'],
      legal_consents: [{ type: 'SHARE_DATA_CONSENT', granted: true }],
    });
    const onboardingUrl = referralSchema
      .parse(answer)
      .links.find((link) => link.rel === 'action_url')?.href;
    if (!onboardingUrl) throw new Error('PayPal gave no page to finish onboarding on');
    return { onboardingUrl };
  }

  /** Never trusts what a browser brought back: the status is read by our own tracking id. */
  async standing(trackingId: string): Promise<ProcessorStanding | null> {
    const base = `/v1/customer/partners/${encodeURIComponent(this.settings.partnerId)}/merchant-integrations`;
    const found = await this.call('GET', `${base}?tracking_id=${encodeURIComponent(trackingId)}`);
    if (found === null) return null;
    const { merchant_id: merchantId } = foundSchema.parse(found);
    const answer = await this.call('GET', `${base}/${encodeURIComponent(merchantId)}`);
    if (answer === null) return null;
    const merchant = merchantSchema.parse(answer);
    const scopes = merchant.oauth_integrations.flatMap((one) =>
      one.oauth_third_party.flatMap((party) => party.scopes),
    );
    const granted = [...(merchant.granted_permissions ?? []), ...scopes.map(featureOfScope)];
    return {
      merchantId,
      paymentsReceivable: merchant.payments_receivable,
      primaryEmailConfirmed: merchant.primary_email_confirmed,
      hasNeededPermissions: NEEDED_PERMISSIONS.every((feature) => granted.includes(feature)),
    };
  }

  private async call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    const { baseUrl } = this.settings;
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.token()}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    if (response.status === 404) return null;
    // The body could repeat identity data; only the status may be told.
    if (!response.ok) throw new Error(`PayPal answered onboarding with status ${response.status}`);
    return response.json();
  }

  private async token(): Promise<string> {
    const { baseUrl, clientId, clientSecret } = this.settings;
    const response = await fetch(`${baseUrl}/v1/oauth2/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    if (!response.ok)
      throw new Error(`PayPal refused our credentials with status ${response.status}`);
    return tokenSchema.parse(await response.json()).access_token;
  }
}

/** ".../services/payments/delay-funds-disbursement" names the feature DELAY_FUNDS_DISBURSEMENT. */
function featureOfScope(scope: string): string {
  return (scope.split('/').at(-1) ?? '').toUpperCase().replaceAll('-', '_');
}

function nameOf(legalName: string) {
  const parts = legalName.trim().split(/\s+/);
  return {
    type: 'LEGAL',
    given_name: parts.slice(0, -1).join(' ') || legalName,
    surname: parts.at(-1) ?? legalName,
  };
}

function addressOf(identity: Identity) {
  return {
    type: 'HOME',
    address_line_1: identity.line1,
    ...(identity.line2 ? { address_line_2: identity.line2 } : {}),
    admin_area_2: identity.city,
    admin_area_1: identity.state,
    postal_code: identity.postalCode,
    country_code: 'US',
  };
}
