import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { cacheControlOf } from './cache-control.ts';
import { type CostOptions, compileCost } from './cost.ts';
import { ErrorCode, refusal } from './errors.ts';
import {
  AccessRules,
  accessOutcome,
  deniedFields,
  type OperationAccess,
  type PolicyDecision,
} from './execution/authorization.ts';
import type { FetchEnvironment } from './execution/entity-fetch.ts';
import { compileIntrospection } from './execution/introspection.ts';
import { OperationVariant, requestError } from './execution/operation-variant.ts';
import { conflictingRequires, planKeysFor } from './execution/planner-document.ts';
import type { OperationSource, Planning } from './execution/planning.ts';
import { collectFields } from './execution/selections.ts';
import { type CoercedVariables, compileVariables } from './execution/variables.ts';
import { checkExpanded, checkTokens, type OperationLimits } from './limits.ts';
import { LruCache } from './lru-cache.ts';
import type { SupergraphMetadata } from './supergraph-metadata.ts';
import type {
  Answer,
  Identity,
  PreparedOperation,
  PrepareFailure,
  RequestContext,
  SupergraphSnapshot,
  UpstreamEvent,
} from './types.ts';

export interface PrepareOptions {
  readonly limits: OperationLimits;
  readonly cost: CostOptions;
  /** Off in production: the schema is not for strangers to read or to guess. */
  readonly introspection: boolean;
  readonly suggestions: boolean;
  readonly decidePolicy: PolicyDecision;
  /** Prepared operations kept. Smaller re-plans more often; larger holds more memory. */
  readonly operationsMax: number;
  /** Approximate bytes of all prepared operations together. */
  readonly operationBytesMax: number;
}

type Variables = Readonly<Record<string, unknown>>;

/** A guess that errs high: tree, plan and generated functions for each character of the body. */
const BYTES_PER_CHARACTER = 60;
const BYTES_PER_OPERATION = 4_096;
const VALIDATION_ERRORS_MAX = 10;
/** Outcomes of the access rules for which an operation is kept compiled. */
const VARIANTS_MAX = 32;

/** Everything between a document's text and an operation that can run, for one supergraph. */
export class OperationStore {
  private readonly cache: LruCache<PreparedOperation | PrepareFailure>;
  private readonly rules: AccessRules;

  constructor(
    private readonly snapshot: SupergraphSnapshot,
    private readonly planning: Planning,
    private readonly metadata: SupergraphMetadata,
    private readonly environment: FetchEnvironment,
    private readonly options: PrepareOptions,
  ) {
    this.cache = new LruCache(options.operationsMax, options.operationBytesMax);
    this.rules = new AccessRules(planning.apiSchema, metadata);
  }

  /** Refusals are kept like successes: repeating a bad document costs a look-up. */
  prepare(body: string, operationName: string | null): PreparedOperation | PrepareFailure {
    const key = operationName === null ? body : `${operationName}\u0000${body}`;
    const known = this.cache.get(key);
    if (known !== undefined) return known;
    const prepared = this.build(body, operationName);
    this.cache.set(key, prepared, BYTES_PER_OPERATION + key.length * BYTES_PER_CHARACTER);
    return prepared;
  }

  /** Bodies and names of what is prepared now, for warming the next supergraph. */
  *known(): Iterable<{ readonly body: string; readonly operationName: string | null }> {
    for (const [key, prepared] of this.cache.entries()) {
      if ('errors' in prepared) continue;
      const separator = key.indexOf('\u0000');
      if (separator < 0) yield { body: key, operationName: null };
      else yield { body: key.slice(separator + 1), operationName: key.slice(0, separator) };
    }
  }

  private build(body: string, operationName: string | null): PreparedOperation | PrepareFailure {
    try {
      return this.compile(body, operationName);
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      const message = 'This operation cannot be planned.';
      return { errors: [refusal(ErrorCode.notPlannable, message)] };
    }
  }

  private compile(body: string, operationName: string | null): PreparedOperation | PrepareFailure {
    const { apiSchema } = this.planning;
    const { limits } = this.options;
    const excess = checkTokens(body, limits);
    if (excess) return { errors: [excess] };
    const document = parsed(body);
    const tooLarge = checkExpanded(document, limits);
    if (tooLarge) return { errors: [tooLarge] };
    const operation = operationOf(document, operationName);
    const errors = this.validated(document);
    if (errors.length > 0) return { errors };
    const source = this.sourceOf(document, operation);
    refuseConditionalRoot(apiSchema, source);
    return new Operation(body, source, {
      snapshot: this.snapshot,
      planning: this.planning,
      metadata: this.metadata,
      environment: this.environment,
      options: this.options,
      access: this.rules.operation(document),
    });
  }

  private sourceOf(document: DocumentNode, operation: OperationDefinitionNode): OperationSource {
    const { apiSchema } = this.planning;
    const conflict = conflictingRequires(apiSchema, document, this.metadata);
    if (conflict) throw refusal(ErrorCode.requiresConflict, conflict);
    const fragments = fragmentsOf(document);
    return {
      document,
      operation,
      fragments,
      operationName: operation.name?.value ?? null,
      planKeys: planKeysFor(apiSchema, document, this.metadata),
      introspect: compileIntrospection(apiSchema, operation, fragments),
    };
  }

  private validated(document: DocumentNode): readonly GraphQLError[] {
    const { introspection, suggestions } = this.options;
    const rules = introspection
      ? specifiedRules
      : [...specifiedRules, NoSchemaIntrospectionCustomRule];
    let errors: readonly GraphQLError[];
    try {
      errors = validate(this.planning.apiSchema, document, rules, {
        maxErrors: VALIDATION_ERRORS_MAX,
      });
    } catch {
      // graphql-js 16 throws for a variable in @skip or @include on a subscription's root field.
      errors = [
        new GraphQLError('@skip and @include are not allowed on a subscription root field.'),
      ];
    }
    return errors.map((error) => coded(error, suggestions));
  }
}

function parsed(body: string): DocumentNode {
  try {
    return parse(body);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new GraphQLError(error.message, {
      source: error.source,
      positions: error.positions,
      extensions: { code: ErrorCode.parseFailed },
    });
  }
}

function operationOf(document: DocumentNode, name: string | null): OperationDefinitionNode {
  const operation = getOperationAST(document, name);
  if (operation) return operation;
  const message = name
    ? `The document holds no operation named "${name}".`
    : 'The document must hold exactly one operation, or operationName must say which.';
  throw refusal(ErrorCode.operationResolution, message);
}

function coded(error: GraphQLError, suggestions: boolean): GraphQLError {
  const message = suggestions ? error.message : error.message.replace(/ ?Did you mean .*$/s, '');
  return new GraphQLError(message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    extensions: { code: ErrorCode.validationFailed },
  });
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition);
    }
  }
  return fragments;
}

/** A subscription's stream cannot depend on a variable: the planner has no plan for it. */
function refuseConditionalRoot(schema: GraphQLSchema, source: OperationSource): void {
  const root = schema.getSubscriptionType();
  if (source.operation.operation !== 'subscription' || !root) return;
  const fields = collectFields(schema, source.fragments, root, [
    { set: source.operation.selectionSet, condition: '' },
  ]);
  const [field] = fields;
  if (fields.length === 1 && field && field.nodes.every(({ condition }) => condition === ''))
    return;
  throw refusal(
    ErrorCode.validationFailed,
    '@skip and @include are not allowed on a subscription root field.',
  );
}

interface OperationParts {
  readonly snapshot: SupergraphSnapshot;
  readonly planning: Planning;
  readonly metadata: SupergraphMetadata;
  readonly environment: FetchEnvironment;
  readonly options: PrepareOptions;
  readonly access: OperationAccess;
}

class Operation implements PreparedOperation {
  readonly snapshot: SupergraphSnapshot;
  readonly hash: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly operationName: string | null;
  readonly rootFields: readonly string[];
  readonly cacheControl: string | null;
  readonly cost: (variables: Variables) => number;
  private readonly coerce: (variables: Variables) => CoercedVariables;
  private readonly variants = new Map<string, OperationVariant>();
  /** What a caller with every right gets: compiled at once, so that a bad plan is known early. */
  private readonly whole: OperationVariant;

  constructor(
    body: string,
    private readonly source: OperationSource,
    private readonly parts: OperationParts,
  ) {
    const { planning, metadata, options } = parts;
    const { operation, fragments } = source;
    this.snapshot = parts.snapshot;
    this.hash = createHash('sha256').update(body).digest('hex');
    this.document = source.document;
    this.operation = operation;
    this.kind = operation.operation;
    this.operationName = source.operationName;
    this.rootFields = rootFieldsOf(planning.apiSchema, source);
    this.cost = compileCost(planning.apiSchema, operation, fragments, metadata, options.cost);
    this.cacheControl = cacheControlOf(planning.apiSchema, operation, fragments, metadata);
    this.coerce = compileVariables(planning.apiSchema, operation);
    this.whole = new OperationVariant(source, planning, parts.environment, new Map());
  }

  get upstream(): PreparedOperation['upstream'] {
    const { primary } = this.whole;
    if (primary === null) return null;
    return {
      serviceName: primary.serviceName,
      query: primary.operation,
      operationName: primary.operationName ?? null,
      variableNames: primary.variableUsages ?? [],
    };
  }

  check(variables: Variables, identity: Identity): readonly GraphQLError[] {
    const { errors } = this.coerce(variables);
    if (errors) return errors;
    if (this.kind !== 'subscription') return [];
    const { codes } = accessOutcome(
      this.parts.access,
      identity.claims,
      this.parts.options.decidePolicy,
    );
    // A stream is opened for all of its fields or not at all.
    const code = codes.find((each) => each !== null);
    return code ? [refusal(code, 'You may not subscribe to this.')] : [];
  }

  execute(variables: Variables, context: RequestContext): Promise<Answer> {
    const { coerced, errors } = this.coerce(variables);
    if (errors) return Promise.resolve(requestError(errors, context.requestId));
    return this.guarded(context, () =>
      this.variantFor(context.identity).execute(variables, coerced, context),
    );
  }

  executeEvent(
    event: UpstreamEvent,
    variables: Variables,
    context: RequestContext,
  ): Promise<Answer> {
    const { coerced, errors } = this.coerce(variables);
    if (errors) return Promise.resolve(requestError(errors, context.requestId));
    return this.guarded(context, () => this.whole.executeEvent(event, variables, coerced, context));
  }

  /** A defect of ours is an answer like any other, and says nothing but its code. */
  private async guarded(context: RequestContext, run: () => Promise<Answer>): Promise<Answer> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof GraphQLError) return requestError([error], context.requestId);
      this.parts.environment.onDefect?.(error, context.requestId);
      const defect = refusal(ErrorCode.internal, 'The operation failed.');
      return requestError([defect], context.requestId);
    }
  }

  private variantFor(identity: Identity): OperationVariant {
    const { access, options, planning, environment } = this.parts;
    if (access.all.length === 0) return this.whole;
    const { key, codes } = accessOutcome(access, identity.claims, options.decidePolicy);
    if (codes.every((code) => code === null)) return this.whole;
    let variant = this.variants.get(key);
    if (variant === undefined) {
      if (this.variants.size >= VARIANTS_MAX) this.variants.clear();
      variant = new OperationVariant(
        this.source,
        planning,
        environment,
        deniedFields(access, codes),
      );
      this.variants.set(key, variant);
    }
    return variant;
  }
}

function rootFieldsOf(schema: GraphQLSchema, source: OperationSource): string[] {
  const root = schema.getRootType(source.operation.operation);
  if (!root) return [];
  const set = source.operation.selectionSet;
  const fields = collectFields(schema, source.fragments, root, [{ set, condition: '' }]);
  // One entry per selection, so that limits by root field count aliases as well.
  return fields.map(({ nodes }) => nodes[0]!.node.name.value);
}
