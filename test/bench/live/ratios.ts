import { rounded } from '../support/statistics.ts';

export interface LiveFigures {
  readonly eventsPerSecond: number;
  readonly cpuUsPerEvent: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly kibPerIdleSubscriber: number;
  readonly kibPerExtraSubscription: number;
  readonly replayEventsPerSecond: number | null;
}

interface Waits {
  readonly messages: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The whole product with its database: from a commit to a client, and commits a second. */
export interface ProductFigures {
  readonly chat: Waits;
  readonly notify: Waits;
  readonly commits: {
    readonly withEventsPerSecond: number;
    readonly fivePreparedStatementsPerSecond: number;
  };
}

export function productRatios({ chat, notify, commits }: ProductFigures) {
  return {
    'commit to client for a chat message with a joined card, all on one machine, p50 against a bare NOTIFY plus a raw ws send':
      [quotient(chat.p50Ms, notify.p50Ms)],
    'commits/s with events switched on, x five prepared statements without events': [
      quotient(commits.withEventsPerSecond, commits.fivePreparedStatementsPerSecond),
    ],
  };
}

export const NAMES = {
  parley: 'parley, subgraphs in process',
  remote: 'parley, subgraphs over ws',
  hive: 'Hive Gateway, subgraphs over ws',
  stock: 'stock graphql-ws',
  raw: 'raw ws broadcast',
} as const;

export type ByTarget = ReadonlyMap<string, LiveFigures>;

/** The rows a live gateway is judged by; where a row is about one number of sockets, the highest. */
export function ratiosOf(bySize: ReadonlyMap<number, ByTarget>): Record<string, (number | null)[]> {
  const sizes = [...bySize.keys()];
  const highest = Math.max(...sizes);
  const own = bySize.get(highest)?.get(NAMES.parley);
  const ratio = (
    size: number,
    other: string,
    key: keyof LiveFigures,
    name: string = NAMES.parley,
  ) => quotient(bySize.get(size)?.get(name)?.[key], bySize.get(size)?.get(other)?.[key]);
  const named = (count: number) => count.toLocaleString('en');
  return {
    [`live fan-out of a joined subscription to ${sizes.map(named).join(' and ')} identical subscribers: x stock graphql-ws / share of raw \`ws\` broadcast`]:
      sizes.flatMap((size) => [
        ratio(size, NAMES.stock, 'eventsPerSecond'),
        ratio(size, NAMES.raw, 'eventsPerSecond'),
      ]),
    [`p99 of the same at ${named(highest)}, share of stock graphql-ws`]: [
      ratio(highest, NAMES.stock, 'p99Ms'),
    ],
    [`KiB RSS per idle subscriber (${named(highest)} sockets) / per extra subscription`]: [
      own?.kibPerIdleSubscriber ?? null,
      own?.kibPerExtraSubscription ?? null,
    ],
    'live fan-out, subgraphs over ws on both, x @graphql-hive/gateway': sizes.map((size) =>
      ratio(size, NAMES.hive, 'eventsPerSecond', NAMES.remote),
    ),
    [`resume: replaying 1,000 missed events to ${named(Math.min(highest, 1_000))} reconnecting clients`]:
      [own?.replayEventsPerSecond ?? null],
  };
}

function quotient(top: number | null | undefined, bottom: number | null | undefined) {
  return top && bottom ? rounded(top / bottom) : null;
}
