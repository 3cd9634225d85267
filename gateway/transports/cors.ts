import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpRefusal } from './http-request.ts';

export interface CorsOptions {
  /** Origins whose pages may read answers; `*` is any, without credentials. */
  readonly origins: readonly string[];
  readonly credentials?: boolean;
  /** Seconds a browser remembers the answer to a preflight. */
  readonly maxAgeSeconds?: number;
}

const ALLOWED_HEADERS =
  'content-type, authorization, x-request-id, parley-api-key, apollo-require-preflight, ' +
  'x-apollo-operation-name, apollographql-client-name, apollographql-client-version, ' +
  'graphql-client-name, last-event-id, parley-cost';
const EXPOSED_HEADERS = 'x-request-id, retry-after';
const MAX_AGE_SECONDS = 600;

/** Any of these makes a browser ask first, so a page cannot send it behind the user's back. */
const PREFLIGHT_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name', 'parley-api-key'];

/** Says to the browser who may read the answer. */
export function allowOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  options: CorsOptions,
): void {
  const { origin } = request.headers;
  if (options.origins.length === 0) return;
  response.setHeader('vary', 'origin');
  if (origin === undefined || !originAllowed(origin, options)) return;
  const any = options.origins.includes('*') && !options.credentials;
  response.setHeader('access-control-allow-origin', any ? '*' : origin);
  response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
  if (options.credentials) response.setHeader('access-control-allow-credentials', 'true');
}

export function answerPreflight(
  request: IncomingMessage,
  response: ServerResponse,
  options: CorsOptions,
): void {
  if (request.headers.origin !== undefined && originAllowed(request.headers.origin, options)) {
    response.setHeader('access-control-allow-methods', 'GET, POST');
    response.setHeader('access-control-allow-headers', ALLOWED_HEADERS);
    response.setHeader('access-control-max-age', String(options.maxAgeSeconds ?? MAX_AGE_SECONDS));
  }
  response.writeHead(204, { allow: 'GET, POST, OPTIONS' }).end();
}

function originAllowed(origin: string, { origins }: CorsOptions): boolean {
  return origins.includes('*') || origins.includes(origin);
}

/**
 * Refuses a GET that another site's page could cause without a preflight. Browsers say where a
 * request comes from (Sec-Fetch-Site, Origin); programs and caches say nothing and are let through.
 */
export function refuseForgedGet(request: IncomingMessage, options: CorsOptions): void {
  const { headers } = request;
  if (headers['content-type'] === 'application/json') return;
  if (PREFLIGHT_HEADERS.some((name) => headers[name] !== undefined)) return;
  const site = headers['sec-fetch-site'];
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  const foreignOrigin =
    origin !== undefined && !isOwn(origin, headers.host) && !originAllowed(origin, options);
  const allowedPage = origin !== undefined && originAllowed(origin, options);
  if ((foreignSite && !allowedPage) || foreignOrigin) {
    throw new HttpRefusal(
      400,
      'A request from another site needs the header apollo-require-preflight.',
    );
  }
}

function isOwn(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
