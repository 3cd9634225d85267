import type { GraphQLError } from 'graphql';
import type { Pipeline } from '../pipeline.ts';
import type { Client, Identity } from '../types.ts';
import type { Subscriptions } from './groups.ts';
import type { SharedPayload } from './shared-payload.ts';

/** Why the gateway itself ended a stream. Each can be taken up again with the last cursor. */
export type EndCode =
  | 'STREAM_INTERRUPTED'
  | 'SUBSCRIPTION_SCHEMA_RELOAD'
  | 'SLOW_CONSUMER'
  | 'CREDENTIAL_REVOKED'
  | 'SERVER_SHUTTING_DOWN';

/** One subscriber of a group, whatever its transport. Nothing is called after `close()`. */
export interface SubscriptionSink {
  /** Called for every event, in order. Must not wait: what a reader has not taken yet is its tail. */
  next(payload: SharedPayload): void;
  /** True while the tail is long enough that a replay should wait for this reader. */
  lagging(): boolean;
  /** Writes made by `run` may leave in one packet. */
  batch(run: () => void): void;
  /** Refused: subscribing again with the same request will be refused again. */
  error(errors: readonly GraphQLError[]): void;
  complete(): void;
  end(code: EndCode, reason: string): void;
}

export interface Subscription {
  close(): void;
}

/** What a transport needs to serve operations. */
export interface StreamDeps {
  readonly subscriptions: Subscriptions;
  readonly pipeline: Pick<Pipeline, 'prepareFor' | 'run'>;
}

/** What a client presented, before any of it was checked. */
export interface Credentials {
  readonly authorization?: string;
  readonly apiKey?: string;
  readonly clientName?: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Answers with, or rejects with, a GraphQLError when the credentials are not good. */
export type Authenticate = (
  credentials: Credentials,
) => Promise<{ readonly identity: Identity; readonly client: Client } | GraphQLError>;
