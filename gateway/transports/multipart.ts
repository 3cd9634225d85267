import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { EndCode } from '../subscriptions/contract.ts';
import type { SharedPayload } from '../subscriptions/shared-payload.ts';
import { endError } from '../subscriptions/stream-errors.ts';
import {
  type HttpStreamDeps,
  type StreamFormat,
  type StreamRequest,
  serveHttpStream,
} from './http-stream.ts';

/**
 * Subscriptions as parts of one response, the way Apollo Client speaks it: GraphQL results under
 * `payload`, errors of the transport beside it, `{}` as a heartbeat. A client resumes by sending the
 * last cursor in the request's `extensions.cursor`.
 */
export function handleMultipart(
  request: IncomingMessage,
  response: ServerResponse,
  streamRequest: StreamRequest,
  deps: HttpStreamDeps,
): Promise<void> {
  const format = asksForBoundary(request, 'graphql') ? GRAPHQL_FORMAT : DASH_FORMAT;
  return serveHttpStream(request, response, streamRequest, format, deps);
}

/** True for requests that ask for `multipart/mixed` in version 1.0 of the subscription protocol. */
export function wantsMultipart(request: IncomingMessage): boolean {
  return (request.headers.accept ?? '')
    .split(',')
    .some(
      (type) =>
        /^\s*multipart\/mixed\s*(;|$)/i.test(type) &&
        /;\s*subscriptionSpec\s*=\s*"?1\.0"?\s*(;|$)/i.test(type),
    );
}

const GRAPHQL_FORMAT = formatWith('graphql');
const DASH_FORMAT = formatWith('-');

function formatWith(boundary: 'graphql' | '-'): StreamFormat {
  // A client parses a part when it sees the boundary behind it, so each part brings its own.
  const part = (json: string): string =>
    `\r\nContent-Type: application/json\r\n\r\n${json}\r\n--${boundary}`;
  const eventBytes = (payload: SharedPayload): Buffer =>
    Buffer.from(part(`{"payload":${payload.json}}`));
  return {
    contentType: `multipart/mixed;boundary="${boundary}";subscriptionSpec=1.0`,
    opening: `\r\n--${boundary}`,
    heartbeat: part('{}'),
    event: (payload) => payload.rendered(eventBytes),
    result: (json) => part(`{"payload":${json}}`),
    completion: '--\r\n',
    ending: (code) => `${part(transportError(code))}--\r\n`,
    expiry: `${part(expiredJson())}--\r\n`,
  };
}

function asksForBoundary(request: IncomingMessage, boundary: string): boolean {
  return new RegExp(`boundary\\s*=\\s*"?${boundary}"?\\s*(;|,|$)`, 'i').test(
    request.headers.accept ?? '',
  );
}

function transportError(code: EndCode): string {
  return JSON.stringify({ payload: null, errors: [endError(code)] });
}

function expiredJson(): string {
  const error = new GraphQLError('The token has expired.', {
    extensions: { code: 'UNAUTHENTICATED', retryable: true },
  });
  return JSON.stringify({ payload: null, errors: [error] });
}
