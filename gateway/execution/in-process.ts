import { ErrorCode, SubgraphUnavailable } from '../errors.ts';
import type { ActorClaims, SubgraphRequest, SubgraphTransport, UpstreamSink } from '../types.ts';

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

/** Reaches subgraphs by a function call; `services` may be filled after the gateway was built. */
export function inProcessTransport(
  services: ReadonlyMap<string, SubgraphHandler>,
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
      return handler.execute(handlerRequest(request), context.identity.claims, context);
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
