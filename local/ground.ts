import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import {
  bootstrapDatabase,
  type SubgraphName,
  subgraphUrl,
} from '../subgraphs/kernel/persistence/bootstrap.ts';
import { Closers, settleAll } from './closers.ts';
import { type LocalIdentity, startLocalIdentity, type TokenClaims } from './identity.ts';
import { type PaypalSimulator, startPaypalSimulator } from './paypal/simulator.ts';
import { PEOPLE, type Person } from './people.ts';
import { freePort, startEmbeddedPostgres } from './postgres.ts';
import { startedAt } from './process-info.ts';
import { type LocalSecrets, localSecrets } from './secrets.ts';
import { makeFolder, StartError } from './start-error.ts';

export interface LocalStackOptions {
  /** Where the graph is served, on the loopback address; 0 takes a free port. */
  readonly port: number;
  readonly dataDirectory: string;
  /** An administrator's URL; null starts an embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | null;
  readonly logLevel: string;
  /** False trades safety against a power failure for speed: for tests only. */
  readonly durable: boolean;
  /** Password of every subgraph's role; roles belong to the whole server, so tests side by side share one. */
  readonly rolePassword?: string;
  /** The registry of clients; default schema/clients.json. */
  readonly clientsFile?: string;
}

/** A process's start is known to the second only. */
const CLOCK_TOLERANCE_MS = 1_500;
/** As long as the slowest stop takes; a second start at the same moment learns of the first no later. */
const STOPPING_TIMEOUT_MS = 12_000;
/** There while it can be used; gone as the first thing of a stop. */
const RUNNING_FILE = 'running.json';

/** What a Parley of one machine stands on, whether it runs in one process or in several. */
export interface Ground {
  readonly port: number;
  readonly secrets: LocalSecrets;
  readonly databaseUrl: string;
  readonly identity: LocalIdentity;
  readonly paypal: PaypalSimulator;
  readonly tokens: Readonly<Record<Person, string>>;
  /** The environment of one subgraph's process; only payments needs to know PayPal's webhook. */
  environmentOf(subgraph: SubgraphName, port: number): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** How a Parley of this machine is reached; other programs find it in `running.json`. */
export interface Reachable {
  readonly graphUrl: string;
  readonly webSocketUrl: string;
  readonly controlUrl: string;
  readonly tokens: Readonly<Record<Person, string>>;
  /** An administrator's, for operators' commands; the file is its owner's alone. */
  readonly databaseUrl: string;
}

/**
 * Starts database, issuer and PayPal simulator, and makes roles and schemas. Rejects with a
 * StartError where a person can mend the reason, and leaves nothing running then.
 */
export async function startGround(
  options: LocalStackOptions,
  paymentsPort: number,
): Promise<Ground> {
  const closers = new Closers();
  try {
    return await buildGround(options, paymentsPort, closers);
  } catch (error) {
    await closers.close().catch(() => {});
    throw error;
  }
}

async function buildGround(
  options: LocalStackOptions,
  paymentsPort: number,
  closers: Closers,
): Promise<Ground> {
  const { dataDirectory } = options;
  makeDataDirectory(dataDirectory);
  closers.push(await lock(dataDirectory));
  const port = await freePort(options.port);
  const secrets = localSecrets(dataDirectory);
  const [database, identity, paypal] = await settleAll([
    options.databaseUrl === null
      ? startPostgres(options, closers)
      : { url: options.databaseUrl, nearbyUrl: options.databaseUrl },
    startLocalIdentity(dataDirectory).then((started) => closers.add(started)),
    startPaypalSimulator({ dataDirectory: join(dataDirectory, 'paypal') }).then((started) =>
      closers.add(started),
    ),
  ]);
  const passwordOf = (name: SubgraphName) =>
    options.rolePassword ??
    createHash('sha256').update(`${secrets.database}:${name}`).digest('base64url');
  await bootstrap(database.url, passwordOf);
  const webhookId = await registerWebhook(
    paypal,
    `http://127.0.0.1:${paymentsPort}/webhooks/paypal`,
  );
  return {
    port,
    secrets,
    databaseUrl: database.url,
    identity,
    paypal,
    tokens: await issueTokens(identity),
    environmentOf: (name, ownPort) => ({
      NODE_ENV: 'development',
      LOG_LEVEL: options.logLevel,
      PORT: String(ownPort),
      DATABASE_URL: subgraphUrl(database.nearbyUrl, name, passwordOf(name)),
      SIGNING_KEYS: `local:${secrets.signing}`,
      SEALING_KEYS: `local:${secrets.sealing}`,
      CARRIER_WEBHOOK_SECRET: secrets.carrier,
      PAYPAL_URL: paypal.url,
      PAYPAL_CLIENT_ID: paypal.clientId,
      PAYPAL_CLIENT_SECRET: paypal.clientSecret,
      PAYPAL_PARTNER_ID: paypal.partnerId,
      PAYPAL_WEBHOOK_ID: webhookId,
      PAYPAL_SIMULATOR_ORIGIN: paypal.url,
    }),
    close: () => closers.close(),
  };
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

/**
 * One Parley per folder: a second one says so. A lock of a process that is gone is taken over, and
 * one that is just stopping is waited for, because npm returns from Ctrl-C before it has ended.
 */
async function lock(dataDirectory: string): Promise<() => void> {
  const file = join(dataDirectory, 'parley.pid');
  const deadline = Date.now() + STOPPING_TIMEOUT_MS;
  for (let owner = ownerOf(file); owner !== null; owner = ownerOf(file)) {
    if (existsSync(join(dataDirectory, RUNNING_FILE)) || Date.now() > deadline) {
      throw new StartError(
        `Another Parley (process ${owner}) uses ${dataDirectory}. Stop it, or set PARLEY_DATA to another folder.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}

/** The process that holds a lock, or null: one that began after it was written only has the same number. */
function ownerOf(file: string): number | null {
  let pid: number;
  try {
    pid = Number(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
  const began = startedAt(pid);
  if (pid === process.pid || began === null) return null;
  const lockedAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return began <= lockedAt + CLOCK_TOLERANCE_MS ? pid : null;
}

/** An administrator's URLs of the product's database. */
interface LocalDatabase {
  readonly url: string;
  /** The cheapest way there from this machine. */
  readonly nearbyUrl: string;
}

async function startPostgres(
  { dataDirectory, durable }: LocalStackOptions,
  closers: Closers,
): Promise<LocalDatabase> {
  const directory = join(dataDirectory, 'postgres');
  const postgres = await startEmbeddedPostgres({ dataDirectory: directory, durable });
  closers.push(() => postgres.stop());
  if (postgres.directory !== directory) {
    process.stderr.write(
      `parley: PostgreSQL does not run as root, and only root may enter ${dataDirectory}: its data is in ${postgres.directory}.\n`,
    );
  }
  await withClient(postgres.url, async (client) => {
    const { rowCount } = await client.query(`select 1 from pg_database where datname = 'parley'`);
    if (!rowCount) await client.query('create database parley');
  });
  const [url, nearbyUrl] = [postgres.url, postgres.socketUrl].map((of) => {
    const own = new URL(of);
    own.pathname = '/parley';
    return own.toString();
  }) as [string, string];
  return { url, nearbyUrl };
}

async function bootstrap(
  databaseUrl: string,
  passwordOf: (name: SubgraphName) => string,
): Promise<void> {
  try {
    await bootstrapDatabase(databaseUrl, passwordOf);
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    const { host } = new URL(databaseUrl);
    throw new StartError(`The database on ${host} cannot be used: ${message || code}`);
  }
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
      async ([person, claims]: [string, TokenClaims]) =>
        [person, await identity.issueToken(claims)] as const,
    ),
  );
  return Object.fromEntries(entries) as Record<Person, string>;
}

/**
 * Moves every clock forward: the database's, then, once our side has done what is due by it, the
 * processor's, which would do the same by itself.
 */
export async function advanceClocks(
  { databaseUrl, paypal }: Pick<Ground, 'databaseUrl' | 'paypal'>,
  milliseconds: number,
  clockMoved: () => Promise<void>,
): Promise<void> {
  await withClient(databaseUrl, (client) =>
    client.query('update parley_clock.shift set milliseconds = milliseconds + $1', [milliseconds]),
  );
  await clockMoved();
  await fetch(`${paypal.url}/simulator/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ advanceMs: milliseconds }),
  });
}

/** Tells other programs of this machine, such as the demo, where everything is. Returns how to take it back. */
export function announce(dataDirectory: string, reachable: Reachable): () => void {
  const file = join(dataDirectory, RUNNING_FILE);
  const { graphUrl, webSocketUrl, controlUrl, tokens, databaseUrl } = reachable;
  const text = JSON.stringify({ graphUrl, webSocketUrl, controlUrl, tokens, databaseUrl }, null, 2);
  writeFileSync(file, text, { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

async function withClient(
  url: string,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
