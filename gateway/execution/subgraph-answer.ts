import {
  CLIENT_SAFE_CODES,
  ErrorCode,
  SubgraphUnavailable,
  UNAVAILABLE_MESSAGE,
} from '../errors.ts';
import type { AttachedError, Failure, JsonObject } from './execution-state.ts';
import { isJsonObject } from './merge.ts';

export interface SubgraphAnswer {
  readonly data: JsonObject | null;
  readonly errors: readonly AttachedError[];
}

const safeCodes = new Set(CLIENT_SAFE_CODES);

/**
 * Reads a subgraph's answer and refuses whatever is not a GraphQL result, whole: a result that is
 * wrong in one place cannot be trusted in another. Throws SubgraphUnavailable.
 */
export function readAnswer(serviceName: string, answer: unknown): SubgraphAnswer {
  const result = typeof answer === 'string' ? parse(serviceName, answer) : answer;
  if (!isJsonObject(result)) throw invalid(serviceName, 'the answer is not an object');
  const { data, errors } = result;
  if (data !== undefined && data !== null && !isJsonObject(data)) {
    throw invalid(serviceName, 'data is not an object');
  }
  const problems = errors === undefined || errors === null ? [] : readErrors(serviceName, errors);
  if (!data && problems.length === 0) throw invalid(serviceName, 'neither data nor errors');
  return { data: data ?? null, errors: problems };
}

function parse(serviceName: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(serviceName, 'the answer is not JSON');
  }
}

function invalid(serviceName: string, reason: string): SubgraphUnavailable {
  return new SubgraphUnavailable(serviceName, ErrorCode.subgraphResponseInvalid, reason);
}

function readErrors(serviceName: string, errors: unknown): AttachedError[] {
  if (!Array.isArray(errors)) throw invalid(serviceName, 'errors is not a list');
  return errors.map((error) => {
    if (!isJsonObject(error)) throw invalid(serviceName, 'an error is not an object');
    return maskedError(serviceName, error);
  });
}

/** Keeps the words of errors meant for clients; everything else keeps only its place. */
export function maskedError(serviceName: string, error: JsonObject): AttachedError {
  const extensions = isJsonObject(error.extensions) ? error.extensions : {};
  const code = extensions.code;
  const safe = typeof code === 'string' && safeCodes.has(code);
  return {
    serviceName,
    path: pathOf(error.path),
    code: safe ? code : ErrorCode.subgraphError,
    message: safe && typeof error.message === 'string' ? error.message : UNAVAILABLE_MESSAGE,
  };
}

function pathOf(path: unknown): (string | number)[] {
  if (!Array.isArray(path)) return [];
  const valid = path.every((key) => typeof key === 'string' || Number.isSafeInteger(key));
  return valid ? path : [];
}

export function failureOf(serviceName: string, error: unknown): Failure {
  const code = error instanceof SubgraphUnavailable ? error.code : ErrorCode.subgraphUnavailable;
  return { code, message: UNAVAILABLE_MESSAGE, serviceName };
}
