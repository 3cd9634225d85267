import { type ServerProcess, sleep } from '../support/processes.ts';
import { percentile, rounded } from '../support/statistics.ts';
import { PRODUCT, SUBSCRIPTION, TEXT } from './feed.ts';
import { Fleet } from './fleet.ts';
import type { LiveFigures } from './ratios.ts';

/** A server under test, and the process whose feed its events come from. */
export interface LiveTarget {
  readonly name: string;
  readonly server: ServerProcess;
  readonly publisher: ServerProcess;
  readonly resumes: boolean;
}

export interface Pace {
  /** Events on their way to all clients at once while throughput is measured. */
  readonly window: number;
  readonly milliseconds: number;
  /** Events sent alone, for the time each takes to reach every client. */
  readonly singles: number;
}

const SETTLE_MS = 250;
const STALL_MS = 60_000;
const EXTRA_SUBSCRIPTIONS = 4;
/**
 * A gateway that opens one upstream per client needs a while until all of them are open, and one that
 * joins each event for each client a while for 5,000: every attempt waits twice as long as the last.
 */
const OPENING_ATTEMPTS = 6;
const OPENING_MS = 1_000;
const MISSED_EVENTS = 1_000;
const REPLAY_CLIENTS_MAX = 1_000;

/** Connects the clients, compares what they are told, and measures. Throws where it is wrong. */
export async function measureTarget(
  target: LiveTarget,
  size: number,
  pace: Pace,
): Promise<LiveFigures> {
  const { port } = target.server;
  const warm = await Fleet.connect({ port, size: 50, query: SUBSCRIPTION });
  warm.subscribe('1');
  await sleep(SETTLE_MS);
  await deliver(target, warm, { window: 2, milliseconds: SETTLE_MS });
  warm.close();
  await sleep(SETTLE_MS);

  const memory = await memoryOf(target.server, size);
  const fleet = await Fleet.connect({ port, size, query: SUBSCRIPTION });
  try {
    fleet.subscribe('1');
    const { extensions } = await comparedEvent(target, fleet);
    await deliver(target, fleet, { ...pace, milliseconds: pace.milliseconds / 2 });
    const throughput = await deliver(target, fleet, pace);
    const latencies = await singles(target, fleet, pace.singles);
    fleet.close();
    await sleep(SETTLE_MS);
    const resumable = target.resumes && extensions?.cursor !== undefined;
    return {
      ...throughput,
      ...memory,
      p50Ms: rounded(percentile(latencies, 0.5)),
      p99Ms: rounded(percentile(latencies, 0.99)),
      replayEventsPerSecond: resumable ? await replayed(target, size) : null,
    };
  } finally {
    fleet.close();
  }
}

/** Taken before anything was busy: freed memory that was not given back would hide what is used. */
async function memoryOf(server: ServerProcess, size: number) {
  const before = await settledKiB(server);
  const fleet = await Fleet.connect({ port: server.port, size, query: SUBSCRIPTION });
  fleet.subscribe('1');
  await sleep(SETTLE_MS);
  const connected = await settledKiB(server);
  for (let extra = 0; extra < EXTRA_SUBSCRIPTIONS; extra++) fleet.subscribe(`extra-${extra}`);
  await sleep(SETTLE_MS);
  const more = await settledKiB(server);
  fleet.close();
  await sleep(SETTLE_MS);
  return {
    kibPerIdleSubscriber: rounded((connected - before) / size),
    kibPerExtraSubscription: rounded((more - connected) / (size * EXTRA_SUBSCRIPTIONS)),
  };
}

interface NextMessage {
  readonly type: string;
  readonly payload: {
    readonly data: { readonly noticed: Record<string, unknown> };
    readonly extensions?: { readonly cursor?: string };
  };
}

/** One event to everybody; what the first client reads must be the event, joined. */
async function comparedEvent(target: LiveTarget, fleet: Fleet): Promise<NextMessage['payload']> {
  let text = '';
  let lastFrameAt = 0;
  const reached = new Set<number>();
  fleet.onFrame = (client, payload) => {
    reached.add(client);
    lastFrameAt = Date.now();
    if (client === 0) text = payload.toString();
  };
  for (let attempt = 0; reached.size < fleet.size; attempt++) {
    if (attempt === OPENING_ATTEMPTS) {
      throw new Error(`${reached.size} of ${fleet.size} are reached`);
    }
    await sleep(attempt === 0 ? SETTLE_MS : OPENING_MS);
    target.publisher.send({ publish: 1 });
    const deadline = Date.now() + OPENING_MS * 2 ** attempt;
    while (reached.size < fleet.size && Date.now() < deadline) await sleep(1);
  }
  // What earlier attempts published must not be counted for what is measured next.
  do await sleep(SETTLE_MS);
  while (Date.now() - lastFrameAt < SETTLE_MS);
  const { type, payload } = JSON.parse(text) as NextMessage;
  const { text: said, product } = payload.data.noticed;
  const expected = { upc: PRODUCT.upc, name: PRODUCT.name };
  if (type !== 'next' || said !== TEXT || JSON.stringify(product) !== JSON.stringify(expected)) {
    throw new Error(`${target.name} delivers something else: ${text}`);
  }
  return payload;
}

/** Keeps a window of events on their way, for a time. */
async function deliver(
  { server, publisher, name }: LiveTarget,
  fleet: Fleet,
  { window, milliseconds }: Pick<Pace, 'window' | 'milliseconds'>,
): Promise<{ eventsPerSecond: number; cpuUsPerEvent: number }> {
  let published = window;
  let received = 0;
  const cpuBefore = server.cpuSeconds();
  const started = performance.now();
  fleet.onFrame = () => {
    received++;
    if (received % fleet.size !== 0 || performance.now() - started > milliseconds) return;
    published++;
    publisher.send({ publish: 1 });
  };
  publisher.send({ publish: window });
  await sleep(milliseconds);
  await until(() => received >= published * fleet.size, `${name}: ${published} events`);
  const seconds = (performance.now() - started) / 1_000;
  return {
    eventsPerSecond: rounded(received / seconds),
    cpuUsPerEvent: rounded(((server.cpuSeconds() - cpuBefore) * 1e6) / received),
  };
}

/** Milliseconds from publishing to each client, of events sent one at a time, ascending. */
async function singles(
  { publisher, name }: LiveTarget,
  fleet: Fleet,
  count: number,
): Promise<Float64Array> {
  const latencies: number[] = [];
  for (let event = 0; event < count; event++) {
    let received = 0;
    let at = 0;
    fleet.onFrame = (_client, payload) => {
      if (received++ === 0) at = Number(/"at":([\d.]+)/.exec(payload.toString())?.[1]);
      latencies.push(performance.timeOrigin + performance.now() - at);
    };
    publisher.send({ publish: 1 });
    await until(() => received >= fleet.size, `${name}: one event`);
  }
  return Float64Array.from(latencies).sort();
}

/** Events per second that clients get who come back after missing many. */
async function replayed(target: LiveTarget, size: number): Promise<number> {
  const cursor = await lastCursor(target);
  target.publisher.send({ publish: MISSED_EVENTS });
  await sleep(SETTLE_MS);
  const count = Math.min(size, REPLAY_CLIENTS_MAX);
  const options = { port: target.server.port, size: count, query: SUBSCRIPTION };
  const fleet = await Fleet.connect(options);
  const counts = new Uint32Array(count);
  let received = 0;
  let lost = 0;
  fleet.onFrame = (client) => {
    counts[client]!++;
    received++;
  };
  fleet.onClosed = () => lost++;
  const started = performance.now();
  fleet.subscribe('1', cursor);
  await until(() => received >= count * MISSED_EVENTS || lost > 0, `${target.name}: the replay`);
  const seconds = (performance.now() - started) / 1_000;
  fleet.close();
  if (lost > 0 || counts.some((each) => each !== MISSED_EVENTS)) {
    throw new Error(`${target.name} replays too much or too little.`);
  }
  return rounded(received / seconds);
}

/** The place of the last event so far: a client that sees one more knows it. */
async function lastCursor(target: LiveTarget): Promise<string> {
  const fleet = await Fleet.connect({ port: target.server.port, size: 1, query: SUBSCRIPTION });
  fleet.subscribe('1');
  await sleep(SETTLE_MS);
  const { extensions } = await comparedEvent(target, fleet);
  fleet.close();
  await sleep(SETTLE_MS);
  return extensions!.cursor!;
}

async function settledKiB(server: ServerProcess): Promise<number> {
  await sleep(SETTLE_MS);
  await server.collectGarbage();
  await sleep(SETTLE_MS);
  return server.residentKiB();
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + STALL_MS;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`${what} did not reach every client in time`);
    await new Promise(setImmediate);
  }
}
