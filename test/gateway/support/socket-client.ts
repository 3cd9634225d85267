import { WebSocket } from 'ws';

export interface ServerMessage {
  readonly id?: string;
  readonly type: string;
  readonly payload?: {
    readonly data?: { readonly reviewAdded?: { readonly id: string } };
    readonly errors?: { readonly message: string; readonly extensions: { code: string } }[];
    readonly extensions?: { readonly cursor?: string; readonly bookmark?: boolean };
    readonly [key: string]: unknown;
  } & { readonly message?: string; readonly extensions?: { code?: string } }[];
}

/** A bare socket that keeps every message, so that none is missed and nothing is hidden. */
export class SocketClient {
  readonly messages: ServerMessage[] = [];
  closed: { code: number; reason: string } | null = null;
  private waiting: (() => void)[] = [];

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)) as ServerMessage);
      this.wake();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.wake();
    });
    socket.on('error', () => {});
  }

  static async open(
    url: string,
    {
      protocol = 'graphql-transport-ws',
      headers = {},
    }: { protocol?: string; headers?: object } = {},
  ): Promise<SocketClient> {
    const socket = new WebSocket(url, protocol === '' ? [] : protocol, {
      headers: headers as never,
    });
    const client = new SocketClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    return client;
  }

  /** Opened and acknowledged. */
  static async connect(url: string, connectionParams: object = {}): Promise<SocketClient> {
    const client = await SocketClient.open(url);
    client.send({ type: 'connection_init', payload: connectionParams });
    await client.until(() => client.messages.some(({ type }) => type === 'connection_ack'));
    return client;
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string, extensions?: object, variables?: object): void {
    this.send({ id, type: 'subscribe', payload: { query, variables, extensions } });
  }

  /** The reviews received by operation `id`, in order. */
  reviews(id: string): string[] {
    return this.of(id, 'next').flatMap(({ payload }) => payload?.data?.reviewAdded?.id ?? []);
  }

  of(id: string, type: string): ServerMessage[] {
    return this.messages.filter((message) => message.id === id && message.type === type);
  }

  cursor(id: string): string {
    return this.of(id, 'next').at(-1)?.payload?.extensions?.cursor ?? '';
  }

  errorCode(id: string): string | undefined {
    return this.of(id, 'error')[0]?.payload?.[0]?.extensions?.code;
  }

  async until(condition: () => boolean, milliseconds = 5_000): Promise<void> {
    const until = Date.now() + milliseconds;
    while (!condition()) {
      const left = until - Date.now();
      if (left <= 0) {
        throw new Error(
          `Waited in vain. ${JSON.stringify(this.closed)} ${JSON.stringify(this.messages)}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 20));
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  untilClosed(): Promise<void> {
    return this.until(() => this.closed !== null);
  }

  close(): void {
    this.socket.terminate();
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export async function eventually(condition: () => boolean, milliseconds = 5_000): Promise<void> {
  const until = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > until) throw new Error(`Never came true: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
