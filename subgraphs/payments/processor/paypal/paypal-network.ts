import { Agent, request } from 'undici';

export interface PayPalExchange {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface PayPalAnswer {
  readonly status: number;
  readonly text: string;
}

/** How bytes reach PayPal; a port because a simulation has its own network. */
export interface PayPalNetwork {
  /** Rejects where no whole answer came; the error's `code` tells whether anything was sent. */
  exchange(exchange: PayPalExchange): Promise<PayPalAnswer>;
  /** Lets go of its connections. */
  close(): Promise<void>;
}

/** PayPal's answers are a few kilobytes; the transaction search is the largest. */
const ANSWER_BYTES_MAX = 4_194_304;

export class HttpNetwork implements PayPalNetwork {
  // Connections are kept: a TLS handshake per call would double the time of a payment.
  private readonly agent = new Agent({ keepAliveTimeout: 10_000, connections: 32 });

  constructor(
    private readonly baseUrl: string,
    private readonly timeoutMs: number,
  ) {}

  async exchange({ method, path, headers, body }: PayPalExchange): Promise<PayPalAnswer> {
    const response = await request(`${this.baseUrl}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      dispatcher: this.agent,
      signal: AbortSignal.timeout(this.timeoutMs),
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX) throw new Error('the answer is too large');
      chunks.push(chunk);
    }
    return { status: response.statusCode, text: Buffer.concat(chunks).toString('utf8') };
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}
