import { GraphQLError } from 'graphql';
import { CLIENT_SAFE_CODES, UNAVAILABLE_MESSAGE } from '../errors.ts';
import type { EndCode } from './contract.ts';

const END_MESSAGES: Readonly<Record<EndCode, string>> = {
  STREAM_INTERRUPTED:
    'The stream was interrupted and events may be missing. Subscribe again, with the last cursor if there was one.',
  SUBSCRIPTION_SCHEMA_RELOAD:
    'The schema has changed and this operation is not valid any more. Subscribe again with a valid one.',
  SLOW_CONSUMER: 'Events were read too slowly. Subscribe again with the last cursor.',
  CREDENTIAL_REVOKED: 'The credential was revoked.',
  SERVER_SHUTTING_DOWN: 'The server is restarting. Subscribe again with the last cursor.',
};

/** The error a client reads when the gateway ends its stream; `retryable` says it may come back. */
export function endError(code: EndCode): GraphQLError {
  return new GraphQLError(END_MESSAGES[code], {
    extensions: { code, retryable: code !== 'CREDENTIAL_REVOKED' },
  });
}

/** A cursor that was never issued here, or for another stream or another subject. */
export function cursorInvalid(): GraphQLError {
  return new GraphQLError('The cursor is not valid for this subscription.', {
    extensions: { code: 'CURSOR_INVALID' },
  });
}

/** A cursor older than the resume window: what came after it cannot be promised any more. */
export function resyncRequired(): GraphQLError {
  return new GraphQLError(
    'The cursor is too old. Read the present state and subscribe without a cursor.',
    { extensions: { code: 'RESYNC_REQUIRED' } },
  );
}

export function tooManySubscriptions(message: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', retryable: true },
  });
}

/** What a subgraph said when it refused a subscription, without what only its operators may read. */
export function refusedBySubgraph(
  errors: readonly { message: string; extensions?: Record<string, unknown> }[],
  serviceName: string,
): GraphQLError[] {
  return errors.map((error) => {
    const code = error.extensions?.code;
    if (typeof code === 'string' && CLIENT_SAFE_CODES.includes(code)) {
      return new GraphQLError(error.message, { extensions: { code } });
    }
    return new GraphQLError(UNAVAILABLE_MESSAGE, {
      extensions: { code: 'SUBGRAPH_ERROR', service: serviceName },
    });
  });
}
