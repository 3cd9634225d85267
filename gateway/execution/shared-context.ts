import type { Client, Identity, RequestContext } from '../types.ts';

/**
 * The context of work done once for several requests of one identity. It is cancelled when the last
 * of them is: one client going away takes nothing from the others.
 */
export class SharedContext implements RequestContext {
  readonly requestId: string;
  readonly identity: Identity;
  readonly client: Client;
  readonly deadline: number;
  readonly headers: RequestContext['headers'];
  /** True once a second request shares the work. */
  joined = false;
  cancelled = false;
  private waiting = 0;
  private controller: AbortController | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly releases: (() => void)[] = [];

  constructor(first: RequestContext) {
    this.requestId = first.requestId;
    this.identity = first.identity;
    this.client = first.client;
    this.deadline = first.deadline;
    this.headers = first.headers;
    this.watch(first);
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      if (this.cancelled) this.controller.abort();
    }
    return this.controller.signal;
  }

  onCancel(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** False when it is too late to join. */
  join(context: RequestContext): boolean {
    if (this.cancelled) return false;
    this.joined = true;
    this.watch(context);
    return true;
  }

  /** The work is done: nobody's going away matters any more. */
  finish(): void {
    for (const release of this.releases) release();
    this.listeners.clear();
  }

  private watch(context: RequestContext): void {
    this.waiting++;
    const leave = () => {
      if (--this.waiting === 0) this.cancel();
    };
    if (context.onCancel) {
      this.releases.push(context.onCancel(leave));
    } else {
      context.signal.addEventListener('abort', leave, { once: true });
      this.releases.push(() => context.signal.removeEventListener('abort', leave));
    }
  }

  private cancel(): void {
    this.cancelled = true;
    this.controller?.abort();
    for (const listener of [...this.listeners]) listener();
  }
}
