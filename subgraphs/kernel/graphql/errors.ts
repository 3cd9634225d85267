import { GraphQLError } from 'graphql';
import { DomainError, Unauthenticated } from '../errors.ts';

/** What a refusal looks like to a resolver: the fields of UserError, `code` typed by the subgraph. */
export interface UserErrorData<Code extends string> {
  readonly code: Code;
  readonly message: string;
  readonly path: readonly string[];
  readonly currentState: string | null;
  readonly allowedActions: readonly string[];
  readonly isRetryable: boolean;
}

export function forbidden(): GraphQLError {
  return new GraphQLError('You may not use this field.', { extensions: { code: 'FORBIDDEN' } });
}

/**
 * The one place where refusals become data. `codes` is the subgraph's enum: a DomainError whose code
 * the schema does not know is a defect and passes through to be masked.
 */
export async function refusals<T, Code extends string>(
  codes: Readonly<Record<string, Code>>,
  work: () => Promise<T>,
): Promise<{ result: T | null; userErrors: UserErrorData<Code>[] }> {
  try {
    return { result: await work(), userErrors: [] };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const code = codes[error.code];
    if (code === undefined) throw error;
    return {
      result: null,
      userErrors: [
        {
          code,
          message: error.message,
          path: error.path,
          currentState: error.currentState,
          allowedActions: error.allowedActions,
          isRetryable: error.retryable,
        },
      ],
    };
  }
}

/** Codes whose message was written for clients; everything else is masked. */
const PUBLIC_CODES = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'RESYNC_REQUIRED',
  'CURSOR_INVALID',
  'NOT_FOUND',
]);

export interface PublicError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly extensions: { readonly code: string; readonly requestId?: string };
}

/** What leaves the subgraph for an error: its own words when they were written for clients, else none. */
export function publicError(
  error: unknown,
  requestId: string,
): { shown: PublicError; isDefect: boolean } {
  const outer = error instanceof GraphQLError ? error : null;
  const cause = outer?.originalError ?? error;
  const place = {
    ...(outer?.path ? { path: outer.path } : {}),
    ...(outer?.locations ? { locations: outer.locations } : {}),
  };
  if (cause instanceof Unauthenticated) {
    return {
      shown: { message: cause.message, ...place, extensions: { code: cause.code, requestId } },
      isDefect: false,
    };
  }
  // A query has no userErrors: a refusal there is the caller's input.
  if (cause instanceof DomainError) {
    return {
      shown: {
        message: cause.message,
        ...place,
        extensions: { code: 'BAD_USER_INPUT', requestId },
      },
      isDefect: false,
    };
  }
  const code = outer?.extensions.code;
  if (typeof code === 'string' && PUBLIC_CODES.has(code)) {
    return {
      shown: { message: outer?.message ?? '', ...place, extensions: { code, requestId } },
      isDefect: false,
    };
  }
  return {
    shown: {
      message: 'Something went wrong here.',
      ...place,
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
    },
    isDefect: true,
  };
}
