import { AsyncLocalStorage } from 'node:async_hooks';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import type { EventStream, StreamEvent } from '../events/streams.ts';
import { publicError } from '../graphql/errors.ts';
import type { FederatedSchema } from '../graphql/federation.ts';
import { requireDoor } from '../graphql/guarded-by.ts';
import type { EventSink, OperationMeta, SubgraphHandler, SubgraphOperation } from '../handler.ts';
import { actorOf, type SignedClaims } from '../identity/actor.ts';
import type { Logger } from '../logger.ts';
import type { Actor } from '../policy.ts';

type ContextFor = (request: {
  readonly actor: Actor;
  readonly requestId: string;
  readonly position: string | null;
}) => object;

/**
 * A result of one event, with the place of that event in its stream. A bookmark is no event: it comes
 * first and says where the stream stands, so that it can be resumed before anything happened.
 */
export type EventResult = ExecutionResult & {
  readonly extensions?: { readonly position?: string; readonly bookmark?: true };
};

/** Runs operations against the subgraph's schema, for whichever door they came by. */
export class GraphQLHost implements SubgraphHandler {
  private readonly server: ApolloServer<{ requestId?: string }>;
  private readonly requestIds = new AsyncLocalStorage<string>();
  private readonly documents = new Map<string, DocumentNode | readonly GraphQLError[]>();

  constructor(
    private readonly federated: FederatedSchema,
    private readonly contextFor: ContextFor,
    private readonly logger: Logger,
  ) {
    this.server = new ApolloServer<{ requestId?: string }>({
      schema: federated.schema,
      introspection: true, // only signed callers get this far
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
      csrfPrevention: false, // no browser reaches a subgraph: every request is signed
      logger: { debug() {}, info() {}, warn: (m) => logger.warn(m), error: (m) => logger.error(m) },
      formatError: (_formatted, error) => this.shown(error, this.requestIds.getStore() ?? 'none'),
      plugins: [
        ApolloServerPluginInlineTraceDisabled(),
        ApolloServerPluginUsageReportingDisabled(),
      ],
    });
  }

  get schema(): GraphQLSchema {
    return this.federated.schema;
  }

  start(): Promise<void> {
    return this.server.start();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  async execute(
    operation: SubgraphOperation,
    claims: SignedClaims,
    meta: OperationMeta,
  ): Promise<Record<string, unknown>> {
    const contextValue = this.contextFor({
      actor: actorOf(claims),
      requestId: meta.requestId,
      position: null,
    });
    const response = await this.requestIds.run(meta.requestId, () =>
      this.server.executeOperation(
        {
          query: operation.query,
          variables: operation.variables as Record<string, unknown>,
          ...(operation.operationName ? { operationName: operation.operationName } : {}),
        },
        { contextValue: contextValue as { requestId?: string } },
      ),
    );
    if (response.body.kind !== 'single') throw new Error('incremental delivery is off');
    const { data, errors } = response.body.singleResult;
    return {
      ...(errors ? { errors } : {}),
      ...(data === undefined ? {} : { data }),
    };
  }

  subscribe(
    operation: SubgraphOperation,
    claims: SignedClaims,
    meta: OperationMeta,
    sink: EventSink,
  ): { close(): void } {
    let closed = false;
    let iterator: AsyncIterator<EventResult> | null = null;
    const pump = async (): Promise<void> => {
      const opened = await this.open(operation, claims, meta);
      if ('errors' in opened) {
        if (!closed) sink.error(opened.errors as never);
        return;
      }
      iterator = opened.events;
      if (closed) {
        await iterator.return?.();
        return;
      }
      for (;;) {
        const next = await iterator.next();
        if (closed) return;
        if (next.done) return sink.complete();
        sink.next(next.value as never);
      }
    };
    pump().catch((err: unknown) => {
      this.logger.error({ err, requestId: meta.requestId }, 'stream failed');
      if (!closed) sink.disconnected('the stream failed');
    });
    return {
      close: () => {
        closed = true;
        iterator?.return?.()?.catch(() => {});
      },
    };
  }

  /** Opens a stream, or says why not. Authorised here, and again at every event. */
  async open(
    operation: SubgraphOperation,
    claims: SignedClaims,
    meta: OperationMeta,
  ): Promise<{ events: AsyncIterableIterator<EventResult> } | { errors: readonly object[] }> {
    const document = this.document(operation.query);
    if (!('kind' in document))
      return { errors: document.map((error) => this.shown(error, meta.requestId)) };
    const actor = actorOf(claims);
    const position = operation.position ?? null;
    const fresh = () => this.contextFor({ actor, requestId: meta.requestId, position });
    const args = {
      schema: this.federated.schema,
      document,
      variableValues: operation.variables as Record<string, unknown>,
      operationName: operation.operationName,
    };
    let source: unknown;
    try {
      this.requireDoorOf(document, operation.operationName, actor);
      source = await createSourceEventStream({ ...args, contextValue: fresh() });
    } catch (error) {
      return { errors: [this.shown(error, meta.requestId)] };
    }
    if (!isAsyncIterable(source)) {
      const { errors = [] } = source as ExecutionResult;
      return { errors: errors.map((error) => this.shown(error, meta.requestId)) };
    }
    return {
      events: this.results(
        source as AsyncIterable<StreamEvent>,
        (event) => execute({ ...args, rootValue: event, contextValue: fresh() }),
        meta.requestId,
      ),
    };
  }

  private results(
    source: AsyncIterable<StreamEvent>,
    run: (event: StreamEvent) => ExecutionResult | Promise<ExecutionResult>,
    requestId: string,
  ): AsyncIterableIterator<EventResult> {
    const iterator = source[Symbol.asyncIterator]();
    let bookmark = (source as Partial<EventStream>).bookmark ?? null;
    let ended = false;
    const end = async (): Promise<IteratorResult<EventResult>> => {
      ended = true;
      await iterator.return?.();
      return { done: true, value: undefined };
    };
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => {
        if (ended) return { done: true, value: undefined };
        if (bookmark !== null) {
          const extensions = { position: bookmark, bookmark: true as const };
          bookmark = null;
          return { done: false, value: { data: null, extensions } };
        }
        const step = await iterator.next();
        if (step.done) return end();
        const result = await run(step.value);
        const errors = result.errors?.map((error) => this.shown(error, requestId));
        // Permission lost since the stream began: tell it once, and end.
        if (
          errors?.some(
            (error) =>
              'path' in error && error.path?.length === 1 && lostPermission(error.extensions.code),
          )
        ) {
          ended = true;
          await iterator.return?.();
        }
        return {
          done: false,
          value: {
            data: result.data ?? null,
            ...(errors ? { errors: errors as never } : {}),
            extensions: { position: step.value.position },
          },
        };
      },
      return: end,
    };
  }

  private requireDoorOf(document: DocumentNode, operationName: string | null, actor: Actor): void {
    const operation = getOperationAST(document, operationName);
    if (operation?.operation !== 'subscription') {
      throw new GraphQLError('Not a subscription.', { extensions: { code: 'BAD_USER_INPUT' } });
    }
    for (const selection of operation.selectionSet.selections) {
      if (selection.kind !== 'Field') continue;
      const policy = this.federated.policies.get(`Subscription.${selection.name.value}`);
      requireDoor(policy?.allows ?? (() => false), actor);
    }
  }

  private document(query: string): DocumentNode | readonly GraphQLError[] {
    const known = this.documents.get(query);
    if (known) return known;
    let result: DocumentNode | readonly GraphQLError[];
    try {
      const document = parse(query);
      const errors = validate(this.federated.schema, document);
      result = errors.length > 0 ? errors : document;
    } catch (error) {
      result = [
        error instanceof GraphQLError
          ? error
          : new GraphQLError('The operation could not be read.'),
      ];
    }
    // The gateway sends few distinct documents; forgetting all of them now and then is cheap.
    if (this.documents.size >= 1_000) this.documents.clear();
    this.documents.set(query, result);
    return result;
  }

  private shown(error: unknown, requestId: string) {
    const { shown, isDefect } = publicError(error, requestId);
    if (isDefect) {
      const err = (error as GraphQLError).originalError ?? error;
      this.logger.error({ err, requestId, path: shown.path }, 'defect');
    }
    return shown;
  }
}

function lostPermission(code: string): boolean {
  return code === 'FORBIDDEN' || code === 'UNAUTHENTICATED';
}

function isAsyncIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
