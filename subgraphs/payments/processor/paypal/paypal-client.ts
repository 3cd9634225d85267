import { z } from 'zod';
import { ProcessorOutcomeUnknown, ProcessorRefused } from '../../application/processor.port.ts';

export interface PayPalSettings {
  /** https://api-m.paypal.com, https://api-m.sandbox.paypal.com, or a simulator. */
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** PayPal-Partner-Attribution-Id, at most 36 characters; null sends none. */
  readonly attributionId: string | null;
}

export interface PayPalCall {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** PayPal-Request-Id, 1 to 108 characters: makes a POST safe to repeat. */
  readonly requestId?: string;
  /** Act for this merchant: PayPal-Auth-Assertion. */
  readonly merchantId?: string;
}

const tokenSchema = z.object({ access_token: z.string(), expires_in: z.number() });
const errorSchema = z.object({
  name: z.string().optional(),
  debug_id: z.string().optional(),
  details: z.array(z.object({ issue: z.string().optional() })).optional(),
});

/** Below the gateway's limit for a mutation, so that a buyer gets PENDING and not a broken page. */
const CALL_TIMEOUT_MS = 8_000;
/** A token is renewed this long before it ends. */
const TOKEN_MARGIN_MS = 60_000;
/** Repeats after a refusal that says nothing happened (429), or after silence where a repeat is safe. */
const ATTEMPTS_MAX = 3;
const RETRY_BASE_MS = 150;

/** PayPal over plain typed HTTP. Secrets and bodies are never logged or put into errors. */
export class PayPalClient {
  private token: { readonly value: string; readonly endsAtMs: number } | null = null;
  private renewing: Promise<string> | null = null;

  constructor(
    private readonly settings: PayPalSettings,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Resolves to the parsed answer; null for 404 on a GET. Throws ProcessorRefused or ProcessorOutcomeUnknown. */
  async call<T>(call: PayPalCall, schema: z.ZodType<T>): Promise<T | null> {
    const isRepeatable = call.method === 'GET' || call.requestId !== undefined;
    for (let attempt = 1; ; attempt += 1) {
      const mayRepeat = attempt < ATTEMPTS_MAX;
      try {
        const answer = await this.once(call);
        if (answer.status === 404 && call.method === 'GET') return null;
        if (answer.status >= 200 && answer.status < 300) return parsed(call, schema, answer.text);
        if (answer.status === 401 && mayRepeat) this.token = null;
        else if (answer.status === 429 && mayRepeat) await pause(RETRY_BASE_MS * 4 ** attempt);
        else if (answer.status >= 500) throw new ProcessorOutcomeUnknown(call.operation);
        else throw refused(call, answer.text);
      } catch (error) {
        if (error instanceof ProcessorRefused) throw error;
        if (!isRepeatable || !mayRepeat) throw new ProcessorOutcomeUnknown(call.operation);
        await pause(RETRY_BASE_MS * 2 ** attempt);
      }
    }
  }

  private async once(call: PayPalCall): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.settings.baseUrl}${call.path}`, {
      method: call.method,
      headers: {
        authorization: `Bearer ${await this.accessToken()}`,
        'content-type': 'application/json',
        prefer: 'return=representation',
        ...(call.requestId ? { 'paypal-request-id': call.requestId } : {}),
        ...(call.merchantId ? { 'paypal-auth-assertion': this.assertion(call.merchantId) } : {}),
        ...(this.settings.attributionId
          ? { 'paypal-partner-attribution-id': this.settings.attributionId }
          : {}),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    return { status: response.status, text: await response.text() };
  }

  // One renewal at a time: a burst of payments must not become a burst of token requests.
  private async accessToken(): Promise<string> {
    if (this.token && this.token.endsAtMs - TOKEN_MARGIN_MS > this.nowMs()) return this.token.value;
    this.renewing ??= this.renew().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async renew(): Promise<string> {
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
    if (response.status === 401) throw new ProcessorRefused('oauth', 'INVALID_CLIENT', null);
    const token = tokenSchema.parse(await response.json());
    this.token = { value: token.access_token, endsAtMs: this.nowMs() + token.expires_in * 1_000 };
    return token.access_token;
  }

  private assertion(merchantId: string): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'none' })}.${part({ iss: this.settings.clientId, payer_id: merchantId })}.`;
  }
}

function parsed<T>(call: PayPalCall, schema: z.ZodType<T>, text: string): T {
  const result = schema.safeParse(text === '' ? {} : JSON.parse(text));
  // It answered and it may have acted, but what it says cannot be understood: not known.
  if (!result.success) throw new ProcessorOutcomeUnknown(call.operation);
  return result.data;
}

function refused(call: PayPalCall, text: string): ProcessorRefused {
  let error: z.infer<typeof errorSchema> = {};
  try {
    error = errorSchema.parse(JSON.parse(text));
  } catch {
    // An answer without PayPal's form is still a refusal: the status said so.
  }
  return new ProcessorRefused(
    call.operation,
    error.details?.[0]?.issue ?? error.name ?? 'UNKNOWN_REFUSAL',
    error.debug_id ?? null,
  );
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
