import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from '../start-error.ts';
import { adminRoutes } from './admin.ts';
import type { Call, Reply, Route, Sim } from './api.ts';
import { disputeRoutes } from './disputes.ts';
import { debugId, PayPalError } from './errors.ts';
import { Faults } from './faults.ts';
import { notificationRoutes } from './notifications.ts';
import { orderRoutes } from './orders.ts';
import { paymentRoutes } from './payments.ts';
import { sellerRoutes } from './sellers.ts';
import { SimStore } from './store.ts';
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
  ...paymentRoutes,
  ...vaultRoutes,
  ...sellerRoutes,
  ...disputeRoutes,
  ...notificationRoutes,
  ...adminRoutes,
];

const HOUR_MS = 3_600_000;
const BODY_BYTES_MAX = 1_048_576;
const TOKEN_SECONDS = 32_400;
/** Longer than any client's patience: a time-out is the client's to decide. */
const HANG_MS = 120_000;

/** A server that speaks PayPal's HTTP API, on the loopback address. */
export async function startPaypalSimulator(
  options: SimulatorOptions = {},
): Promise<PaypalSimulator> {
  const clientId = options.clientId ?? 'simulator-client';
  const clientSecret = options.clientSecret ?? 'simulator-secret';
  const seed = options.seed ?? 1;
  const store = new SimStore(options.dataDirectory ?? null);
  const faults = new Faults(seed);
  const tokens = new Set<string>();
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
    serve(request, response, sim, { clientId, clientSecret, tokens }).catch(() =>
      response.destroy(),
    );
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
    server.listen(options.port ?? 0, '127.0.0.1', () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
  baseUrl = `http://127.0.0.1:${port}`;
  webhooks.start();
  return {
    url: baseUrl,
    port,
    clientId,
    clientSecret,
    partnerId: 'SIMULATORPARTNER',
    close: () =>
      new Promise((resolve) => {
        webhooks.stop();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokens: Set<string>;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  sim: Sim,
  credentials: Credentials,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const text = await bodyOf(request);
  try {
    if (request.method === 'POST' && url.pathname === '/v1/oauth2/token')
      return answer(response, issueToken(request, credentials));
    const found = match(request.method ?? 'GET', url.pathname);
    if (!found) throw PayPalError.notFound();
    const call: Call = {
      method: request.method ?? 'GET',
      path: url.pathname,
      params: found.params,
      query: url.searchParams,
      headers: request.headers as Record<string, string | undefined>,
      body: parseBody(text, request.headers['content-type'] ?? ''),
    };
    if (found.route.operation === null) return answer(response, run(found.route, call, sim));
    authenticate(request, credentials);
    await withFaults(found.route, call, sim, response, text);
  } catch (error) {
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
  const reply = remembering(route, call, sim, text);
  const after = sim.faults.strike(operation, ['timeout-after', 'http-5xx-after', 'reset-after']);
  if (after?.kind === 'timeout-after') return hang(response);
  if (after?.kind === 'reset-after') return void response.destroy();
  if (after?.kind === 'http-5xx-after')
    throw new PayPalError(500, 'INTERNAL_SERVER_ERROR', 'An internal server error occurred.');
  answer(response, reply);
}

/** The same PayPal-Request-Id within its window gives the first answer again, and has no effect. */
function remembering(route: Route, call: Call, sim: Sim, text: string): Reply {
  const requestId = call.headers['paypal-request-id'];
  if (!requestId || route.memoryHours === 0) return run(route, call, sim);
  const key = `${route.operation}:${call.path}:${requestId}`;
  const bodyHash = createHash('sha256').update(text).digest('hex');
  const known = sim.store.state.remembered.get(key);
  if (known && sim.store.now() - known.at < route.memoryHours * HOUR_MS) {
    if (known.bodyHash !== bodyHash) throw PayPalError.unprocessable('DUPLICATE_REQUEST_ID');
    return { status: known.status === 201 ? 200 : known.status, body: known.body };
  }
  const reply = run(route, call, sim);
  sim.store.state.remembered.set(key, {
    at: sim.store.now(),
    bodyHash,
    status: reply.status,
    body: reply.body,
  });
  sim.store.save();
  return reply;
}

function run(route: Route, call: Call, sim: Sim): Reply {
  const reply = route.handle(call, sim);
  if (call.method !== 'GET' || route.operation === 'merchants.get') sim.store.save();
  return reply;
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

function issueToken(
  request: IncomingMessage,
  { clientId, clientSecret, tokens }: Credentials,
): Reply {
  const expected = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  if (request.headers.authorization !== expected) {
    return {
      status: 401,
      body: { error: 'invalid_client', error_description: 'Client Authentication failed' },
    };
  }
  const token = `A21AA${randomBytes(24).toString('base64url')}`;
  tokens.add(token);
  return {
    status: 200,
    body: {
      scope: 'https://uri.paypal.com/services/payments',
      access_token: token,
      token_type: 'Bearer',
      app_id: 'APP-SIMULATOR',
      expires_in: TOKEN_SECONDS,
      nonce: new Date().toISOString(),
    },
  };
}

function authenticate(request: IncomingMessage, { tokens }: Credentials): void {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (!token || !tokens.has(token)) {
    throw new PayPalError(
      401,
      'AUTHENTICATION_FAILURE',
      'Authentication failed due to invalid authentication credentials or a missing Authorization header.',
    );
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error('body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string, contentType: string): Record<string, unknown> {
  if (text === '') return {};
  if (contentType.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text));
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw PayPalError.invalid('MALFORMED_REQUEST_JSON');
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
