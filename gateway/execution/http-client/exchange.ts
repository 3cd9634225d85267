import type { Pace } from './pace.ts';

/** Why there is no answer. */
export type FailureKind =
  /** No connection, or it ended too soon. */
  | 'broken'
  /** What came is not HTTP that can be trusted. */
  | 'malformed'
  | 'too-large';

export interface ExchangeRequest {
  /** The request line and the headers, each with its line end; the length is added. */
  readonly head: string;
  readonly body: string;
  /** True when the server may be asked twice: then it may share a connection. */
  readonly isSafe: boolean;
  /** How quickly such requests are answered. */
  readonly pace: Pace;
  /** Bytes of the body; more are refused. */
  readonly bytesMax: number;
}

export interface ExchangeHandler {
  /** False ends it: the status alone says enough. */
  head(status: number, contentType: string): boolean;
  answered(text: string): void;
  failed(kind: FailureKind, reason: string): void;
}

/**
 * One request and its answer. It may be on two connections when the first one stalls; whichever
 * answers first settles it.
 */
export class Exchange {
  isSettled = false;
  /** Connections it is on. */
  copies = 0;
  wasMoved = false;

  constructor(
    readonly request: ExchangeRequest,
    private readonly handler: ExchangeHandler,
  ) {}

  /** A head without the answer settles nothing unless its status is the answer. */
  head(status: number, contentType: string): void {
    if (!this.isSettled && !this.handler.head(status, contentType)) this.isSettled = true;
  }

  answered(text: string): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.handler.answered(text);
  }

  fail(kind: FailureKind, reason: string): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.handler.failed(kind, reason);
  }
}
