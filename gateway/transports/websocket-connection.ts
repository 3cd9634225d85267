import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { GraphQLError } from 'graphql';
import { type RawData, WebSocket } from 'ws';
import type { Authenticate, StreamDeps } from '../subscriptions/contract.ts';
import { subjectOf } from '../subscriptions/cursor-scope.ts';
import type { Client, Identity, RequestContext } from '../types.ts';
import { WebSocketOperation } from './websocket-operation.ts';
import { type ClientMessage, CloseCode, parseClientMessage } from './websocket-protocol.ts';

export interface WebSocketLimits {
  readonly messageBytesMax: number;
  /** Sockets of one subject; anonymous callers are limited together by `socketsMax` only. */
  readonly socketsPerUserMax: number;
  readonly socketsMax: number;
  readonly operationsPerSocketMax: number;
  /** Sustained; a burst of `operationsPerSocketMax` more is allowed, as after a reconnect. */
  readonly messagesPerSecondMax: number;
  readonly initMilliseconds: number;
  readonly heartbeatMilliseconds: number;
  readonly deadMilliseconds: number;
  readonly stallMilliseconds: number;
  readonly tailBytesMax: number;
  /** Queries and mutations; a subscription has no deadline. */
  readonly requestMilliseconds: number;
}

export const DEFAULT_WEBSOCKET_LIMITS: WebSocketLimits = {
  messageBytesMax: 65_536,
  socketsPerUserMax: 10,
  socketsMax: 20_000,
  operationsPerSocketMax: 50,
  messagesPerSecondMax: 20,
  initMilliseconds: 3_000,
  heartbeatMilliseconds: 15_000,
  deadMilliseconds: 30_000,
  // Shorter cuts off phones in a tunnel; longer lets each of them pin megabytes of kernel memory.
  stallMilliseconds: 20_000,
  // Smaller sends readers away for a burst; larger is memory, times all slow readers.
  tailBytesMax: 1_048_576,
  requestMilliseconds: 30_000,
};

/** What a connection asks of the server it belongs to. */
export interface WebSocketHost extends StreamDeps {
  readonly limits: WebSocketLimits;
  readonly authenticate: Authenticate;
  /** False when the user has too many sockets. */
  admit(connection: WebSocketConnection, identity: Identity): boolean;
  closed(connection: WebSocketConnection): void;
  slow(connection: WebSocketConnection): void;
  rejected(reason: string): void;
}

/** The server's side of graphql-transport-ws on one socket. */
export class WebSocketConnection {
  readonly operations = new Map<string, WebSocketOperation>();
  identity: Identity | null = null;
  private client: Client | null = null;
  private initPayload: Readonly<Record<string, unknown>> = {};
  private expiresAtMilliseconds = Number.POSITIVE_INFINITY;
  private isInitialised = false;
  private abort: AbortController | null = null;
  private allowance: number;
  private allowanceAt = Date.now();
  private seenAt = Date.now();
  private pingedAt = Date.now();
  private readonly openedAt = Date.now();
  private takenBytes = 0;
  private takenAt = Date.now();
  private closingSince = 0;

  constructor(
    private readonly webSocket: WebSocket,
    /** The same socket below the protocol, for frames that are ready to be sent. */
    readonly socket: Socket,
    private readonly headers: Readonly<Record<string, string | undefined>>,
    readonly host: WebSocketHost,
  ) {
    this.allowance = host.limits.operationsPerSocketMax + host.limits.messagesPerSecondMax;
    webSocket.on('message', (data, isBinary) => this.receive(data, isBinary));
    webSocket.on('pong', () => {
      this.seenAt = Date.now();
    });
    // Each is answered by the protocol itself, so a flood of them fills the tail of a silent reader.
    webSocket.on('ping', () => this.mayReceive());
    webSocket.on('close', () => this.dispose());
    // What the peer broke is reported by `close` with its code.
    webSocket.on('error', () => {});
  }

  get isClosing(): boolean {
    return this.closingSince > 0;
  }

  get tailBytes(): number {
    return this.socket.writableLength;
  }

  /** Aborted when the socket is gone. Made on first use: most sockets only listen. */
  get signal(): AbortSignal {
    this.abort ??= new AbortController();
    return this.abort.signal;
  }

  /** Closes after what was already sent. No more events are written. */
  close(code: number, reason: string): void {
    if (this.isClosing) return;
    this.closingSince = Date.now();
    this.release();
    this.webSocket.close(code, reason.slice(0, 120));
  }

  terminate(): void {
    this.webSocket.terminate();
  }

  /** True when an event may be written at this moment; otherwise the socket is on its way out. */
  mayDeliver(nowMilliseconds: number): boolean {
    if (this.isClosing || this.webSocket.readyState !== WebSocket.OPEN) return false;
    if (nowMilliseconds >= this.expiresAtMilliseconds) {
      this.close(CloseCode.forbidden, 'Token expired');
      return false;
    }
    if (this.tailBytes <= this.host.limits.tailBytesMax) return true;
    this.closeAsSlow();
    return false;
  }

  closeAsSlow(): void {
    if (this.isClosing) return;
    this.host.slow(this);
    this.close(CloseCode.tryAgainLater, 'Too slow: resume with the last cursor');
  }

  sendText(text: string): void {
    if (!this.isClosing) this.webSocket.send(text);
  }

  /** Called every now and then: timeouts of all kinds, without a timer per socket. */
  sweep(now: number): void {
    const { limits } = this.host;
    if (this.isClosing) {
      // A reader that never takes its tail never answers the close either.
      if (now - this.closingSince > limits.stallMilliseconds) this.terminate();
      return;
    }
    if (now >= this.expiresAtMilliseconds) this.close(CloseCode.forbidden, 'Token expired');
    else if (!this.identity && now - this.openedAt > limits.initMilliseconds) {
      this.close(CloseCode.initialisationTimeout, 'Connection initialisation timeout');
    } else if (now - this.seenAt > limits.deadMilliseconds) this.terminate();
    else if (this.hasStalled(now)) this.closeAsSlow();
    else if (now - this.pingedAt >= limits.heartbeatMilliseconds) {
      this.pingedAt = now;
      this.webSocket.ping();
    }
  }

  // Slow is not stalled: as long as the reader takes anything, only the length of its tail counts.
  private hasStalled(now: number): boolean {
    const taken = this.socket.bytesWritten - this.tailBytes;
    if (this.tailBytes === 0 || taken !== this.takenBytes) this.takenAt = now;
    this.takenBytes = taken;
    return now - this.takenAt > this.host.limits.stallMilliseconds;
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (this.isClosing || !this.mayReceive()) return;
    this.seenAt = Date.now();
    const message = isBinary ? null : parseClientMessage(data.toString());
    if (!message) this.close(CloseCode.badMessage, 'Invalid message received');
    else this.handle(message);
  }

  private mayReceive(): boolean {
    if (this.takeAllowance()) return true;
    this.host.rejected('TOO_MANY_MESSAGES');
    this.close(CloseCode.tryAgainLater, 'Too many messages');
    return false;
  }

  private handle(message: ClientMessage): void {
    switch (message.type) {
      case 'connection_init':
        this.initialise(message.payload).catch(() => this.refuse('The connection was refused.'));
        return;
      case 'subscribe':
        this.subscribe(message);
        return;
      case 'complete':
        this.operations.get(message.id)?.cancel();
        return;
      case 'ping':
        this.answerPing(message.payload).catch(() => this.sendPong({ refreshed: false }));
        return;
      case 'pong':
        return;
    }
  }

  private async initialise(payload: Readonly<Record<string, unknown>>): Promise<void> {
    if (this.isInitialised) {
      this.close(CloseCode.secondInitialisation, 'Too many initialisation requests');
      return;
    }
    this.isInitialised = true;
    this.initPayload = payload;
    const outcome = await this.authenticate(payload);
    if (outcome instanceof GraphQLError) {
      this.host.rejected('UNAUTHENTICATED');
      this.refuse(outcome.message);
    } else if (!this.host.admit(this, outcome.identity)) {
      this.host.rejected('TOO_MANY_SOCKETS');
      this.close(CloseCode.tryAgainLater, 'Too many sockets');
    } else {
      this.client = outcome.client;
      this.become(outcome.identity);
      this.sendText('{"type":"connection_ack"}');
    }
  }

  private become(identity: Identity): void {
    this.identity = identity;
    this.expiresAtMilliseconds =
      identity.expiresAt === null ? Number.POSITIVE_INFINITY : identity.expiresAt * 1000;
  }

  private async answerPing(payload: Readonly<Record<string, unknown>>): Promise<void> {
    if (!this.identity || typeof payload.authorization !== 'string') {
      this.sendText(
        Object.keys(payload).length > 0
          ? JSON.stringify({ type: 'pong', payload })
          : '{"type":"pong"}',
      );
      return;
    }
    const { authorization } = payload;
    this.refresh(await this.authenticate({ ...this.initPayload, authorization }));
  }

  // A refreshed token lengthens what was granted. Other rights, or another person, begin anew.
  private refresh(outcome: Awaited<ReturnType<Authenticate>>): void {
    if (outcome instanceof GraphQLError) {
      this.sendPong({ refreshed: false, message: outcome.message });
      return;
    }
    const { identity } = outcome;
    if (!this.identity || String(subjectOf(identity)) !== String(subjectOf(this.identity))) {
      this.close(CloseCode.forbidden, 'The token belongs to somebody else');
    } else if (identity.key !== this.identity.key) {
      this.close(CloseCode.forbidden, 'Rights have changed: connect again and resume');
    } else {
      this.become(identity);
      this.sendPong({ refreshed: true, expiresAt: identity.expiresAt });
    }
  }

  private subscribe({ id, params }: Extract<ClientMessage, { type: 'subscribe' }>): void {
    const context = this.contextFor();
    if (!context) {
      this.close(CloseCode.subscribedBeforeAck, 'Unauthorized');
    } else if (this.operations.has(id)) {
      const reason = id.length <= 64 ? `Subscriber for ${id} already exists` : 'Duplicate id';
      this.close(CloseCode.duplicateOperation, reason);
    } else {
      const operation = new WebSocketOperation(this, id, context.requestId);
      if (this.operations.size >= this.host.limits.operationsPerSocketMax) {
        this.host.rejected('TOO_MANY_SUBSCRIPTIONS');
        operation.refuseAsTooMany();
        return;
      }
      this.operations.set(id, operation);
      operation.start(params, context);
    }
  }

  private contextFor(): RequestContext | null {
    if (!this.identity || !this.client) return null;
    return new SocketContext(
      this,
      this.identity,
      this.client,
      Date.now() + this.host.limits.requestMilliseconds,
      this.headers,
    );
  }

  private async authenticate(payload: Readonly<Record<string, unknown>>): ReturnType<Authenticate> {
    try {
      return await this.host.authenticate({
        ...textsOf(payload, 'authorization', 'apiKey', 'clientName'),
        headers: this.headers,
      });
    } catch (error) {
      if (error instanceof GraphQLError) return error;
      throw error;
    }
  }

  private refuse(reason: string): void {
    this.close(CloseCode.forbidden, reason);
  }

  private sendPong(payload: object): void {
    this.sendText(JSON.stringify({ type: 'pong', payload }));
  }

  private takeAllowance(): boolean {
    const { operationsPerSocketMax, messagesPerSecondMax } = this.host.limits;
    const now = Date.now();
    this.allowance = Math.min(
      operationsPerSocketMax + messagesPerSecondMax,
      this.allowance + ((now - this.allowanceAt) / 1000) * messagesPerSecondMax,
    );
    this.allowanceAt = now;
    this.allowance -= 1;
    return this.allowance >= 0;
  }

  private dispose(): void {
    this.closingSince ||= Date.now();
    this.release();
    this.host.closed(this);
  }

  private release(): void {
    for (const operation of [...this.operations.values()]) operation.cancel();
    this.abort?.abort();
  }
}

/** The context of one operation; its signal costs nothing until somebody listens to it. */
class SocketContext implements RequestContext {
  readonly requestId = randomUUID();
  readonly #connection: WebSocketConnection;

  constructor(
    connection: WebSocketConnection,
    readonly identity: Identity,
    readonly client: Client,
    readonly deadline: number,
    readonly headers: RequestContext['headers'],
  ) {
    this.#connection = connection;
  }

  get signal(): AbortSignal {
    return this.#connection.signal;
  }

  get peerAddress(): string | undefined {
    return this.#connection.socket.remoteAddress;
  }
}

function textsOf<K extends string>(
  payload: Readonly<Record<string, unknown>>,
  ...names: readonly K[]
): Partial<Record<K, string>> {
  const texts: Partial<Record<K, string>> = {};
  for (const name of names) {
    const value = payload[name];
    if (typeof value === 'string') texts[name] = value;
  }
  return texts;
}
