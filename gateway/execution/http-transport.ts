import { ErrorCode, SubgraphUnavailable } from '../errors.ts';
import type { RequestContext, SubgraphRequest, SubgraphTransport, UpstreamSink } from '../types.ts';
import { type BreakerOptions, CircuitBreaker, DEFAULT_BREAKER } from './circuit-breaker.ts';
import { HttpClient } from './http-client/client.ts';
import type { Exchange, ExchangeHandler, FailureKind } from './http-client/exchange.ts';
import { Pace } from './http-client/pace.ts';
import { type SigningKey, signRequest } from './request-signing.ts';

export interface HttpTransportOptions {
  /** The address of a subgraph now; asked at every call, as a reload may move it. */
  readonly urlOf: (serviceName: string) => string | undefined;
  /** Longest wait for a read. Smaller fails slow reads; larger lets one slow subgraph hold answers. */
  readonly queryTimeoutMs?: number;
  readonly mutationTimeoutMs?: number;
  /** Bytes of one answer; more are refused, not merged. */
  readonly answerBytesMax?: number;
  /** Sockets per subgraph. Smaller queues calls; larger meets the subgraph's own limit. */
  readonly connectionsMax?: number;
  readonly signingKeys?: ReadonlyMap<string, SigningKey>;
  /** Client headers passed on as they are, in lower case. `parley-` headers never are. */
  readonly propagateHeaders?: readonly string[];
  readonly breaker?: BreakerOptions;
  /** How streams are opened; without it the subgraphs have none. */
  readonly subscribe?: SubgraphTransport['subscribe'];
  readonly observe?: (serviceName: string, outcome: string, seconds: number) => void;
}

const QUERY_TIMEOUT_MS = 2_000;
const MUTATION_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MAX_MS = 30_000;
const ANSWER_BYTES_MAX = 2 * 1024 * 1024;
const CONNECTIONS_MAX = 128;
/** The least time in which a second attempt is worth making. */
const RETRY_BUDGET_MIN_MS = 50;
const RETRIED_STATUSES = new Set([502, 503, 504]);
const FETCHES_MAX = 10_000;
/** Whatever else a client managed to send is not passed on: a line end would be a header of its own. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const CODES: Readonly<Record<FailureKind, string>> = {
  broken: ErrorCode.subgraphUnavailable,
  malformed: ErrorCode.subgraphResponseInvalid,
  'too-large': ErrorCode.subgraphResponseTooLarge,
};

/** Reaches subgraphs over HTTP with keep-alive sockets, a deadline and a breaker for each. */
export function httpTransport(options: HttpTransportOptions): SubgraphTransport {
  return new HttpTransport(options);
}

class HttpTransport implements SubgraphTransport {
  private readonly services = new Map<string, HttpService>();

  constructor(private readonly options: HttpTransportOptions) {}

  async execute(request: SubgraphRequest, context: RequestContext): Promise<string> {
    return this.service(request.serviceName).execute(request, context);
  }

  subscribe(request: SubgraphRequest, context: RequestContext, sink: UpstreamSink) {
    if (this.options.subscribe) return this.options.subscribe(request, context, sink);
    sink.error([{ message: 'Subscriptions are not available.' }]);
    return { close: () => undefined };
  }

  async close(): Promise<void> {
    for (const service of this.services.values()) service.destroy();
    this.services.clear();
  }

  private service(name: string): HttpService {
    const url = this.options.urlOf(name);
    const known = this.services.get(name);
    if (known !== undefined && known.url === url) return known;
    if (!url || !URL.canParse(url)) {
      throw new SubgraphUnavailable(name, ErrorCode.subgraphUnavailable, 'no address', true);
    }
    // The subgraph moved: calls on the old sockets finish, new ones go to the new address.
    known?.close().catch(() => undefined);
    const service = new HttpService(name, url, this.options);
    this.services.set(name, service);
    return service;
  }
}

/** What is the same for every call of one fetch. */
interface Fetch {
  /** `{"query":...,"operationName":...,"variables":` */
  readonly prefix: string;
  readonly pace: Pace;
}

class HttpService {
  private readonly client: HttpClient;
  private readonly path: string;
  private readonly requestLine: string;
  private readonly breaker: CircuitBreaker;
  private readonly fetches = new Map<string, Fetch>();
  private readonly signingKey: SigningKey | null;
  private readonly headersPropagated: readonly string[];

  constructor(
    private readonly name: string,
    readonly url: string,
    private readonly options: HttpTransportOptions,
  ) {
    const address = new URL(url);
    this.path = address.pathname + address.search;
    this.requestLine =
      `POST ${this.path} HTTP/1.1\r\nhost: ${address.host}\r\n` +
      'content-type: application/json\r\naccept: application/json\r\n';
    this.client = new HttpClient(address, options.connectionsMax ?? CONNECTIONS_MAX);
    this.breaker = new CircuitBreaker(options.breaker ?? DEFAULT_BREAKER);
    this.signingKey = options.signingKeys?.get(name) ?? null;
    this.headersPropagated = (options.propagateHeaders ?? [])
      .map((header) => header.toLowerCase())
      .filter((header) => !header.startsWith('parley-'));
  }

  async execute(request: SubgraphRequest, context: RequestContext): Promise<string> {
    const started = performance.now();
    if (!this.breaker.admit()) {
      this.options.observe?.(this.name, 'refused', 0);
      throw this.unavailable('the circuit breaker is open', true);
    }
    try {
      const text = await this.attempts(request, context);
      this.breaker.succeeded();
      this.options.observe?.(this.name, 'ok', (performance.now() - started) / 1_000);
      return text;
    } catch (error) {
      this.settle(error);
      const outcome = error instanceof SubgraphUnavailable ? error.code : 'error';
      this.options.observe?.(this.name, outcome, (performance.now() - started) / 1_000);
      throw error;
    }
  }

  /** Lets calls on its way finish. */
  close(): Promise<void> {
    return this.client.close();
  }

  destroy(): void {
    this.client.destroy();
  }

  /** Only silence counts against a subgraph: an answer that cannot be used is still an answer. */
  private settle(error: unknown): void {
    const code = error instanceof SubgraphUnavailable ? error.code : null;
    if (code === ErrorCode.subgraphUnavailable || code === ErrorCode.subgraphTimeout) {
      this.breaker.failed();
    } else if (code === ErrorCode.requestCancelled) {
      this.breaker.abandoned();
    } else {
      this.breaker.succeeded();
    }
  }

  private async attempts(request: SubgraphRequest, context: RequestContext): Promise<string> {
    const deadline = this.deadlineFor(request, context);
    try {
      return await this.send(request, context, deadline);
    } catch (error) {
      if (!this.mayRepeat(request, error) || deadline - Date.now() < RETRY_BUDGET_MIN_MS) {
        throw error;
      }
      return this.send(request, context, deadline);
    }
  }

  /** A mutation is never sent twice: the first attempt may have had its effect. */
  private mayRepeat(request: SubgraphRequest, error: unknown): boolean {
    return (
      request.kind === 'query' &&
      error instanceof SubgraphUnavailable &&
      error.code === ErrorCode.subgraphUnavailable
    );
  }

  private deadlineFor(request: SubgraphRequest, context: RequestContext): number {
    const { queryTimeoutMs, mutationTimeoutMs } = this.options;
    const timeout =
      request.kind === 'mutation'
        ? (mutationTimeoutMs ?? MUTATION_TIMEOUT_MS)
        : (queryTimeoutMs ?? QUERY_TIMEOUT_MS);
    return Math.min(Date.now() + Math.min(timeout, CALL_TIMEOUT_MAX_MS), context.deadline);
  }

  private send(
    request: SubgraphRequest,
    context: RequestContext,
    deadline: number,
  ): Promise<string> {
    const remaining = deadline - Date.now();
    if (remaining <= 0) return Promise.reject(this.timeout());
    if (context.onCancel ? context.cancelled : context.signal.aborted) {
      return Promise.reject(this.cancelled());
    }
    const { prefix, pace } = this.fetchOf(request);
    const body = `${prefix}${request.variablesJson}}`;
    const head = this.headOf(body, context);
    return new Promise((resolve, reject) => {
      const call = new Call(this.name, resolve, reject);
      const isSafe = request.kind === 'query';
      const bytesMax = this.options.answerBytesMax ?? ANSWER_BYTES_MAX;
      const exchange = this.client.send({ head, body, isSafe, pace, bytesMax }, call);
      const abort = (error: SubgraphUnavailable) => {
        call.fail(error);
        this.client.abandon(exchange);
      };
      call.begin(
        this.client,
        exchange,
        setTimeout(() => abort(this.timeout()), remaining),
      );
      const cancel = () => abort(this.cancelled());
      if (context.onCancel) call.release = context.onCancel(cancel);
      else {
        context.signal.addEventListener('abort', cancel, { once: true });
        call.release = () => context.signal.removeEventListener('abort', cancel);
      }
    });
  }

  private fetchOf({ query, operationName }: SubgraphRequest): Fetch {
    let fetch = this.fetches.get(query);
    if (fetch === undefined) {
      const name =
        operationName === null ? '' : `"operationName":${JSON.stringify(operationName)},`;
      const prefix = `{"query":${JSON.stringify(query)},${name}"variables":`;
      fetch = { prefix, pace: new Pace() };
      if (this.fetches.size >= FETCHES_MAX) this.fetches.clear();
      this.fetches.set(query, fetch);
    }
    return fetch;
  }

  private headOf(body: string, context: RequestContext): string {
    let head = `${this.requestLine}x-request-id: ${context.requestId}\r\n`;
    for (const name of this.headersPropagated) {
      const value = context.headers[name];
      if (value !== undefined && HEADER_VALUE.test(value)) head += `${name}: ${value}\r\n`;
    }
    if (this.signingKey === null) return head;
    const { claims } = context.identity;
    const signed = signRequest(this.signingKey, 'POST', this.path, body, claims);
    for (const name in signed) head += `${name}: ${signed[name as keyof typeof signed]}\r\n`;
    return head;
  }

  private unavailable(reason: string, neverSent = false): SubgraphUnavailable {
    return new SubgraphUnavailable(this.name, ErrorCode.subgraphUnavailable, reason, neverSent);
  }

  private timeout(): SubgraphUnavailable {
    return new SubgraphUnavailable(this.name, ErrorCode.subgraphTimeout, 'no answer in time');
  }

  private cancelled(): SubgraphUnavailable {
    return new SubgraphUnavailable(this.name, ErrorCode.requestCancelled, 'the client went away');
  }
}

/** One call, which settles exactly once: by an answer, a failure, its deadline or its client. */
class Call implements ExchangeHandler {
  release: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private exchange: Exchange | undefined;
  private client: HttpClient | undefined;
  private isSettled = false;

  constructor(
    private readonly serviceName: string,
    private readonly resolve: (text: string) => void,
    private readonly reject: (error: SubgraphUnavailable) => void,
  ) {}

  begin(client: HttpClient, exchange: Exchange, timer: NodeJS.Timeout): void {
    this.client = client;
    this.exchange = exchange;
    this.timer = timer;
  }

  head(status: number, contentType: string): boolean {
    if (status >= 200 && status < 300) return true;
    if (RETRIED_STATUSES.has(status)) return this.refuse(ErrorCode.subgraphUnavailable, status);
    if (contentType.includes('json')) return true;
    return this.refuse(ErrorCode.subgraphResponseInvalid, status);
  }

  answered(text: string): void {
    if (this.isSettled) return;
    this.finish();
    this.resolve(text);
  }

  failed(kind: FailureKind, reason: string): void {
    this.fail(new SubgraphUnavailable(this.serviceName, CODES[kind], reason));
  }

  fail(error: SubgraphUnavailable): void {
    if (this.isSettled) return;
    this.finish();
    this.reject(error);
  }

  /** The status is the answer; whatever else the server sends is not waited for. */
  private refuse(code: string, status: number): false {
    this.fail(new SubgraphUnavailable(this.serviceName, code, `HTTP ${status}`));
    this.client!.abandon(this.exchange!);
    return false;
  }

  private finish(): void {
    this.isSettled = true;
    clearTimeout(this.timer);
    this.release?.();
  }
}
