import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import { ErrorCode, refusal } from './errors.ts';
import type { ListSize, SupergraphMetadata } from './supergraph-metadata.ts';

export interface CostOptions {
  /**
   * Items assumed in a list that says nothing about its size. Smaller lets nested lists through
   * that turn out long; larger refuses harmless ones.
   */
  readonly assumedListSize: number;
}

export const DEFAULT_COST_OPTIONS: CostOptions = { assumedListSize: 10 };

/** A root mutation changes something: it weighs this much on top of what it returns. */
const MUTATION_COST = 10;

/** Costs saturate here: sums stay exact integers and comparisons stay meaningful. */
const COST_MAX = 1e15;

type Variables = Readonly<Record<string, unknown>>;

/**
 * Cost by the cost specification: an object weighs 1 and a leaf 0 unless @cost says otherwise, a
 * list weighs its size times its item, arguments add their weight. Fragments count where they are
 * spread; of fragments on different object types only the dearest counts, as one applies at most.
 * Throws a GraphQLError where a slicing argument is needed and missing, here or when called.
 */
export function compileCost(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  metadata: SupergraphMetadata,
  options: CostOptions,
): (variables: Variables) => number {
  const root = schema.getRootType(operation.operation);
  if (!root) return () => 0;
  const estimateFor = (variables: Variables) =>
    new CostEstimate(schema, fragments, metadata, options, {
      ...variableDefaults(operation),
      ...variables,
    });
  const base = operation.operation === 'mutation' ? MUTATION_COST : 0;
  const costOf = (estimate: CostEstimate) =>
    Math.min(estimate.selections(operation.selectionSet, root, null, base), COST_MAX);
  const first = estimateFor({});
  try {
    const cost = costOf(first);
    if (!first.usedVariables) return () => cost;
  } catch (error) {
    if (!first.usedVariables) throw error;
  }
  return (variables) => costOf(estimateFor(variables));
}

/** Refuses an operation that costs too much, with the figure and the limit. */
export function checkCost(cost: number, limit: number) {
  if (limit <= 0 || cost <= limit) return null;
  return refusal(
    ErrorCode.costExceeded,
    `The operation costs ${cost} points and ${limit} are allowed.`,
    { cost, maximum: limit },
  );
}

class CostEstimate {
  usedVariables = false;
  private readonly fragmentCosts = new Map<string, number>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly metadata: SupergraphMetadata,
    private readonly options: CostOptions,
    private readonly variables: Variables,
  ) {}

  selections(
    set: SelectionSetNode,
    type: GraphQLCompositeType,
    sized: ReadonlyMap<string, number> | null,
    perField: number,
  ): number {
    let cost = 0;
    const byType = new Map<string, number>();
    for (const selection of set.selections) {
      if (!this.included(selection.directives)) continue;
      if (selection.kind === 'Field') {
        cost += this.field(selection, type, sized) + perField;
        continue;
      }
      const fragment =
        selection.kind === 'InlineFragment' ? selection : this.fragments.get(selection.name.value);
      if (!fragment) continue;
      const on = fragment.typeCondition?.name.value ?? type.name;
      const condition = this.schema.getType(on);
      if (!isCompositeType(condition)) continue;
      const part =
        selection.kind === 'FragmentSpread' && sized === null && perField === 0
          ? this.fragment(selection.name.value, fragment.selectionSet, condition)
          : this.selections(fragment.selectionSet, condition, sized, perField);
      if (isObjectType(condition) && isAbstractType(type)) {
        byType.set(on, (byType.get(on) ?? 0) + part);
      } else {
        cost += part;
      }
    }
    return Math.min(cost + Math.max(0, ...byType.values()), COST_MAX);
  }

  private fragment(name: string, set: SelectionSetNode, type: GraphQLCompositeType): number {
    const known = this.fragmentCosts.get(name);
    if (known !== undefined) return known;
    this.fragmentCosts.set(name, 0);
    const cost = this.selections(set, type, null, 0);
    this.fragmentCosts.set(name, cost);
    return cost;
  }

  private field(
    node: FieldNode,
    parent: GraphQLCompositeType,
    sized: ReadonlyMap<string, number> | null,
  ): number {
    const name = node.name.value;
    if (name.startsWith('__') || !('getFields' in parent)) return 0;
    const definition = parent.getFields()[name];
    if (!definition) return 0;
    const coordinate = `${parent.name}.${name}`;
    const listSize = this.metadata.listSizes.get(coordinate);
    const size = listSize ? this.sizeOf(node, definition, listSize, coordinate) : null;
    const isList = isListType(getNullableType(definition.type));
    const own = listSize && listSize.sizedFields.length === 0 ? size : null;
    const count = isList ? (sized?.get(name) ?? own ?? this.options.assumedListSize) : 1;
    const child =
      listSize && size !== null && listSize.sizedFields.length > 0
        ? new Map(listSize.sizedFields.map((path) => [path.split('.')[0]!, size]))
        : null;
    const type = getNamedType(definition.type);
    const weight =
      this.metadata.costs.get(coordinate) ??
      this.metadata.costs.get(type.name) ??
      (isCompositeType(type) ? 1 : 0);
    const below =
      node.selectionSet && isCompositeType(type)
        ? this.selections(node.selectionSet, type, child, 0)
        : 0;
    const args = this.argumentsCost(node, definition, coordinate);
    return Math.min(count * (weight + below) + args, COST_MAX);
  }

  private sizeOf(
    node: FieldNode,
    definition: GraphQLField<unknown, unknown>,
    listSize: ListSize,
    coordinate: string,
  ): number | null {
    const sizes = listSize.slicingArguments
      .map((path) => this.argumentAt(node, definition, path.split('.')))
      .filter((value) => typeof value === 'number');
    const exactlyOne = listSize.requireOneSlicingArgument && listSize.slicingArguments.length > 0;
    if (exactlyOne && (sizes.length > 1 || (sizes.length === 0 && listSize.assumedSize === null))) {
      throw refusal(
        ErrorCode.badUserInput,
        `${coordinate} needs exactly one of: ${listSize.slicingArguments.join(', ')}.`,
      );
    }
    return sizes.length > 0 ? Math.max(0, ...sizes) : listSize.assumedSize;
  }

  private argumentAt(
    node: FieldNode,
    definition: GraphQLField<unknown, unknown>,
    [name, ...rest]: readonly string[],
  ): unknown {
    const given = node.arguments?.find((argument) => argument.name.value === name);
    let value = given ? this.value(given.value) : undefined;
    value ??= definition.args.find((argument) => argument.name === name)?.defaultValue;
    for (const key of rest) {
      value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
    }
    return value;
  }

  private value(node: ValueNode): unknown {
    return valueFromASTUntyped(node, this.tracked());
  }

  private tracked(): Record<string, unknown> {
    return new Proxy(this.variables as Record<string, unknown>, {
      get: (variables, name) => {
        this.usedVariables = true;
        return variables[name as string];
      },
    });
  }

  private included(directives: readonly DirectiveNode[] | undefined): boolean {
    for (const directive of directives ?? []) {
      const name = directive.name.value;
      if (name !== 'skip' && name !== 'include') continue;
      const value = directive.arguments?.[0] ? this.value(directive.arguments[0].value) : undefined;
      if (typeof value === 'boolean' && value === (name === 'skip')) return false;
    }
    return true;
  }

  private argumentsCost(
    node: FieldNode,
    definition: GraphQLField<unknown, unknown>,
    coordinate: string,
  ): number {
    let cost = 0;
    for (const argument of definition.args) {
      const given = node.arguments?.find(({ name }) => name.value === argument.name);
      if (!given) continue;
      cost += this.metadata.costs.get(`${coordinate}(${argument.name}:)`) ?? 0;
      if (this.metadata.costs.size > 0) cost += this.inputCost(argument, this.value(given.value));
    }
    return cost;
  }

  private inputCost(argument: Pick<GraphQLArgument, 'type'>, value: unknown): number {
    const type = getNamedType(argument.type);
    if (Array.isArray(value)) {
      return value.reduce((sum: number, item) => sum + this.inputCost(argument, item), 0);
    }
    if (!isInputObjectType(type) || typeof value !== 'object' || value === null) return 0;
    let cost = this.metadata.costs.get(type.name) ?? 0;
    for (const [name, field] of Object.entries(type.getFields())) {
      if (!Object.hasOwn(value, name)) continue;
      cost += this.metadata.costs.get(`${type.name}.${name}`) ?? 0;
      cost += this.inputCost(field, Reflect.get(value, name));
    }
    return cost;
  }
}

function variableDefaults(operation: OperationDefinitionNode): Record<string, unknown> {
  const defaults: Record<string, unknown> = {};
  for (const definition of operation.variableDefinitions ?? []) {
    if (definition.defaultValue) {
      defaults[definition.variable.name.value] = valueFromASTUntyped(definition.defaultValue);
    }
  }
  return defaults;
}
