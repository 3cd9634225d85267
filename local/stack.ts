import { readFileSync } from 'node:fs';
import { createEdgePolicy, type EdgePolicy } from '../gateway/edge-policy.ts';
import { createExplorer } from '../gateway/explorer/explorer.ts';
import { type Gateway, startGateway } from '../gateway/server.ts';
import { subgraph as catalog } from '../subgraphs/catalog/server.ts';
import { subgraph as conversations } from '../subgraphs/conversations/server.ts';
import type { SubgraphHandler } from '../subgraphs/kernel/handler.ts';
import type { SubgraphName } from '../subgraphs/kernel/persistence/bootstrap.ts';
import {
  type RunningSubgraph,
  type SubgraphDefinition,
  startSubgraph,
} from '../subgraphs/kernel/subgraph.ts';
import { subgraph as orders } from '../subgraphs/orders/server.ts';
import { subgraph as payments } from '../subgraphs/payments/server.ts';
import { subgraph as sellerAccounts } from '../subgraphs/seller-accounts/server.ts';
import { Closers, settleAll } from './closers.ts';
import { startLocalControl } from './control.ts';
import {
  advanceClocks,
  announce,
  type Ground,
  type LocalStackOptions,
  startGround,
} from './ground.ts';
import { AUDIENCE, type LocalIdentity, type TokenClaims } from './identity.ts';
import type { PaypalSimulator } from './paypal/simulator.ts';
import type { Person } from './people.ts';
import { freePort } from './postgres.ts';

/** The whole product in one process, ready to be used. */
export interface LocalStack {
  readonly graphUrl: string;
  readonly webSocketUrl: string;
  readonly controlUrl: string;
  readonly databaseUrl: string;
  readonly paypal: PaypalSimulator;
  readonly gateway: Gateway;
  readonly subgraphs: ReadonlyMap<string, RunningSubgraph>;
  readonly tokens: Readonly<Record<Person, string>>;
  issueToken(claims: TokenClaims, expiresInSeconds?: number): Promise<string>;
  /** Moves every clock forward: the database's and the processor's. */
  advanceClock(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

const DEFINITIONS = [
  sellerAccounts,
  catalog,
  conversations,
  payments,
  orders,
] as unknown as readonly SubgraphDefinition[];
const SUPERGRAPH = new URL('../schema/supergraph.graphql', import.meta.url);
const CLIENTS = new URL('../schema/clients.json', import.meta.url).pathname;

export type { LocalStackOptions } from './ground.ts';

export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const closers = new Closers();
  try {
    return await buildStack(options, closers);
  } catch (error) {
    await closers.close().catch(() => {});
    throw error;
  }
}

async function buildStack(options: LocalStackOptions, closers: Closers): Promise<LocalStack> {
  // Known before payments listens, because PayPal must be told where to send its webhooks.
  const paymentsPort = await freePort(0);
  const ground = closers.add(await startGround(options, paymentsPort));
  const { databaseUrl, identity, paypal, tokens } = ground;
  const subgraphs = await startSubgraphs(ground, paymentsPort, closers);
  const edge = closers.add(edgeOf(identity, options.clientsFile ?? CLIENTS));
  const gateway = await serve(ground, edge, subgraphs);
  edge.attach(gateway.subscriptions);
  closers.push(() => gateway.close());

  const advanceClock = (milliseconds: number) =>
    advanceClocks(ground, milliseconds, async () => {
      await Promise.all([...subgraphs.values()].map((subgraph) => subgraph.clockMoved()));
    });
  const control = closers.add(await startLocalControl(advanceClock));
  const reachable = {
    graphUrl: gateway.url,
    webSocketUrl: gateway.url.replace(/^http/, 'ws'),
    controlUrl: control.url,
    tokens,
    databaseUrl,
  };
  closers.push(announce(options.dataDirectory, reachable));
  return {
    ...reachable,
    paypal,
    gateway,
    subgraphs,
    issueToken: (claims, expiresInSeconds) => identity.issueToken(claims, expiresInSeconds),
    advanceClock,
    close: () => closers.close(),
  };
}

async function startSubgraphs(
  ground: Ground,
  paymentsPort: number,
  closers: Closers,
): Promise<Map<string, RunningSubgraph>> {
  const neighbours = new Map<string, SubgraphHandler>();
  const started: RunningSubgraph[] = [];
  // All at once: they do not wait for each other.
  closers.push(async () => {
    await Promise.all(started.map((subgraph) => subgraph.close()));
  });
  await settleAll(
    DEFINITIONS.map(async (definition) => {
      const port = definition.name === 'payments' ? paymentsPort : 0;
      const env = ground.environmentOf(definition.name as SubgraphName, port);
      started.push(await startSubgraph(definition, { neighbours, env }));
    }),
  );
  return new Map(started.map((subgraph) => [subgraph.name, subgraph]));
}

function edgeOf(identity: LocalIdentity, clientsFile: string): EdgePolicy {
  return createEdgePolicy({
    issuers: [{ issuer: identity.issuer, audience: AUDIENCE, jwksUri: identity.jwksUri }],
    clientsFile,
    manifestDirectory: new URL('../schema/persisted-operations/', import.meta.url).pathname,
    defaultMode: 'open',
  });
}

function serve(
  { port, secrets, tokens }: Ground,
  edge: EdgePolicy,
  subgraphs: ReadonlyMap<string, RunningSubgraph>,
): Promise<Gateway> {
  return startGateway({
    supergraphSdl: readFileSync(SUPERGRAPH, 'utf8'),
    port,
    host: '127.0.0.1',
    handlers: new Map([...subgraphs].map(([name, subgraph]) => [name, subgraph.handler as never])),
    introspection: true,
    cursorKeys: [{ id: 0, secret: Buffer.from(secrets.cursor) }],
    explorer: createExplorer({
      graphqlUrl: '/graphql',
      tokens: Object.entries(tokens).map(([label, token]) => ({ label, token })),
    }),
    ...edge.gatewayOptions,
  });
}
