import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from '../start-error.ts';
import { adminRoutes } from './admin.ts';
import type { Call, Reply, Route, Sim } from './api.ts';
import { disputeRoutes, lapseDisputes } from './disputes.ts';
import { debugId, PayPalError } from './errors.ts';
import { Faults } from './faults.ts';
import { notificationRoutes } from './notifications.ts';
import { orderChangeRoutes } from './order-changes.ts';
import { orderRoutes } from './orders.ts';
import { paymentRoutes } from './payments.ts';
import { disburseAutomatically, payoutRoutes } from './payouts.ts';
import { reportingRoutes } from './reporting.ts';
import { bodyOf, parseBody } from './requests.ts';
import { sellerRoutes } from './sellers.ts';
import { SimStore } from './store.ts';
import { Tokens } from './tokens.ts';
import { vaultRoutes } from './vault.ts';
import { Webhooks } from './webhooks.ts';

export interface SimulatorOptions {
  /** 0 or absent takes a free port. */
  readonly port?: number;
  /** Same seed, same calls: same ids and same faults. */
  readonly seed?: number;
  /** Kept between starts in this folder; absent keeps nothing. */
  readonly dataDirectory?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** The address to listen on; absent is the loopback address, which nobody else reaches. */
  readonly host?: string;
  /** What its own links begin with, where others know it by another address than 127.0.0.1. */
  readonly publicUrl?: string;
  /** Registered from the start, so that the receiver can be configured with its id beforehand. */
  readonly webhook?: { readonly id: string; readonly url: string };
}

export interface PaypalSimulator {
  readonly url: string;
  readonly port: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly partnerId: string;
  close(): Promise<void>;
}

const ROUTES: readonly Route[] = [
  ...orderRoutes,
  ...orderChangeRoutes,
  ...paymentRoutes,
  ...payoutRoutes,
  ...reportingRoutes,
  ...vaultRoutes,
  ...sellerRoutes,
  ...disputeRoutes,
  ...notificationRoutes,
  ...adminRoutes,
];

/** PayPal's account ids have 13 characters. */
const PARTNER_ID = 'SXMPARTNER234';
const HOUR_MS = 3_600_000;
const REQUEST_ID_MAX = 108;
/** Longer than any client's patience: a time-out is the client's to decide. */
const HANG_MS = 120_000;

/** A server that speaks PayPal's HTTP API, on the loopback address unless told otherwise. */
export async function startPaypalSimulator(
  options: SimulatorOptions = {},
): Promise<PaypalSimulator> {
  const clientId = options.clientId ?? 'simulator-client';
  const clientSecret = options.clientSecret ?? 'simulator-secret';
  const seed = options.seed ?? 1;
  const store = new SimStore(options.dataDirectory ?? null);
  const faults = new Faults(seed);
  const tokens = new Tokens(clientId, clientSecret, () => store.now());
  let baseUrl = '';
  const newId = (): string => {
    store.state.counter += 1;
    return createHash('sha256')
      .update(`${seed}:${store.state.counter}`)
      .digest('hex')
      .slice(0, 17)
      .toUpperCase();
  };
  const webhooks = new Webhooks(store, faults, () => baseUrl, newId);
  const sim: Sim = { store, faults, webhooks, newId, baseUrl: () => baseUrl };
  const server = createServer((request, response) => {
    serve(request, response, sim, tokens).catch(() => response.destroy());
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (error: { code?: string }) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new StartError(
              `Port ${options.port} is in use. Stop what listens there, or choose another with --port.`,
            )
          : error,
      );
    });
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
  baseUrl = options.publicUrl ?? `http://127.0.0.1:${port}`;
  if (options.webhook)
    store.state.webhooks.set(options.webhook.id, { ...options.webhook, eventTypes: ['*'] });
  webhooks.start();
  disburseAutomatically(sim);
  lapseDisputes(sim);
  store.save();
  return {
    url: baseUrl,
    port,
    clientId,
    clientSecret,
    partnerId: PARTNER_ID,
    close: () =>
      new Promise((resolve) => {
        webhooks.stop();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  sim: Sim,
  tokens: Tokens,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const text = await bodyOf(request);
  try {
    const method = request.method ?? 'GET';
    const body = parseBody(text, request.headers['content-type'] ?? '');
    if (method === 'POST' && url.pathname === '/v1/oauth2/token')
      return answer(response, tokens.issue(request.headers.authorization, body.grant_type));
    const found = match(method, url.pathname);
    if (!found) throw PayPalError.notFound();
    const call: Call = {
      method,
      path: url.pathname,
      params: found.params,
      query: url.searchParams,
      headers: request.headers as Record<string, string | undefined>,
      body,
    };
    if (found.route.operation === null) return answer(response, run(found.route, call, sim));
    tokens.check(request.headers.authorization);
    await withFaults(found.route, call, sim, response, text);
  } catch (error) {
    sim.store.forget();
    if (!(error instanceof PayPalError)) throw error;
    answer(response, { status: error.status, body: error.body() });
  }
}

/** Faults before the effect and after it: what is lost is the call, or only its answer. */
async function withFaults(
  route: Route,
  call: Call,
  sim: Sim,
  response: ServerResponse,
  text: string,
): Promise<void> {
  const operation = route.operation ?? '';
  const before = sim.faults.strike(operation, [
    'timeout-before',
    'http-5xx',
    '429',
    'reset',
    'delay',
  ]);
  if (before?.kind === 'timeout-before') return hang(response);
  if (before?.kind === 'reset') return void response.destroy();
  if (before?.kind === '429')
    throw new PayPalError(
      429,
      'RATE_LIMIT_REACHED',
      'Too many requests. Blocked due to rate limiting.',
    );
  if (before?.kind === 'http-5xx')
    throw new PayPalError(503, 'SERVICE_UNAVAILABLE', 'Service Unavailable.');
  if (before?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, before.delayMs));
  refuseAsAsked(call);
  const reply = remembering(route, call, sim, text);
  const after = sim.faults.strike(operation, ['timeout-after', 'http-5xx-after', 'reset-after']);
  if (after?.kind === 'timeout-after') return hang(response);
  if (after?.kind === 'reset-after') return void response.destroy();
  if (after?.kind === 'http-5xx-after')
    throw new PayPalError(500, 'INTERNAL_SERVER_ERROR', 'An internal server error occurred.');
  answer(response, reply);
}

/**
 * The same PayPal-Request-Id within its window has no second effect: the answer shows what the first
 * call made, as it is now, whatever the body says. A body that differs is a mistake of the caller, so
 * it is noted in the log.
 */
function remembering(route: Route, call: Call, sim: Sim, text: string): Reply {
  const requestId = call.headers['paypal-request-id'];
  if (!requestId || route.memoryHours === 0) return run(route, call, sim);
  if (requestId.length > REQUEST_ID_MAX) throw PayPalError.invalid('INVALID_STRING_LENGTH');
  const key = `${route.operation}:${call.path}:${requestId}`;
  const bodyHash = createHash('sha256').update(text).digest('hex');
  const known = sim.store.state.remembered.get(key);
  if (known && sim.store.now() - known.at < route.memoryHours * HOUR_MS) {
    if (known.bodyHash !== bodyHash) {
      sim.store.append('request-id.other-body', requestId, { operation: route.operation });
      sim.store.save();
    }
    const first = known.body as Record<string, unknown>;
    return { status: repeatStatus(route), body: route.again?.(first, sim) ?? first };
  }
  const reply = route.handle(call, sim);
  const { status, body } = reply;
  sim.store.state.remembered.set(key, { at: sim.store.now(), bodyHash, status, body });
  sim.store.save();
  return reply;
}

/** PayPal's documents know only 201 for a refund, repeated or not. */
function repeatStatus(route: Route): number {
  return route.operation === 'captures.refund' ? 201 : 200;
}

function run(route: Route, call: Call, sim: Sim): Reply {
  const reply = route.handle(call, sim);
  if (call.method !== 'GET' || WRITING_READS.has(route.path)) sim.store.save();
  else sim.store.forget();
  return reply;
}

/** Asked with GET, and yet something may have changed: time has passed, or a payer has answered. */
const WRITING_READS = new Set([
  '/v1/customer/partners/:partner/merchant-integrations/:id',
  '/merchantsignup/partner/onboardingentry/:id',
  '/agreements/approve/:id',
]);

/** `PayPal-Mock-Response: {"mock_application_codes": "INSTRUMENT_DECLINED"}` asks for that refusal. */
function refuseAsAsked(call: Call): void {
  const header = call.headers['paypal-mock-response'];
  if (!header) return;
  const code = /"mock_application_codes"\s*:\s*"([A-Z0-9_]+)"/.exec(header)?.[1];
  if (!code) throw PayPalError.invalid('INVALID_PARAMETER_SYNTAX', 'PayPal-Mock-Response');
  if (code.startsWith('INTERNAL_SERVER_ERROR') || code === 'INTERNAL_SERVICE_ERROR')
    throw new PayPalError(500, 'INTERNAL_SERVER_ERROR', 'An internal server error occurred.');
  throw PayPalError.unprocessable(code);
}

function match(
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | null {
  const parts = path.split('/');
  for (const route of ROUTES) {
    const pattern = route.path.split('/');
    if (route.method !== method || pattern.length !== parts.length) continue;
    const params: Record<string, string> = {};
    const fits = pattern.every((part, index) => {
      if (!part.startsWith(':')) return part === parts[index];
      params[part.slice(1)] = decodeURIComponent(parts[index] ?? '');
      return true;
    });
    if (fits) return { route, params };
  }
  return null;
}

function answer(
  response: ServerResponse,
  { status, body, type = 'application/json' }: Reply,
): void {
  const headers = { 'content-type': type, 'paypal-debug-id': debugId() };
  if (status === 204) response.writeHead(204, headers).end();
  else
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
}

function hang(response: ServerResponse): void {
  setTimeout(() => response.destroy(), HANG_MS).unref();
}
