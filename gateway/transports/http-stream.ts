import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { refusal, requestErrorJson } from '../errors.ts';
import type { ReadyOperation } from '../pipeline.ts';
import type {
  EndCode,
  StreamDeps,
  Subscription,
  SubscriptionSink,
} from '../subscriptions/contract.ts';
import type { Subscriptions } from '../subscriptions/groups.ts';
import type { SharedPayload } from '../subscriptions/shared-payload.ts';
import { tooManySubscriptions } from '../subscriptions/stream-errors.ts';
import type { GraphQLParams, Identity, RequestContext } from '../types.ts';
import { STREAMS_PER_USER_MAX, UserStreams } from './user-streams.ts';

/** Under the 30 to 60 seconds after which proxies cut a silent response. */
const HEARTBEAT_MILLISECONDS = 12_000;
const STALL_MILLISECONDS_MAX = 20_000;
/** Smaller sends readers away for a burst; larger is memory, times all slow readers. */
const TAIL_BYTES_MAX = 1_048_576;
/** Longer waits overflow setTimeout and would fire at once. */
const TIMER_MILLISECONDS_MAX = 2_147_483_647;

/** What the request said, already read and authenticated by the HTTP transport. */
export interface StreamRequest {
  readonly params: GraphQLParams;
  readonly context: RequestContext;
  /** Where the HTTP transport had to prepare the operation to know that it is a stream. */
  readonly ready?: ReadyOperation;
}

export interface HttpStreamDeps extends StreamDeps {
  readonly heartbeatMilliseconds?: number;
  readonly stallMilliseconds?: number;
  readonly tailBytesMax?: number;
  readonly streamsPerUserMax?: number;
}

/** One count for all transports that serve the same subscriptions. */
const USER_STREAMS = new WeakMap<Subscriptions, UserStreams>();

/** How a stream looks on the wire. */
export interface StreamFormat {
  readonly contentType: string;
  readonly opening: string;
  readonly heartbeat: string;
  /** An event's bytes, made once for all readers of this format. */
  event(payload: SharedPayload): Buffer;
  /** The one result of a query or mutation, or of a request that was refused. */
  result(json: string): string;
  /** The stream has ended by the subgraph's will. */
  readonly completion: string;
  /** The gateway had to end it; the client should come back with its last cursor. */
  ending(code: EndCode): string;
  /** The credential is not good any more. */
  readonly expiry: string;
}

/** Answers one operation as a response that stays open. Resolves when the response has ended. */
export async function serveHttpStream(
  request: IncomingMessage,
  response: ServerResponse,
  { params, context, ready }: StreamRequest,
  format: StreamFormat,
  deps: HttpStreamDeps,
): Promise<void> {
  const stream = new HttpStream(response, context, format, deps, request.method === 'POST');
  request.socket.setNoDelay(true);
  stream.open();
  const leave = placeFor(context.identity, deps);
  if (leave) await stream.run(params, ready);
  else stream.refuse(tooManySubscriptions('Too many open streams. Close some of them first.'));
  await stream.ended;
  leave?.();
}

function placeFor(identity: Identity, deps: HttpStreamDeps): (() => void) | null {
  const { subscriptions, streamsPerUserMax = STREAMS_PER_USER_MAX } = deps;
  const streams = USER_STREAMS.get(subscriptions) ?? new UserStreams();
  USER_STREAMS.set(subscriptions, streams);
  return streams.enter(identity, streamsPerUserMax);
}

class HttpStream implements SubscriptionSink {
  readonly ended: Promise<void>;
  private subscription: Subscription | null = null;
  private done = false;
  private heartbeat: NodeJS.Timeout | null = null;
  private expiry: NodeJS.Timeout | null = null;
  private takenBytes = 0;
  private takenAt = Date.now();
  private readonly tailBytesMax: number;

  constructor(
    private readonly response: ServerResponse,
    private readonly context: RequestContext,
    private readonly format: StreamFormat,
    private readonly deps: HttpStreamDeps,
    private readonly mayMutate: boolean,
  ) {
    this.tailBytesMax = deps.tailBytesMax ?? TAIL_BYTES_MAX;
    this.ended = new Promise((resolve) => response.once('close', resolve));
    response.once('close', () => this.finish());
    response.on('error', () => {});
  }

  open(): void {
    this.response.writeHead(200, {
      'content-type': this.format.contentType,
      'cache-control': 'no-store',
      // Proxies that buffer would hold back events until enough of them had come together.
      'x-accel-buffering': 'no',
    });
    this.response.write(this.format.opening);
    const every = this.deps.heartbeatMilliseconds ?? HEARTBEAT_MILLISECONDS;
    this.heartbeat = setInterval(() => this.beat(), every);
    this.expireLater();
  }

  async run(params: GraphQLParams, ready?: ReadyOperation): Promise<void> {
    try {
      await this.perform(params, ready);
    } catch {
      this.error([refusal('INTERNAL_SERVER_ERROR', 'The operation could not be run.')]);
    }
  }

  refuse(error: GraphQLError): void {
    this.deps.subscriptions.counters.reject(String(error.extensions.code ?? 'BAD_REQUEST'));
    this.error([error]);
  }

  next(payload: SharedPayload): void {
    if (this.done) return;
    if (this.isExpiredAt(payload.atMilliseconds)) this.expire();
    else if (this.response.writableLength > this.tailBytesMax) this.endAsSlow();
    else this.response.write(this.format.event(payload));
  }

  lagging(): boolean {
    return this.response.writableLength > this.tailBytesMax / 4;
  }

  batch(run: () => void): void {
    this.response.cork();
    run();
    this.response.uncork();
  }

  error(errors: readonly GraphQLError[]): void {
    const json = requestErrorJson(errors, this.context.requestId);
    this.endWith(this.format.result(json) + this.format.completion);
  }

  complete(): void {
    this.endWith(this.format.completion);
  }

  end(code: EndCode): void {
    if (code === 'SLOW_CONSUMER') this.endAsSlow();
    else this.endWith(this.format.ending(code));
  }

  private async perform(params: GraphQLParams, prepared?: ReadyOperation): Promise<void> {
    const ready = prepared ?? (await this.deps.pipeline.prepareFor(params, this.context));
    if (this.done) return;
    if ('errors' in ready) {
      this.deps.subscriptions.counters.reject(
        String(ready.errors[0]?.extensions.code ?? 'BAD_REQUEST'),
      );
      this.error(ready.errors);
      return;
    }
    const { kind } = ready.prepared;
    if (kind === 'subscription') {
      this.subscription = this.deps.subscriptions.subscribe(
        ready.prepared,
        ready.variables,
        this.context,
        params,
        this,
      );
      if (this.done) this.subscription.close();
      return;
    }
    if (kind === 'mutation' && !this.mayMutate) {
      this.error([refusal('BAD_REQUEST', 'A mutation needs a POST request.')]);
      return;
    }
    const answer = await this.deps.pipeline.run(ready, this.context);
    this.endWith(this.format.result(answer.json) + this.format.completion);
  }

  private beat(): void {
    const tail = this.response.writableLength;
    const taken = (this.response.socket?.bytesWritten ?? 0) - tail;
    // Slow is not stalled: as long as the reader takes anything, only the length of its tail counts.
    if (tail === 0 || taken !== this.takenBytes) this.takenAt = Date.now();
    this.takenBytes = taken;
    const stall = this.deps.stallMilliseconds ?? STALL_MILLISECONDS_MAX;
    if (Date.now() - this.takenAt > stall) this.endAsSlow();
    else if (tail === 0) this.response.write(this.format.heartbeat);
  }

  private endAsSlow(): void {
    if (this.done) return;
    this.deps.subscriptions.counters.slowCloses++;
    this.endWith(this.format.ending('SLOW_CONSUMER'));
  }

  private expireLater(): void {
    const { expiresAt } = this.context.identity;
    if (expiresAt === null) return;
    const wait = Math.min(TIMER_MILLISECONDS_MAX, Math.max(0, expiresAt * 1000 - Date.now()));
    this.expiry = setTimeout(() => {
      if (this.isExpiredAt(Date.now())) this.expire();
      else this.expireLater();
    }, wait);
  }

  private isExpiredAt(milliseconds: number): boolean {
    const { expiresAt } = this.context.identity;
    return expiresAt !== null && milliseconds >= expiresAt * 1000;
  }

  private expire(): void {
    this.endWith(this.format.expiry);
  }

  private endWith(text: string): void {
    if (this.done) return;
    this.finish();
    this.response.end(text);
    // What is not read in time is not worth the memory it pins.
    const stall = this.deps.stallMilliseconds ?? STALL_MILLISECONDS_MAX;
    setTimeout(() => {
      if (!this.response.writableFinished) this.response.destroy();
    }, stall).unref();
  }

  private finish(): void {
    this.done = true;
    this.subscription?.close();
    if (this.heartbeat) clearInterval(this.heartbeat);
    if (this.expiry) clearTimeout(this.expiry);
  }
}
