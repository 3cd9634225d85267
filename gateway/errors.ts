import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';

/**
 * Every `extensions.code` the gateway itself puts into an answer. Clients branch on these words, so
 * a word is never reused for something else.
 */
export const ErrorCode = {
  badRequest: 'BAD_REQUEST',
  parseFailed: 'GRAPHQL_PARSE_FAILED',
  validationFailed: 'GRAPHQL_VALIDATION_FAILED',
  operationResolution: 'OPERATION_RESOLUTION_FAILURE',
  badUserInput: 'BAD_USER_INPUT',
  limitExceeded: 'OPERATION_LIMIT_EXCEEDED',
  costExceeded: 'COST_LIMIT_EXCEEDED',
  rateLimited: 'RATE_LIMITED',
  persistedQueryNotFound: 'PERSISTED_QUERY_NOT_FOUND',
  persistedQueryNotInList: 'PERSISTED_QUERY_NOT_IN_LIST',
  persistedQueryHashMismatch: 'PERSISTED_QUERY_HASH_MISMATCH',
  operationIdRequired: 'OPERATION_ID_REQUIRED',
  unauthenticated: 'UNAUTHENTICATED',
  authenticationUnavailable: 'AUTHENTICATION_UNAVAILABLE',
  forbidden: 'FORBIDDEN',
  notPlannable: 'OPERATION_NOT_PLANNABLE',
  requiresConflict: 'REQUIRES_ARGUMENTS_CONFLICT',
  subgraphError: 'SUBGRAPH_ERROR',
  subgraphTimeout: 'SUBGRAPH_TIMEOUT',
  subgraphUnavailable: 'SUBGRAPH_UNAVAILABLE',
  subgraphResponseInvalid: 'SUBGRAPH_RESPONSE_INVALID',
  subgraphResponseTooLarge: 'SUBGRAPH_RESPONSE_TOO_LARGE',
  responseTooLarge: 'RESPONSE_TOO_LARGE',
  requestTimeout: 'REQUEST_TIMEOUT',
  requestCancelled: 'REQUEST_CANCELLED',
  internal: 'INTERNAL_SERVER_ERROR',
} as const;

/** What a client reads where a subgraph's own words may not be shown. */
export const UNAVAILABLE_MESSAGE = 'This part of the answer is unavailable.';

/**
 * Codes whose message was written for the client by the subgraph's author and passes through.
 * Everything else could carry SQL, a stack or an internal address, and is masked.
 */
export const CLIENT_SAFE_CODES: readonly string[] = [
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'IDEMPOTENCY_MISMATCH',
  'RESYNC_REQUIRED',
  'CURSOR_INVALID',
];

/** One entry of `errors`, ready to be serialised. */
export interface AnswerError {
  readonly message: string;
  readonly locations?: readonly { line: number; column: number }[];
  path?: (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** A refusal of the gateway with its code; `status` is what HTTP answers when nothing ran. */
export function refusal(
  code: string,
  message: string,
  extensions: GraphQLErrorExtensions = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extensions } });
}

/** There is no answer of a subgraph to be had, or none that may be used. Never shown as it is. */
export class SubgraphUnavailable extends Error {
  constructor(
    readonly serviceName: string,
    readonly code: string,
    /** For the log only: may name addresses. */
    reason: string,
    /** True when the request cannot have reached the subgraph, so that repeating it is safe. */
    readonly neverSent = false,
  ) {
    super(reason);
    this.name = 'SubgraphUnavailable';
  }
}

/** A GraphQLError as plain data: message, locations, path, extensions, nothing that may leak. */
export function toAnswerError(error: GraphQLError, requestId: string): AnswerError {
  const json = error.toJSON();
  return {
    message: json.message,
    ...(json.locations && { locations: json.locations }),
    ...(json.path && { path: [...json.path] }),
    extensions: { code: ErrorCode.badRequest, ...json.extensions, requestId },
  };
}

/** The text of a whole result for an operation that never ran: `data` is absent, as the spec says. */
export function requestErrorJson(errors: readonly GraphQLError[], requestId: string): string {
  return JSON.stringify({ errors: errors.map((error) => toAnswerError(error, requestId)) });
}
