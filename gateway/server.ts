import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PolicyDecision } from './execution/authorization.ts';
import { coalescingReads } from './execution/coalescing.ts';
import { type HttpTransportOptions, httpTransport } from './execution/http-transport.ts';
import { inProcessTransport, type SubgraphHandler } from './execution/in-process.ts';
import type { SigningKey } from './execution/request-signing.ts';
import { createWebSocketUpstream } from './execution/websocket-upstream.ts';
import type { OperationLimits } from './limits.ts';
import { createPipeline, type Pipeline, type PipelineOptions } from './pipeline.ts';
import { createMetrics, type GatewayMetrics } from './plugins/metrics.ts';
import type { Authenticate } from './subscriptions/contract.ts';
import type { CursorKey } from './subscriptions/cursors.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions/groups.ts';
import { measureStreams } from './subscriptions/stream-metrics.ts';
import { SupergraphSource, type WarmOperation } from './supergraph.ts';
import type { CorsOptions } from './transports/cors.ts';
import { createHttpListener, type Explorer, type HttpTransportDeps } from './transports/http.ts';
import { handleMultipart } from './transports/multipart.ts';
import { handleServerSentEvents } from './transports/server-sent-events.ts';
import { attachWebSocket, type WebSocketDeps } from './transports/websocket.ts';
import type { SubgraphTransport, SupergraphSnapshot } from './types.ts';

export interface GatewayLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface GatewayOptions {
  /** The supergraph: its text, or a file that is watched and reloaded when it changes. */
  readonly supergraphSdl?: string;
  readonly supergraphFile?: string;
  /** 0 takes a free port. */
  readonly port?: number;
  readonly host?: string;
  /** Default `/graphql`. */
  readonly path?: string;
  /** Subgraphs of this process; those that are not here are reached over HTTP. */
  readonly handlers?: ReadonlyMap<string, SubgraphHandler>;
  /** Replaces every way to a subgraph. */
  readonly transport?: SubgraphTransport;
  readonly subgraphUrls?: ReadonlyMap<string, string>;
  readonly signingKeys?: ReadonlyMap<string, SigningKey & { readonly secret: string }>;
  readonly propagateHeaders?: readonly string[];
  readonly http?: Pick<
    HttpTransportOptions,
    'queryTimeoutMs' | 'mutationTimeoutMs' | 'answerBytesMax' | 'connectionsMax' | 'breaker'
  >;
  readonly authenticate?: Authenticate;
  readonly resolveOperation?: PipelineOptions['resolve'];
  readonly spend?: PipelineOptions['spend'];
  readonly reportsCost?: HttpTransportDeps['reportsCost'];
  readonly warmOperations?: () => Iterable<WarmOperation>;
  readonly decidePolicy?: PolicyDecision;
  readonly limits?: Partial<OperationLimits>;
  /** Highest cost of one operation; 0 is no limit. */
  readonly costMax?: number;
  /** Items assumed in a list whose size the schema does not tell. */
  readonly assumedListSize?: number;
  readonly bodyBytesMax?: number;
  readonly requestTimeoutMs?: number;
  readonly mutationTimeoutMs?: number;
  /** Introspection and suggestions, for people at work on the graph. Off unless asked for. */
  readonly introspection?: boolean;
  readonly coalesceReads?: boolean;
  readonly cors?: CorsOptions;
  /** Sign resume cursors. Without them cursors end with this process. */
  readonly cursorKeys?: readonly CursorKey[];
  readonly webSocketLimits?: WebSocketDeps['limits'];
  readonly explorer?: Explorer | null;
  readonly logger?: GatewayLogger;
  /** Given where other parts count as well; of one gateway alone. */
  readonly metrics?: GatewayMetrics;
  readonly connectionsMax?: number;
}

export interface Gateway {
  readonly url: string;
  readonly port: number;
  readonly subscriptions: Subscriptions;
  readonly pipeline: Pipeline;
  readonly snapshot: () => SupergraphSnapshot;
  /** Resolves when the new version has taken over; rejects, changing nothing, when it cannot. */
  reload(sdl: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * An unannotated list counts ten items, so four nested ones pass 10,000 points. Smaller refuses
 * deep but honest screens; larger lets one request keep a process busy for seconds.
 */
export const COST_MAX = 50_000;
const BODY_BYTES_MAX = 64 * 1024;
const REQUEST_TIMEOUT_MS = 5_000;
const MUTATION_TIMEOUT_MS = 15_000;
const HEADERS_TIMEOUT_MS = 10_000;
const BODY_TIMEOUT_MS = 30_000;
/** Longer than a load balancer's own, or it would reuse a socket that is just being closed. */
const KEEP_ALIVE_MS = 65_000;
/** What is still running then is cut off. */
const CLOSE_GRACE_MS = 10_000;
const CLOSE_SWEEP_MS = 20;
const CURSOR_SECRET_BYTES = 32;

/** On every GET where there is an explorer: cheaper than to know which of them is its page. */
const PAGE_HEADERS = {
  'content-security-policy': "frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

const SILENT: GatewayLogger = { info: () => {}, warn: () => {}, error: () => {} };

const ANONYMOUS: Authenticate = () =>
  Promise.resolve({
    identity: { key: 'anonymous', claims: null, expiresAt: null },
    client: { name: 'default', mode: 'open', costPerMinute: null },
  });

/** Builds a gateway from its parts, starts it, and resolves once it is ready to serve. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new RunningGateway(options);
  await gateway.start();
  return gateway;
}

class RunningGateway implements Gateway {
  url = '';
  port = 0;
  readonly subscriptions: Subscriptions;
  readonly pipeline: Pipeline;
  private readonly logger: GatewayLogger;
  private readonly metrics: GatewayMetrics;
  private readonly transport: SubgraphTransport;
  private readonly source: SupergraphSource;
  private readonly server: Server;
  private readonly sockets: ReturnType<typeof attachWebSocket>;
  private ready = false;
  private closing: Promise<void> | null = null;

  constructor(private readonly options: GatewayOptions) {
    this.logger = options.logger ?? SILENT;
    this.metrics = options.metrics ?? createMetrics();
    this.transport = this.buildTransport();
    this.source = this.buildSource();
    this.pipeline = createPipeline({
      snapshot: this.snapshot,
      resolve: options.resolveOperation,
      spend: options.spend,
      costMax: options.costMax ?? COST_MAX,
      coalesceReads: options.coalesceReads ?? true,
      propagateHeaders: options.propagateHeaders,
    });
    this.subscriptions = createSubscriptions({
      transport: this.transport,
      cursorKeys: options.cursorKeys ?? [{ id: 0, secret: randomBytes(CURSOR_SECRET_BYTES) }],
      forwardedHeaders: options.propagateHeaders,
    });
    this.source.onChange((snapshot) => this.subscriptions.onSnapshotChanged(snapshot));
    this.server = this.buildServer();
    this.sockets = attachWebSocket(this.server, {
      subscriptions: this.subscriptions,
      pipeline: this.pipeline,
      authenticate: options.authenticate ?? ANONYMOUS,
      path: options.path,
      allowedOrigins: options.cors?.origins,
      limits: options.webSocketLimits,
    });
    this.metrics.gauge('gateway_sockets', 'Open client sockets.', () => this.sockets.openSockets);
    measureStreams(this.metrics, this.subscriptions.counters);
  }

  readonly snapshot = (): SupergraphSnapshot => this.source.current;

  async start(): Promise<void> {
    await this.source.warm();
    const { port = 0, host = '127.0.0.1', supergraphFile } = this.options;
    await listen(this.server, port, host);
    this.port = (this.server.address() as AddressInfo).port;
    this.url = `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${this.port}${this.options.path ?? '/graphql'}`;
    if (supergraphFile) this.source.watchFile(supergraphFile);
    this.ready = true;
  }

  async reload(sdl: string): Promise<void> {
    try {
      await this.source.reload(sdl);
      this.metrics.reload('ok');
    } catch (error) {
      this.metrics.reload('failed');
      throw error;
    }
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  /** Stops accepting, lets what runs finish, sends streams away with a code to come back on. */
  private async shutDown(): Promise<void> {
    this.ready = false;
    this.source.close();
    const closed = new Promise((resolve) => this.server.close(resolve));
    const cut = setTimeout(() => this.server.closeAllConnections(), CLOSE_GRACE_MS);
    // A connection that answers its last request only now would stay open for its keep-alive time.
    const sweep = setInterval(() => this.server.closeIdleConnections(), CLOSE_SWEEP_MS);
    await this.sockets.close();
    await this.subscriptions.drain();
    await closed;
    clearTimeout(cut);
    clearInterval(sweep);
    await this.transport.close();
  }

  private buildTransport(): SubgraphTransport {
    const { options } = this;
    const transport = options.transport ?? this.networkTransport();
    if (!(options.coalesceReads ?? true)) return transport;
    return coalescingReads(transport, options.propagateHeaders);
  }

  private networkTransport(): SubgraphTransport {
    const { options } = this;
    const streams = createWebSocketUpstream({
      urlOf: (name) => this.urlOf(name) ?? '',
      signingKeyOf: (name) => options.signingKeys?.get(name) ?? null,
      forwardedHeaders: options.propagateHeaders,
    });
    const http = httpTransport({
      ...options.http,
      urlOf: (name) => this.urlOf(name),
      signingKeys: options.signingKeys,
      propagateHeaders: options.propagateHeaders,
      subscribe: (request, context, sink) => streams.subscribe(request, context, sink),
      observe: (name, outcome, seconds) => this.metrics.subgraphCall(name, outcome, seconds),
    });
    const close = async () => {
      streams.close();
      await http.close();
    };
    const { handlers } = options;
    if (!handlers) return { ...bound(http), close };
    const local = inProcessTransport(handlers, options.http);
    const pick = (name: string) => (handlers.has(name) ? local : http);
    return {
      execute: (request, context) => pick(request.serviceName).execute(request, context),
      subscribe: (request, context, sink) =>
        pick(request.serviceName).subscribe(request, context, sink),
      close,
    };
  }

  private urlOf(name: string): string | undefined {
    return this.source.current.services.get(name)?.url;
  }

  private buildSource(): SupergraphSource {
    const { options } = this;
    return new SupergraphSource(supergraphText(options), {
      transport: this.transport,
      subgraphUrls: options.subgraphUrls,
      limits: options.limits,
      cost: options.assumedListSize ? { assumedListSize: options.assumedListSize } : undefined,
      introspection: options.introspection ?? false,
      suggestions: options.introspection ?? false,
      decidePolicy: options.decidePolicy,
      warmOperations: options.warmOperations,
      onDefect: (error, requestId) => this.defect(error, requestId),
      onReloadFailed: (error) => {
        this.metrics.reload('failed');
        this.logger.error(
          { err: error },
          'The supergraph could not be reloaded; the old one stays.',
        );
      },
    });
  }

  private buildServer(): Server {
    const { options, pipeline, subscriptions } = this;
    const streams = { pipeline, subscriptions };
    const listener = createHttpListener({
      pipeline,
      path: options.path,
      authenticate: options.authenticate ?? ANONYMOUS,
      cors: options.cors ?? { origins: [] },
      bodyBytesMax: options.bodyBytesMax ?? BODY_BYTES_MAX,
      requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      mutationTimeoutMs: options.mutationTimeoutMs ?? MUTATION_TIMEOUT_MS,
      serveEvents: (request, response, stream) =>
        handleServerSentEvents(request, response, stream, streams),
      serveMultipart: (request, response, stream) =>
        handleMultipart(request, response, stream, streams),
      explorer: options.explorer,
      isReady: () => this.ready,
      metrics: () => this.metrics.text(),
      reportsCost: options.reportsCost,
      observe: (outcome, kind, seconds) => this.metrics.request(outcome, kind, seconds),
      onDefect: (error, requestId) => this.defect(error, requestId),
    });
    const server = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: BODY_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      options.explorer ? withPageHeaders(listener) : listener,
    );
    if (options.connectionsMax) server.maxConnections = options.connectionsMax;
    return server;
  }

  private defect(error: unknown, requestId: string): void {
    this.logger.error({ err: error, requestId }, 'A request failed inside the gateway.');
  }
}

function supergraphText({ supergraphSdl, supergraphFile }: GatewayOptions): string {
  if (supergraphSdl !== undefined) return supergraphSdl;
  if (supergraphFile !== undefined) return readFileSync(supergraphFile, 'utf8');
  throw new Error('A gateway needs a supergraph: its text or its file.');
}

/** A page that holds tokens may stand in no frame, whatever the page itself says. */
function withPageHeaders(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (request.method === 'GET') {
      for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
    }
    listener(request, response);
  };
}

function bound(transport: SubgraphTransport): Pick<SubgraphTransport, 'execute' | 'subscribe'> {
  return {
    execute: (request, context) => transport.execute(request, context),
    subscribe: (request, context, sink) => transport.subscribe(request, context, sink),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
