import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { CacheHint, SupergraphMetadata } from './supergraph-metadata.ts';

/**
 * `Cache-Control` of a query from the schema's @cacheControl hints: the shortest age of all fields,
 * private as soon as one is. Root fields and fields returning objects may not be kept unless a hint
 * says so; leaves take their parent's. Null when nothing may be cached.
 */
export function cacheControlOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  metadata: SupergraphMetadata,
): string | null {
  const root = schema.getQueryType();
  if (metadata.cacheHints.size === 0 || operation.operation !== 'query' || !root) return null;
  const policy = new CachePolicy(schema, fragments, metadata);
  policy.visit(operation.selectionSet, root, true);
  const { maxAge, isPrivate } = policy;
  if (maxAge === null || maxAge <= 0) return null;
  return `max-age=${maxAge}, ${isPrivate ? 'private' : 'public'}`;
}

class CachePolicy {
  maxAge: number | null = null;
  isPrivate = false;
  private readonly visited = new Set<string>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly metadata: SupergraphMetadata,
  ) {}

  visit(set: SelectionSetNode, type: GraphQLCompositeType, atRoot: boolean): void {
    for (const selection of set.selections) {
      if (selection.kind === 'Field') {
        this.field(selection, type, atRoot);
        continue;
      }
      if (selection.kind === 'FragmentSpread') {
        if (this.visited.has(selection.name.value)) continue;
        this.visited.add(selection.name.value);
      }
      const fragment =
        selection.kind === 'InlineFragment' ? selection : this.fragments.get(selection.name.value);
      const on = this.schema.getType(fragment?.typeCondition?.name.value ?? type.name);
      if (fragment && isCompositeType(on)) this.visit(fragment.selectionSet, on, atRoot);
    }
  }

  private field(node: FieldNode, parent: GraphQLCompositeType, atRoot: boolean): void {
    if (node.name.value.startsWith('__') || !('getFields' in parent)) return;
    const definition = parent.getFields()[node.name.value];
    if (!definition) return;
    const type = getNamedType(definition.type);
    const onField = this.metadata.cacheHints.get(`${parent.name}.${definition.name}`);
    const onType = this.metadata.cacheHints.get(type.name);
    this.restrict(onField, onType, atRoot || isCompositeType(type));
    if (node.selectionSet && isCompositeType(type)) this.visit(node.selectionSet, type, false);
  }

  private restrict(
    onField: CacheHint | undefined,
    onType: CacheHint | undefined,
    needsHint: boolean,
  ): void {
    if ((onField?.scope ?? onType?.scope) === 'PRIVATE') this.isPrivate = true;
    const inherits = onField?.inheritMaxAge || (!onField && onType?.inheritMaxAge);
    const age = onField?.maxAge ?? onType?.maxAge ?? (needsHint && !inherits ? 0 : null);
    if (age !== null) this.maxAge = this.maxAge === null ? age : Math.min(this.maxAge, age);
  }
}
