import type {
  FetchDataRewrite,
  FetchNode,
  PlanNode,
  QueryPlanSelectionNode,
} from '@apollo/query-planner';
import {
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  stripIgnoredCharacters,
  visit,
} from 'graphql';

/** Begins the name of a field that stands for a required field with certain arguments. */
export const REQUIRED_PREFIX = '_required_';

const VARIANT = /^_required_\d+_(.+)$/;

/** Names of required fields by `service:Type.field`, as the planner's supergraph has them. */
export type VariantsByField = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Makes a plan's fetches call the planner's stand-ins by their true names: in the operation by an
 * alias, in a representation by a rename. One representation holds one value for a name, so fields
 * that require it with different arguments are fetched apart, side by side.
 */
export function withTrueNames(fetch: FetchNode, variants: VariantsByField): PlanNode {
  if (!mentions(fetch)) return fetch;
  const parts = fetch.requires ? split(fetch, variants) : [fetch];
  const nodes = parts.map(named);
  return nodes.length === 1 ? nodes[0]! : { kind: 'Parallel', nodes };
}

export function isTrueName(rewrite: FetchDataRewrite): boolean {
  return rewrite.kind === 'KeyRenamer' && rewrite.path.at(-1)!.startsWith(REQUIRED_PREFIX);
}

function mentions(fetch: FetchNode): boolean {
  return (
    fetch.operation.includes(REQUIRED_PREFIX) ||
    (fetch.requires !== undefined && JSON.stringify(fetch.requires).includes(REQUIRED_PREFIX))
  );
}

function named(fetch: FetchNode): FetchNode {
  const renames = (fetch.requires ?? []).flatMap((selection) => renamesIn(selection, []));
  return {
    ...fetch,
    operation: rewritten(fetch.operation, (field) => {
      const trueName = VARIANT.exec(field.name.value)?.[1];
      if (trueName === undefined) return field;
      const alias = field.alias ?? field.name;
      return { ...field, alias, name: { kind: Kind.NAME, value: trueName } };
    }),
    ...(renames.length > 0 && { inputRewrites: [...(fetch.inputRewrites ?? []), ...renames] }),
  };
}

function renamesIn(selection: QueryPlanSelectionNode, path: readonly string[]): FetchDataRewrite[] {
  if (selection.kind === 'InlineFragment') {
    const on = selection.typeCondition;
    const here = on === undefined ? path : [...path, `... on ${on}`];
    return selection.selections.flatMap((child) => renamesIn(child, here));
  }
  const name = selection.alias ?? selection.name;
  const below = (selection.selections ?? []).flatMap((child) => renamesIn(child, [...path, name]));
  const trueName = VARIANT.exec(selection.name)?.[1];
  if (trueName === undefined) return below;
  return [...below, { kind: 'KeyRenamer', path: [...path, name], renameKeyTo: trueName }];
}

/** One fetch for each set of fields whose requirements can stand in one representation. */
function split(fetch: FetchNode, variants: VariantsByField): FetchNode[] {
  const fields: { readonly field: FieldNode; readonly needs: ReadonlySet<string> }[] = [];
  eachEntityField(fetch.operation, (field, typeName) => {
    const needs = variants.get(`${fetch.serviceName}:${typeName}.${field.name.value}`);
    fields.push({ field, needs: needs ?? new Set() });
  });
  const groups: { needs: Set<string>; keys: Set<string> }[] = [
    { needs: new Set(), keys: new Set() },
  ];
  for (const { field, needs } of fields) {
    let group = groups.find((each) => compatible(each.needs, needs));
    if (group === undefined) {
      group = { needs: new Set(), keys: new Set() };
      groups.push(group);
    }
    for (const need of needs) group.needs.add(need);
    group.keys.add(print(field));
  }
  if (groups.length === 1) return [fetch];
  const all = new Set(groups.flatMap(({ needs }) => [...needs]));
  return groups.map(({ needs, keys }) => ({
    ...fetch,
    operation: selecting(fetch.operation, keys),
    requires: fetch.requires!.map((selection) =>
      without(selection, (name) => all.has(name) && !needs.has(name)),
    ) as typeof fetch.requires,
  }));
}

function compatible(held: ReadonlySet<string>, needs: ReadonlySet<string>): boolean {
  const trueName = (name: string) => VARIANT.exec(name)![1];
  for (const need of needs) {
    for (const other of held) {
      if (other !== need && trueName(other) === trueName(need)) return false;
    }
  }
  return true;
}

function eachEntityField(
  operation: string,
  found: (field: FieldNode, typeName: string) => void,
): void {
  visit(parse(operation, { noLocation: true }), {
    [Kind.FIELD]: (node) => {
      if (node.name.value !== '_entities') return false;
      const walk = (selections: readonly SelectionNode[], typeName: string): void => {
        for (const selection of selections) {
          if (selection.kind === Kind.FIELD) found(selection, typeName);
          else if (selection.kind === Kind.INLINE_FRAGMENT) {
            const on = selection.typeCondition?.name.value ?? typeName;
            walk(selection.selectionSet.selections, on);
          }
        }
      };
      walk(node.selectionSet?.selections ?? [], '');
      return false;
    },
  });
}

/** The entity fetch, asking only for these of its fields. */
function selecting(operation: string, keys: ReadonlySet<string>): string {
  const prune = (selections: readonly SelectionNode[]): SelectionNode[] =>
    selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return keys.has(print(selection)) ? [selection] : [];
      if (selection.kind === Kind.FRAGMENT_SPREAD) return [selection];
      const rest = prune(selection.selectionSet.selections);
      const fragment: InlineFragmentNode = {
        ...selection,
        selectionSet: { kind: Kind.SELECTION_SET, selections: rest },
      };
      return rest.length > 0 ? [fragment] : [];
    });
  return rewritten(operation, (field) =>
    field.name.value === '_entities' && field.selectionSet
      ? {
          ...field,
          selectionSet: {
            kind: Kind.SELECTION_SET,
            selections: prune(field.selectionSet.selections),
          },
        }
      : field,
  );
}

function without(
  selection: QueryPlanSelectionNode,
  isDropped: (name: string) => boolean,
): QueryPlanSelectionNode {
  if (!selection.selections) return selection;
  const selections = selection.selections
    .filter((child) => child.kind !== 'Field' || !isDropped(child.name))
    .map((child) => without(child, isDropped));
  return { ...selection, selections } as QueryPlanSelectionNode;
}

function rewritten(operation: string, change: (field: FieldNode) => FieldNode): string {
  const document = visit(parse(operation, { noLocation: true }), {
    [Kind.FIELD]: { leave: (field) => change(field) },
  });
  return stripIgnoredCharacters(print(document));
}
