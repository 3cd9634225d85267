import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SharedPayload } from '../subscriptions/shared-payload.ts';
import {
  type HttpStreamDeps,
  type StreamFormat,
  type StreamRequest,
  serveHttpStream,
} from './http-stream.ts';

/**
 * GraphQL over Server-Sent Events, distinct connections mode. Every event's `id` is its cursor, so
 * an EventSource resumes by itself with `Last-Event-ID`. A stream that the gateway ends, for expiry
 * or restart, ends without `complete`: to the client that is a lost connection, and it comes back.
 */
export function handleServerSentEvents(
  request: IncomingMessage,
  response: ServerResponse,
  streamRequest: StreamRequest,
  deps: HttpStreamDeps,
): Promise<void> {
  return serveHttpStream(request, response, resumed(request, streamRequest), FORMAT, deps);
}

/** True for requests that ask for `text/event-stream`. */
export function wantsServerSentEvents(request: IncomingMessage): boolean {
  return /(^|,)\s*text\/event-stream\s*(;|,|$)/i.test(request.headers.accept ?? '');
}

// The header is newer than the body: a reconnecting EventSource repeats its first request as it was.
function resumed(request: IncomingMessage, streamRequest: StreamRequest): StreamRequest {
  const cursor = request.headers['last-event-id'];
  if (typeof cursor !== 'string' || cursor === '') return streamRequest;
  const { params } = streamRequest;
  return {
    ...streamRequest,
    params: { ...params, extensions: { ...params.extensions, cursor } },
  };
}

const FORMAT: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  opening: ':\n\n',
  heartbeat: ':\n\n',
  event: (payload) => payload.rendered(eventBytes),
  result: (json) => `event: next\ndata: ${json}\n\n`,
  completion: 'event: complete\ndata:\n\n',
  ending: () => '',
  expiry: '',
};

function eventBytes(payload: SharedPayload): Buffer {
  const id = payload.cursor === null ? '' : `id: ${payload.cursor}\n`;
  return Buffer.from(`event: next\n${id}data: ${payload.json}\n\n`);
}
