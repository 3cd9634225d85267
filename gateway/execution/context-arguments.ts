import type { FetchNode } from '@apollo/query-planner';
import type { JsonObject } from './execution-state.ts';
import { isJsonObject } from './merge.ts';
import type { IsOfType } from './rewrites.ts';

/** An object of the answer and the objects above it, the root first. */
export interface Place {
  readonly object: JsonObject;
  readonly above: readonly JsonObject[];
}

/** The arguments one place gives, as `"name":value,...`; null when one of them is not known. */
export type ContextArguments = (place: Place) => string | null;

type Rewrite = NonNullable<FetchNode['contextRewrites']>[number];

const UP = '..';
const FRAGMENT_PREFIX = '... on ';

/**
 * Compiles where the arguments of @fromContext are found: fields of an object above the entity. Each
 * can be told for several types; the object's own type decides.
 */
export function compileContextArguments(
  rewrites: readonly Rewrite[],
  isOfType: IsOfType,
): ContextArguments {
  const byName = Map.groupBy(rewrites, ({ renameKeyTo }) => renameKeyTo);
  return (place) => {
    let text = '';
    for (const [name, ways] of byName) {
      const value = firstKnown(ways, place, isOfType);
      if (value === undefined) return null;
      text += `${text === '' ? '' : ','}"${name}":${JSON.stringify(value)}`;
    }
    return text;
  };
}

function firstKnown(ways: readonly Rewrite[], place: Place, isOfType: IsOfType): unknown {
  for (const { path } of ways) {
    const up = path.filter((element) => element === UP).length;
    const start = up === 0 ? place.object : place.above.at(-up);
    const value = valueAt(start, path.slice(up), isOfType, place.above[0] === start);
    if (value !== undefined) return value;
  }
  return undefined;
}

function valueAt(
  start: JsonObject | undefined,
  path: readonly string[],
  isOfType: IsOfType,
  isRoot: boolean,
): unknown {
  let value: unknown = start;
  for (const element of path) {
    if (value === null) return null;
    if (!isJsonObject(value)) return undefined;
    if (!element.startsWith(FRAGMENT_PREFIX)) {
      value = Object.hasOwn(value, element) ? value[element] : undefined;
    } else if (!(isRoot && value === start)) {
      const typeName = value.__typename;
      const condition = element.slice(FRAGMENT_PREFIX.length);
      const fits =
        typeof typeName === 'string' && (typeName === condition || isOfType(typeName, condition));
      if (!fits) return undefined;
    }
  }
  return value;
}

/** Every object at a plan's path with those above it, one for each way that leads there. */
export function placesAt(data: JsonObject, path: readonly (string | number)[]): Place[] {
  let level: { readonly value: unknown; readonly above: readonly JsonObject[] }[] = [
    { value: data, above: [] },
  ];
  for (const key of path) {
    level = level.flatMap(({ value, above }) => {
      if (key === '@')
        return Array.isArray(value) ? value.map((item) => ({ value: item, above })) : [];
      if (!isJsonObject(value) || !Object.hasOwn(value, key)) return [];
      return [{ value: value[key], above: [...above, value] }];
    });
  }
  return level.flatMap(({ value, above }) =>
    isJsonObject(value) ? [{ object: value, above }] : [],
  );
}
