import type { SignedClaims } from './identity/actor.ts';

export interface SubgraphOperation {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** Subscriptions: continue after this position. */
  readonly position?: string;
}

export interface OperationMeta {
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** Where a stream's events go. Nothing is called after close(). */
export interface EventSink {
  next(event: {
    readonly data: Record<string, unknown> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly path?: readonly (string | number)[];
      readonly extensions?: Record<string, unknown>;
    }[];
    /** A bookmark is no event: it says where the stream stands before its first. */
    readonly extensions?: { readonly position?: string; readonly bookmark?: boolean };
  }): void;
  error(
    errors: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[],
  ): void;
  complete(): void;
  disconnected(reason: string): void;
}

/**
 * A subgraph as its own process sees it: no HTTP, no signature, because nobody else can call it.
 * The same work is behind the signed HTTP and WebSocket doors.
 */
export interface SubgraphHandler {
  execute(
    operation: SubgraphOperation,
    claims: SignedClaims,
    meta: OperationMeta,
  ): Promise<Readonly<Record<string, unknown>>>;
  subscribe(
    operation: SubgraphOperation,
    claims: SignedClaims,
    meta: OperationMeta,
    sink: EventSink,
  ): { close(): void };
}
