import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';
import { GraphQLError } from 'graphql';
import { ErrorCode, refusal, requestErrorJson } from '../errors.ts';
import type { Outcome, Pipeline, ReadyOperation } from '../pipeline.ts';
import type { Authenticate, Credentials } from '../subscriptions/contract.ts';
import type { Client, GraphQLParams, Identity } from '../types.ts';
import { allowOrigin, answerPreflight, type CorsOptions, refuseForgedGet } from './cors.ts';
import { HttpContext } from './http-context.ts';
import {
  checkContentType,
  HttpRefusal,
  negotiate,
  paramsOfBody,
  paramsOfUrl,
  type ResponseType,
  readBody,
} from './http-request.ts';
import { atEndOfTurn } from './turn.ts';

/** Pages for people: the explorer. Off where it is not given. */
export interface Explorer {
  html(): string;
  asset(path: string): { readonly body: Buffer | string; readonly type: string } | null;
}

/** Serves one operation as a response that stays open. */
export type StreamHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  stream: {
    readonly params: GraphQLParams;
    readonly context: HttpContext;
    /** Where it was prepared, and paid for, already. */
    readonly ready?: ReadyOperation;
  },
) => Promise<void>;

export interface HttpTransportDeps {
  readonly pipeline: Pipeline;
  /** Default `/graphql`. */
  readonly path?: string;
  readonly authenticate: Authenticate;
  readonly cors: CorsOptions;
  /** Bytes of a request body. Smaller refuses large variables; larger lets strangers fill memory. */
  readonly bodyBytesMax: number;
  /** From the request to the answer; every subgraph call ends by then. */
  readonly requestTimeoutMs: number;
  /** The same for mutations. */
  readonly mutationTimeoutMs: number;
  readonly serveEvents?: StreamHandler;
  readonly serveMultipart?: StreamHandler;
  readonly explorer?: Explorer | null;
  /** Null while it should get no traffic: starting, draining. */
  readonly isReady: () => boolean;
  readonly metrics?: () => Promise<{ readonly body: string; readonly type: string }>;
  /** Whether answers report the operation's cost to this request. */
  readonly reportsCost?: (params: GraphQLParams, request: IncomingMessage) => boolean;
  readonly observe?: (outcome: string, kind: string, seconds: number) => void;
  readonly onDefect?: (error: unknown, requestId: string) => void;
}

/** Below this, compressing costs more than the bytes it saves. */
const COMPRESS_BYTES_MIN = 4_096;
/** Higher levels double the time for a few percent. */
const BROTLI_QUALITY = 4;
const REQUEST_ID = /^[\w.:-]{1,64}$/;
const PERSISTED_PREFIX = '/persisted/';

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

/** The listener of a node:http server that speaks GraphQL over HTTP. */
export function createHttpListener(deps: HttpTransportDeps) {
  const edge = new HttpEdge(deps);
  return (request: IncomingMessage, response: ServerResponse): void =>
    edge.handle(request, response);
}

interface Route {
  readonly search: URLSearchParams;
  readonly persistedId: string | null;
}

class HttpEdge {
  private readonly path: string;

  constructor(private readonly deps: HttpTransportDeps) {
    this.path = deps.path ?? '/graphql';
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const requestId = requestIdOf(request);
    const url = request.url ?? '/';
    const work =
      url === this.path && request.method === 'POST'
        ? this.post(request, response, requestId)
        : this.route(request, response, requestId, url);
    work.catch((error: unknown) => this.fail(request, response, requestId, error));
  }

  private async route(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    url: string,
  ): Promise<void> {
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const search = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    if (path === this.path)
      return this.graphql(request, response, requestId, { search, persistedId: null });
    const persisted = this.path + PERSISTED_PREFIX;
    if (path.startsWith(persisted)) {
      const persistedId = path.slice(persisted.length);
      return this.graphql(request, response, requestId, { search, persistedId });
    }
    return this.other(request, response, path);
  }

  private async graphql(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    route: Route,
  ): Promise<void> {
    switch (request.method) {
      case 'OPTIONS':
        allowOrigin(request, response, this.deps.cors);
        return answerPreflight(request, response, this.deps.cors);
      case 'POST':
        if (route.persistedId === null) return this.post(request, response, requestId);
        throw methodNotAllowed('GET');
      case 'GET':
      case 'HEAD':
        return this.get(request, response, requestId, route);
      default:
        throw methodNotAllowed('GET, POST');
    }
  }

  private async post(request: IncomingMessage, response: ServerResponse, requestId: string) {
    const started = performance.now();
    allowOrigin(request, response, this.deps.cors);
    const type = acceptedType(request);
    checkContentType(request.headers['content-type']);
    if (request.headers['content-encoding'] !== undefined) {
      throw new HttpRefusal(415, 'Compressed requests are not accepted.');
    }
    const params = paramsOfBody(await readBody(request, this.deps.bodyBytesMax));
    await this.serve(request, response, params, type, requestId, started);
  }

  private async get(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    { search, persistedId }: Route,
  ): Promise<void> {
    const started = performance.now();
    if (this.wantsPage(request, search)) return this.page(response);
    allowOrigin(request, response, this.deps.cors);
    const type = acceptedType(request);
    refuseForgedGet(request, this.deps.cors);
    const params = paramsOfUrl(search, persistedId);
    await this.serve(request, response, params, type, requestId, started);
  }

  private wantsPage(request: IncomingMessage, search: URLSearchParams): boolean {
    if (!this.deps.explorer || search.has('query') || search.has('extensions')) return false;
    return (request.headers.accept ?? '').includes('text/html');
  }

  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
    params: GraphQLParams,
    type: ResponseType,
    requestId: string,
    started: number,
  ): Promise<void> {
    const caller = await this.deps.authenticate(credentialsOf(request));
    if (caller instanceof GraphQLError) throw caller;
    const context = this.contextFor(request, response, requestId, caller);
    if (type === 'text/event-stream' && this.deps.serveEvents) {
      return this.deps.serveEvents(request, response, { params, context });
    }
    if (type === 'multipart/mixed' && this.deps.serveMultipart && !acceptsJson(request)) {
      return this.deps.serveMultipart(request, response, { params, context });
    }
    const { pipeline } = this.deps;
    if (request.method === 'POST') {
      const outcome = await this.executePost(request, response, params, context, type);
      if (outcome) await this.answer(request, response, context, outcome, type, params, started);
      return;
    }
    const ready = await pipeline.prepareFor(params, context);
    if ('errors' in ready) throw new RequestRefused(ready.errors, type);
    if (ready.prepared.kind !== 'query') throw methodNotAllowed('POST');
    const answer = await pipeline.run(ready, context);
    await this.answer(
      request,
      response,
      context,
      { answer, ready, refusal: null },
      type,
      params,
      started,
    );
  }

  private async executePost(
    request: IncomingMessage,
    response: ServerResponse,
    params: GraphQLParams,
    context: HttpContext,
    type: ResponseType,
  ): Promise<Outcome | null> {
    const { pipeline, serveMultipart } = this.deps;
    if (!serveMultipart || !(request.headers.accept ?? '').includes('multipart/mixed')) {
      return pipeline.execute(params, context, (ready) => this.allowTime(ready, context));
    }
    // Apollo Client accepts multipart for everything: only subscriptions are worth the envelope.
    const ready = await pipeline.prepareFor(params, context);
    if ('errors' in ready) throw new RequestRefused(ready.errors, type);
    if (ready.prepared.kind === 'subscription') {
      await serveMultipart(request, response, { params, context, ready });
      return null;
    }
    this.allowTime(ready, context);
    return { answer: await pipeline.run(ready, context), ready, refusal: null };
  }

  /** What changes something is given longer: its effect happens whether or not we wait for it. */
  private allowTime({ prepared }: ReadyOperation, context: HttpContext): void {
    if (prepared.kind !== 'mutation') return;
    context.deadline += this.deps.mutationTimeoutMs - this.deps.requestTimeoutMs;
  }

  private contextFor(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    { identity, client }: { readonly identity: Identity; readonly client: Client },
  ): HttpContext {
    const deadline = Date.now() + this.deps.requestTimeoutMs;
    return new HttpContext(requestId, identity, client, deadline, request, response);
  }

  private async answer(
    request: IncomingMessage,
    response: ServerResponse,
    context: HttpContext,
    { answer, ready, refusal: refused }: Outcome,
    type: ResponseType,
    params: GraphQLParams,
    started: number,
  ): Promise<void> {
    const headers: Record<string, string | number> = {
      'content-type':
        type === 'application/graphql-response+json'
          ? 'application/graphql-response+json; charset=utf-8'
          : 'application/json; charset=utf-8',
      'x-request-id': context.requestId,
      'cache-control': cacheControlOf(ready, answer.hasErrors, context.identity),
    };
    let { json } = answer;
    if (ready && this.deps.reportsCost?.(params, request)) {
      json = `${json.slice(0, -1)},"extensions":{"cost":${ready.cost}}}`;
    }
    const status = statusOf(answer.requestError, refused, type, headers);
    const kind = ready?.prepared.kind ?? 'unknown';
    await send(request, response, status, headers, json);
    const outcome = answer.requestError ? 'refused' : answer.hasErrors ? 'partial' : 'ok';
    this.deps.observe?.(outcome, kind, (performance.now() - started) / 1_000);
  }

  private fail(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    error: unknown,
  ): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const type = safeType(request);
    const [status, errors, extra] = this.explain(error, requestId, type);
    const headers: Record<string, string | number> = {
      'content-type':
        type === 'application/graphql-response+json'
          ? 'application/graphql-response+json; charset=utf-8'
          : 'application/json; charset=utf-8',
      'x-request-id': requestId,
      'cache-control': 'no-store',
      ...extra,
    };
    const json = requestErrorJson(errors, requestId);
    send(request, response, status, headers, json).catch(() => response.destroy());
    this.deps.observe?.('refused', 'unknown', 0);
  }

  private explain(
    error: unknown,
    requestId: string,
    type: ResponseType,
  ): [number, readonly GraphQLError[], Record<string, string | number>] {
    if (error instanceof HttpRefusal) {
      return [error.status, [refusal(ErrorCode.badRequest, error.message)], error.headers];
    }
    if (error instanceof RequestRefused) {
      const headers: Record<string, string | number> = {};
      const status = statusOf(true, error.errors[0] ?? null, error.type, headers);
      return [status, error.errors, headers];
    }
    if (error instanceof GraphQLError) {
      const headers: Record<string, string | number> = {};
      const status = statusOf(true, error, type, headers);
      const refused = error.extensions.code === ErrorCode.unauthenticated ? 401 : status;
      if (refused === 401) headers['www-authenticate'] = 'Bearer';
      return [refused, [error], headers];
    }
    this.deps.onDefect?.(error, requestId);
    return [500, [refusal(ErrorCode.internal, 'The request failed.')], {}];
  }

  private async other(request: IncomingMessage, response: ServerResponse, path: string) {
    if (path === '/health/live') return plain(response, 200, 'ok');
    if (path === '/health/ready') {
      return this.deps.isReady() ? plain(response, 200, 'ok') : plain(response, 503, 'not ready');
    }
    if (path === '/metrics' && this.deps.metrics) {
      const { body, type } = await this.deps.metrics();
      response.writeHead(200, { 'content-type': type }).end(body);
      return;
    }
    const { explorer } = this.deps;
    if (explorer && request.method === 'GET') {
      if (path === '/') return this.page(response);
      const asset = explorer.asset(path);
      if (asset) {
        response.writeHead(200, {
          'content-type': asset.type,
          'x-content-type-options': 'nosniff',
        });
        response.end(asset.body);
        return;
      }
    }
    throw new HttpRefusal(404, 'There is nothing here.');
  }

  private page(response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.end(this.deps.explorer!.html());
  }
}

/** The pipeline refused it; the answer's type decides the status. */
class RequestRefused extends Error {
  constructor(
    readonly errors: readonly GraphQLError[],
    readonly type: ResponseType,
  ) {
    super('refused');
  }
}

function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

function credentialsOf({ headers }: IncomingMessage): Credentials {
  return {
    authorization: headers.authorization,
    apiKey: headers['parley-api-key'] as string | undefined,
    clientName: (headers['apollographql-client-name'] ?? headers['graphql-client-name']) as
      | string
      | undefined,
    headers: headers as Record<string, string | undefined>,
  };
}

function acceptedType(request: IncomingMessage): ResponseType {
  const type = negotiate(request.headers.accept);
  if (type === null) {
    throw new HttpRefusal(406, 'Accept application/graphql-response+json or application/json.');
  }
  return type;
}

function safeType(request: IncomingMessage): ResponseType {
  return negotiate(request.headers.accept) ?? 'application/json';
}

function acceptsJson(request: IncomingMessage): boolean {
  return /application\/(\*|json|graphql-response\+json)|\*\/\*/.test(request.headers.accept ?? '');
}

function methodNotAllowed(allow: string): HttpRefusal {
  return new HttpRefusal(405, `Only ${allow} may be used here.`, { allow });
}

/**
 * The specification's two worlds: application/json answers 200 to every well-formed request, the
 * newer type says by its status whether the operation ran. Budgets and credentials are not GraphQL's
 * business and speak HTTP in both.
 */
function statusOf(
  requestError: boolean,
  refused: GraphQLError | null,
  type: ResponseType,
  headers: Record<string, string | number>,
): number {
  if (!requestError) return 200;
  const code = refused?.extensions.code;
  if (code === 'RATE_LIMITED') {
    const waitMs = Number(refused?.extensions.retryAfterMs ?? 1_000);
    headers['retry-after'] = Math.max(1, Math.ceil(waitMs / 1_000));
    return 429;
  }
  if (code === ErrorCode.authenticationUnavailable) return 503;
  if (type !== 'application/graphql-response+json') return 200;
  if (code === ErrorCode.internal || code === ErrorCode.responseTooLarge) return 500;
  return 400;
}

/** Errors are never kept; what a signed-in caller reads is never kept for others. */
function cacheControlOf(ready: Outcome['ready'], hasErrors: boolean, identity: Identity): string {
  const policy = hasErrors ? null : (ready?.prepared.cacheControl ?? null);
  if (policy === null) return 'no-store';
  return identity.claims === null ? policy : policy.replace('public', 'private');
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number>,
  json: string,
): Promise<void> {
  if (request.method === 'GET' && headers['cache-control'] !== 'no-store') {
    const etag = `"${createHash('sha256').update(json).digest('base64url')}"`;
    headers.etag = etag;
    headers.vary = 'accept, accept-encoding, authorization';
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
      return;
    }
  }
  const encoding = json.length < COMPRESS_BYTES_MIN ? null : encodingOf(request);
  if (encoding === null) {
    headers['content-length'] = Buffer.byteLength(json);
    await new Promise<void>(atEndOfTurn);
    response.writeHead(status, headers);
    response.end(request.method === 'HEAD' ? undefined : json);
    return;
  }
  const bytes =
    encoding === 'br'
      ? await compressBrotli(json, { params: { [zlib.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } })
      : await compressGzip(json);
  headers['content-encoding'] = encoding;
  headers.vary ??= 'accept-encoding';
  headers['content-length'] = bytes.length;
  response.writeHead(status, headers);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function encodingOf(request: IncomingMessage): 'br' | 'gzip' | null {
  const accepted = request.headers['accept-encoding'];
  if (typeof accepted !== 'string') return null;
  if (/\bbr\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(accepted)) return 'br';
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(accepted) ? 'gzip' : null;
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
