import type { Logger } from '../logger.ts';

/**
 * Runs `pass` whenever it is woken, one at a time, and at the latest every `intervalMs`: a lost
 * wake-up costs a delay, never an event. A pass that returns true has more to do at once.
 */
export class Loop {
  private running: Promise<void> | null = null;
  private woken = false;
  private stopped = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly name: string,
    private readonly pass: () => Promise<boolean | 'soon'>,
    private readonly logger: Logger,
    private readonly intervalMs = 1_000,
  ) {}

  start(): void {
    this.wake();
  }

  wake(): void {
    this.woken = true;
    if (this.stopped || this.running !== null) return;
    this.running = this.drain().finally(() => {
      this.running = null;
      if (this.woken) this.wake();
      else this.sleep(this.intervalMs);
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.running;
  }

  private async drain(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    let failures = 0;
    while (this.woken && !this.stopped) {
      this.woken = false;
      try {
        const more = await this.pass();
        failures = 0;
        if (more === 'soon') await new Promise((resolve) => setTimeout(resolve, 3));
        if (more !== false) this.woken = true;
      } catch (err) {
        failures += 1;
        if (this.stopped) return;
        this.logger.warn({ err, loop: this.name, failures }, 'pass failed; will try again');
        await new Promise((resolve) => setTimeout(resolve, Math.min(100 * 2 ** failures, 5_000)));
        this.woken = true;
      }
    }
  }

  private sleep(milliseconds: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => this.wake(), milliseconds);
    this.timer.unref();
  }
}
