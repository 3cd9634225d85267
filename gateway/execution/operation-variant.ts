import { operationFromDocument } from '@apollo/federation-internals';
import type { FetchNode, PlanNode } from '@apollo/query-planner';
import type { FieldNode, GraphQLError } from 'graphql';
import { ErrorCode, refusal, toAnswerError } from '../errors.ts';
import type { Answer, RequestContext, UpstreamEvent } from '../types.ts';
import { compileAnswerWriter } from './answer-writer.ts';
import type { FetchEnvironment } from './entity-fetch.ts';
import { ExecutionState, type JsonObject, type WrittenError } from './execution-state.ts';
import { type IntrospectionTexts, NO_INTROSPECTION } from './introspection.ts';
import { copyOf, isJsonObject } from './merge.ts';
import { compilePlan, type PlanStep } from './plan-runner.ts';
import { plannerDocument } from './planner-document.ts';
import type { OperationSource, Planning } from './planning.ts';
import { withTrueNames } from './required-variants.ts';
import { RootFetch } from './root-fetch.ts';
import { collectFields } from './selections.ts';
import { maskedError } from './subgraph-answer.ts';
import { withoutImplied } from './writer-errors.ts';

type Variables = Readonly<Record<string, unknown>>;

/**
 * An operation compiled for callers with the same rights: its plan, and the function that writes its
 * answer. What such a caller may not read is neither fetched nor written.
 */
export class OperationVariant {
  /** The fetch that opens the stream; subscriptions only. */
  readonly primary: FetchNode | null;
  private readonly step: PlanStep;
  private readonly rootFetch: RootFetch | null;
  private readonly hasRest: boolean;
  private readonly write: ReturnType<typeof compileAnswerWriter>;

  constructor(
    private readonly source: OperationSource,
    private readonly planning: Planning,
    environment: FetchEnvironment,
    denied: ReadonlyMap<FieldNode, string>,
  ) {
    const { operation, fragments, planKeys } = source;
    const node = planOf(source, planning, denied);
    if (node === undefined && denied.size === 0 && selectsAlways(source, planning)) {
      throw new Error('No subgraph can answer any part of this operation.');
    }
    this.primary = node?.kind === 'Subscription' ? primaryOf(node.primary, environment) : null;
    const rest = node?.kind === 'Subscription' ? node.rest : node;
    this.rootFetch = this.primary ? new RootFetch(this.primary, environment) : null;
    this.hasRest = rest !== undefined;
    this.step = compilePlan(rest as PlanNode | undefined, environment);
    this.write = compileAnswerWriter({
      schema: planning.apiSchema,
      operation,
      fragments,
      planKeys,
      denied,
    });
  }

  async execute(
    variables: Variables,
    coerced: Variables,
    context: RequestContext,
  ): Promise<Answer> {
    const state = new ExecutionState(variables, coerced, context);
    const running = this.step(state);
    if (running !== undefined) await running;
    return this.answer(state, this.source.introspect?.(variables) ?? NO_INTROSPECTION);
  }

  async executeEvent(
    event: UpstreamEvent,
    variables: Variables,
    coerced: Variables,
    context: RequestContext,
  ): Promise<Answer> {
    const state = new ExecutionState(variables, coerced, context);
    const serviceName = this.primary!.serviceName;
    // Streams are shared: another operation may be joined to the same event.
    const data = isJsonObject(event.data) ? (copyOf(event.data) as JsonObject) : null;
    const errors = (event.errors ?? []).map((error) =>
      maskedError(serviceName, error as unknown as JsonObject),
    );
    this.rootFetch!.adopt(state, [state.data], { data, errors });
    if (this.hasRest && data !== null) await this.step(state);
    return this.answer(state, NO_INTROSPECTION);
  }

  private answer(state: ExecutionState, introspection: IntrospectionTexts): Answer {
    const { requestId } = state.context;
    const errors: WrittenError[] = [];
    const text = this.write(state.data, {
      v: state.coerced,
      e: errors,
      m: state.notes,
      i: introspection,
      requestId,
      fallback: state.firstFailure,
    });
    const data = text ?? 'null';
    if (data.length > this.planning.answerCharactersMax) {
      return requestError(
        [refusal(ErrorCode.responseTooLarge, 'The answer is too large. Ask for fewer items.')],
        requestId,
      );
    }
    if (errors.length === 0)
      return { json: `{"data":${data}}`, hasErrors: false, requestError: false };
    return {
      json: `{"errors":${errorsText(errors)},"data":${data}}`,
      hasErrors: true,
      requestError: false,
    };
  }
}

function errorsText(errors: readonly WrittenError[]): string {
  const seen = new Set<string>();
  for (const { message, path, extensions } of withoutImplied(errors)) {
    seen.add(JSON.stringify({ message, ...(path.length > 0 && { path }), extensions }));
  }
  return `[${[...seen].join(',')}]`;
}

export function requestError(errors: readonly GraphQLError[], requestId: string): Answer {
  const json = JSON.stringify({ errors: errors.map((error) => toAnswerError(error, requestId)) });
  return { json, hasErrors: true, requestError: true };
}

/** Whether a field that a subgraph has to answer is selected, whatever the variables. */
function selectsAlways({ operation, fragments }: OperationSource, { apiSchema }: Planning) {
  const root = apiSchema.getRootType(operation.operation)!;
  const selections = [{ set: operation.selectionSet, condition: '' }];
  return collectFields(apiSchema, fragments, root, selections).some(({ nodes }) =>
    nodes.some(({ node, condition }) => condition === '' && !node.name.value.startsWith('__')),
  );
}

function primaryOf(node: FetchNode, { requiredVariants }: FetchEnvironment): FetchNode {
  return withTrueNames(node, requiredVariants) as FetchNode;
}

/** Throws where the planner finds no plan; the caller turns that into a typed refusal. */
function planOf(
  source: OperationSource,
  planning: Planning,
  denied: ReadonlyMap<FieldNode, string>,
) {
  const document = plannerDocument(source.document, source.planKeys, denied);
  const operationName = source.operationName ?? undefined;
  const operation = operationFromDocument(planning.federationApiSchema, document, {
    operationName,
  });
  return planning.planner.buildQueryPlan(operation).node;
}
