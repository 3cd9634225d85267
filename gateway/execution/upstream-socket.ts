import { WebSocket } from 'ws';
import type { RequestContext, SubgraphRequest, UpstreamEvent, UpstreamSink } from '../types.ts';
import type { SigningKey } from './request-signing.ts';
import { signInit, signSubscribe } from './upstream-signature.ts';

const SUBPROTOCOL = 'graphql-transport-ws';

export interface UpstreamSocketSettings {
  /** Connecting and being acknowledged, together. */
  readonly connectMilliseconds: number;
  readonly heartbeatMilliseconds: number;
  /** Silence after which the subgraph is taken for dead, pongs included. */
  readonly deadMilliseconds: number;
  /** How long a socket without operations is kept for the next one. */
  readonly idleMilliseconds: number;
  /** A larger event ends the socket; every stream on it then resumes. */
  readonly messageBytesMax: number;
}

const DEFAULT_SETTINGS: UpstreamSocketSettings = {
  connectMilliseconds: 5_000,
  heartbeatMilliseconds: 15_000,
  deadMilliseconds: 30_000,
  idleMilliseconds: 10_000,
  messageBytesMax: 2_097_152,
};

interface UpstreamOperation {
  readonly request: SubgraphRequest;
  readonly context: RequestContext;
  readonly sink: UpstreamSink;
  /** True once the subgraph may know of it, so that its events can be missed. */
  sent: boolean;
}

/** The client's side of graphql-transport-ws, with any number of operations on one socket. */
export class UpstreamSocket {
  private readonly operations = new Map<string, UpstreamOperation>();
  private readonly webSocket: WebSocket;
  private readonly path: string;
  private readonly settings: UpstreamSocketSettings;
  private lastId = 0;
  private acknowledged = false;
  private closed = false;
  private seenAt = Date.now();
  private readonly heartbeat: NodeJS.Timeout;
  private readonly connectTimer: NodeJS.Timeout;
  private idleTimer: NodeJS.Timeout | null = null;

  constructor(
    url: string,
    private readonly headers: Readonly<Record<string, string>>,
    private readonly key: SigningKey | null,
    private readonly onClose: () => void,
    settings: Partial<UpstreamSocketSettings> = {},
  ) {
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
    this.path = new URL(url).pathname;
    this.webSocket = new WebSocket(url, SUBPROTOCOL, {
      headers,
      maxPayload: this.settings.messageBytesMax,
      perMessageDeflate: false,
    });
    this.webSocket.on('open', () => this.initialise());
    this.webSocket.on('message', (data) => this.receive(data.toString()));
    this.webSocket.on('pong', () => this.seen());
    this.webSocket.on('close', (code) => this.close(`closed with ${code}`));
    this.webSocket.on('error', (error) => this.close(error.message));
    this.connectTimer = setTimeout(
      () => this.close('not acknowledged in time'),
      this.settings.connectMilliseconds,
    );
    this.heartbeat = setInterval(() => this.beat(), this.settings.heartbeatMilliseconds);
    this.heartbeat.unref();
  }

  subscribe(
    request: SubgraphRequest,
    context: RequestContext,
    sink: UpstreamSink,
  ): { close(): void } {
    const id = String(++this.lastId);
    const operation: UpstreamOperation = { request, context, sink, sent: false };
    this.operations.set(id, operation);
    if (this.idleTimer) clearTimeout(this.idleTimer);
    if (this.acknowledged) this.send(id, operation);
    return { close: () => this.unsubscribe(id) };
  }

  /** Every operation learns that its connection is gone. */
  close(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.connectTimer);
    clearInterval(this.heartbeat);
    if (this.idleTimer) clearTimeout(this.idleTimer);
    this.onClose();
    this.webSocket.terminate();
    const operations = [...this.operations.values()];
    this.operations.clear();
    for (const { sink, sent } of operations) sink.disconnected(reason, !sent);
  }

  private unsubscribe(id: string): void {
    const operation = this.operations.get(id);
    if (!operation) return;
    this.operations.delete(id);
    if (operation.sent) this.webSocket.send(`{"id":"${id}","type":"complete"}`);
    this.idleLater();
  }

  private initialise(): void {
    const signed = this.key ? signInit(this.path, this.key) : null;
    const payload = { ...this.headers, ...signed };
    this.webSocket.send(JSON.stringify({ type: 'connection_init', payload }));
  }

  private send(id: string, operation: UpstreamOperation): void {
    const { request, context } = operation;
    const signed = this.key && signSubscribe(this.path, request, context.identity.claims, this.key);
    const extensions = { position: request.position, requestId: context.requestId, ...signed };
    const query = JSON.stringify(request.query);
    const operationName = JSON.stringify(request.operationName);
    operation.sent = true;
    this.webSocket.send(
      `{"id":"${id}","type":"subscribe","payload":{"query":${query},"operationName":${operationName},"variables":${request.variablesJson},"extensions":${JSON.stringify(extensions)}}}`,
    );
  }

  private receive(text: string): void {
    if (this.closed) return;
    this.seen();
    const message = parse(text);
    const operation = this.operations.get(String(message?.id));
    switch (message?.type) {
      case 'connection_ack':
        this.acknowledge();
        return;
      case 'ping':
        this.webSocket.send('{"type":"pong"}');
        return;
      case 'pong':
        return;
      case 'next':
        if (isEvent(message.payload)) operation?.sink.next(message.payload);
        else if (operation) this.close('an event that is no GraphQL result');
        return;
      case 'error':
        this.forget(message.id);
        operation?.sink.error(errorsOf(message.payload));
        return;
      case 'complete':
        this.forget(message.id);
        operation?.sink.complete();
        return;
      default:
        this.close('a message that is not of the protocol');
    }
  }

  private acknowledge(): void {
    if (this.acknowledged) return;
    this.acknowledged = true;
    clearTimeout(this.connectTimer);
    for (const [id, operation] of this.operations) this.send(id, operation);
    this.idleLater();
  }

  private forget(id: unknown): void {
    this.operations.delete(String(id));
    this.idleLater();
  }

  private idleLater(): void {
    if (this.operations.size > 0 || this.closed) return;
    if (this.idleTimer) clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => {
      if (this.operations.size === 0) this.close('idle');
    }, this.settings.idleMilliseconds);
    this.idleTimer.unref();
  }

  private beat(): void {
    if (Date.now() - this.seenAt > this.settings.deadMilliseconds)
      this.close('silent for too long');
    else if (this.acknowledged) this.webSocket.ping();
  }

  private seen(): void {
    this.seenAt = Date.now();
  }
}

interface ServerMessage {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly payload?: unknown;
}

function parse(text: string): ServerMessage | null {
  try {
    const message: unknown = JSON.parse(text);
    return isObject(message) ? message : null;
  } catch {
    return null;
  }
}

function isEvent(payload: unknown): payload is UpstreamEvent {
  if (!isObject(payload)) return false;
  const { data, errors, extensions } = payload as Record<string, unknown>;
  return (
    (data === undefined || data === null || isObject(data)) &&
    (errors === undefined || Array.isArray(errors)) &&
    (extensions === undefined || extensions === null || hasGoodPosition(extensions))
  );
}

function hasGoodPosition(extensions: unknown): boolean {
  if (!isObject(extensions)) return false;
  const { position } = extensions as { position?: unknown };
  return position === undefined || (typeof position === 'string' && position.length <= 1024);
}

function errorsOf(payload: unknown): { message: string; extensions?: Record<string, unknown> }[] {
  const errors = Array.isArray(payload) ? payload : [payload];
  return errors.filter(isObject).map((error) => {
    const { message, extensions } = error as { message?: unknown; extensions?: unknown };
    return {
      message: typeof message === 'string' ? message : '',
      ...(isObject(extensions) ? { extensions: extensions as Record<string, unknown> } : {}),
    };
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
