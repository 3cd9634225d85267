import { SUBGRAPH_NAMES, type SubgraphName } from '../subgraphs/kernel/persistence/bootstrap.ts';
import { Closers, settleAll } from './closers.ts';
import { startLocalControl } from './control.ts';
import {
  advanceClocks,
  announce,
  type Ground,
  type LocalStackOptions,
  type Reachable,
  startGround,
} from './ground.ts';
import { AUDIENCE } from './identity.ts';
import type { PaypalSimulator } from './paypal/simulator.ts';
import { freePort } from './postgres.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** The whole product with every part in a process of its own, as in production. */
export interface SeparateProcesses extends Reachable {
  readonly databaseUrl: string;
  readonly paypal: PaypalSimulator;
  /** By name; "gateway" is one of them. One that is killed is started again. */
  readonly processes: ReadonlyMap<string, SupervisedProcess>;
  close(): Promise<void>;
}

/** A process reads the database's clock every five seconds, and looks for due work as often. */
const CLOCK_NOTICED_MS = 11_000;

export async function startSeparateProcesses(
  options: LocalStackOptions,
): Promise<SeparateProcesses> {
  const closers = new Closers();
  try {
    return await build(options, closers);
  } catch (error) {
    await closers.close().catch(() => {});
    throw error;
  }
}

async function build(options: LocalStackOptions, closers: Closers): Promise<SeparateProcesses> {
  const ports = await subgraphPorts();
  const ground = closers.add(await startGround(options, ports.get('payments') ?? 0));
  const { databaseUrl, paypal, tokens } = ground;
  const processes = await startProcesses(ground, options.logLevel, ports, closers);
  const control = closers.add(
    await startLocalControl((milliseconds) => advanceClocks(ground, milliseconds, clockNoticed)),
  );
  const reachable: Reachable = {
    graphUrl: `http://127.0.0.1:${ground.port}/graphql`,
    webSocketUrl: `ws://127.0.0.1:${ground.port}/graphql`,
    controlUrl: control.url,
    tokens,
    databaseUrl,
  };
  closers.push(announce(options.dataDirectory, reachable));
  return { ...reachable, paypal, processes, close: () => closers.close() };
}

async function subgraphPorts(): Promise<Map<SubgraphName, number>> {
  const ports = await Promise.all(SUBGRAPH_NAMES.map(() => freePort(0)));
  return new Map(SUBGRAPH_NAMES.map((name, index) => [name, ports[index] ?? 0]));
}

async function startProcesses(
  ground: Ground,
  logLevel: string,
  ports: ReadonlyMap<SubgraphName, number>,
  closers: Closers,
): Promise<Map<string, SupervisedProcess>> {
  const urls = new Map(
    [...ports].map(([name, port]) => [name, `http://127.0.0.1:${port}/graphql`]),
  );
  const subgraphs = new Map<string, SupervisedProcess>();
  closers.push(async () => {
    await Promise.all([...subgraphs.values()].map((subgraph) => subgraph.close()));
  });
  const gateway = startGatewayProcess(ground, logLevel, urls).then((started) =>
    closers.add(started),
  );
  const starting = [...ports].map(async ([name, port]) => {
    const started = await SupervisedProcess.start({
      name,
      command: ['subgraphs/main.ts', name],
      env: { ...ground.environmentOf(name, port), SUBGRAPH_URLS: pairs(urls) },
      readyUrl: `http://127.0.0.1:${port}/health/ready`,
    });
    subgraphs.set(name, started);
  });
  await settleAll([gateway, ...starting]);
  return new Map([...subgraphs, ['gateway', await gateway]]);
}

function startGatewayProcess(
  { port, secrets, identity }: Ground,
  logLevel: string,
  urls: ReadonlyMap<SubgraphName, string>,
): Promise<SupervisedProcess> {
  const keys = new Map(SUBGRAPH_NAMES.map((name) => [name, `local:${secrets.signing}`]));
  const { issuer, jwksUri } = identity;
  return SupervisedProcess.start({
    name: 'gateway',
    command: [
      'gateway/main.ts',
      '--supergraph',
      'schema/supergraph.graphql',
      '--manifests',
      'schema/persisted-operations',
      ...[...urls].flatMap(([name, url]) => ['--subgraph-url', `${name}=${url}`]),
    ],
    env: {
      NODE_ENV: 'development',
      LOG_LEVEL: logLevel,
      PORT: String(port),
      GATEWAY_ISSUERS: JSON.stringify([{ issuer, audience: AUDIENCE, jwksUri }]),
      GATEWAY_CLIENTS_FILE: 'schema/clients.json',
      GATEWAY_DEFAULT_CLIENT_MODE: 'open',
      GATEWAY_CURSOR_KEYS: `0:${secrets.cursor}`,
      GATEWAY_SIGNING_KEYS: pairs(keys),
    },
    readyUrl: `http://127.0.0.1:${port}/health/ready`,
  });
}

function pairs(entries: ReadonlyMap<string, string>): string {
  return [...entries].map(([name, value]) => `${name}=${value}`).join(',');
}

function clockNoticed(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, CLOCK_NOTICED_MS));
}
