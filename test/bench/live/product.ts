import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import pg from 'pg';
import { WebSocket, WebSocketServer } from 'ws';
import {
  AskAboutListingDocument,
  SayDocument,
  SendDemoRequestDocument,
} from '../../../local/demo/operations.generated.ts';
import { PersonClient } from '../../../local/demo/person.ts';
import { becomeSeller, listGoods } from '../../../local/demo/story.ts';
import { startEmbeddedPostgres } from '../../../local/postgres.ts';
import { startLocalStack } from '../../../local/stack.ts';
import { Outbox } from '../../../subgraphs/kernel/events/outbox.ts';
import { subgraphUrl } from '../../../subgraphs/kernel/persistence/bootstrap.ts';
import { openDatabase } from '../../../subgraphs/kernel/persistence/database.ts';
import { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import { freePort } from '../support/ports.ts';
import { SilentReport } from '../support/silent-report.ts';
import { percentile, rounded } from '../support/statistics.ts';

/**
 * The whole product on one machine: how long a chat message takes from its commit to the client, its
 * card joined from another subgraph, beside a bare NOTIFY and a raw ws send; and how many commits a
 * second there are with an event in each, beside five prepared statements without. PostgreSQL keeps
 * the time of every commit, so nothing is guessed from outside. Prints one line of JSON.
 */
const [messagesText = '40', millisecondsText = '3000'] = process.argv.slice(2);
const MESSAGES = Number(messagesText);
const COMMITS_MS = Number(millisecondsText);
const CONNECTIONS = 8;
const PASSWORD = 'parley-bench';

/** A message, and its card from payments. */
const CARDS = parse(`
  subscription Cards($conversationId: ID!) {
    messageAdded(conversationId: $conversationId) {
      id
      seq
      text
      card { __typename ... on PaymentRequest { id status total { amountMinor currency } } }
    }
  }
`) as TypedDocumentNode<
  { messageAdded: { id: string; card: { __typename: string; id?: string } | null } | null },
  { conversationId: string }
>;

const wallMs = () => performance.timeOrigin + performance.now();
const folder = mkdtempSync(join(process.cwd(), '.data', 'bench-product-'));
const ends: (() => Promise<unknown>)[] = [
  async () => rmSync(folder, { recursive: true, force: true }),
];
try {
  const postgres = await startTrackingPostgres(join(folder, 'postgres'));
  const stack = await startLocalStack({
    port: 0,
    dataDirectory: join(folder, 'data'),
    databaseUrl: postgres.url,
    logLevel: 'silent',
    durable: true,
    rolePassword: PASSWORD,
  });
  ends.push(() => stack.close());
  const admin = new pg.Client({ connectionString: stack.databaseUrl });
  await admin.connect();
  ends.push(() => admin.end());
  const notify = await bareNotify(admin);
  const chat = await chatMessages(stack, admin);
  const commits = await commitsPerSecond(stack.databaseUrl, admin);
  process.stdout.write(`${JSON.stringify({ chat, notify, commits })}\n`);
} finally {
  for (const end of ends.reverse()) await end().catch(() => undefined);
}
process.exit(0);

/** Times of commits are kept only by a server that was started so. */
async function startTrackingPostgres(dataDirectory: string) {
  const options = { dataDirectory, durable: true };
  const first = await startEmbeddedPostgres(options);
  const client = new pg.Client({ connectionString: first.url });
  await client.connect();
  await client.query('alter system set track_commit_timestamp = on');
  await client.end();
  await first.stop();
  const postgres = await startEmbeddedPostgres(options);
  ends.push(() => postgres.stop());
  return postgres;
}

/** A listener that sends what it hears to one raw socket: the least there can be. */
async function bareNotify(admin: pg.Client) {
  await admin.query('create table bench_notice (id int primary key, text text not null)');
  const server = new WebSocketServer({ port: await freePort(), host: '127.0.0.1' });
  const { host, port, user, password, database } = admin;
  const listening = new pg.Client({
    host,
    port,
    user,
    password: password ?? '',
    database: database ?? '',
  });
  await listening.connect();
  await listening.query('listen bench_notice');
  listening.on('notification', ({ payload }) => {
    for (const client of server.clients) client.send(payload ?? '');
  });
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as { port: number }).port}`);
  await new Promise((resolve) => socket.once('open', resolve));
  const arrived = new Map<string, number>();
  let wake = () => {};
  socket.on('message', (data) => {
    arrived.set(String(data), wallMs());
    wake();
  });
  const committed: { id: string; xid: string }[] = [];
  for (let n = 0; n < MESSAGES; n += 1) {
    await admin.query('begin');
    await admin.query('insert into bench_notice values ($1, $2)', [n, 'x'.repeat(200)]);
    const { rows } = await admin.query<{ xid: string }>(
      `select pg_current_xact_id()::text as xid, pg_notify('bench_notice', $1)`,
      [String(n)],
    );
    const heard = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await admin.query('commit');
    await heard;
    committed.push({ id: String(n), xid: rows[0]!.xid });
  }
  socket.terminate();
  await new Promise((resolve) => server.close(resolve));
  await listening.end();
  return latencies(admin, committed, arrived);
}

async function chatMessages(stack: Awaited<ReturnType<typeof startLocalStack>>, admin: pg.Client) {
  const client = (token: string) => new PersonClient(stack.graphUrl, stack.webSocketUrl, token);
  const [buyer, seller, support] = [
    stack.tokens.buyer,
    stack.tokens.seller,
    stack.tokens.support,
  ].map(client) as [PersonClient, PersonClient, PersonClient];
  ends.push(() => Promise.all([buyer.close(), seller.close(), support.close()]));
  const cast = { stage: stack, report: new SilentReport(), buyer, seller, support };
  const sellerId = await becomeSeller(cast);
  const goods = await listGoods(cast);
  const opened = await buyer.request(AskAboutListingDocument, {
    input: { sellerId, firstMessage: { clientMessageId: randomUUID(), text: 'Hello' } },
  });
  const conversationId = opened.openConversation?.conversation?.id ?? '';
  await seller.request(SayDocument, {
    input: { conversationId, clientMessageId: randomUUID(), text: 'Hello' },
  });
  const thread = await buyer.subscribe(CARDS, { conversationId });
  const arrived = new Map<string, number>();
  const push = thread.push.bind(thread);
  thread.push = (event) => {
    const message = event.messageAdded;
    if (message?.card && !arrived.has(message.id)) arrived.set(message.id, wallMs());
    push(event);
  };
  for (let n = 0; n < MESSAGES + 10; n += 1) {
    const sent = await seller.request(SendDemoRequestDocument, {
      input: {
        conversationId,
        lines: [{ variantId: goods.variantId, quantity: 1 }],
        discount: { amountMinor: '2300', currency: 'USD' },
        idempotencyKey: randomUUID(),
      },
    });
    const id = sent.sendPaymentRequest?.paymentRequest?.id;
    if (!id) throw new Error(JSON.stringify(sent));
    await thread.wait(
      'the card',
      ({ messageAdded }) =>
        messageAdded?.card?.__typename === 'PaymentRequest' && messageAdded.card.id === id,
    );
  }
  const { rows } = await admin.query<{ id: string; xid: string }>(
    `select payload ->> 'messageId' as id, xid::text from conversations.outbox
     where type = 'conversations.message-added' order by outbox.id desc limit $1`,
    [MESSAGES],
  );
  return latencies(admin, rows, arrived);
}

async function latencies(
  admin: pg.Client,
  committed: readonly { readonly id: string; readonly xid: string }[],
  arrived: ReadonlyMap<string, number>,
) {
  const waits: number[] = [];
  for (const { id, xid } of committed) {
    const at = arrived.get(id);
    if (at === undefined) throw new Error(`message ${id} never came`);
    const { rows } = await admin.query<{ ms: number }>(
      'select (extract(epoch from pg_xact_commit_timestamp($1::xid)) * 1000)::float8 as ms',
      [xid],
    );
    waits.push(at - rows[0]!.ms);
  }
  const sorted = Float64Array.from(waits).sort();
  return {
    messages: sorted.length,
    p50Ms: rounded(percentile(sorted, 0.5)),
    p99Ms: rounded(percentile(sorted, 0.99)),
  };
}

/** Turn about, so that a busy moment of the machine is everybody's. */
async function commitsPerSecond(databaseUrl: string, admin: pg.Client) {
  const { rows } = await admin.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname = 'catalog'`,
  );
  if (rows.length === 0) throw new Error('there is no catalog');
  const url = subgraphUrl(databaseUrl, 'catalog', PASSWORD);
  await admin.query(`
    create table catalog.bench_a (id text primary key, n int not null);
    create table catalog.bench_b (id text primary key, n int not null);
    create table catalog.bench_c (id text primary key, n int not null);
    grant all on catalog.bench_a, catalog.bench_b, catalog.bench_c to public`);
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  ends.push(() => pool.end());
  const database = await openDatabase({
    subgraph: 'catalog',
    url,
    poolMax: CONNECTIONS,
    entities: [],
    migrations: [],
  }).catch(() => null);
  const transactions = database && new Transactions(database);
  if (!database || !transactions) throw new Error('the kernel cannot open its database');
  ends.push(() => database.close(true));
  const outbox = new Outbox(transactions);
  const prepared = async () => {
    const client = await pool.connect();
    const id = randomUUID();
    await client.query('begin');
    for (const table of ['bench_a', 'bench_b', 'bench_c'])
      await client.query({
        name: table,
        text: `insert into catalog.${table} values ($1, $2)`,
        values: [id, 1],
      });
    await client.query('commit');
    client.release();
  };
  const withEvents = () =>
    transactions.run(async (em) => {
      const id = randomUUID();
      for (const table of ['bench_a', 'bench_b', 'bench_c'])
        await em.execute(`insert into catalog.${table} values (?, ?)`, [id, 1]);
      await outbox.append([
        {
          type: 'catalog.bench',
          schemaVersion: 1,
          aggregateId: id,
          occurredAt: new Date(),
          payload: { id },
          topics: [id],
        },
      ]);
    });
  const counts = { prepared: 0, withEvents: 0 };
  const rounds = 6;
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, work] of [
      ['prepared', prepared],
      ['withEvents', withEvents],
    ] as const) {
      const end = performance.now() + COMMITS_MS / rounds;
      const one = async () => {
        while (performance.now() < end) {
          await work();
          counts[name] += 1;
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, one));
    }
  }
  const perSecond = (count: number) => Math.round((count * 1_000) / COMMITS_MS);
  return {
    withEventsPerSecond: perSecond(counts.withEvents),
    fivePreparedStatementsPerSecond: perSecond(counts.prepared),
  };
}
