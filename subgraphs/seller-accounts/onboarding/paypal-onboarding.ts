import { z } from 'zod';
import type { Onboarding } from '../application/ports.ts';
import type { Identity } from '../domain/identity.ts';
import type { ProcessorStanding } from '../domain/processor-standing.ts';
import type { SellerAccount } from '../domain/seller-account.ts';

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

/** A token that ends on its way is refused like a wrong one, so it is renewed this much earlier. */
const TOKEN_SPARE_MS = 60_000;

const tokenSchema = z.object({ access_token: z.string(), expires_in: z.number() });
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
  private granted: { readonly token: Promise<string>; endsAt: number } | null = null;

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
    if (response.status === 401) this.granted = null;
    if (response.status === 404) return null;
    // The body could repeat identity data; only the status may be told.
    if (!response.ok) throw new Error(`PayPal answered onboarding with status ${response.status}`);
    return response.json();
  }

  // Calls that start together share one request for the token; a failed one is not remembered.
  private token(): Promise<string> {
    if (this.granted && this.granted.endsAt > Date.now()) return this.granted.token;
    const granted = {
      token: this.newToken().then(({ token, endsAt }) => {
        granted.endsAt = endsAt;
        return token;
      }),
      endsAt: Number.POSITIVE_INFINITY,
    };
    this.granted = granted;
    granted.token.catch(() => {
      if (this.granted === granted) this.granted = null;
    });
    return granted.token;
  }

  private async newToken(): Promise<{ token: string; endsAt: number }> {
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
    const { access_token: token, expires_in: seconds } = tokenSchema.parse(await response.json());
    return { token, endsAt: Date.now() + seconds * 1_000 - TOKEN_SPARE_MS };
  }
}

/** The scopes that PayPal shows for what was granted. */
const FEATURE_OF_SCOPE: Readonly<Record<string, string>> = {
  partnerfee: 'PARTNER_FEE',
  'delay-funds-disbursement': 'DELAY_FUNDS_DISBURSEMENT',
};

/** ".../services/payments/delay-funds-disbursement" names the feature DELAY_FUNDS_DISBURSEMENT. */
function featureOfScope(scope: string): string {
  return FEATURE_OF_SCOPE[scope.split('/').at(-1) ?? ''] ?? scope;
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
