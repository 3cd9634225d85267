import type { JsonObject } from './execution-state.ts';

/**
 * Merges `source` into `target`, which keeps its identity. What the target does not have yet is
 * adopted by reference; lists are merged item by item, as both name the same entities in order.
 */
export function mergeInto(target: JsonObject, source: JsonObject): void {
  for (const key in source) {
    const value = source[key];
    if (value === undefined || key === '__proto__') continue;
    const existing = Object.hasOwn(target, key) ? target[key] : undefined;
    if (existing === value) continue;
    if (isObject(existing) && isObject(value)) mergeValues(existing, value);
    else target[key] = value;
  }
}

function mergeValues(target: object, source: object): void {
  if (!Array.isArray(target) || !Array.isArray(source)) {
    if (!Array.isArray(target) && !Array.isArray(source)) {
      mergeInto(target as JsonObject, source as JsonObject);
    }
    return;
  }
  for (let i = 0; i < source.length; i++) {
    const existing: unknown = target[i];
    const value: unknown = source[i];
    if (isObject(existing) && isObject(value)) mergeValues(existing, value);
    else if (value !== undefined && i <= target.length) target[i] = value;
  }
}

/** A deep copy of JSON data, for an entity that is used in two places which may then differ. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const key in value) {
    if (key !== '__proto__') copy[key] = copyOf((value as JsonObject)[key]);
  }
  return copy as T;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return isObject(value) && !Array.isArray(value);
}

/**
 * Every object at a plan's path, each once: entities can be shared between places. Lists are walked
 * in order, so the first of equal entities is the one its representation is read from.
 */
export function objectsAt(data: JsonObject, path: readonly (string | number)[]): JsonObject[] {
  let level: object[] = [data];
  for (const key of path) {
    const next: object[] = [];
    for (const value of level) {
      if (key === '@') addItems(next, value);
      else addField(next, value, key as string);
    }
    level = next.length > 1 ? [...new Set(next)] : next;
  }
  return level.filter(isJsonObject);
}

function addItems(next: object[], value: object): void {
  if (!Array.isArray(value)) return;
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i];
    if (isObject(item)) next.push(item);
  }
}

function addField(next: object[], value: object, key: string): void {
  const field: unknown = Array.isArray(value) ? undefined : (value as JsonObject)[key];
  if (isObject(field) && Object.hasOwn(value, key)) next.push(field);
}
