import type { GraphQLError } from 'graphql';
import { refusal, toAnswerError } from '../errors.ts';
import type { EndCode, Subscription, SubscriptionSink } from '../subscriptions/contract.ts';
import type { SharedPayload } from '../subscriptions/shared-payload.ts';
import { endError, tooManySubscriptions } from '../subscriptions/stream-errors.ts';
import type { Answer, GraphQLParams, RequestContext } from '../types.ts';
import type { WebSocketConnection } from './websocket-connection.ts';
import { writeNextFrame } from './websocket-frames.ts';
import { CloseCode } from './websocket-protocol.ts';

/** One operation on a socket, from `subscribe` to `complete`: a query, a mutation or a stream. */
export class WebSocketOperation implements SubscriptionSink {
  private readonly idJson: string;
  private subscription: Subscription | null = null;
  private abort: AbortController | null = null;
  private done = false;

  constructor(
    private readonly connection: WebSocketConnection,
    private readonly id: string,
    private readonly requestId: string,
  ) {
    this.idJson = JSON.stringify(id);
  }

  start(params: GraphQLParams, context: RequestContext): void {
    this.run(params, context).catch(() => {
      this.error([refusal('INTERNAL_SERVER_ERROR', 'The operation could not be run.')]);
    });
  }

  /** The client has completed the operation, or its socket is gone: nothing more is written. */
  cancel(): void {
    if (this.done) return;
    this.finish();
    this.subscription?.close();
    this.abort?.abort();
  }

  next(payload: SharedPayload): void {
    if (this.done || !this.connection.mayDeliver(payload.atMilliseconds)) return;
    writeNextFrame(this.connection.socket, payload, this.idJson);
  }

  lagging(): boolean {
    return this.connection.tailBytes > this.connection.host.limits.tailBytesMax / 4;
  }

  batch(run: () => void): void {
    this.connection.socket.cork();
    run();
    this.connection.socket.uncork();
  }

  error(errors: readonly GraphQLError[]): void {
    if (this.done) return;
    this.finish();
    this.sendError(errors.map((error) => toAnswerError(error, this.requestId)));
  }

  complete(): void {
    if (this.done) return;
    this.finish();
    this.connection.sendText(`{"id":${this.idJson},"type":"complete"}`);
  }

  end(code: EndCode): void {
    if (code === 'SLOW_CONSUMER') this.connection.closeAsSlow();
    else if (code === 'CREDENTIAL_REVOKED') {
      this.connection.close(CloseCode.forbidden, 'Credential revoked');
    } else if (code === 'SERVER_SHUTTING_DOWN') {
      this.connection.close(CloseCode.serviceRestart, 'Restarting');
    } else this.error([endError(code)]);
  }

  refuseAsTooMany(): void {
    const { operationsPerSocketMax } = this.connection.host.limits;
    this.error([tooManySubscriptions(`A socket carries ${operationsPerSocketMax} operations.`)]);
  }

  private async run(params: GraphQLParams, context: RequestContext): Promise<void> {
    const { pipeline, subscriptions } = this.connection.host;
    const ready = await pipeline.prepareFor(params, context);
    if (this.done) return;
    if ('errors' in ready) {
      this.connection.host.rejected(String(ready.errors[0]?.extensions.code ?? 'BAD_REQUEST'));
      this.error(ready.errors);
      return;
    }
    const { prepared, variables } = ready;
    if (prepared.kind === 'subscription') {
      this.subscription = subscriptions.subscribe(prepared, variables, context, params, this);
      return;
    }
    this.abort = new AbortController();
    const answer = await pipeline.run(ready, { ...context, signal: this.abort.signal });
    this.answer(answer);
  }

  private answer(answer: Answer): void {
    if (this.done || !this.connection.mayDeliver(Date.now())) return;
    if (answer.requestError) {
      this.finish();
      this.sendError((JSON.parse(answer.json) as { errors: unknown[] }).errors);
      return;
    }
    this.connection.sendText(`{"id":${this.idJson},"type":"next","payload":${answer.json}}`);
    this.complete();
  }

  private sendError(errors: readonly unknown[]): void {
    this.connection.sendText(
      `{"id":${this.idJson},"type":"error","payload":${JSON.stringify(errors)}}`,
    );
  }

  private finish(): void {
    this.done = true;
    this.connection.operations.delete(this.id);
  }
}
