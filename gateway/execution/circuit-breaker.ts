export interface BreakerOptions {
  /** Failures in a row that open it. Smaller gives up on a hiccup; larger waits on the dead. */
  readonly failuresMax: number;
  /** First pause before one call may try again; doubles while that call fails. */
  readonly pauseMs: number;
  readonly pauseMaxMs: number;
}

export const DEFAULT_BREAKER: BreakerOptions = {
  failuresMax: 10,
  pauseMs: 1_000,
  pauseMaxMs: 30_000,
};

/**
 * Stops calling a subgraph that does not answer: calls are refused at once while it is open, and
 * after a pause a single one may find out whether it is back.
 */
export class CircuitBreaker {
  private failures = 0;
  private pauses = 0;
  private openUntil = 0;
  private probing = false;

  constructor(
    private readonly options: BreakerOptions,
    private readonly now: () => number = Date.now,
  ) {}

  /** False: do not call. True: call, and say how it went. */
  admit(): boolean {
    if (this.openUntil === 0) return true;
    if (this.probing || this.now() < this.openUntil) return false;
    this.probing = true;
    return true;
  }

  succeeded(): void {
    this.failures = 0;
    this.pauses = 0;
    this.openUntil = 0;
    this.probing = false;
  }

  failed(): void {
    this.failures++;
    if (this.openUntil === 0 && this.failures < this.options.failuresMax) return;
    const { pauseMs, pauseMaxMs } = this.options;
    this.openUntil = this.now() + Math.min(pauseMs * 2 ** this.pauses, pauseMaxMs);
    this.pauses++;
    this.probing = false;
  }

  /** The call ended without telling anything about the subgraph: its client went away. */
  abandoned(): void {
    this.probing = false;
  }

  get isOpen(): boolean {
    return this.openUntil !== 0;
  }
}
