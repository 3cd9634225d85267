import type { RequestContext, SubgraphRequest, UpstreamSink } from '../types.ts';
import type { SigningKey } from './request-signing.ts';
import { UpstreamSocket, type UpstreamSocketSettings } from './upstream-socket.ts';

export interface WebSocketUpstreamOptions {
  /** The subgraph's HTTP or WebSocket address; http becomes ws, https becomes wss. */
  urlOf(serviceName: string): string;
  /** Null for subgraphs that do not check signatures. */
  signingKeyOf?(serviceName: string): SigningKey | null;
  /** Client headers to pass on; sockets are then shared only between callers equal in them. */
  readonly forwardedHeaders?: readonly string[];
  readonly settings?: Partial<UpstreamSocketSettings>;
}

/** Opens subscriptions at subgraphs over graphql-transport-ws; all to one address share a socket. */
export interface WebSocketUpstream {
  readonly openSockets: number;
  subscribe(
    request: SubgraphRequest,
    context: RequestContext,
    sink: UpstreamSink,
  ): { close(): void };
  close(): void;
}

export function createWebSocketUpstream(options: WebSocketUpstreamOptions): WebSocketUpstream {
  return new UpstreamSockets(options);
}

class UpstreamSockets implements WebSocketUpstream {
  private readonly sockets = new Map<string, UpstreamSocket>();

  constructor(private readonly options: WebSocketUpstreamOptions) {}

  get openSockets(): number {
    return this.sockets.size;
  }

  subscribe(
    request: SubgraphRequest,
    context: RequestContext,
    sink: UpstreamSink,
  ): { close(): void } {
    return this.socketFor(request.serviceName, context).subscribe(request, context, sink);
  }

  close(): void {
    for (const socket of [...this.sockets.values()]) socket.close('the gateway is closing');
  }

  private socketFor(serviceName: string, context: RequestContext): UpstreamSocket {
    const url = this.options.urlOf(serviceName).replace(/^http/, 'ws');
    const headers = pick(context.headers, this.options.forwardedHeaders ?? []);
    const key = JSON.stringify([url, headers]);
    const known = this.sockets.get(key);
    if (known) return known;
    const socket = new UpstreamSocket(
      url,
      headers,
      this.options.signingKeyOf?.(serviceName) ?? null,
      () => {
        if (this.sockets.get(key) === socket) this.sockets.delete(key);
      },
      this.options.settings,
    );
    this.sockets.set(key, socket);
    return socket;
  }
}

function pick(
  headers: RequestContext['headers'],
  names: readonly string[],
): Readonly<Record<string, string>> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
