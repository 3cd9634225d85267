import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  ProcessorOutcomeUnknown,
  ProcessorRefused,
  ProcessorUnavailable,
} from '../../application/processor.port.ts';
import { HttpNetwork, type PayPalAnswer, type PayPalNetwork } from './paypal-network.ts';

export interface PayPalSettings {
  /** https://api-m.paypal.com, https://api-m.sandbox.paypal.com, or a simulator. */
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** PayPal-Partner-Attribution-Id, at most 36 characters; null sends none. */
  readonly attributionId: string | null;
  /** For tests: how long one call may take. See CALL_TIMEOUT_MS. */
  readonly timeoutMs?: number;
}

export interface PayPalCall {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Instead of a JSON body: one part named `input` of a multipart form, as disputes take it. */
  readonly form?: unknown;
  /**
   * PayPal-Request-Id, 1 to 108 characters, for calls PayPal remembers: makes a POST safe to repeat.
   * A POST without one gets a random id and is sent once.
   */
  readonly requestId?: string;
  /** Act for this merchant: PayPal-Auth-Assertion. */
  readonly merchantId?: string | null;
}

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number() });
const errorSchema = z.object({
  name: z.string().optional(),
  debug_id: z.string().optional(),
  details: z.array(z.object({ issue: z.string().optional() })).optional(),
});

/** Below the gateway's limit for a mutation, so that a buyer gets PENDING and not a broken page. */
const CALL_TIMEOUT_MS = 8_000;
/** A token is renewed this long before it ends. */
const TOKEN_MARGIN_MS = 60_000;
/** More tries hide longer outages and make a buyer wait; fewer turn every hiccup into PENDING. */
const ATTEMPTS_MAX = 3;
const RETRY_BASE_MS = 150;

/** Failures that come before a byte of the request was sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** PayPal is still working on the first call with this id: its outcome is open, it is no refusal. */
const STILL_RUNNING = new Set(['PREVIOUS_REQUEST_IN_PROGRESS', 'ORDER_COMPLETION_IN_PROGRESS']);

/** PayPal over plain typed HTTP. Secrets and bodies are never logged or put into errors. */
export class PayPalClient {
  private token: { readonly value: string; readonly endsAtMs: number } | null = null;
  private renewing: Promise<string> | null = null;
  constructor(
    private readonly settings: PayPalSettings,
    private readonly nowMs: () => number = Date.now,
    private readonly network: PayPalNetwork = new HttpNetwork(
      settings.baseUrl,
      settings.timeoutMs ?? CALL_TIMEOUT_MS,
    ),
  ) {}

  get baseUrl(): string {
    return this.settings.baseUrl;
  }

  /** Lets go of its connections. A client that was closed cannot be used again. */
  close(): Promise<void> {
    return this.network.close();
  }

  /**
   * Resolves to the parsed answer; null for 404 on a GET. Throws ProcessorRefused,
   * ProcessorUnavailable, or ProcessorOutcomeUnknown once any try may have had an effect.
   */
  async call<T>(call: PayPalCall, schema: z.ZodType<T>): Promise<T | null> {
    const mayRepeat = call.method !== 'POST' || call.requestId !== undefined;
    let mayHaveActed = false;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.send(call);
      const verdict = judge(call, answer);
      if (verdict === 'ANSWERED') return parsed(call, schema, (answer as PayPalAnswer).text);
      if (verdict === 'ABSENT') return null;
      if (verdict === 'REFUSED') throw refused(call, (answer as PayPalAnswer).text);
      mayHaveActed ||= verdict === 'UNKNOWN' && call.method !== 'GET';
      if (verdict === 'TOKEN_REFUSED') this.token = null;
      const isSafe = mayRepeat || verdict !== 'UNKNOWN';
      if (!isSafe || attempt >= ATTEMPTS_MAX) {
        if (mayHaveActed) throw new ProcessorOutcomeUnknown(call.operation);
        throw new ProcessorUnavailable(call.operation);
      }
      await pause(RETRY_BASE_MS * 2 ** attempt);
    }
  }

  private async send(call: PayPalCall): Promise<PayPalAnswer | 'NEVER_SENT' | 'SILENCE'> {
    let token: string;
    try {
      token = await this.accessToken();
    } catch (error) {
      if (error instanceof ProcessorRefused) throw error;
      return 'NEVER_SENT';
    }
    try {
      return await this.network.exchange({
        method: call.method,
        path: call.path,
        headers: this.headersOf(call, token),
        body: bodyOf(call),
      });
    } catch (error) {
      return NEVER_SENT.has(codeOf(error)) ? 'NEVER_SENT' : 'SILENCE';
    }
  }

  private headersOf(call: PayPalCall, token: string): Record<string, string> {
    const { attributionId } = this.settings;
    return {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(call.form === undefined
        ? {}
        : { 'content-type': `multipart/form-data; boundary=${FORM_BOUNDARY}` }),
      ...(call.method === 'POST'
        ? {
            prefer: 'return=representation',
            'paypal-request-id': call.requestId ?? randomUUID(),
          }
        : {}),
      ...(call.merchantId ? { 'paypal-auth-assertion': this.assertion(call.merchantId) } : {}),
      ...(attributionId ? { 'paypal-partner-attribution-id': attributionId } : {}),
    };
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
    const { clientId, clientSecret } = this.settings;
    const answer = await this.network.exchange({
      method: 'POST',
      path: '/v1/oauth2/token',
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    if (answer.status === 401) throw new ProcessorRefused('oauth', 'INVALID_CLIENT', null);
    const token = tokenSchema.parse(JSON.parse(answer.text));
    this.token = { value: token.access_token, endsAtMs: this.nowMs() + token.expires_in * 1_000 };
    return token.access_token;
  }

  private assertion(merchantId: string): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'none' })}.${part({ iss: this.settings.clientId, payer_id: merchantId })}.`;
  }
}

type Verdict =
  | 'ANSWERED'
  | 'ABSENT'
  | 'REFUSED'
  | 'TOKEN_REFUSED'
  | 'TURNED_AWAY'
  | 'NEVER_SENT'
  | 'UNKNOWN';

/** What one try tells about what happened. Whatever is not certain is UNKNOWN. */
function judge(call: PayPalCall, answer: PayPalAnswer | 'NEVER_SENT' | 'SILENCE'): Verdict {
  if (answer === 'NEVER_SENT') return 'NEVER_SENT';
  if (answer === 'SILENCE') return 'UNKNOWN';
  const { status, text } = answer;
  if (status >= 200 && status < 300) return 'ANSWERED';
  if (status === 404 && call.method === 'GET') return 'ABSENT';
  if (status === 401) return 'TOKEN_REFUSED';
  if (status === 429) return 'TURNED_AWAY';
  if (status >= 500 || status === 408) return 'UNKNOWN';
  return STILL_RUNNING.has(issueOf(text).issue) ? 'UNKNOWN' : 'REFUSED';
}

function parsed<T>(call: PayPalCall, schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(text === '' ? {} : JSON.parse(text));
  } catch {
    // It answered and it may have acted, but what it says cannot be understood: not known.
    throw new ProcessorOutcomeUnknown(call.operation);
  }
}

function refused(call: PayPalCall, text: string): ProcessorRefused {
  const { issue, debugId } = issueOf(text);
  return new ProcessorRefused(call.operation, issue, debugId);
}

function issueOf(text: string): { readonly issue: string; readonly debugId: string | null } {
  try {
    const error = errorSchema.parse(JSON.parse(text));
    const issue = error.details?.[0]?.issue ?? error.name ?? 'UNKNOWN_REFUSAL';
    return { issue, debugId: error.debug_id ?? null };
  } catch {
    // An answer without PayPal's form is still a refusal: the status said so.
    return { issue: 'UNKNOWN_REFUSAL', debugId: null };
  }
}

const FORM_BOUNDARY = 'parley-form-8e2f1c';

function bodyOf(call: PayPalCall): string | undefined {
  if (call.form === undefined)
    return call.body === undefined ? undefined : JSON.stringify(call.body);
  // JSON escapes line breaks, so the boundary's own line cannot occur inside the part.
  return [
    `--${FORM_BOUNDARY}`,
    'content-disposition: form-data; name="input"',
    'content-type: application/json',
    '',
    JSON.stringify(call.form),
    `--${FORM_BOUNDARY}--`,
    '',
  ].join('\r\n');
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return code ?? cause?.code ?? '';
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
