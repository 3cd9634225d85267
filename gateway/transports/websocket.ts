import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import type { Authenticate, StreamDeps } from '../subscriptions/contract.ts';
import { subjectOf } from '../subscriptions/cursor-scope.ts';
import type { Identity } from '../types.ts';
import { isAllowedOrigin } from './origins.ts';
import {
  DEFAULT_WEBSOCKET_LIMITS,
  WebSocketConnection,
  type WebSocketHost,
  type WebSocketLimits,
} from './websocket-connection.ts';
import { CloseCode, SUBPROTOCOL } from './websocket-protocol.ts';

/** Longer spreads the reconnects of a whole fleet of clients; shorter restarts sooner. */
const DRAIN_MILLISECONDS_MAX = 2_000;
/** What a client that does not answer a close gets before its socket is destroyed. */
const CLOSE_MILLISECONDS_MAX = 1_000;
const SWEEP_MILLISECONDS_MAX = 1_000;

export interface WebSocketDeps extends StreamDeps {
  readonly authenticate: Authenticate;
  /** Default `/graphql`. */
  readonly path?: string;
  /** Origins besides the server's own; '*' for any. A request without Origin is not a browser's. */
  readonly allowedOrigins?: readonly string[] | '*';
  readonly limits?: Partial<WebSocketLimits>;
  /** Clients are sent away at a random moment within this time. */
  readonly drainMilliseconds?: number;
}

export interface WebSocketTransport {
  readonly slowCloses: number;
  readonly openSockets: number;
  /** Refuses new sockets, sends the others away one by one, and resolves when all are gone. */
  close(): Promise<void>;
}

/** Serves graphql-transport-ws on the upgrades of `server`: streams, queries and mutations. */
export function attachWebSocket(server: Server, deps: WebSocketDeps): WebSocketTransport {
  return new WebSocketEdge(server, deps);
}

class WebSocketEdge implements WebSocketTransport, WebSocketHost {
  readonly limits: WebSocketLimits;
  readonly subscriptions: StreamDeps['subscriptions'];
  readonly pipeline: StreamDeps['pipeline'];
  readonly authenticate: Authenticate;
  slowCloses = 0;
  private readonly connections = new Set<WebSocketConnection>();
  private readonly socketsOf = new Map<string, number>();
  private readonly upgrades: WebSocketServer;
  private readonly sweeper: NodeJS.Timeout;
  private readonly stopListening: () => void;
  private draining = false;

  constructor(
    server: Server,
    private readonly deps: WebSocketDeps,
  ) {
    this.limits = { ...DEFAULT_WEBSOCKET_LIMITS, ...deps.limits };
    this.subscriptions = deps.subscriptions;
    this.pipeline = deps.pipeline;
    this.authenticate = deps.authenticate;
    this.upgrades = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: this.limits.messageBytesMax,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
      this.upgrade(request, socket, head);
    server.on('upgrade', onUpgrade);
    const stopWatching = deps.subscriptions.onRevoked((isRevoked) => this.cutOff(isRevoked));
    this.sweeper = setInterval(() => this.sweep(), sweepMilliseconds(this.limits));
    this.sweeper.unref();
    this.stopListening = () => {
      server.off('upgrade', onUpgrade);
      stopWatching();
      clearInterval(this.sweeper);
    };
  }

  get openSockets(): number {
    return this.connections.size;
  }

  admit(connection: WebSocketConnection, identity: Identity): boolean {
    const user = userKey(identity);
    if (user === null) return true;
    const count = this.socketsOf.get(user) ?? 0;
    if (count >= this.limits.socketsPerUserMax) return false;
    // A socket that closed while its token was checked must not be counted for ever.
    if (this.connections.has(connection)) this.socketsOf.set(user, count + 1);
    return true;
  }

  closed(connection: WebSocketConnection): void {
    this.connections.delete(connection);
    const user = connection.identity && userKey(connection.identity);
    if (user === null) return;
    const count = (this.socketsOf.get(user) ?? 1) - 1;
    if (count > 0) this.socketsOf.set(user, count);
    else this.socketsOf.delete(user);
  }

  slow(): void {
    this.slowCloses++;
    this.subscriptions.counters.slowCloses++;
  }

  rejected(reason: string): void {
    this.subscriptions.counters.reject(reason);
  }

  async close(): Promise<void> {
    this.draining = true;
    const window = this.deps.drainMilliseconds ?? DRAIN_MILLISECONDS_MAX;
    const leaving = [...this.connections].map(async (connection) => {
      await delay(Math.random() * window);
      connection.close(CloseCode.serviceRestart, 'Restarting: resume with the last cursor');
    });
    await Promise.all(leaving);
    const until = Date.now() + CLOSE_MILLISECONDS_MAX;
    while (this.connections.size > 0 && Date.now() < until) await delay(10);
    for (const connection of this.connections) connection.terminate();
    this.stopListening();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refused = this.refusalOf(request);
    if (refused) {
      this.rejected(refused.reason);
      socket.on('error', () => {});
      socket.end(
        `HTTP/1.1 ${refused.status}\r\nConnection: close\r\nContent-Length: 0\r\n${refused.header ?? ''}\r\n`,
      );
      return;
    }
    this.upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      if (webSocket.protocol !== SUBPROTOCOL) {
        webSocket.close(CloseCode.subprotocolNotAcceptable, 'Subprotocol not acceptable');
        return;
      }
      this.connections.add(
        new WebSocketConnection(webSocket, socket as Socket, headersOf(request), this),
      );
    });
  }

  private refusalOf(
    request: IncomingMessage,
  ): { status: string; reason: string; header?: string } | null {
    const [path] = (request.url ?? '').split('?');
    if (path !== (this.deps.path ?? '/graphql')) {
      return { status: '404 Not Found', reason: 'NOT_FOUND' };
    }
    if (!isAllowedOrigin(request, this.deps.allowedOrigins ?? [])) {
      return { status: '403 Forbidden', reason: 'ORIGIN_FORBIDDEN' };
    }
    if (this.draining || this.connections.size >= this.limits.socketsMax) {
      return {
        status: '503 Service Unavailable',
        reason: this.draining ? 'DRAINING' : 'TOO_MANY_SOCKETS',
        header: 'Retry-After: 5\r\n',
      };
    }
    return null;
  }

  private sweep(): void {
    const now = Date.now();
    for (const connection of this.connections) connection.sweep(now);
  }

  private cutOff(isRevoked: (identity: Identity) => boolean): void {
    for (const connection of this.connections) {
      if (connection.identity && isRevoked(connection.identity)) {
        connection.close(CloseCode.forbidden, 'Credential revoked');
      }
    }
  }
}

function userKey(identity: Identity): string | null {
  const subject = subjectOf(identity);
  return subject === '' ? null : JSON.stringify(subject);
}

// Of the handshake and the browser; of no use once the socket is open, and there is one per socket.
const HANDSHAKE_HEADER =
  /^(sec-|accept|host$|connection$|upgrade$|origin$|user-agent$|pragma$|cache-control$)/;
const NO_HEADERS: Readonly<Record<string, string | undefined>> = {};

function headersOf(request: IncomingMessage): Readonly<Record<string, string | undefined>> {
  const kept = Object.entries(request.headers).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && !HANDSHAKE_HEADER.test(entry[0]),
  );
  return kept.length === 0 ? NO_HEADERS : Object.fromEntries(kept);
}

function sweepMilliseconds(limits: WebSocketLimits): number {
  const shortest = Math.min(
    limits.initMilliseconds,
    limits.heartbeatMilliseconds,
    limits.deadMilliseconds,
    limits.stallMilliseconds,
  );
  return Math.max(10, Math.min(SWEEP_MILLISECONDS_MAX, shortest / 4));
}
