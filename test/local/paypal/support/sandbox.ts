import { type PaypalSimulator, startPaypalSimulator } from '../../../../local/paypal/simulator.ts';
import { Money } from '../../../../subgraphs/kernel/money.ts';
import type {
  CaptureOutcome,
  OrderCommand,
} from '../../../../subgraphs/payments/application/ports.ts';
import { PaymentRequest } from '../../../../subgraphs/payments/domain/payment-request.ts';
import { PayPalCaptureGateway } from '../../../../subgraphs/payments/processor/paypal/paypal-capture.gateway.ts';
import { PayPalClient } from '../../../../subgraphs/payments/processor/paypal/paypal-client.ts';
import { PayPalProcessor } from '../../../../subgraphs/payments/processor/paypal/paypal-processor.ts';
import { PayPalVault } from '../../../../subgraphs/payments/processor/paypal/paypal-vault.ts';
import { WebhookVerifier } from '../../../../subgraphs/payments/processor/paypal/webhook-verifier.ts';
import { startRecordingProxy } from './recording-proxy.ts';

export const usd = (minor: bigint) => Money.of(minor, 'USD');

/** Short, so that a test of silence is short; long enough for a busy machine to answer in time. */
const TIMEOUT_MS = 700;

export interface LogEntry {
  readonly what: string;
  readonly id: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A simulator and our client before it, with a seller who can be paid and a buyer with a card. */
export async function startSandbox(options: Parameters<typeof startPaypalSimulator>[0] = {}) {
  const simulator = await startPaypalSimulator({ seed: 7, ...options });
  const proxy = await startRecordingProxy(simulator.url);
  const client = new PayPalClient({
    baseUrl: proxy.url,
    clientId: simulator.clientId,
    clientSecret: simulator.clientSecret,
    attributionId: 'PARLEY_TEST',
    timeoutMs: TIMEOUT_MS,
  });
  const verifier = new WebhookVerifier({ webhookId: 'unused', simulatorOrigin: simulator.url });
  const processor = new PayPalProcessor(client, { partnerId: simulator.partnerId, verifier });
  const sandbox = {
    simulator,
    exchanges: proxy.exchanges,
    client,
    processor,
    gateway: new PayPalCaptureGateway(client),
    vault: new PayPalVault(client, 'https://shop.example/paypal/return'),
    admin: (path: string, body?: object, method?: string) => admin(simulator, path, body, method),
    log: async () =>
      ((await admin(simulator, '/simulator/log')) as { entries: LogEntry[] }).entries,
    moveClock: (advanceMs: number) => admin(simulator, '/simulator/clock', { advanceMs }),
    fault: (fault: object) => admin(simulator, '/simulator/faults', fault),
    close: async () => {
      await client.close();
      await proxy.close();
      await simulator.close();
    },
  };
  return sandbox;
}

export type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

/** What a test asks the simulator itself, past the client. */
async function admin(
  simulator: PaypalSimulator,
  path: string,
  body?: object,
  method = body ? 'POST' : 'GET',
): Promise<unknown> {
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return text.startsWith('{') ? JSON.parse(text) : text;
}

/** A seller through PayPal's onboarding; resolves to the merchant id. */
export async function onboardSeller(sandbox: Sandbox, trackingId = 'sel-1'): Promise<string> {
  const page = await sandbox.processor.createSellerReferral({
    trackingId,
    returnUrl: 'https://shop.example/onboarded',
    email: 'seller@example.com',
  });
  await fetch(page);
  const seller = await sandbox.processor.getSellerStatus(trackingId);
  if (seller === null) throw new Error('the seller is not known');
  return seller.merchantId;
}

/** A buyer's card, approved on PayPal's page; resolves to our reference of it. */
export async function saveCard(sandbox: Sandbox, buyerId = 'usr_0001-0002-0003'): Promise<string> {
  const { setupToken, approvalUrl } = await sandbox.vault.beginSetup(buyerId, `setup:${buyerId}`);
  await fetch(`${approvalUrl}?brand=visa&last_digits=4242`, { method: 'POST' });
  const saved = await sandbox.vault.completeSetup(setupToken, `vault:${buyerId}`);
  if (saved === null) throw new Error('the card was not approved');
  return saved.vaultId;
}

export interface Purchase extends OrderCommand {
  readonly vaultId: string;
}

export function purchase(of: {
  readonly id?: string;
  readonly merchantId: string;
  readonly vaultId: string;
  readonly totalMinor?: bigint;
  readonly createdAt?: Date;
}): Purchase {
  const now = of.createdAt ?? new Date();
  const unitPrice = usd((of.totalMinor ?? 4_800n) - 500n);
  const { request } = PaymentRequest.send(
    'prq_1',
    { conversationId: null, origin: 'CHAT', buyerId: 'usr_1', sellerId: 'sel_1' },
    {
      lines: [
        {
          lineId: 'lin_1',
          kind: 'CUSTOM',
          listingId: null,
          variantId: null,
          title: 'मिट्टी का कप',
          description: 'Fired twice, glazed by hand.',
          unitPrice,
          quantity: 1,
        },
      ],
      shipping: usd(600n),
      tax: usd(100n),
      discount: usd(200n),
      expectedTotal: null,
      terms: { returnWindowDays: 30, handlingBusinessDays: 3, isFinalSale: false },
    },
    { expiresInHours: null, replacesId: null, currency: 'USD' },
    now,
  );
  return {
    attemptId: of.id ?? 'pat_1',
    payeeMerchantId: of.merchantId,
    request,
    vaultId: of.vaultId,
    address: {
      name: 'Ada Byron',
      line1: '1 Market St',
      line2: null,
      city: 'San Francisco',
      state: 'CA',
      postalCode: '94105',
      country: 'US',
    },
  };
}

/** As a payment goes: PayPal's order, and then its capture. */
export async function take(sandbox: Sandbox, asked: Purchase): Promise<CaptureOutcome> {
  const order = await sandbox.gateway.prepare(asked);
  return order.kind === 'DECLINED' ? order : captureOf(sandbox, asked, order.processorOrderId);
}

export function captureOf(
  { gateway }: Sandbox,
  { attemptId: id, vaultId }: Purchase,
  processorOrderId: string,
): Promise<CaptureOutcome> {
  return gateway.capture({ id, processorOrderId }, vaultId);
}

/** A completed capture; resolves to its ids. */
export async function pay(
  sandbox: Sandbox,
  of: Parameters<typeof purchase>[0],
): Promise<{ readonly captureId: string; readonly orderId: string }> {
  const outcome = await take(sandbox, purchase(of));
  if (outcome.kind !== 'CAPTURED') throw new Error(`not captured: ${JSON.stringify(outcome)}`);
  return { captureId: outcome.captureId, orderId: outcome.processorOrderId };
}
