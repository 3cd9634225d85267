import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { JsonObject } from './execution-state.ts';
import { valueText } from './json-text.ts';
import { isJsonObject, mergeInto } from './merge.ts';
import { applyRewrites, type IsOfType } from './rewrites.ts';

/** Writes an entity's representation as JSON text; null when a needed field is not there. */
export type RepresentationWriter = (entity: JsonObject) => string | null;

interface Fragment {
  readonly condition: string;
  readonly selections: readonly QueryPlanSelectionNode[];
  /** Set when the fragment asks for plain leaf fields only: the usual key. */
  readonly leafNames: readonly string[] | null;
}

/**
 * Compiles what a fetch requires of an entity. One fragment of leaf fields, nearly every key, is
 * written straight to text; anything more (nested keys, several fragments for one type, rewrites)
 * is built as an object first.
 */
export function compileRepresentation(
  requires: readonly QueryPlanSelectionNode[],
  rewrites: readonly FetchDataRewrite[] | undefined,
  isOfType: IsOfType,
): RepresentationWriter {
  const fragments = requires.map(fragmentOf);
  const byType = new Map<string, readonly Fragment[]>();
  return (entity) => {
    const typeName = entity.__typename;
    if (typeof typeName !== 'string') return null;
    let matching = byType.get(typeName);
    if (matching === undefined) {
      matching = fragments.filter(
        ({ condition }) => condition === typeName || isOfType(typeName, condition),
      );
      byType.set(typeName, matching);
    }
    const only = matching.length === 1 ? matching[0]! : null;
    if (only?.leafNames && !rewrites?.length) return leafText(entity, only.leafNames);
    return generalText(entity, matching, rewrites, isOfType);
  };
}

function fragmentOf(node: QueryPlanSelectionNode): Fragment {
  if (node.kind !== 'InlineFragment' || node.typeCondition === undefined) {
    throw new Error('A plan requires fields of an entity outside a type condition.');
  }
  const names = node.selections.map((selection) =>
    selection.kind === 'Field' && !selection.selections
      ? (selection.alias ?? selection.name)
      : null,
  );
  return {
    condition: node.typeCondition,
    selections: node.selections,
    leafNames: names.every((name) => name !== null) ? names : null,
  };
}

function leafText(entity: JsonObject, names: readonly string[]): string | null {
  let text = '{';
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const value = entity[name];
    if (value === undefined || typeof value === 'function') return null;
    text += `${i === 0 ? '' : ','}"${name}":${valueText(value)}`;
  }
  return `${text}}`;
}

function generalText(
  entity: JsonObject,
  fragments: readonly Fragment[],
  rewrites: readonly FetchDataRewrite[] | undefined,
  isOfType: IsOfType,
): string | null {
  const representation: JsonObject = {};
  for (const { selections } of fragments) {
    const part = select(entity, selections, isOfType);
    if (part) mergeInto(representation, part);
  }
  if (!representation.__typename) return null;
  applyRewrites(rewrites, representation, isOfType);
  return JSON.stringify(representation);
}

/** Null when a field is missing: the fragment then contributes nothing. */
function select(
  source: JsonObject,
  selections: readonly QueryPlanSelectionNode[],
  isOfType: IsOfType,
): JsonObject | null {
  const result: JsonObject = {};
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      const name = selection.alias ?? selection.name;
      if (!Object.hasOwn(source, name) || source[name] === undefined) return null;
      result[name] = selectValue(source[name], selection.selections, isOfType);
    } else if (matches(source, selection.typeCondition, isOfType)) {
      const part = select(source, selection.selections, isOfType);
      if (part) mergeInto(result, part);
    }
  }
  return result;
}

function matches(source: JsonObject, condition: string | undefined, isOfType: IsOfType): boolean {
  if (condition === undefined) return true;
  const typeName = source.__typename;
  return typeof typeName === 'string' && (typeName === condition || isOfType(typeName, condition));
}

function selectValue(
  value: unknown,
  selections: readonly QueryPlanSelectionNode[] | undefined,
  isOfType: IsOfType,
): unknown {
  if (Array.isArray(value)) return value.map((item) => selectValue(item, selections, isOfType));
  return selections && isJsonObject(value) ? select(value, selections, isOfType) : value;
}
