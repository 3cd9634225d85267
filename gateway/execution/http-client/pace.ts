/** Slower than this and the wire is not what a request waits for. */
const QUICK_MS = 10;
/** Answers seen before a request is believed to be quick. */
const ANSWERS_MIN = 2;
/** A slow answer weighs little, a quick one at once: a busy moment is not a slow resolver. */
const DRIFT = 0.02;
/** After it held up others, a request goes alone for this long. */
const ALONE_MS = 10_000;

/**
 * How long the server takes for requests of one kind. On a shared connection answers come in order,
 * so only requests that are answered at once may go before others.
 */
export class Pace {
  private answers = 0;
  private bestMs = Number.POSITIVE_INFINITY;
  private aloneUntil = 0;

  observe(milliseconds: number): void {
    this.answers += 1;
    this.bestMs =
      milliseconds < this.bestMs
        ? milliseconds
        : this.bestMs + (milliseconds - this.bestMs) * DRIFT;
  }

  /** It held up others. `now` is a moment of performance.now(). */
  stalled(now: number): void {
    this.aloneUntil = now + ALONE_MS;
  }

  isQuick(now: number): boolean {
    return this.answers >= ANSWERS_MIN && this.bestMs < QUICK_MS && now >= this.aloneUntil;
  }
}
