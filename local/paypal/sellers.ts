import type { Call, Reply, Route, Sim } from './api.ts';
import { link } from './api.ts';
import { PayPalError } from './errors.ts';
import type { SimMerchant } from './store.ts';

/** A seller who never opens the hosted page is taken as done after this long: nobody sits at a demo. */
const ONBOARDING_MS = 500;
/** What a seller grants, and the scope PayPal shows for it. */
const FEATURES = {
  PAYMENT: 'https://uri.paypal.com/services/payments/realtimepayment',
  REFUND: 'https://uri.paypal.com/services/payments/refund',
  PARTNER_FEE: 'https://uri.paypal.com/services/payments/partnerfee',
  DELAY_FUNDS_DISBURSEMENT: 'https://uri.paypal.com/services/payments/delay-funds-disbursement',
  ACCESS_MERCHANT_INFORMATION:
    'https://uri.paypal.com/services/customer/merchant-integrations/read',
} as const;

export const sellerRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v2/customer/partner-referrals',
    operation: 'referrals.create',
    memoryHours: 0,
    handle: create,
  },
  {
    method: 'GET',
    path: '/v2/customer/partner-referrals/:id',
    operation: 'referrals.get',
    memoryHours: 0,
    handle: getReferral,
  },
  {
    method: 'GET',
    path: '/v1/customer/partners/:partner/merchant-integrations',
    operation: 'merchants.find',
    memoryHours: 0,
    handle: find,
  },
  {
    method: 'GET',
    path: '/v1/customer/partners/:partner/merchant-integrations/:id',
    operation: 'merchants.get',
    memoryHours: 0,
    handle: get,
  },
  {
    method: 'GET',
    path: '/merchantsignup/partner/onboardingentry/:id',
    operation: null,
    memoryHours: 0,
    handle: complete,
  },
];

function create(call: Call, sim: Sim): Reply {
  const trackingId = call.body.tracking_id;
  if (typeof trackingId !== 'string' || trackingId.length === 0 || trackingId.length > 127) {
    throw PayPalError.invalid('INVALID_STRING_LENGTH', '/tracking_id');
  }
  if (!Array.isArray(call.body.operations) || call.body.operations.length === 0)
    throw PayPalError.invalid('MISSING_REQUIRED_PARAMETER', '/operations');
  const consents = (call.body.legal_consents ?? []) as { type?: string; granted?: boolean }[];
  if (!consents.some((consent) => consent.type === 'SHARE_DATA_CONSENT'))
    throw PayPalError.invalid('MISSING_REQUIRED_PARAMETER', '/legal_consents');
  const merchants = sim.store.state.merchants;
  const known = merchants.get(trackingId);
  const merchant: SimMerchant = known ?? {
    merchantId: accountId(sim.newId()),
    trackingId,
    referralId: sim.newId(),
    createdAt: sim.store.now(),
    isComplete: false,
    isRevoked: false,
    withdrawn: {},
  };
  merchants.set(trackingId, merchant);
  const path = `/v2/customer/partner-referrals/${merchant.referralId}`;
  return {
    status: 201,
    body: {
      links: [
        link(sim, 'self', path),
        link(sim, 'action_url', `/merchantsignup/partner/onboardingentry/${merchant.referralId}`),
      ],
    },
  };
}

/** PayPal's account ids have 13 characters, and none that is easily taken for another. */
function accountId(id: string): string {
  const letters = { '0': 'X', '1': 'Y' } as Record<string, string>;
  return id.slice(0, 13).replaceAll(/[01]/g, (digit) => letters[digit] ?? digit);
}

function getReferral(call: Call, sim: Sim): Reply {
  const merchant = [...sim.store.state.merchants.values()].find(
    (known) => known.referralId === call.params.id,
  );
  if (!merchant) throw PayPalError.notFound();
  return {
    status: 200,
    body: {
      partner_referral_id: merchant.referralId,
      referral_data: { tracking_id: merchant.trackingId },
    },
  };
}

function complete(call: Call, sim: Sim): Reply {
  const merchant = [...sim.store.state.merchants.values()].find(
    (known) => known.referralId === call.params.id,
  );
  if (!merchant) throw PayPalError.notFound();
  finish(merchant, sim);
  return {
    status: 200,
    body: '<!doctype html><title>Done</title><p>The account is connected. You can close this page.</p>',
    type: 'text/html; charset=utf-8',
  };
}

function finish(merchant: SimMerchant, sim: Sim): void {
  if (merchant.isComplete) return;
  // Taken out again, because it may have been found by a walk over all of them.
  sim.store.state.merchants.get(merchant.trackingId);
  merchant.isComplete = true;
  sim.webhooks.publish('MERCHANT.ONBOARDING.COMPLETED', {
    merchant_id: merchant.merchantId,
    tracking_id: merchant.trackingId,
  });
}

function find(call: Call, sim: Sim): Reply {
  const merchant = sim.store.state.merchants.get(call.query.get('tracking_id') ?? '');
  if (!merchant) throw PayPalError.notFound();
  return {
    status: 200,
    body: {
      merchant_id: merchant.merchantId,
      tracking_id: merchant.trackingId,
      links: [
        link(
          sim,
          'self',
          `/v1/customer/partners/${call.params.partner}/merchant-integrations/${merchant.merchantId}`,
        ),
      ],
    },
  };
}

function get(call: Call, sim: Sim): Reply {
  const merchant = [...sim.store.state.merchants.values()].find(
    (known) => known.merchantId === call.params.id,
  );
  if (!merchant) throw PayPalError.notFound();
  if (sim.store.now() - merchant.createdAt >= ONBOARDING_MS) finish(merchant, sim);
  const isGranted = merchant.isComplete && !merchant.isRevoked;
  return {
    status: 200,
    body: {
      merchant_id: merchant.merchantId,
      tracking_id: merchant.trackingId,
      products: [
        {
          name: 'PPCP_STANDARD',
          vetting_status: merchant.isComplete ? 'SUBSCRIBED' : 'NEED_MORE_DATA',
          status: merchant.isComplete ? 'ACTIVE' : 'INACTIVE',
        },
      ],
      payments_receivable: isGranted,
      primary_email_confirmed: merchant.isComplete,
      oauth_integrations: isGranted
        ? [
            {
              integration_type: 'OAUTH_THIRD_PARTY',
              integration_method: 'PAYPAL',
              oauth_third_party: [
                {
                  partner_client_id: call.params.partner,
                  merchant_client_id: merchant.merchantId,
                  scopes: Object.values(FEATURES),
                },
              ],
            },
          ]
        : [],
      granted_permissions: isGranted ? Object.keys(FEATURES) : [],
    },
  };
}
