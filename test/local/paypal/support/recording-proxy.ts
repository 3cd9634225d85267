import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';

/** One call and its answer, as they were on the wire. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Parsed; undefined when there was none. */
  readonly requestBody: unknown;
  readonly status: number;
  readonly answer: unknown;
}

export interface RecordingProxy {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  close(): Promise<void>;
}

/** Stands between a client and a server and keeps what passes. It changes nothing. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method = 'GET', url = '/' } = incoming;
    try {
      const response = await request(`${target}${url}`, {
        method: method as 'GET',
        headers: without(incoming.headers, ['host', 'connection', 'transfer-encoding']),
        ...(body.length > 0 ? { body } : {}),
      });
      const text = await response.body.text();
      exchanges.push({
        method,
        url,
        headers: incoming.headers as Record<string, string>,
        requestBody: parsed(body.toString(), incoming.headers['content-type'] ?? ''),
        status: response.statusCode,
        answer: text === '' ? undefined : parsed(text, 'application/json'),
      });
      const headers = without(response.headers, ['connection', 'transfer-encoding', 'keep-alive']);
      outgoing.writeHead(response.statusCode, headers).end(text);
    } catch {
      outgoing.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function without(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !names.includes(name));
  return Object.fromEntries(kept) as Record<string, string>;
}

function parsed(text: string, contentType: string): unknown {
  if (text === '') return undefined;
  if (contentType.startsWith('multipart/form-data'))
    return { input: JSON.parse(text.split('\r\n\r\n')[1]?.split('\r\n--')[0] ?? 'null') };
  if (contentType.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
