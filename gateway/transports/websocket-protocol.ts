import type { GraphQLParams } from '../types.ts';

export const SUBPROTOCOL = 'graphql-transport-ws';

/**
 * Close codes, and what the graphql-ws client does with them. Fatal ones say that the client's
 * program is wrong; every other one makes it come back, and resume.
 */
export const CloseCode = {
  goingAway: 1001,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  /** Fatal. */
  badMessage: 4400,
  /** Fatal. */
  subscribedBeforeAck: 4401,
  /** Refused, expired or revoked credentials: retried, so that a fresh token is sent. */
  forbidden: 4403,
  /** Fatal. */
  subprotocolNotAcceptable: 4406,
  initialisationTimeout: 4408,
  /** Fatal. */
  duplicateOperation: 4409,
  /** Fatal. */
  secondInitialisation: 4429,
} as const;

export type ClientMessage =
  | { readonly type: 'connection_init' | 'ping' | 'pong'; readonly payload: Payload }
  | { readonly type: 'subscribe'; readonly id: string; readonly params: GraphQLParams }
  | { readonly type: 'complete'; readonly id: string };

type Payload = Readonly<Record<string, unknown>>;

/** A message of the protocol, or null for anything else. */
export function parseClientMessage(text: string): ClientMessage | null {
  const message = objectOrNull(parseJson(text));
  if (!message) return null;
  switch (message.type) {
    case 'connection_init':
    case 'ping':
    case 'pong': {
      const payload = message.payload ?? {};
      return isObject(payload) ? { type: message.type, payload } : null;
    }
    case 'subscribe': {
      const params = paramsOf(message.payload);
      return isId(message.id) && params ? { type: 'subscribe', id: message.id, params } : null;
    }
    case 'complete':
      return isId(message.id) ? { type: 'complete', id: message.id } : null;
    default:
      return null;
  }
}

function paramsOf(payload: unknown): GraphQLParams | null {
  if (!isObject(payload)) return null;
  const { query, documentId, operationName, variables, extensions } = payload;
  const textsAreTexts = [query, documentId, operationName].every(
    (text) => text === undefined || text === null || typeof text === 'string',
  );
  const objectsAreObjects = [variables, extensions].every(
    (object) => object === undefined || object === null || isObject(object),
  );
  // An operation comes as text, or by an id in one of several places that the pipeline knows.
  const isNamed = typeof query === 'string' || typeof documentId === 'string' || extensions != null;
  return textsAreTexts && objectsAreObjects && isNamed ? (payload as GraphQLParams) : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function objectOrNull(value: unknown): Payload | null {
  return isObject(value) ? value : null;
}

function isObject(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(id: unknown): id is string {
  return typeof id === 'string' && id !== '';
}
