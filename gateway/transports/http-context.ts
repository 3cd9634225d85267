import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Client, Identity, RequestContext } from '../types.ts';

/** One HTTP request as the rest of the gateway sees it. Its signal is made only if someone asks. */
export class HttpContext implements RequestContext {
  /** A field of its own, so that copies of the context keep it. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  cancelled = false;
  private controller: AbortController | null = null;
  private listeners: Set<() => void> | null = null;

  constructor(
    readonly requestId: string,
    readonly identity: Identity,
    readonly client: Client,
    /** Milliseconds since the epoch; moved once it is known what runs. */
    public deadline: number,
    private readonly request: IncomingMessage,
    response: ServerResponse,
  ) {
    this.headers = request.headers as Record<string, string | undefined>;
    response.once('close', () => {
      if (!response.writableFinished) this.cancel();
    });
  }

  get peerAddress(): string | undefined {
    return this.request.socket.remoteAddress;
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      if (this.cancelled) this.controller.abort();
    }
    return this.controller.signal;
  }

  onCancel(listener: () => void): () => void {
    this.listeners ??= new Set();
    const { listeners } = this;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  private cancel(): void {
    this.cancelled = true;
    this.controller?.abort();
    if (this.listeners) for (const listener of [...this.listeners]) listener();
  }
}
