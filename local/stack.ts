import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createEdgePolicy, type EdgePolicy } from '../gateway/edge-policy.ts';
import { createExplorer } from '../gateway/explorer/explorer.ts';
import { type Gateway, startGateway } from '../gateway/server.ts';
import { subgraph as catalog } from '../subgraphs/catalog/server.ts';
import { subgraph as conversations } from '../subgraphs/conversations/server.ts';
import type { SubgraphHandler } from '../subgraphs/kernel/handler.ts';
import {
  bootstrapDatabase,
  type SubgraphName,
  subgraphUrl,
} from '../subgraphs/kernel/persistence/bootstrap.ts';
import {
  type RunningSubgraph,
  type SubgraphDefinition,
  startSubgraph,
} from '../subgraphs/kernel/subgraph.ts';
import { subgraph as orders } from '../subgraphs/orders/server.ts';
import { subgraph as payments } from '../subgraphs/payments/server.ts';
import { subgraph as sellerAccounts } from '../subgraphs/seller-accounts/server.ts';
import { type LocalControl, startLocalControl } from './control.ts';
import { AUDIENCE, type LocalIdentity, startLocalIdentity, type TokenClaims } from './identity.ts';
import { type PaypalSimulator, startPaypalSimulator } from './paypal/simulator.ts';
import { PEOPLE, type Person } from './people.ts';
import { type EmbeddedPostgres, freePort, startEmbeddedPostgres } from './postgres.ts';
import { type LocalSecrets, localSecrets } from './secrets.ts';
import { makeFolder, StartError } from './start-error.ts';

export interface LocalStackOptions {
  readonly port: number;
  readonly dataDirectory: string;
  /** An administrator's URL; null starts an embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | null;
  readonly logLevel: string;
  /** False trades safety against a power failure for speed: for tests only. */
  readonly durable: boolean;
  /** Password of every subgraph's role; roles belong to the whole server, so tests side by side share one. */
  readonly rolePassword?: string;
}

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

export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { dataDirectory } = options;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    makeDataDirectory(dataDirectory);
    const port = await freePort(options.port);
    const release = lock(dataDirectory);
    closers.push(async () => release());
    const secrets = localSecrets(dataDirectory);
    const [postgres, identity, paypal] = await Promise.all([
      options.databaseUrl === null ? startPostgres(options) : null,
      startLocalIdentity(dataDirectory),
      startPaypalSimulator({ dataDirectory: join(dataDirectory, 'paypal') }),
    ]);
    closers.push(
      () => postgres?.stop() ?? Promise.resolve(),
      () => identity.close(),
      () => paypal.close(),
    );
    const databaseUrl =
      options.databaseUrl ?? (await parleyDatabase((postgres as EmbeddedPostgres).url));
    await bootstrapDatabase(databaseUrl, (name) => passwordOf(options, secrets, name));

    const subgraphs = await startSubgraphs(options, secrets, databaseUrl, paypal);
    closers.push(
      async () =>
        void (await Promise.all([...subgraphs.values()].map((subgraph) => subgraph.close()))),
    );
    const tokens = await issueTokens(identity);
    const edge = edgeOf(identity);
    closers.push(() => edge.close());
    const gateway = await serve(port, edge, secrets, subgraphs, tokens);
    edge.attach(gateway.subscriptions);
    closers.push(() => gateway.close());

    const advanceClock = (milliseconds: number) =>
      advance(milliseconds, databaseUrl, paypal, subgraphs);
    const control = await startLocalControl(advanceClock);
    closers.push(() => control.close());
    const stack: LocalStack = {
      graphUrl: gateway.url,
      webSocketUrl: gateway.url.replace(/^http/, 'ws'),
      controlUrl: control.url,
      databaseUrl,
      paypal,
      gateway,
      subgraphs,
      tokens,
      issueToken: (claims, expiresInSeconds) => identity.issueToken(claims, expiresInSeconds),
      advanceClock,
      close,
    };
    closers.push(announce(dataDirectory, stack, control));
    return stack;
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

function makeDataDirectory(dataDirectory: string): void {
  try {
    makeFolder(dataDirectory);
    const probe = join(dataDirectory, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new StartError(
      `The data folder ${dataDirectory} cannot be written (${(error as { code?: string }).code ?? 'error'}). Set PARLEY_DATA to a folder that can.`,
    );
  }
}

/** One Parley per folder: a second one says so at once. A lock of a process that is gone is taken over. */
function lock(dataDirectory: string): () => void {
  const file = join(dataDirectory, 'parley.pid');
  if (existsSync(file)) {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid !== process.pid && isRunning(pid)) {
      throw new StartError(
        `Another Parley (process ${pid}) uses ${dataDirectory}. Stop it, or set PARLEY_DATA to another folder.`,
      );
    }
  }
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
  try {
    // The number may belong to another program by now.
    return /node/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return true;
  }
}

function startPostgres({ dataDirectory, durable }: LocalStackOptions): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDirectory: join(dataDirectory, 'postgres'), durable });
}

async function parleyDatabase(serverUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query(`select 1 from pg_database where datname = 'parley'`);
    if (!rowCount) await client.query('create database parley');
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = '/parley';
  return url.toString();
}

function passwordOf(
  { rolePassword }: LocalStackOptions,
  secrets: LocalSecrets,
  name: SubgraphName,
): string {
  return (
    rolePassword ?? createHash('sha256').update(`${secrets.database}:${name}`).digest('base64url')
  );
}

async function startSubgraphs(
  options: LocalStackOptions,
  secrets: LocalSecrets,
  databaseUrl: string,
  paypal: PaypalSimulator,
): Promise<Map<string, RunningSubgraph>> {
  const neighbours = new Map<string, SubgraphHandler>();
  // Known before payments listens, because PayPal must be told where to send its webhooks.
  const paymentsPort = await freePort(0);
  const webhookId = await registerWebhook(
    paypal,
    `http://127.0.0.1:${paymentsPort}/webhooks/paypal`,
  );
  const started = await Promise.all(
    DEFINITIONS.map((definition) => {
      const name = definition.name as SubgraphName;
      return startSubgraph(definition, {
        neighbours,
        env: {
          NODE_ENV: 'development',
          LOG_LEVEL: options.logLevel,
          PORT: name === 'payments' ? String(paymentsPort) : '0',
          DATABASE_URL: subgraphUrl(databaseUrl, name, passwordOf(options, secrets, name)),
          SIGNING_KEYS: `local:${secrets.signing}`,
          SEALING_KEYS: `local:${secrets.sealing}`,
          CARRIER_WEBHOOK_SECRET: secrets.carrier,
          PAYPAL_URL: paypal.url,
          PAYPAL_CLIENT_ID: paypal.clientId,
          PAYPAL_CLIENT_SECRET: paypal.clientSecret,
          PAYPAL_PARTNER_ID: paypal.partnerId,
          PAYPAL_WEBHOOK_ID: webhookId,
          PAYPAL_SIMULATOR_ORIGIN: paypal.url,
        },
      });
    }),
  );
  return new Map(started.map((subgraph) => [subgraph.name, subgraph]));
}

/** The port is another one at every start, so what was registered before is forgotten first. */
async function registerWebhook(paypal: PaypalSimulator, url: string): Promise<string> {
  const token = await fetch(`${paypal.url}/v1/oauth2/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${paypal.clientId}:${paypal.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const { access_token: accessToken } = (await token.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  const base = `${paypal.url}/v1/notifications/webhooks`;
  const known = (await (await fetch(base, { headers })).json()) as { webhooks: { id: string }[] };
  for (const { id } of known.webhooks) await fetch(`${base}/${id}`, { method: 'DELETE', headers });
  const created = await fetch(base, {
    method: 'POST',
    headers,
    body: JSON.stringify({ url, event_types: [{ name: '*' }] }),
  });
  return ((await created.json()) as { id: string }).id;
}

async function issueTokens(identity: LocalIdentity): Promise<Record<Person, string>> {
  const entries = await Promise.all(
    Object.entries(PEOPLE).map(
      async ([person, claims]) => [person, await identity.issueToken(claims)] as const,
    ),
  );
  return Object.fromEntries(entries) as Record<Person, string>;
}

function edgeOf(identity: LocalIdentity): EdgePolicy {
  return createEdgePolicy({
    issuers: [{ issuer: identity.issuer, audience: AUDIENCE, jwksUri: identity.jwksUri }],
    clientsFile: new URL('../schema/clients.json', import.meta.url).pathname,
    manifestDirectory: new URL('../schema/persisted-operations/', import.meta.url).pathname,
    defaultMode: 'open',
  });
}

function serve(
  port: number,
  edge: EdgePolicy,
  secrets: LocalSecrets,
  subgraphs: ReadonlyMap<string, RunningSubgraph>,
  tokens: Readonly<Record<Person, string>>,
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

async function advance(
  milliseconds: number,
  databaseUrl: string,
  paypal: PaypalSimulator,
  subgraphs: ReadonlyMap<string, RunningSubgraph>,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('update parley_clock.shift set milliseconds = milliseconds + $1', [
      milliseconds,
    ]);
  } finally {
    await client.end();
  }
  // Ours first: what is due here must be done before the processor would do it by itself.
  await Promise.all([...subgraphs.values()].map((subgraph) => subgraph.clockMoved()));
  await fetch(`${paypal.url}/simulator/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ advanceMs: milliseconds }),
  });
}

/** Tells other programs of this machine, such as the demo, where everything is. Returns how to take it back. */
function announce(
  dataDirectory: string,
  stack: LocalStack,
  control: LocalControl,
): () => Promise<void> {
  const file = join(dataDirectory, 'running.json');
  const { graphUrl, webSocketUrl, tokens } = stack;
  writeFileSync(
    file,
    JSON.stringify({ graphUrl, webSocketUrl, controlUrl: control.url, tokens }, null, 2),
    { mode: 0o600 },
  );
  return async () => rmSync(file, { force: true });
}
