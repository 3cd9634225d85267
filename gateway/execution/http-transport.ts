import { type Dispatcher, Pool } from 'undici';
import { ErrorCode, SubgraphUnavailable } from '../errors.ts';
import type { RequestContext, SubgraphRequest, SubgraphTransport, UpstreamSink } from '../types.ts';
import { type BreakerOptions, CircuitBreaker, DEFAULT_BREAKER } from './circuit-breaker.ts';
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
const KEEP_ALIVE_MS = 30_000;
/** The least time in which a second attempt is worth making. */
const RETRY_BUDGET_MIN_MS = 50;
const RETRIED_STATUSES = new Set([502, 503, 504]);
const PREFIXES_MAX = 10_000;

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
    await Promise.all([...this.services.values()].map((service) => service.destroy()));
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

class HttpService {
  private readonly pool: Pool;
  private readonly path: string;
  private readonly breaker: CircuitBreaker;
  private readonly prefixes = new Map<string, string>();
  private readonly signingKey: SigningKey | null;
  private readonly headersPropagated: readonly string[];

  constructor(
    private readonly name: string,
    readonly url: string,
    private readonly options: HttpTransportOptions,
  ) {
    const { origin, pathname, search } = new URL(url);
    this.path = pathname + search;
    this.pool = new Pool(origin, {
      connections: options.connectionsMax ?? CONNECTIONS_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
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
    return this.pool.close();
  }

  destroy(): Promise<void> {
    return this.pool.destroy();
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
    const body = this.bodyOf(request);
    return new Promise((resolve, reject) => {
      const call = new Call(
        this.name,
        this.options.answerBytesMax ?? ANSWER_BYTES_MAX,
        resolve,
        reject,
      );
      const timer = setTimeout(() => call.abort(this.timeout()), remaining);
      call.timer = timer;
      const cancel = () => call.abort(this.cancelled());
      if (context.onCancel) call.release = context.onCancel(cancel);
      else {
        context.signal.addEventListener('abort', cancel, { once: true });
        call.release = () => context.signal.removeEventListener('abort', cancel);
      }
      this.pool.dispatch(
        { path: this.path, method: 'POST', headers: this.headersFor(body, context), body },
        call,
      );
    });
  }

  /** `{"query":...,"operationName":...,"variables":` is the same for every call of a fetch. */
  private bodyOf(request: SubgraphRequest): string {
    let prefix = this.prefixes.get(request.query);
    if (prefix === undefined) {
      const name = request.operationName;
      prefix = `{"query":${JSON.stringify(request.query)},${
        name === null ? '' : `"operationName":${JSON.stringify(name)},`
      }"variables":`;
      if (this.prefixes.size >= PREFIXES_MAX) this.prefixes.clear();
      this.prefixes.set(request.query, prefix);
    }
    return `${prefix}${request.variablesJson}}`;
  }

  private headersFor(body: string, context: RequestContext): Record<string, string> {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-request-id': context.requestId,
    };
    for (const name of this.headersPropagated) {
      const value = context.headers[name];
      if (value !== undefined) headers[name] = value;
    }
    if (this.signingKey === null) return headers;
    const { claims } = context.identity;
    return Object.assign(headers, signRequest(this.signingKey, 'POST', this.path, body, claims));
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

/** One request on the wire: collects the answer up to its limit and settles exactly once. */
class Call implements Dispatcher.DispatchHandler {
  timer: NodeJS.Timeout | undefined;
  release: (() => void) | undefined;
  private controller: Dispatcher.DispatchController | null = null;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private settled = false;
  private aborted = false;

  constructor(
    private readonly serviceName: string,
    private readonly bytesMax: number,
    private readonly resolve: (text: string) => void,
    private readonly reject: (error: SubgraphUnavailable) => void,
  ) {}

  abort(error: SubgraphUnavailable): void {
    this.fail(error);
    this.aborted = true;
    this.controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.aborted) controller.abort(new Error('cancelled before it was sent'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status >= 200 && status < 300) return;
    if (RETRIED_STATUSES.has(status)) {
      this.abort(this.refused(ErrorCode.subgraphUnavailable, `HTTP ${status}`));
    } else if (!String(headers['content-type'] ?? '').includes('json')) {
      this.abort(this.refused(ErrorCode.subgraphResponseInvalid, `HTTP ${status}`));
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.bytesMax) {
      this.abort(this.refused(ErrorCode.subgraphResponseTooLarge, 'the answer is too large'));
    } else {
      this.chunks.push(chunk);
    }
  }

  onResponseEnd(): void {
    if (this.settled) return;
    this.finish();
    const [only] = this.chunks;
    const bytes = this.chunks.length === 1 ? only! : Buffer.concat(this.chunks);
    this.resolve(bytes.toString('utf8'));
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.fail(this.refused(ErrorCode.subgraphUnavailable, error.message));
  }

  private fail(error: SubgraphUnavailable): void {
    if (this.settled) return;
    this.finish();
    this.reject(error);
  }

  private finish(): void {
    this.settled = true;
    clearTimeout(this.timer);
    this.release?.();
  }

  private refused(code: string, reason: string): SubgraphUnavailable {
    return new SubgraphUnavailable(this.serviceName, code, reason);
  }
}
