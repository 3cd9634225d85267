import { ErrorCode, UNAVAILABLE_MESSAGE } from '../errors.ts';
import type { AnswerShape } from './answer-shape.ts';
import type { Failure, WriterState, WrittenError } from './execution-state.ts';

/** More errors than this say nothing new and would let one dead subgraph fill the answer. */
const ERRORS_MAX = 100;

export function raise(
  state: WriterState,
  code: string,
  message: string,
  path: (string | number)[],
  implied: boolean,
  extra?: Readonly<Record<string, unknown>>,
): void {
  if (state.e.length >= ERRORS_MAX) return;
  const extensions = { code, ...extra, requestId: state.requestId };
  state.e.push({ message, path, extensions, implied });
}

/** Puts what is known to be wrong with an object into the answer, at its place. */
export function writeNote(state: WriterState, target: object, shape: AnswerShape): void {
  const note = state.m?.get(target);
  if (note === undefined) return;
  for (const error of note.errors) {
    raise(state, error.code, error.message, shape.translate(error.path), false, {
      service: error.serviceName,
      ...error.extensions,
    });
  }
}

/**
 * Explains a value that is not there or not of its type, and is undefined: the caller's null.
 * - Missing because a subgraph call failed: that failure, at this very field.
 * - Null in a non-null place: an error, unless a subgraph's own error explains it.
 * - Null in a nullable place: an answer like any other.
 */
export function writeNull(
  state: WriterState,
  value: unknown,
  parent: object | null,
  key?: string | number,
  requiredCoordinate?: string | null,
): undefined {
  const path = key === undefined ? [] : [key];
  if (value === null && key !== undefined) {
    if (requiredCoordinate) raiseRequired(state, path);
    return undefined;
  }
  if (value !== undefined) {
    raise(state, ErrorCode.subgraphResponseInvalid, UNAVAILABLE_MESSAGE, path, false);
    return undefined;
  }
  const note = parent === null ? undefined : state.m?.get(parent);
  const failure = note?.failure ?? (note?.absent ? null : state.fallback);
  if (failure) raiseFailure(state, failure, path);
  else if (!note?.absent) raiseMissing(state, path);
  else if (requiredCoordinate) raiseRequired(state, path);
  return undefined;
}

/** An object of a type that the API does not have here, or that could not be found out. */
export function writeUnknownType(
  state: WriterState,
  value: unknown,
  shape: AnswerShape,
): undefined {
  const note = typeof value === 'object' && value !== null ? state.m?.get(value) : undefined;
  if (note) writeNote(state, value as object, shape);
  if (note?.failure) raiseFailure(state, note.failure, []);
  else raise(state, ErrorCode.subgraphResponseInvalid, UNAVAILABLE_MESSAGE, [], true);
  return undefined;
}

function raiseFailure(state: WriterState, failure: Failure, path: (string | number)[]): void {
  const service = failure.serviceName === null ? undefined : { service: failure.serviceName };
  raise(state, failure.code, failure.message, path, true, service);
}

function raiseRequired(state: WriterState, path: (string | number)[]): void {
  raise(state, ErrorCode.subgraphResponseInvalid, UNAVAILABLE_MESSAGE, path, true);
}

function raiseMissing(state: WriterState, path: (string | number)[]): void {
  raise(state, ErrorCode.subgraphResponseInvalid, UNAVAILABLE_MESSAGE, path, true);
}

/** Drops errors that only repeat what another error at, above or below the same path explains. */
export function withoutImplied(errors: readonly WrittenError[]): WrittenError[] {
  if (!errors.some((error) => error.implied)) return [...errors];
  const explicit = errors.filter((error) => !error.implied);
  return errors.filter(
    (error) => !error.implied || !explicit.some((other) => related(error.path, other.path)),
  );
}

function related(one: readonly unknown[], other: readonly unknown[]): boolean {
  const length = Math.min(one.length, other.length);
  for (let i = 0; i < length; i++) if (one[i] !== other[i]) return false;
  return true;
}
