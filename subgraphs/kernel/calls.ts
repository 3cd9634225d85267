import { DomainError } from './errors.ts';
import type { SubgraphHandler } from './handler.ts';
import { systemClaims } from './identity/actor.ts';
import { encodeActor, type SigningKey, sign } from './identity/request-signature.ts';

/** Another subgraph did not answer a system call. Whether it acted is not known. */
export class SubgraphCallFailed extends DomainError {
  constructor(subgraph: string) {
    super('TEMPORARILY_UNAVAILABLE', `${subgraph} is not answering. Try again.`, {
      retryable: true,
    });
  }
}

/**
 * Asks another subgraph, as the system, by its own graph: for the few questions that cannot wait for
 * an event, such as holding stock while a buyer pays. In one process it is a call, else signed HTTP.
 */
export interface SubgraphCalls {
  /** Resolves to `data`. Rejects with SubgraphCallFailed on no answer, an error, or a timeout. */
  execute(
    subgraph: string,
    query: string,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>>;
}

/** Below the ten seconds within which a payment's final check must answer. */
const CALL_TIMEOUT_MS = 5_000;

export class InProcessCalls implements SubgraphCalls {
  constructor(
    private readonly caller: string,
    private readonly handlers: ReadonlyMap<string, SubgraphHandler>,
  ) {}

  async execute(subgraph: string, query: string, variables: Readonly<Record<string, unknown>>) {
    const handler = this.handlers.get(subgraph);
    if (!handler) throw new SubgraphCallFailed(subgraph);
    const result = await handler.execute(
      {
        query,
        operationName: null,
        variables,
        kind: /^\s*mutation/.test(query) ? 'mutation' : 'query',
      },
      systemClaims(this.caller),
      {
        requestId: `${this.caller}-call`,
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
        deadline: Date.now() + CALL_TIMEOUT_MS,
      },
    );
    return dataOf(subgraph, result);
  }
}

export class HttpCalls implements SubgraphCalls {
  constructor(
    private readonly caller: string,
    private readonly urls: ReadonlyMap<string, string>,
    private readonly key: SigningKey,
  ) {}

  async execute(subgraph: string, query: string, variables: Readonly<Record<string, unknown>>) {
    const url = this.urls.get(subgraph);
    if (!url) throw new SubgraphCallFailed(subgraph);
    const body = JSON.stringify({ query, variables });
    const actor = encodeActor(systemClaims(this.caller));
    const signature = sign({ method: 'POST', path: new URL(url).pathname, body, actor }, this.key);
    let result: unknown;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'parley-actor': actor,
          'parley-signature': signature,
        },
        body,
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      });
      result = await response.json();
    } catch {
      throw new SubgraphCallFailed(subgraph);
    }
    return dataOf(subgraph, result);
  }
}

function dataOf(subgraph: string, result: unknown): Readonly<Record<string, unknown>> {
  const { data, errors } = (result ?? {}) as {
    data?: Record<string, unknown> | null;
    errors?: unknown[];
  };
  if (!data || (errors && errors.length > 0)) throw new SubgraphCallFailed(subgraph);
  return data;
}
