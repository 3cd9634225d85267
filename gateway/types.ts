import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';

/**
 * The nouns every part of the gateway shares. Types only: each part owns its own behaviour, and the
 * composition root (server.ts) is the one place that joins them.
 */

/** Who is calling, after the token, partner key or first-party client name was checked. */
export interface Identity {
  /** Equal keys may share one upstream stream and one in-flight read. Never equal for two subjects. */
  readonly key: string;
  /** What subgraphs are told, signed; null for an anonymous caller. */
  readonly claims: ActorClaims | null;
  /** Seconds since the epoch at which the credential stops being good, or null where it does not end. */
  readonly expiresAt: number | null;
}

/** The verified claims of a credential that a subgraph's policies may rely on. */
export interface ActorClaims {
  readonly iss: string;
  readonly sub: string;
  /** 'member' | 'partner' | 'support' | 'system' in Parley; the gateway passes it through unread. */
  readonly kind: string;
  readonly name?: string;
  readonly scope?: string;
  readonly [claim: string]: unknown;
}

/** Which registered client program is calling; decides which operations it may send. */
export interface Client {
  readonly name: string;
  readonly mode: 'open' | 'log-unknown' | 'safelist' | 'ids-only';
  /** Cost points this client may spend per minute; null is unlimited. */
  readonly costPerMinute: number | null;
}

/** Everything about one request, or one subscribe, that outlives its transport. */
export interface RequestContext {
  readonly requestId: string;
  readonly identity: Identity;
  readonly client: Client;
  /** Aborted when the client goes away or the request's deadline has passed. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Who opened the connection: the caller, or the nearest proxy. */
  readonly peerAddress?: string;
  /**
   * The same moment as `signal`'s abort, for a fraction of its cost; a transport that offers it also
   * keeps `cancelled`. Returns what ends the listening.
   */
  onCancel?(listener: () => void): () => void;
  readonly cancelled?: boolean;
}

/** What a client sent, whatever the transport. */
export interface GraphQLParams {
  readonly query?: string | null;
  readonly documentId?: string | null;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly extensions?: Readonly<Record<string, unknown>> | null;
}

/** One supergraph version, frozen. Requests in flight keep the snapshot they began with. */
export interface SupergraphSnapshot {
  /** sha256 of the SDL, hex. */
  readonly id: string;
  readonly supergraphSdl: string;
  readonly apiSchema: GraphQLSchema;
  readonly services: ReadonlyMap<string, { readonly name: string; readonly url: string }>;
  /** Parses, validates, checks limits and plans; cached by the hash of the document, bounded. */
  prepare(body: string, operationName: string | null): PreparedOperation | PrepareFailure;
}

export interface PrepareFailure {
  readonly errors: readonly GraphQLError[];
}

/** An operation ready to run any number of times. */
export interface PreparedOperation {
  readonly snapshot: SupergraphSnapshot;
  /** sha256 of the body, hex. */
  readonly hash: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly operationName: string | null;
  /** The root field's schema name; for a subscription the stream it reads. */
  readonly rootFields: readonly string[];
  /** Cost for these variables, by @cost and @listSize with fragments expanded. */
  cost(variables: Readonly<Record<string, unknown>>): number;
  /** `Cache-Control` for a fully successful answer, or null when nothing may be cached. */
  readonly cacheControl: string | null;
  /**
   * What stands against running it for this caller: variables that do not fit and, for a
   * subscription, fields the caller may not read. Queries answer those with null and an error.
   */
  check(variables: Readonly<Record<string, unknown>>, identity: Identity): readonly GraphQLError[];
  /** Query or mutation. Never rejects: every failure is in the answer. */
  execute(variables: Readonly<Record<string, unknown>>, context: RequestContext): Promise<Answer>;
  /** Subscriptions only: the operation to open at the subgraph that owns the root field. */
  readonly upstream: {
    readonly serviceName: string;
    readonly query: string;
    readonly operationName: string | null;
    readonly variableNames: readonly string[];
  } | null;
  /** Subscriptions only: joins one upstream event across the other subgraphs. Never rejects. */
  executeEvent(
    event: UpstreamEvent,
    variables: Readonly<Record<string, unknown>>,
    context: RequestContext,
  ): Promise<Answer>;
}

/** An answer, serialised once. `json` is a whole GraphQL result object without `extensions`. */
export interface Answer {
  /** `{"data":...,"errors":[...]}` as text; errors come first when there are any, as the spec advises. */
  readonly json: string;
  readonly hasErrors: boolean;
  /** True when `data` is absent: the operation never ran. */
  readonly requestError: boolean;
}

/** One `next` of a subgraph's stream. */
export interface UpstreamEvent {
  readonly data: Record<string, unknown> | null;
  readonly errors?: readonly {
    message: string;
    path?: readonly (string | number)[];
    extensions?: Record<string, unknown>;
  }[];
  /** `position` is the subgraph's opaque place of this event in its stream; absent: not resumable. */
  readonly extensions?: {
    readonly position?: string;
    /** No event: only says where the stream stands, so that it can be resumed before its first. */
    readonly bookmark?: boolean;
    readonly [key: string]: unknown;
  };
}

/** One operation for a subgraph. `variablesJson` is ready-made JSON text of the variables object. */
export interface SubgraphRequest {
  readonly serviceName: string;
  readonly query: string;
  readonly operationName: string | null;
  readonly variablesJson: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** Subscriptions: continue after this position. */
  readonly position?: string;
}

/** How the gateway reaches one subgraph. HTTP with keep-alive across processes, a call within one. */
export interface SubgraphTransport {
  /**
   * Resolves to the answer: its JSON text, or the object itself where nothing travelled. The object
   * is the caller's to change. Rejects with SubgraphUnavailable when there is none to be had.
   */
  execute(request: SubgraphRequest, context: RequestContext): Promise<string | object>;
  /** Opens a stream; callbacks are never called after `close()` returned. */
  subscribe(
    request: SubgraphRequest,
    context: RequestContext,
    sink: UpstreamSink,
  ): { close(): void };
  close(): Promise<void>;
}

export interface UpstreamSink {
  next(event: UpstreamEvent): void;
  /** The subgraph refused the operation: a typed end, not to be retried as it is. */
  error(errors: readonly { message: string; extensions?: Record<string, unknown> }[]): void;
  /** The stream ended by the subgraph's own will. */
  complete(): void;
  /**
   * The connection is gone; the stream can be opened again and continued by its last position.
   * `neverOpened`: the operation did not reach the subgraph, so nothing can have been missed.
   */
  disconnected(reason: string, neverOpened?: boolean): void;
}
