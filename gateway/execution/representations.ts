import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { ExecutionState, JsonObject } from './execution-state.ts';
import { valueText } from './json-text.ts';
import { isJsonObject, mergeInto } from './merge.ts';
import { applyRewrites, type IsOfType } from './rewrites.ts';

/** Writes an entity's representation as JSON text; null when a needed field is not there. */
export type RepresentationWriter = (entity: JsonObject, state: ExecutionState) => string | null;

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
 *
 * The planner asks for the required fields of all selected fields together, also of those that a
 * @skip or @include then leaves out. What is missing for that reason is left out here too; what is
 * missing because something failed leaves no representation: nothing is computed from half a truth.
 */
export function compileRepresentation(
  requires: readonly QueryPlanSelectionNode[],
  rewrites: readonly FetchDataRewrite[] | undefined,
  isOfType: IsOfType,
  keyNames: ReadonlySet<string>,
): RepresentationWriter {
  const fragments = requires.map(fragmentOf);
  const byType = new Map<string, readonly Fragment[]>();
  return (entity, state) => {
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
    if (only?.leafNames && !rewrites?.length) {
      const text = leafText(entity, only.leafNames);
      if (text !== null) return text;
    }
    const needed = state.firstFailure === null ? keyNames : null;
    return generalText(entity, matching, rewrites, { isOfType, needed });
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
  how: SelectHow,
): string | null {
  const representation: JsonObject = {};
  for (const { selections } of fragments) {
    const part = select(entity, selections, how);
    if (part) mergeInto(representation, part);
  }
  if (!representation.__typename) return null;
  applyRewrites(rewrites, representation, how.isOfType);
  return JSON.stringify(representation);
}

interface SelectHow {
  readonly isOfType: IsOfType;
  /** Names without which a fragment contributes nothing; null: all. */
  readonly needed: ReadonlySet<string> | null;
}

/** Null when a needed field is missing: the fragment then contributes nothing. */
function select(
  source: JsonObject,
  selections: readonly QueryPlanSelectionNode[],
  how: SelectHow,
): JsonObject | null {
  const result: JsonObject = {};
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      const name = selection.alias ?? selection.name;
      const value = Object.hasOwn(source, name) ? source[name] : undefined;
      if (value !== undefined) result[name] = selectValue(value, selection.selections, how);
      else if (how.needed === null || how.needed.has(name)) return null;
    } else if (matches(source, selection.typeCondition, how.isOfType)) {
      const part = select(source, selection.selections, how);
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
  how: SelectHow,
): unknown {
  if (Array.isArray(value)) return value.map((item) => selectValue(item, selections, how));
  return selections && isJsonObject(value) ? select(value, selections, how) : value;
}
