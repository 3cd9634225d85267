import { z } from 'zod';
import type { Vault } from '../../application/ports.ts';
import { ProcessorRefused } from '../../application/processor.port.ts';
import type { VaultedInstrument } from '../../domain/payment-method.ts';
import type { PayPalClient } from './paypal-client.ts';

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

/** Vault v3. The payer types a number on PayPal's own page; here it is never seen. */
export class PayPalVault implements Vault {
  constructor(
    private readonly client: PayPalClient,
    private readonly returnUrl: string,
  ) {}

  async beginSetup(buyerId: string, requestId: string) {
    const setup = await this.client.call(
      {
        operation: 'vault.setup',
        method: 'POST',
        path: '/v3/vault/setup-tokens',
        requestId: requestId.slice(0, 108),
        body: {
          customer: { id: buyerId.slice(-22) },
          payment_source: {
            card: {
              experience_context: { return_url: this.returnUrl, cancel_url: this.returnUrl },
            },
          },
        },
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
          requestId,
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

  async remove(vaultId: string): Promise<void> {
    await this.client.call(
      { operation: 'vault.delete', method: 'DELETE', path: `/v3/vault/payment-tokens/${vaultId}` },
      z.unknown(),
    );
  }
}

const NOT_YET = new Set([
  'SETUP_TOKEN_NOT_APPROVED',
  'PAYER_ACTION_REQUIRED',
  'ORDER_NOT_APPROVED',
  'TOKEN_NOT_APPROVED',
]);

function instrumentOf({
  id,
  payment_source: source,
}: z.infer<typeof tokenSchema>): VaultedInstrument {
  if (source.card) {
    const { brand, last_digits, expiry } = source.card;
    return {
      vaultId: id,
      brand: brand ?? 'CARD',
      lastFour: last_digits ?? '****',
      expiry: expiry ?? null,
    };
  }
  // A PayPal account has no number; what tells two apart is the end of its name.
  const account = source.paypal?.email_address ?? '';
  return {
    vaultId: id,
    brand: 'PAYPAL',
    lastFour: account.split('@')[0]?.slice(-4) || '****',
    expiry: null,
  };
}
