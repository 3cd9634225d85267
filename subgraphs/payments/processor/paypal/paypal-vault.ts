import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Vault } from '../../application/ports.ts';
import { ProcessorRefused } from '../../application/processor.port.ts';
import type { VaultedInstrument } from '../../domain/payment-method.ts';
import type { PayPalClient } from './paypal-client.ts';
import { type InstrumentKind, parseVaultReference, vaultReference } from './vault-reference.ts';

const setupSchema = z.object({
  id: z.string(),
  links: z.array(z.object({ rel: z.string(), href: z.string() })).default([]),
});

const tokenSchema = z.object({
  id: z.string(),
  payment_source: z.object({
    card: z
      .object({
        brand: z.string().optional(),
        last_digits: z.string().optional(),
        expiry: z.string().optional(),
      })
      .optional(),
    paypal: z.object({ email_address: z.string().optional() }).optional(),
  }),
});

const listSchema = z.object({
  payment_tokens: z.array(tokenSchema).default([]),
  total_pages: z.number().int().optional(),
});

/** PayPal's customer ids have at most 22 characters; the end of ours is its random part. */
const CUSTOMER_ID_MAX = 22;
const REQUEST_ID_MAX = 108;

/** Vault v3. The payer types a number on PayPal's own page; here it is never seen. */
export class PayPalVault implements Vault {
  /**
   * `kind` is what buyers save: a PayPal account needs nothing but PayPal's page; for a card PayPal
   * gives a page only to accounts it has enabled for that.
   */
  constructor(
    private readonly client: PayPalClient,
    private readonly returnUrl: string,
    private readonly kind: InstrumentKind = 'card',
  ) {}

  async beginSetup(buyerId: string, requestId: string) {
    const context = { return_url: this.returnUrl, cancel_url: this.returnUrl };
    const source =
      this.kind === 'card'
        ? { card: { experience_context: context } }
        : { paypal: { usage_type: 'MERCHANT', experience_context: context } };
    const setup = await this.client.call(
      {
        operation: 'vault.setup',
        method: 'POST',
        path: '/v3/vault/setup-tokens',
        requestId: shortened(requestId),
        body: { customer: { id: customerId(buyerId) }, payment_source: source },
      },
      setupSchema,
    );
    const approvalUrl = setup?.links.find((link) => link.rel === 'approve')?.href;
    if (!setup || !approvalUrl)
      throw new Error('PayPal gave no page to approve a payment method on');
    return { setupToken: setup.id, approvalUrl };
  }

  async completeSetup(setupToken: string, requestId: string): Promise<VaultedInstrument | null> {
    try {
      const token = await this.client.call(
        {
          operation: 'vault.create',
          method: 'POST',
          path: '/v3/vault/payment-tokens',
          requestId: shortened(requestId),
          body: { payment_source: { token: { id: setupToken, type: 'SETUP_TOKEN' } } },
        },
        tokenSchema,
      );
      return token && instrumentOf(token);
    } catch (error) {
      if (error instanceof ProcessorRefused && NOT_YET.has(error.issue)) return null;
      throw error;
    }
  }

  /** Everything a buyer has in the vault, by any client: for comparing with our own records. */
  async list(buyerId: string): Promise<readonly VaultedInstrument[]> {
    const instruments: VaultedInstrument[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await this.client.call(
        {
          operation: 'vault.list',
          method: 'GET',
          path: `/v3/vault/payment-tokens?customer_id=${customerId(buyerId)}&page=${page}&page_size=5&total_required=true`,
        },
        listSchema,
      );
      instruments.push(...(answer?.payment_tokens ?? []).map(instrumentOf));
      if (page >= (answer?.total_pages ?? 1)) return instruments;
    }
  }

  /** Harmless to repeat: an instrument that is gone stays gone. */
  async remove(vaultId: string): Promise<void> {
    const { id } = parseVaultReference(vaultId);
    try {
      await this.client.call(
        { operation: 'vault.delete', method: 'DELETE', path: `/v3/vault/payment-tokens/${id}` },
        z.unknown(),
      );
    } catch (error) {
      if (!(error instanceof ProcessorRefused) || error.issue !== 'INVALID_RESOURCE_ID')
        throw error;
    }
  }
}

const NOT_YET = new Set([
  'SETUP_TOKEN_NOT_APPROVED',
  'PAYER_ACTION_REQUIRED',
  'ORDER_NOT_APPROVED',
  'TOKEN_NOT_APPROVED',
]);

/** Two long ids may differ in their ends alone: cut, they would be one request to PayPal. */
function shortened(requestId: string): string {
  return requestId.length <= REQUEST_ID_MAX ? requestId : hash('sha256', requestId);
}

function customerId(buyerId: string): string {
  return buyerId.slice(-CUSTOMER_ID_MAX);
}

function instrumentOf({
  id,
  payment_source: source,
}: z.infer<typeof tokenSchema>): VaultedInstrument {
  if (source.card) {
    const { brand, last_digits, expiry } = source.card;
    return {
      vaultId: vaultReference('card', id),
      brand: brand ?? 'CARD',
      lastFour: last_digits ?? '****',
      expiry: expiry ?? null,
    };
  }
  // A PayPal account has no number; what tells two apart is the end of its name.
  const account = source.paypal?.email_address ?? '';
  return {
    vaultId: vaultReference('paypal', id),
    brand: 'PAYPAL',
    lastFour: account.split('@')[0]?.slice(-4) || '****',
    expiry: null,
  };
}
