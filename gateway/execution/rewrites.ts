import type { FetchDataRewrite } from '@apollo/query-planner';
import type { JsonObject } from './execution-state.ts';
import { isJsonObject } from './merge.ts';

/** Tells whether an object of type `typeName` satisfies a type condition of the supergraph. */
export type IsOfType = (typeName: string, condition: string) => boolean;

const FRAGMENT_PREFIX = '... on ';

/**
 * Applies the planner's rewrites to a representation (input) or to a subgraph's answer (output):
 * values set for interface objects, keys renamed back where fields of one name could not merge.
 */
export function applyRewrites(
  rewrites: readonly FetchDataRewrite[] | undefined,
  value: unknown,
  isOfType: IsOfType,
): void {
  for (const rewrite of rewrites ?? []) applyAt(rewrite, 0, value, isOfType);
}

function applyAt(rewrite: FetchDataRewrite, depth: number, value: unknown, isOfType: IsOfType) {
  if (Array.isArray(value)) {
    for (const item of value) applyAt(rewrite, depth, item, isOfType);
    return;
  }
  if (!isJsonObject(value)) return;
  const element = rewrite.path[depth]!;
  if (depth === rewrite.path.length - 1) {
    applyToField(rewrite, element, value);
  } else if (element.startsWith(FRAGMENT_PREFIX)) {
    const typeName = value.__typename;
    const condition = element.slice(FRAGMENT_PREFIX.length);
    if (typeof typeName !== 'string' || isOfType(typeName, condition)) {
      applyAt(rewrite, depth + 1, value, isOfType);
    }
  } else if (Object.hasOwn(value, element)) {
    applyAt(rewrite, depth + 1, value[element], isOfType);
  }
}

function applyToField(rewrite: FetchDataRewrite, name: string, object: JsonObject): void {
  if (rewrite.kind === 'ValueSetter') {
    object[name] = rewrite.setValueTo;
  } else if (Object.hasOwn(object, name) && object[name] !== undefined) {
    object[rewrite.renameKeyTo] = object[name];
    delete object[name];
  }
}
