import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Consumer } from '../../../subgraphs/kernel/events/consumer.ts';
import type { EventEnvelope } from '../../../subgraphs/kernel/events/envelope.ts';
import { Outbox } from '../../../subgraphs/kernel/events/outbox.ts';
import { PostgresTransport } from '../../../subgraphs/kernel/events/postgres-transport.ts';
import { Relay } from '../../../subgraphs/kernel/events/relay.ts';
import { type StreamEvent, Streams } from '../../../subgraphs/kernel/events/streams.ts';
import { createLogger } from '../../../subgraphs/kernel/logger.ts';
import { bootstrapDatabase, subgraphUrl } from '../../../subgraphs/kernel/persistence/bootstrap.ts';
import { type Database, openDatabase } from '../../../subgraphs/kernel/persistence/database.ts';
import { Transactions } from '../../../subgraphs/kernel/persistence/transaction.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const PASSWORD = 'parley-test';
const logger = createLogger('test', 'silent');

let test: TestDatabase;
let database: Database;
let transactions: Transactions;
let outbox: Outbox;
let transport: PostgresTransport;

beforeAll(async () => {
  test = await createTestDatabase();
  await bootstrapDatabase(test.url, () => PASSWORD);
  const url = subgraphUrl(test.url, 'catalog', PASSWORD);
  database = await openDatabase({
    subgraph: 'catalog',
    url,
    poolMax: 12,
    entities: [],
    migrations: [],
  });
  transactions = new Transactions(database);
  outbox = new Outbox(transactions);
  transport = await PostgresTransport.connect(url);
});

afterAll(async () => {
  await transport.close();
  await database.close(true);
  await test.drop();
});

const happened = (aggregateId: string, n: number, topics: readonly string[] = []) => ({
  type: 'catalog.thing-happened',
  schemaVersion: 1,
  aggregateId,
  occurredAt: new Date('2030-01-01T00:00:00.000Z'),
  payload: { n },
  topics,
});

const append = (aggregateId: string, n: number, topics: readonly string[] = []) =>
  transactions.run(() => outbox.append([happened(aggregateId, n, topics)]));

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function collect(stream: AsyncIterableIterator<StreamEvent>): {
  events: StreamEvent[];
  ended: Promise<void>;
} {
  const events: StreamEvent[] = [];
  const ended = (async () => {
    for await (const event of stream) events.push(event);
  })();
  return { events, ended };
}

describe('Outbox', () => {
  it('numbers an aggregate densely under concurrent writers, and writes nothing of a rolled-back one', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => append('dense', n)));
    await expect(
      transactions.run(async () => {
        await outbox.append([happened('dense', 99)]);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');

    const rows = await database.em
      .fork()
      .execute<{ v: number; n: number }[]>(
        `select aggregate_version::int as v, (payload->>'n')::int as n from outbox where aggregate_id = 'dense' order by 1`,
      );

    expect(rows.map((row) => row.v)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(rows.map((row) => row.n)).not.toContain(99);
  });

  it('tells what one transaction says in its order, each aggregate numbered on its own', async () => {
    await append('several-a', 1);
    await transactions.run(async () => {
      await outbox.append([happened('several-b', 1), happened('several-a', 2)]);
      await outbox.append([happened('several-a', 3), happened('several-b', 2)]);
    });

    const rows = await database.em.fork().execute<{ told: string }[]>(
      `select aggregate_id || ' ' || aggregate_version || ' ' || (payload->>'n') as told
         from outbox where aggregate_id like 'several-%' order by xid, id`,
    );

    expect(rows.map((row) => row.told)).toEqual([
      'several-a 1 1',
      ...['several-b 1 1', 'several-a 2 2', 'several-a 3 3', 'several-b 2 2'],
    ]);
  });

  // Readers go by transaction number. One that began first, and then waited for another's lock on
  // the same aggregate, has the lower number and the later event.
  it('keeps an aggregate in order when the older transaction tells later', async () => {
    const elsewhere = new Transactions(database);
    await transactions.run(async (em) => {
      await em.execute('select pg_current_xact_id()');
      await new Outbox(elsewhere).append([happened('overtaken', 1)]);
      await outbox.append([happened('overtaken', 2)]);
    });

    const rows = await database.em
      .fork()
      .execute<{ n: number }[]>(
        `select (payload->>'n')::int as n from outbox where aggregate_id = 'overtaken' order by xid, id`,
      );

    expect(rows.map((row) => row.n)).toEqual([1, 2]);
  });
});

describe('The transport', () => {
  it('says of what was published which kinds it is of, and nothing of repeats', async () => {
    const news: (string[] | null)[] = [];
    const stop = transport.onPublished((types) => news.push(types && [...types].sort()));
    const envelope = (eventId: string, type: string): EventEnvelope => ({
      ...{ eventId, type, schemaVersion: 1, source: 'catalog', aggregateId: eventId },
      ...{ aggregateVersion: 1, occurredAt: '2030-01-01T00:00:00.000Z', payload: {} },
    });
    const [one, two] = [envelope('news-1', 'catalog.a'), envelope('news-2', 'catalog.b')];

    await transport.publish([one, two, envelope('news-3', 'catalog.a')]);
    await transport.publish([one, two]);
    await transport.publish([envelope('news-4', 'catalog.c')]);
    await until(() => news.length === 2);
    stop();

    expect(news).toEqual([['catalog.a', 'catalog.b'], ['catalog.c']]);
  });
});

describe('Relay and Consumer', () => {
  it('deliver every event once and in order per aggregate, though ids commit out of order', async () => {
    const seen: EventEnvelope[] = [];
    const relay = new Relay('catalog', transactions, transport, logger);
    const consumer = new Consumer(
      'all',
      [
        {
          type: 'catalog.thing-happened',
          schemaVersions: [1],
          handle: async (event) => void seen.push(event),
        },
      ],
      transactions,
      transport,
      logger,
    );
    outbox.onAppended(() => relay.wake());
    relay.start();
    consumer.start();

    // Eight writers; half of them hold their transaction open after taking an id.
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let n = 1; n <= 25; n += 1) {
          await transactions.run(async () => {
            await outbox.append([happened(`writer-${writer}`, n)]);
            if (writer % 2 === 0)
              await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
          });
        }
      }),
    );
    await until(
      () => seen.filter((event) => event.aggregateId.startsWith('writer-')).length >= 200,
    );
    await consumer.stop();
    await relay.stop();

    for (let writer = 0; writer < 8; writer += 1) {
      const versions = seen
        .filter((event) => event.aggregateId === `writer-${writer}`)
        .map((event) => event.aggregateVersion);
      expect(versions).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
    }
  });

  it('drop an event that is published again', async () => {
    const envelope: EventEnvelope = {
      eventId: 'evt_again',
      type: 'catalog.repeated',
      schemaVersion: 1,
      source: 'catalog',
      aggregateId: 'again',
      aggregateVersion: 1,
      occurredAt: '2030-01-01T00:00:00.000Z',
      payload: {},
    };
    let handled = 0;
    const handler = {
      type: 'catalog.repeated',
      schemaVersions: [1],
      handle: async () => {
        handled += 1;
      },
    };
    const consumer = new Consumer('repeats', [handler], transactions, transport, logger);

    await transport.publish([envelope]);
    await transport.publish([envelope, envelope]);
    consumer.start();
    await until(() => handled > 0);
    // The cursor is lost, as after a restore: everything comes again, and the inbox knows it.
    await consumer.stop();
    await database.em.fork().execute(`delete from inbox_cursor where consumer = 'repeats'`);
    const second = new Consumer('repeats', [handler], transactions, transport, logger);
    second.start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await second.stop();

    expect(handled).toBe(1);
  });

  it('park only the aggregate whose event cannot be handled, and replay it when it can', async () => {
    const done: string[] = [];
    let broken = true;
    const envelope = (
      aggregateId: string,
      aggregateVersion: number,
      schemaVersion = 1,
    ): EventEnvelope => ({
      eventId: `evt_${aggregateId}_${aggregateVersion}`,
      type: 'catalog.poisoned',
      schemaVersion,
      source: 'catalog',
      aggregateId,
      aggregateVersion,
      occurredAt: '2030-01-01T00:00:00.000Z',
      payload: {},
    });
    const consumer = new Consumer(
      'poison',
      [
        {
          type: 'catalog.poisoned',
          schemaVersions: [1],
          handle: async (event) => {
            if (event.aggregateId === 'bad' && broken) throw new Error('cannot digest this');
            done.push(event.eventId);
          },
        },
      ],
      transactions,
      transport,
      logger,
    );

    await transport.publish([
      envelope('bad', 1),
      envelope('bad', 2),
      envelope('good', 1),
      envelope('newer', 1, 2),
    ]);
    consumer.start();
    await until(() => done.includes('evt_good_1'));
    const parked = () =>
      database.em
        .fork()
        .execute<{ event_id: string }[]>(
          `select event_id from parked_event where consumer = 'poison' order by event_id`,
        );
    let rows = await parked();
    const deadline = Date.now() + 30_000;
    while (rows.length < 3 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      rows = await parked();
    }

    expect(rows.map((row) => row.event_id)).toEqual(['evt_bad_1', 'evt_bad_2', 'evt_newer_1']);
    expect(done).toEqual(['evt_good_1']);

    broken = false;
    expect(await consumer.replayParked('bad')).toBe(2);
    await consumer.stop();

    expect(done).toEqual(['evt_good_1', 'evt_bad_1', 'evt_bad_2']);
    expect((await parked()).map((row) => row.event_id)).toEqual(['evt_newer_1']);
  });
});

describe('Streams', () => {
  it('replay what was missed and go live: no gap, no duplicate, no reordering', async () => {
    const streams = new Streams(database, logger);
    const stopWaking = outbox.onAppended(() => streams.wake());
    const first = await streams.open('room', null);
    const before = collect(first);
    for (let n = 1; n <= 5; n += 1) await append(`room-${n % 2}`, n, ['room']);
    await until(() => before.events.length === 5);
    await first.return?.();
    await before.ended;

    for (let n = 6; n <= 400; n += 1)
      await append(`room-${n % 2}`, n, n % 10 === 0 ? ['elsewhere'] : ['room']);
    const resumed = await streams.open('room', before.events[2]?.position ?? '');
    const writing = (async () => {
      for (let n = 401; n <= 500; n += 1) await append(`room-${n % 2}`, n, ['room']);
    })();
    const after = collect(resumed);
    await writing;
    const expected = Array.from({ length: 500 }, (_, n) => n + 1).filter(
      (n) => n > 3 && (n <= 5 || n > 400 || n % 10 !== 0),
    );
    await until(() => after.events.length >= expected.length);
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(after.events.map((event) => event.payload.n)).toEqual(expected);
    await resumed.return?.();
    await streams.stop();
    stopWaking();
  });

  it('can be resumed before their first event: nothing from before, everything since', async () => {
    const streams = new Streams(database, logger);
    await append('early', 1, ['early']);
    // While an older transaction runs, whoever's it is, the event still counts as of now.
    for (let isSettled = false; !isSettled; ) {
      const [row] = await database.em
        .fork()
        .execute<{ settled: boolean }[]>(
          `select bool_and(xid < pg_snapshot_xmin(pg_current_snapshot())) as settled from outbox`,
        );
      isSettled = row?.settled === true;
    }
    const first = await streams.open('early', null);
    const { bookmark } = first;
    await first.return?.();
    await append('early', 2, ['early']);

    const resumed = await streams.open('early', bookmark);
    const after = collect(resumed);
    await until(() => after.events.length === 1);
    await append('early', 3, ['early']);
    streams.wake();
    await until(() => after.events.length === 2);

    expect(after.events.map((event) => event.payload.n)).toEqual([2, 3]);
    expect(resumed.bookmark).toBe(bookmark);
    await resumed.return?.();
    await streams.stop();
  });

  it('refuse a bookmark of another database, or of long ago', async () => {
    const streams = new Streams(database, logger);
    const stream = await streams.open('room', null);
    const [xid = '', id = '', at = ''] = stream.bookmark.split('.');
    await stream.return?.();
    const future = `${BigInt(xid) + 1_000_000n}.${id}.${at}`;
    const old = `${xid}.${id}.${Number(at) - 7 * 86_400_000 - 1}`;

    for (const position of [future, old]) {
      await expect(streams.open('room', position)).rejects.toMatchObject({
        extensions: { code: 'RESYNC_REQUIRED' },
      });
    }
    await streams.stop();
  });

  it('serve a reader that does not read from the table, not from memory', async () => {
    const streams = new Streams(database, logger);
    const stopWaking = outbox.onAppended(() => streams.wake());
    const slow = await streams.open('slow', null);
    for (let n = 1; n <= 300; n += 1) await append('slow', n, ['slow']);

    const seen: unknown[] = [];
    for (let n = 1; n <= 300; n += 1) seen.push((await slow.next()).value?.payload.n);

    expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => n + 1));
    await slow.return?.();
    await streams.stop();
    stopWaking();
  });

  it('end a quiet stream at once', async () => {
    const streams = new Streams(database, logger);
    const quiet = await streams.open('quiet', null);
    const waiting = quiet.next();

    await quiet.return?.();

    await expect(waiting).resolves.toEqual({ done: true, value: undefined });
    await streams.stop();
  });

  it.each([
    { position: 'nonsense', code: 'CURSOR_INVALID' },
    { position: '1.1.1', code: 'RESYNC_REQUIRED' },
    { position: `1.1.${Date.now()}`, code: 'RESYNC_REQUIRED' },
  ])('refuse to resume at $position with $code', async ({ position, code }) => {
    const streams = new Streams(database, logger);

    await expect(streams.open('room', position)).rejects.toMatchObject({ extensions: { code } });
    await streams.stop();
  });
});

describe('roles', () => {
  it('see their own schema and no other', async () => {
    const orders = new pg.Client({ connectionString: subgraphUrl(test.url, 'orders', PASSWORD) });
    await orders.connect();

    await expect(orders.query('select * from catalog.outbox')).rejects.toMatchObject({
      code: '42501',
    });
    await expect(
      orders.query('update parley_clock.shift set milliseconds = 1'),
    ).rejects.toMatchObject({ code: '42501' });
    await orders.end();
  });

  it('publish in their own name only, and change nothing that was published', async () => {
    const orders = new pg.Client({ connectionString: subgraphUrl(test.url, 'orders', PASSWORD) });
    await orders.connect();
    const insert = `insert into event_bus.event (event_id, source, type, aggregate_id, aggregate_version, envelope)
                    values ($1, $2, 'x', $1, 1, '{}')`;

    await expect(orders.query(insert, ['evt_forged', 'payments'])).rejects.toMatchObject({
      code: '42501',
    });
    await orders.query(insert, ['evt_honest', 'orders']);
    await expect(orders.query(`update event_bus.event set type = 'y'`)).rejects.toMatchObject({
      code: '42501',
    });
    await expect(orders.query('delete from event_bus.event')).rejects.toMatchObject({
      code: '42501',
    });
    await orders.end();
  });
});
