import type { IncomingMessage } from 'node:http';
import type { GraphQLParams } from '../types.ts';

/** A request that is refused before it is GraphQL. */
export class HttpRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'HttpRefusal';
  }
}

/** Reads a body up to a limit, before anything in it is looked at. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
      reject(tooLarge(bytesMax));
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) {
        request.removeAllListeners('data');
        reject(tooLarge(bytesMax));
      } else {
        chunks.push(chunk);
      }
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', () => reject(new HttpRefusal(400, 'The request ended early.')));
  });
}

function tooLarge(bytesMax: number): HttpRefusal {
  return new HttpRefusal(413, `The request is larger than ${bytesMax} bytes.`, {
    connection: 'close',
  });
}

/** The one content type a simple cross-site form cannot send; UTF-8 alone, as JSON has it. */
export function checkContentType(contentType: string | undefined): void {
  if (contentType === 'application/json') return;
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const charset = parameters
    .map((parameter) => parameter.trim().split('='))
    .find(([name]) => name === 'charset')?.[1]
    ?.replaceAll('"', '');
  if (type.trim() !== 'application/json' || (charset ?? 'utf-8') !== 'utf-8') {
    throw new HttpRefusal(415, 'Send application/json in UTF-8.', {
      'accept-post': 'application/json; charset=utf-8',
    });
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function paramsOfBody(body: Buffer): GraphQLParams {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    throw new HttpRefusal(400, 'The body is not JSON.');
  }
  if (Array.isArray(value)) throw new HttpRefusal(400, 'Batches of operations are not accepted.');
  return checkedParams(value);
}

export function paramsOfUrl(search: URLSearchParams, persistedId: string | null): GraphQLParams {
  return checkedParams({
    query: search.get('query'),
    documentId: persistedId ?? search.get('documentId'),
    operationName: search.get('operationName'),
    variables: jsonParameter(search, 'variables'),
    extensions: jsonParameter(search, 'extensions'),
  });
}

function jsonParameter(search: URLSearchParams, name: string): unknown {
  const text = search.get(name);
  if (text === null || text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, `The parameter "${name}" is not JSON.`);
  }
}

function checkedParams(value: unknown): GraphQLParams {
  if (typeof value !== 'object' || value === null) {
    throw new HttpRefusal(400, 'The body is not a GraphQL request.');
  }
  const params = value as Record<string, unknown>;
  for (const name of ['query', 'documentId', 'operationName']) {
    const text = params[name];
    if (text !== undefined && text !== null && typeof text !== 'string') {
      throw new HttpRefusal(400, `"${name}" is not a string.`);
    }
  }
  for (const name of ['variables', 'extensions']) {
    const map = params[name];
    if (map !== undefined && map !== null && (typeof map !== 'object' || Array.isArray(map))) {
      throw new HttpRefusal(400, `"${name}" is not an object.`);
    }
  }
  if (!params.query && !params.documentId && !persistedHash(params.extensions)) {
    throw new HttpRefusal(400, 'The request holds no "query".');
  }
  return params as GraphQLParams;
}

function persistedHash(extensions: unknown): unknown {
  if (typeof extensions !== 'object' || extensions === null) return null;
  const persisted: unknown = Reflect.get(extensions, 'persistedQuery');
  return typeof persisted === 'object' && persisted !== null
    ? Reflect.get(persisted, 'sha256Hash')
    : null;
}

export type ResponseType =
  | 'application/json'
  | 'application/graphql-response+json'
  | 'text/event-stream'
  | 'multipart/mixed';

const JSON_TYPE: ResponseType = 'application/json';
const GRAPHQL_TYPE: ResponseType = 'application/graphql-response+json';
const PREFERENCE: readonly ResponseType[] = [
  GRAPHQL_TYPE,
  JSON_TYPE,
  'multipart/mixed',
  'text/event-stream',
];

/** The best type the client accepts; null when it accepts none of ours. */
export function negotiate(accept: string | undefined): ResponseType | null {
  if (accept === undefined || accept === '*/*' || accept === JSON_TYPE) return JSON_TYPE;
  let best: ResponseType | null = null;
  let bestQuality = 0;
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    const quality = qualityOf(parameters);
    const type = typeFor(name);
    if (type === null || quality === 0 || !utf8Accepted(parameters)) continue;
    const better =
      quality > bestQuality ||
      (quality === bestQuality &&
        best !== null &&
        PREFERENCE.indexOf(type) < PREFERENCE.indexOf(best));
    if (better) [best, bestQuality] = [type, quality];
  }
  return best;
}

function typeFor(name: string): ResponseType | null {
  if (name === '*/*' || name === 'application/*') return JSON_TYPE;
  if (name === 'text/*') return null;
  return PREFERENCE.includes(name as ResponseType) ? (name as ResponseType) : null;
}

function qualityOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const quality = text === undefined ? 1 : Number(text);
  return Number.isFinite(quality) ? Math.min(Math.max(quality, 0), 1) : 1;
}

function utf8Accepted(parameters: readonly string[]): boolean {
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  return charset === undefined || charset.slice('charset='.length).replaceAll('"', '') === 'utf-8';
}
