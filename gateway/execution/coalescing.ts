import type { RequestContext, SubgraphRequest, SubgraphTransport } from '../types.ts';
import { copyOf } from './merge.ts';
import { SharedContext } from './shared-context.ts';

interface InFlight {
  readonly context: SharedContext;
  readonly answer: Promise<string | object>;
}

/**
 * Sends one copy of identical reads that are in flight at the same time for identical callers. Only
 * what is in flight is shared: nothing is kept, so nobody reads anything older than their request.
 */
export function coalescingReads(
  inner: SubgraphTransport,
  propagateHeaders: readonly string[] = [],
): SubgraphTransport {
  const inFlight = new Map<string, Map<string, InFlight>>();
  return {
    execute(request, context) {
      if (request.kind !== 'query') return inner.execute(request, context);
      const byQuery = inFlight.get(request.query) ?? new Map<string, InFlight>();
      const key = keyOf(request, context, propagateHeaders);
      const running = byQuery.get(key);
      if (running?.context.join(context)) return running.answer.then(ownCopy);
      const shared = new SharedContext(context);
      const answer = inner.execute(request, shared).finally(() => {
        shared.finish();
        if (byQuery.get(key)?.context === shared) byQuery.delete(key);
        if (byQuery.size === 0) inFlight.delete(request.query);
      });
      byQuery.set(key, { context: shared, answer });
      inFlight.set(request.query, byQuery);
      return answer.then((value) => (shared.joined ? ownCopy(value) : value));
    },
    subscribe: (request, context, sink) => inner.subscribe(request, context, sink),
    close: () => inner.close(),
  };
}

function keyOf(
  request: SubgraphRequest,
  context: RequestContext,
  propagateHeaders: readonly string[],
): string {
  let key = `${request.serviceName}\n${context.identity.key}\n${request.variablesJson}`;
  for (const name of propagateHeaders) key += `\n${JSON.stringify(context.headers[name] ?? null)}`;
  return key;
}

/** An answer that came as an object is changed by whoever reads it. */
function ownCopy(answer: string | object): string | object {
  return typeof answer === 'string' ? answer : copyOf(answer);
}
