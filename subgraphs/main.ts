import 'reflect-metadata';
import { ConfigError } from './kernel/config.ts';
import { SUBGRAPH_NAMES } from './kernel/persistence/bootstrap.ts';
import { type SubgraphDefinition, startSubgraph } from './kernel/subgraph.ts';

/** `node subgraphs/main.js NAME`: one subgraph as a process of its own, configured by its environment. */
async function main(name: string | undefined): Promise<void> {
  if (!name || !(SUBGRAPH_NAMES as readonly string[]).includes(name)) {
    throw new ConfigError(`name one subgraph of ${SUBGRAPH_NAMES.join(', ')}`);
  }
  const { subgraph } = (await import(`./${name}/server.ts`)) as { subgraph: SubgraphDefinition };
  const running = await startSubgraph(subgraph, { env: process.env });
  let closing = false;
  const close = () => {
    if (closing) process.exit(1);
    closing = true;
    running.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', close);
  process.on('SIGTERM', close);
}

main(process.argv[2]).catch((error: unknown) => {
  const message = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
  process.stderr.write(`parley: ${message}\n`);
  process.exit(1);
});
