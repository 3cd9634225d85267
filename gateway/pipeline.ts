import { GraphQLError } from 'graphql';
import { checkCost } from './cost.ts';
import { ErrorCode, refusal } from './errors.ts';
import { requestError } from './execution/operation-variant.ts';
import { SharedContext } from './execution/shared-context.ts';
import type {
  Answer,
  Client,
  GraphQLParams,
  PreparedOperation,
  PrepareFailure,
  RequestContext,
  SupergraphSnapshot,
} from './types.ts';

/** An operation that may run: within every limit, its variables fitting, its cost paid for. */
export interface ReadyOperation {
  readonly prepared: PreparedOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly cost: number;
}

/** The document an operation id stands for. */
export interface ResolvedOperation {
  readonly body: string;
  readonly operationName?: string | null;
}

type OrPromise<T> = T | Promise<T>;

export interface PipelineOptions {
  /** The supergraph now. Called once per request, which then keeps what it got. */
  readonly snapshot: () => SupergraphSnapshot;
  /** Ids to documents and the client's mode; without it every document is taken as sent. */
  readonly resolve?: (
    params: GraphQLParams,
    client: Client,
  ) => OrPromise<ResolvedOperation | GraphQLError>;
  /** Takes the cost from the caller's budget, or says why it cannot. */
  readonly spend?: (
    cost: number,
    prepared: PreparedOperation,
    context: RequestContext,
  ) => OrPromise<GraphQLError | null>;
  /** Highest cost of one operation; zero is no limit. */
  readonly costMax: number;
  /** Whether identical queries in flight for one identity are executed once. */
  readonly coalesceReads: boolean;
  /** Client headers a subgraph sees: two queries are identical only if these are too. */
  readonly propagateHeaders?: readonly string[];
}

export interface Outcome {
  readonly answer: Answer;
  /** Null when it did not come to that. */
  readonly ready: ReadyOperation | null;
  /** The refusal's code when the operation never ran, for the transport's status. */
  readonly refusal: GraphQLError | null;
}

/** The one path from a client's parameters to an answer; every transport takes it. */
export interface Pipeline {
  prepareFor(
    params: GraphQLParams,
    context: RequestContext,
  ): Promise<ReadyOperation | PrepareFailure>;
  /** `onReady` is told what will run, before it does. */
  execute(
    params: GraphQLParams,
    context: RequestContext,
    onReady?: (ready: ReadyOperation) => void,
  ): Promise<Outcome>;
  /** Runs what `prepareFor` gave. */
  run(ready: ReadyOperation, context: RequestContext): Promise<Answer>;
}

const NO_VARIABLES = {};

export function createPipeline(options: PipelineOptions): Pipeline {
  const shared = new SharedReads(options.propagateHeaders ?? []);

  const prepare = (params: GraphQLParams, context: RequestContext) => {
    const resolved = options.resolve?.(params, context.client) ?? asSent(params);
    return resolved instanceof Promise
      ? resolved.then((operation) => prepareResolved(operation, params, context))
      : prepareResolved(resolved, params, context);
  };

  const prepareResolved = (
    operation: ResolvedOperation | GraphQLError,
    params: GraphQLParams,
    context: RequestContext,
  ): OrPromise<ReadyOperation | PrepareFailure> => {
    if (operation instanceof GraphQLError) return { errors: [operation] };
    const name = params.operationName || operation.operationName || null;
    const prepared = options.snapshot().prepare(operation.body, name);
    if ('errors' in prepared) return prepared;
    const variables = params.variables ?? NO_VARIABLES;
    const problems = prepared.check(variables, context.identity);
    if (problems.length > 0) return { errors: problems };
    return afford(prepared, variables, context);
  };

  const afford = (
    prepared: PreparedOperation,
    variables: Readonly<Record<string, unknown>>,
    context: RequestContext,
  ): OrPromise<ReadyOperation | PrepareFailure> => {
    const cost = costOf(prepared, variables);
    if (cost instanceof GraphQLError) return { errors: [cost] };
    const tooDear = checkCost(cost, options.costMax);
    if (tooDear) return { errors: [tooDear] };
    const ready = { prepared, variables, cost };
    const refused = options.spend?.(cost, prepared, context) ?? null;
    if (refused instanceof Promise) {
      return refused.then((error) => (error ? { errors: [error] } : ready));
    }
    return refused ? { errors: [refused] } : ready;
  };

  const run = (ready: ReadyOperation, context: RequestContext): Promise<Answer> => {
    const { prepared, variables } = ready;
    return options.coalesceReads && prepared.kind === 'query'
      ? shared.execute(prepared, variables, context)
      : prepared.execute(variables, context);
  };

  return {
    run,
    async prepareFor(params, context) {
      return prepare(params, context);
    },
    async execute(params, context, onReady) {
      const preparing = prepare(params, context);
      const ready = preparing instanceof Promise ? await preparing : preparing;
      if ('errors' in ready) return refused(ready.errors, context);
      if (ready.prepared.kind === 'subscription') return refused([notHere()], context);
      onReady?.(ready);
      return { answer: await run(ready, context), ready, refusal: null };
    },
  };
}

function asSent(params: GraphQLParams): ResolvedOperation | GraphQLError {
  if (params.query) return { body: params.query };
  return refusal(ErrorCode.badRequest, 'The request holds no operation.');
}

function costOf(
  prepared: PreparedOperation,
  variables: Readonly<Record<string, unknown>>,
): number | GraphQLError {
  try {
    return prepared.cost(variables);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

function refused(errors: readonly GraphQLError[], context: RequestContext): Outcome {
  const answer = requestError(errors, context.requestId);
  return { answer, ready: null, refusal: errors[0] ?? null };
}

function notHere(): GraphQLError {
  const message = 'Subscriptions need a WebSocket, Server-Sent Events or multipart/mixed.';
  return refusal(ErrorCode.badRequest, message);
}

interface SharedRead {
  readonly context: SharedContext;
  readonly answer: Promise<Answer>;
}

/** Identical queries in flight for one identity: executed and serialised once. */
class SharedReads {
  private readonly inFlight = new WeakMap<PreparedOperation, Map<string, SharedRead>>();

  constructor(private readonly propagateHeaders: readonly string[]) {}

  execute(
    prepared: PreparedOperation,
    variables: Readonly<Record<string, unknown>>,
    context: RequestContext,
  ): Promise<Answer> {
    let reads = this.inFlight.get(prepared);
    if (reads === undefined) {
      reads = new Map();
      this.inFlight.set(prepared, reads);
    }
    const key = this.keyOf(variables, context);
    const running = reads.get(key);
    if (running?.context.join(context)) return running.answer;
    const shared = new SharedContext(context);
    const answer = prepared.execute(variables, shared).then((result) => {
      shared.finish();
      if (reads.get(key)?.context === shared) reads.delete(key);
      return result;
    });
    reads.set(key, { context: shared, answer });
    return answer;
  }

  private keyOf(variables: Readonly<Record<string, unknown>>, context: RequestContext): string {
    let key = context.identity.key;
    if (variables !== NO_VARIABLES) key += `\n${JSON.stringify(variables)}`;
    for (const name of this.propagateHeaders) {
      key += `\n${JSON.stringify(context.headers[name] ?? null)}`;
    }
    return key;
  }
}
