import { ErrorCode, SubgraphUnavailable } from '../errors.ts';
import type {
  ActorClaims,
  RequestContext,
  SubgraphRequest,
  SubgraphTransport,
  UpstreamSink,
} from '../types.ts';

/** What a subgraph running in this process is asked. */
export interface HandlerRequest {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Record<string, unknown>;
  readonly kind: 'query' | 'mutation' | 'subscription';
}

export interface HandlerMeta {
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/**
 * A subgraph in the same process. The claims are passed as they are: nothing travels, so nothing is
 * signed. Subgraphs declare this shape themselves and do not import it.
 */
export interface SubgraphHandler {
  /** A GraphQL result, which becomes the caller's to change. */
  execute(request: HandlerRequest, claims: ActorClaims | null, meta: HandlerMeta): Promise<object>;
  subscribe(
    request: HandlerRequest & { readonly position?: string },
    claims: ActorClaims | null,
    meta: HandlerMeta,
    sink: UpstreamSink,
  ): { close(): void };
}

export interface InProcessLimits {
  /** Longest wait for a read. */
  readonly queryTimeoutMs?: number;
  readonly mutationTimeoutMs?: number;
}

const QUERY_TIMEOUT_MS = 2_000;
const MUTATION_TIMEOUT_MS = 10_000;

/** Reaches subgraphs by a function call; `services` may be filled after the gateway was built. */
export function inProcessTransport(
  services: ReadonlyMap<string, SubgraphHandler>,
  limits: InProcessLimits = {},
): SubgraphTransport {
  const handlerOf = (serviceName: string): SubgraphHandler => {
    const handler = services.get(serviceName);
    if (handler) return handler;
    const reason = 'no such subgraph in this process';
    throw new SubgraphUnavailable(serviceName, ErrorCode.subgraphUnavailable, reason, true);
  };
  return {
    async execute(request, context) {
      const handler = handlerOf(request.serviceName);
      const { claims } = context.identity;
      const answer = handler.execute(handlerRequest(request), claims, context);
      return withinDeadline(answer, request, context, limits);
    },
    subscribe(request, context, sink) {
      const handler = handlerOf(request.serviceName);
      const position = request.position === undefined ? {} : { position: request.position };
      return handler.subscribe(
        { ...handlerRequest(request), ...position },
        context.identity.claims,
        context,
        sink,
      );
    },
    close: () => Promise.resolve(),
  };
}

function handlerRequest(request: SubgraphRequest): HandlerRequest {
  return {
    query: request.query,
    operationName: request.operationName,
    variables: JSON.parse(request.variablesJson) as Record<string, unknown>,
    kind: request.kind,
  };
}

/** A subgraph that hangs in this process holds its own work up, but not the answer. */
function withinDeadline(
  answer: Promise<object>,
  request: SubgraphRequest,
  context: RequestContext,
  limits: InProcessLimits,
): Promise<object> {
  const timeoutMs =
    request.kind === 'mutation'
      ? (limits.mutationTimeoutMs ?? MUTATION_TIMEOUT_MS)
      : (limits.queryTimeoutMs ?? QUERY_TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    const give = (code: string, reason: string) => () =>
      settle(() => reject(new SubgraphUnavailable(request.serviceName, code, reason)));
    const timer = setTimeout(
      give(ErrorCode.subgraphTimeout, 'no answer in time'),
      Math.max(0, Math.min(timeoutMs, context.deadline - Date.now())),
    );
    const release = onCancelOf(context, give(ErrorCode.requestCancelled, 'the client went away'));
    const settle = (end: () => void) => {
      clearTimeout(timer);
      release();
      end();
    };
    answer.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

function onCancelOf(context: RequestContext, listener: () => void): () => void {
  if (context.onCancel) return context.onCancel(listener);
  context.signal.addEventListener('abort', listener, { once: true });
  return () => context.signal.removeEventListener('abort', listener);
}
