import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { SupergraphMetadata } from '../supergraph-metadata.ts';

/**
 * The planner adds keys and required fields to a fetch under their own names, and merges them with
 * whatever the client called so: a client's `comments(limit: 10)` would be taken for the
 * `comments(limit: 3)` that a @requires asks for, and `id: name` for the key. Such names of the
 * client are therefore replaced, for the plan only, by names that nothing else uses.
 */
export function planKeysFor(
  schema: GraphQLSchema,
  document: DocumentNode,
  metadata: SupergraphMetadata,
): ReadonlyMap<string, string> {
  const colliding = new Set<string>();
  const taken = new Set<string>();
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      [Kind.FIELD]: (node) => {
        const name = node.name.value;
        const responseName = node.alias?.value ?? name;
        taken.add(responseName);
        if (!metadata.plannedNames.has(responseName)) return;
        const hasArguments = (types.getFieldDef()?.args.length ?? 0) > 0;
        if (responseName !== name || hasArguments) colliding.add(responseName);
      },
    }),
  );
  const keys = new Map<string, string>();
  for (const name of colliding) {
    let key = `_client_${name}`;
    while (taken.has(key) || metadata.plannedNames.has(key)) key = `_${key}`;
    keys.set(name, key);
  }
  return keys;
}

/**
 * The operation as the planner sees it: renamed as above, without what the caller may not read, and
 * with a __typename wherever conditions could leave nothing: the planner would not ask for the
 * object at all, and the answer could not say that it exists.
 */
export function plannerDocument(
  document: DocumentNode,
  planKeys: ReadonlyMap<string, string>,
  denied: ReadonlyMap<FieldNode, string>,
): DocumentNode {
  return visit(document, {
    [Kind.FIELD]: {
      enter: (node: FieldNode) => (denied.has(node) ? null : undefined),
      leave: (node: FieldNode) => {
        const { selectionSet } = node;
        const key = planKeys.get(node.alias?.value ?? node.name.value);
        const bare = selectionSet && !selectsAlways(selectionSet);
        if (!key && !bare) return undefined;
        return {
          ...node,
          ...(key && { alias: { kind: Kind.NAME, value: key } }),
          ...(bare && { selectionSet: withTypename(selectionSet) }),
        };
      },
    },
    [Kind.SELECTION_SET]: {
      leave: (node: SelectionSetNode) =>
        node.selections.length === 0 ? withTypename(node) : undefined,
    },
  });
}

/** Fragments within a fragment may never apply together: they count as nothing. */
function selectsAlways(set: SelectionSetNode, typed = false): boolean {
  return set.selections.some((selection) => {
    if (selection.directives?.length) return false;
    if (selection.kind !== Kind.INLINE_FRAGMENT) return true;
    const narrows = selection.typeCondition !== undefined;
    return !(typed && narrows) && selectsAlways(selection.selectionSet, typed || narrows);
  });
}

function withTypename(node: SelectionSetNode): SelectionSetNode {
  const typename: FieldNode = {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: '__typename' },
  };
  return { ...node, selections: [...node.selections, typename] };
}

/**
 * Two selected fields whose @requires ask one field for different arguments: the planner would send
 * only one of the two, so the operation is refused rather than answered wrongly.
 */
export function conflictingRequires(
  schema: GraphQLSchema,
  document: DocumentNode,
  metadata: SupergraphMetadata,
): string | null {
  if (metadata.requiredArguments.size === 0) return null;
  const asked = new Map<string, { argumentsText: string; coordinate: string }>();
  let conflict: string | null = null;
  const types = new TypeInfo(schema);
  const check = (coordinate: string): void => {
    for (const { place, argumentsText } of metadata.requiredArguments.get(coordinate) ?? []) {
      const other = asked.get(place);
      if (other && other.argumentsText !== argumentsText) {
        conflict = `${other.coordinate} and ${coordinate} cannot be selected together.`;
      }
      asked.set(place, { argumentsText, coordinate });
    }
  };
  visit(
    document,
    visitWithTypeInfo(types, {
      [Kind.FIELD]: (node) => {
        const parent = types.getParentType();
        if (!parent) return;
        check(`${parent.name}.${node.name.value}`);
        if (!isAbstractType(parent)) return;
        for (const member of schema.getPossibleTypes(parent)) {
          check(`${member.name}.${node.name.value}`);
        }
      },
    }),
  );
  return conflict;
}
