import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../../local/postgres.ts';
import { readBenchOptions } from '../support/options.ts';
import { freePort } from '../support/ports.ts';
import { ServerProcess, sleep } from '../support/processes.ts';
import { describeMachine, saveResults, table } from '../support/results.ts';
import { median, percentile, rounded } from '../support/statistics.ts';
import { BareTransactions } from './bare.ts';
import { type Commit, forgetCommits, ownerOf, takeCommits, watchCommits } from './commits.ts';
import { payAll } from './pay-load.ts';
import { type CommitFigures, type PayFigures, payRatios } from './ratios.ts';
import { type People, type PreparedPayment, prepare } from './stage.ts';

/**
 * The whole way of a payment, from the buyer's request to the order that follows from it, beside as
 * many bare transactions as it commits, turn about on one durable PostgreSQL. Nothing is pinned: the
 * product, its database, the PayPal simulator and the buyers share all cores.
 */
interface Pace {
  readonly warmUp: number;
  /** Paid one at a time, to see which commits are whose. */
  readonly counted: number;
  readonly rounds: number;
  readonly payments: number;
}

const QUICK: Pace = { warmUp: 30, counted: 3, rounds: 3, payments: 40 };
const FULL: Pace = { warmUp: 150, counted: 10, rounds: 6, payments: 150 };
const BUYERS = 16;
const IN_FLIGHT = 16;
const ORDERS_TIMEOUT_MS = 60_000;
const ORDERS_POLL_MS = 10;
const ends: (() => unknown)[] = [];

const { quick, json } = readBenchOptions(process.argv.slice(2));
try {
  await run(quick ? QUICK : FULL);
} finally {
  for (const end of ends.reverse()) await end();
}

async function run(pace: Pace): Promise<void> {
  const parent = join(process.cwd(), '.data');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'bench-pay-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const databaseUrl = await startPostgres(join(folder, 'postgres'));
  const { people, server } = await startProduct(folder, databaseUrl);
  const admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  ends.push(() => admin.end());
  const sendRequests = await prepare(people);
  const { warmUp, counted, rounds, payments } = pace;
  process.stderr.write('the product is up\n');
  const prepared = await sendRequests(warmUp + counted + rounds * payments);
  process.stderr.write(`${prepared.length} payment requests are sent\n`);
  const take = (count: number) => prepared.splice(0, count);
  const payUntilOrdered = payer(admin, people.graphUrl);
  await payUntilOrdered(take(warmUp));
  const commits = await countCommits(admin, take(counted), payUntilOrdered);
  process.stderr.write('commits are counted\n');
  const bare = await BareTransactions.create(databaseUrl, IN_FLIGHT);
  ends.push(() => bare.close());
  const sameCommits = Math.round(commits.perPayment);
  await bare.run(warmUp, sameCommits, IN_FLIGHT);
  const product: Round[] = [];
  const reference: Round[] = [];
  let cpuSeconds = 0;
  for (let round = 0; round < rounds; round += 1) {
    const cpuBefore = server.cpuSeconds();
    product.push(await payUntilOrdered(take(payments)));
    await quiet(admin);
    cpuSeconds += server.cpuSeconds() - cpuBefore;
    const begun = performance.now();
    const waits = await bare.run(payments * 3, sameCommits, IN_FLIGHT);
    reference.push({ waits, perSecond: (waits.length * 1_000) / (performance.now() - begun) });
    process.stderr.write(`round ${round + 1}: done\n`);
  }
  const targets = { parley: figures(product), 'bare transactions': figures(reference) };
  const ratios = payRatios(commits, targets.parley, targets['bare transactions']);
  const result = {
    bench: 'pay',
    machine: describeMachine(false),
    quick,
    inFlight: IN_FLIGHT,
    commits,
    cpuMsPerPayment: rounded((cpuSeconds * 1_000) / (rounds * payments)),
    targets,
    ratios,
  };
  print(result);
  process.stdout.write(`${saveResults(result)}\n`);
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** Durable, and its log of changes can be read: that is a setting of the server's start. */
async function startPostgres(dataDirectory: string): Promise<string> {
  const options = { dataDirectory, durable: true };
  const first = await startEmbeddedPostgres(options);
  const client = new pg.Client({ connectionString: first.url });
  await client.connect();
  await client.query('alter system set wal_level = logical');
  await client.query('create database parley');
  await client.end();
  await first.stop();
  const postgres = await startEmbeddedPostgres(options);
  ends.push(() => postgres.stop());
  if (postgres.directory !== dataDirectory)
    ends.push(() => rmSync(postgres.directory, { recursive: true, force: true }));
  // As `npm start` does on one machine, and the bare transactions likewise.
  const url = new URL(postgres.socketUrl);
  url.pathname = '/parley';
  return url.toString();
}

async function startProduct(folder: string, databaseUrl: string) {
  const port = await freePort();
  const peopleFile = join(folder, 'people.json');
  const server = await ServerProcess.start({
    command: [
      ...[process.execPath, '--import', join(process.cwd(), 'local', 'typescript.mjs')],
      ...['test/bench/pay/stack-server.ts', String(port), join(folder, 'data'), databaseUrl],
      ...[String(BUYERS), peopleFile],
    ],
    port,
    core: null,
  });
  ends.push(() => server.stop());
  while (!existsSync(peopleFile)) await sleep(20);
  await sleep(20);
  return { people: JSON.parse(readFileSync(peopleFile, 'utf8')) as People, server };
}

interface Round {
  readonly waits: readonly number[];
  readonly perSecond: number;
}

/** A payment counts once its order exists, so that nothing is left for later to look fast. */
function payer(admin: pg.Client, graphUrl: string) {
  return async (payments: readonly PreparedPayment[], inFlight = IN_FLIGHT): Promise<Round> => {
    const wanted = (await ordersOf(admin)) + payments.length;
    const begun = performance.now();
    const waits = await payAll(graphUrl, payments, inFlight);
    const deadline = performance.now() + ORDERS_TIMEOUT_MS;
    while ((await ordersOf(admin)) < wanted) {
      if (performance.now() > deadline) throw new Error('orders are missing');
      await sleep(ORDERS_POLL_MS);
    }
    return { waits, perSecond: (payments.length * 1_000) / (performance.now() - begun) };
  };
}

async function countCommits(
  admin: pg.Client,
  payments: readonly PreparedPayment[],
  pay: ReturnType<typeof payer>,
): Promise<CommitFigures> {
  await quiet(admin);
  await watchCommits(admin);
  const own: Commit[][] = [];
  let afterwards = 0;
  for (const payment of payments) {
    await takeCommits(admin);
    await pay([payment], 1);
    await quiet(admin);
    const commits = await takeCommits(admin);
    own.push(commits.filter((commit) => ['buyer', 'order'].includes(ownerOf(commit))));
    afterwards += commits.filter((commit) => ownerOf(commit) === 'follow-up').length;
  }
  await forgetCommits(admin);
  const perPayment = median(own.map((commits) => commits.length));
  const typical = own.find((commits) => commits.length === perPayment) ?? [];
  return {
    perPayment,
    buyerWaitsFor: median(
      own.map((commits) => commits.filter((commit) => ownerOf(commit) === 'buyer').length),
    ),
    afterwards: rounded(afterwards / payments.length),
    steps: typical.map(({ tables }) => tables.join(', ')),
  };
}

async function ordersOf(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ count: number }>(
    'select count(*)::int as count from orders."order"',
  );
  return rows[0]!.count;
}

/** Resolves once nothing but timers writes: what follows from a payment has been done. */
async function quiet(admin: pg.Client): Promise<void> {
  const writes = async () => {
    const { rows } = await admin.query<{ id: string }>(
      'select pg_snapshot_xmax(pg_current_snapshot())::text as id',
    );
    return Number(rows[0]!.id);
  };
  for (let before = await writes(); ; ) {
    await sleep(150);
    const now = await writes();
    if (now - before < 12) return;
    before = now;
  }
}

function figures(rounds: readonly Round[]): PayFigures {
  const waits = Float64Array.from(rounds.flatMap((round) => round.waits)).sort();
  return {
    paymentsPerSecond: rounded(median(rounds.map((round) => round.perSecond))),
    p50Ms: rounded(percentile(waits, 0.5)),
    p99Ms: rounded(percentile(waits, 0.99)),
  };
}

function print({
  commits,
  cpuMsPerPayment,
  targets,
  ratios,
}: {
  readonly commits: CommitFigures;
  readonly cpuMsPerPayment: number;
  readonly targets: Readonly<Record<string, PayFigures>>;
  readonly ratios: Readonly<Record<string, readonly number[]>>;
}): void {
  const heads = ['', 'payments/s', 'p50 ms', 'p99 ms'];
  const rows = Object.entries(targets).map(([name, { paymentsPerSecond, p50Ms, p99Ms }]) => [
    ...[name, paymentsPerSecond, p50Ms, p99Ms],
  ]);
  process.stdout.write(`${table([heads, ...rows])}\n\n`);
  process.stdout.write(
    `${commits.perPayment} commits a payment, ${commits.buyerWaitsFor} of them before the buyer's answer, by what they change:\n`,
  );
  for (const step of commits.steps) process.stdout.write(`  ${step}\n`);
  process.stdout.write(
    `then ${commits.afterwards} by what follows from it\n` +
      `processor time of the product with the simulator: ${cpuMsPerPayment} ms a payment\n\n`,
  );
  const lines = Object.entries(ratios).map(([row, values]) => [row, values.join(' / ')]);
  process.stdout.write(`${table(lines)}\n`);
}
