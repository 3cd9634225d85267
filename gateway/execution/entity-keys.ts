import type { QueryPlanSelectionNode } from '@apollo/query-planner';
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
import type { JsonObject } from './execution-state.ts';

/** Key field sets by subgraph and type, as the supergraph declares them. */
export type KeysByService = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

interface KeyField {
  /** Its name in the representation, and so in the data. */
  readonly name: string;
  /** Its name in the subgraph's answer. */
  readonly responseName: string;
}

export interface KeyedOperation {
  /** The fetch, asking for the key fields as well. */
  readonly query: string;
  readonly keys: ReadonlyMap<string, readonly KeyField[]>;
  /** Response names the client did not ask for: an error there means the keys cannot be read. */
  readonly addedNames: ReadonlySet<string>;
}

const ADDED_PREFIX = '_key_';

/**
 * Makes an entity fetch answer with its key fields, so that entities can be matched by key instead
 * of by position. Null when no plain key of a type is known: position and count then have to do.
 */
export function withKeys(
  query: string,
  serviceName: string,
  requires: readonly QueryPlanSelectionNode[],
  keysByService: KeysByService,
): KeyedOperation | null {
  const document = parse(query, { noLocation: true });
  const keys = new Map<string, KeyField[]>();
  const added = new Set<string>();
  const fragments: InlineFragmentNode[] = [];
  let alreadySelected: ReadonlyMap<string, ReadonlySet<string>> = new Map();

  visit(document, {
    [Kind.FIELD]: (node) => {
      if (node.name.value === '_entities') alreadySelected = plainFieldsByType(node);
    },
  });
  for (const fragment of requires) {
    if (fragment.kind !== 'InlineFragment' || !fragment.typeCondition) continue;
    const typeName = fragment.typeCondition;
    if (keys.has(typeName)) continue;
    const names = plainKey(keysByService.get(serviceName)?.get(typeName), fragment.selections);
    if (names === null) continue;
    const missing = names.filter((name) => !alreadySelected.get(typeName)?.has(name));
    keys.set(
      typeName,
      names.map((name) => ({
        name,
        responseName: missing.includes(name) ? ADDED_PREFIX + name : name,
      })),
    );
    for (const name of missing) added.add(ADDED_PREFIX + name);
    if (missing.length > 0) fragments.push(keyFragment(typeName, missing));
  }
  if (keys.size === 0) return null;
  if (fragments.length === 0) return { query, keys, addedNames: added };
  return { query: appendToEntities(query, fragments), keys, addedNames: added };
}

/** The first key whose fields are all plain and all part of the representation. */
function plainKey(
  fieldSets: readonly string[] | undefined,
  selections: readonly QueryPlanSelectionNode[],
): string[] | null {
  const represented = new Set<string>();
  for (const selection of selections) {
    if (selection.kind === 'Field' && !selection.selections && !selection.alias) {
      represented.add(selection.name);
    }
  }
  for (const fieldSet of fieldSets ?? []) {
    if (fieldSet.includes('{') || fieldSet.includes('(')) continue;
    const names = fieldSet.split(/[\s,]+/).filter((name) => name !== '' && name !== '__typename');
    if (names.length > 0 && names.every((name) => represented.has(name))) return names;
  }
  return null;
}

function plainFieldsByType(entities: FieldNode): Map<string, Set<string>> {
  const byType = new Map<string, Set<string>>();
  for (const fragment of entities.selectionSet?.selections ?? []) {
    if (fragment.kind !== 'InlineFragment' || fragment.directives?.length) continue;
    const typeName = fragment.typeCondition?.name.value;
    if (typeName === undefined) continue;
    const names = byType.get(typeName) ?? new Set<string>();
    for (const field of fragment.selectionSet.selections) {
      if (field.kind === 'Field' && !field.alias && !field.directives?.length) {
        names.add(field.name.value);
      }
    }
    byType.set(typeName, names);
  }
  return byType;
}

function keyFragment(typeName: string, names: readonly string[]): InlineFragmentNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: typeName } },
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: names.map((name) => ({
        kind: Kind.FIELD,
        alias: { kind: Kind.NAME, value: ADDED_PREFIX + name },
        name: { kind: Kind.NAME, value: name },
      })),
    },
  };
}

function appendToEntities(query: string, fragments: readonly SelectionNode[]): string {
  const document = visit(parse(query, { noLocation: true }), {
    [Kind.FIELD]: (node) =>
      node.name.value === '_entities' && node.selectionSet
        ? {
            ...node,
            selectionSet: {
              ...node.selectionSet,
              selections: [...node.selectionSet.selections, ...fragments],
            },
          }
        : undefined,
  });
  return stripIgnoredCharacters(print(document));
}

/** The key of an entity as text, or null where the answer does not hold it. */
export function answeredKey(fields: readonly KeyField[], entity: JsonObject): string | null {
  let text = '';
  for (const { responseName } of fields) {
    const value = entity[responseName];
    if (value === undefined || value === null || typeof value === 'object') return null;
    text += `${String(value)}\u0000`;
  }
  return text;
}

export function representedKey(fields: readonly KeyField[], source: JsonObject): string {
  let text = '';
  for (const { name } of fields) text += `${String(source[name])}\u0000`;
  return text;
}

/** True when the entity in this place is the one asked for, or does not say. The usual case. */
export function sameKey(
  fields: readonly KeyField[],
  source: JsonObject,
  entity: JsonObject,
): boolean {
  for (const { name, responseName } of fields) {
    const value = entity[responseName];
    if (value === source[name] || value === undefined || value === null) continue;
    if (String(value) !== String(source[name])) return false;
  }
  return true;
}
