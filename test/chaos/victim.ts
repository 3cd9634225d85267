import { readFileSync } from 'node:fs';
import { createEdgePolicy } from '../../gateway/edge-policy.ts';
import { startGateway } from '../../gateway/server.ts';
import { AUDIENCE } from '../../local/identity.ts';
import { subgraph as catalog } from '../../subgraphs/catalog/server.ts';
import { subgraph as conversations } from '../../subgraphs/conversations/server.ts';
import type { SubgraphHandler } from '../../subgraphs/kernel/handler.ts';
import { type SubgraphDefinition, startSubgraph } from '../../subgraphs/kernel/subgraph.ts';
import { subgraph as orders } from '../../subgraphs/orders/server.ts';
import { subgraph as payments } from '../../subgraphs/payments/server.ts';
import { subgraph as sellerAccounts } from '../../subgraphs/seller-accounts/server.ts';

/** What the parent, which holds database, issuer and processor, tells the process it will kill. */
export interface VictimSettings {
  readonly port: number;
  readonly issuer: string;
  readonly jwksUri: string;
  readonly cursorSecret: string;
  readonly environments: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

// One process with everything that is ours: it starts in a second, and a kill takes all of it.
const settings = JSON.parse(process.env.CHAOS_SETTINGS ?? '{}') as VictimSettings;
const neighbours = new Map<string, SubgraphHandler>();
const subgraphs = await Promise.all(
  [sellerAccounts, catalog, conversations, payments, orders].map((definition) =>
    startSubgraph(definition as unknown as SubgraphDefinition, {
      neighbours,
      env: settings.environments[definition.name] ?? {},
    }),
  ),
);
const root = new URL('../../', import.meta.url);
const edge = createEdgePolicy({
  issuers: [{ issuer: settings.issuer, audience: AUDIENCE, jwksUri: settings.jwksUri }],
  clientsFile: new URL('schema/clients.json', root).pathname,
  manifestDirectory: new URL('schema/persisted-operations/', root).pathname,
  defaultMode: 'open',
});
const gateway = await startGateway({
  supergraphSdl: readFileSync(new URL('schema/supergraph.graphql', root), 'utf8'),
  port: settings.port,
  host: '127.0.0.1',
  handlers: new Map(subgraphs.map(({ name, handler }) => [name, handler as never])),
  introspection: false,
  cursorKeys: [{ id: 0, secret: Buffer.from(settings.cursorSecret) }],
  ...edge.gatewayOptions,
});
edge.attach(gateway.subscriptions);

process.on('message', (message: { clockMoved?: boolean }) => {
  if (!message.clockMoved) return;
  Promise.all(subgraphs.map((subgraph) => subgraph.clockMoved())).then(
    () => process.send?.({ looked: true }),
    () => process.send?.({ looked: true }),
  );
});
process.on('disconnect', () => process.exit(1));
process.send?.({ ready: true });
