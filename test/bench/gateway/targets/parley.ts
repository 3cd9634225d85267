import { readFileSync } from 'node:fs';
import type { SubgraphHandler } from '../../../../gateway/execution/in-process.ts';
import { startGateway } from '../../../../gateway/server.ts';
import { createSubgraphs } from '../scenario.ts';

/** `parley.ts SUPERGRAPH PORT [coalesce] [in-process]`: this gateway, limits and masking as always. */
const [file = '', port = '0', ...flags] = process.argv.slice(2);

function handlers(): ReadonlyMap<string, SubgraphHandler> {
  return new Map(
    [...createSubgraphs()].map(([name, subgraph]) => [
      name,
      {
        execute: async ({ query, variables }) => subgraph.execute(query, variables),
        subscribe: (_request, _claims, _meta, sink) => {
          sink.error([{ message: 'There are no streams here.' }]);
          return { close: () => undefined };
        },
      },
    ]),
  );
}

const gateway = await startGateway({
  supergraphSdl: readFileSync(file, 'utf8'),
  port: Number(port),
  coalesceReads: flags.includes('coalesce'),
  handlers: flags.includes('in-process') ? handlers() : undefined,
});
process.on('SIGTERM', () => {
  gateway.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
