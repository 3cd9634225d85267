import { median, rounded } from '../support/statistics.ts';
import type { Load } from './scenario.ts';

export type LoadName = Load['name'];

/** What one target did with one load in one round. */
export interface Round {
  readonly rps: number;
  readonly cpuUsPerRequest: number;
  readonly p99Ms: number;
}

/** Rounds by target and load; a load that a target answers wrongly has none. */
export type Rounds = ReadonlyMap<string, ReadonlyMap<LoadName, readonly Round[]>>;

export const NAMES = {
  http: 'parley over HTTP',
  coalescing: 'parley over HTTP, coalescing',
  inProcess: 'parley, subgraphs in process',
  apollo: 'plain Apollo',
  hive: 'Hive Gateway',
  hiveCoalescing: 'Hive Gateway, coalescing',
  rust: 'Hive Gateway, Rust planner',
  rustCoalescing: 'Hive Gateway, Rust planner, coalescing',
  mercurius: 'Mercurius',
  bare: 'bare node:http',
} as const;

const ALL: readonly LoadName[] = ['small', 'medium', 'deep'];

/** The ratios a gateway is judged by, in one list per row: small, medium, deep where not named. */
export function ratiosOf(rounds: Rounds): Record<string, readonly (number | null)[]> {
  const each = (top: string, bottom: string, value: (round: Round) => number) =>
    ALL.map((load) => paired(rounds, [top, bottom], load, value));
  const rps = ({ rps }: Round) => rps;
  const cpu = ({ cpuUsPerRequest }: Round) => cpuUsPerRequest;
  return {
    'gateway over HTTP to subgraphs, distinct requests, x plain Apollo: small / medium / deep':
      each(NAMES.http, NAMES.apollo, rps),
    'subgraphs in process: small / medium / deep': each(NAMES.inProcess, NAMES.apollo, rps),
    'deep, identical requests in flight (coalescing on)': [
      paired(rounds, [NAMES.coalescing, NAMES.apollo], 'deep', rps),
    ],
    "gateway CPU divided by bare node:http's: small / medium / deep": each(
      NAMES.http,
      NAMES.bare,
      cpu,
    ),
    'against @graphql-hive/gateway with Rust planner, coalescing off on both, then on on both': [
      ...each(NAMES.http, NAMES.rust, rps),
      ...each(NAMES.coalescing, NAMES.rustCoalescing, rps),
    ],
    'against @graphql-hive/gateway, coalescing off on both, then on on both': [
      ...each(NAMES.http, NAMES.hive, rps),
      ...each(NAMES.coalescing, NAMES.hiveCoalescing, rps),
    ],
    'against Mercurius, small': [paired(rounds, [NAMES.http, NAMES.mercurius], 'small', rps)],
    'against Mercurius: small / medium / deep': each(NAMES.http, NAMES.mercurius, rps),
  };
}

/** The median of the ratios within each round: what slows a whole round down slows both. */
function paired(
  rounds: Rounds,
  [top, bottom]: readonly [string, string],
  load: LoadName,
  value: (round: Round) => number,
): number | null {
  const tops = rounds.get(top)?.get(load) ?? [];
  const bottoms = rounds.get(bottom)?.get(load) ?? [];
  const ratios = tops.flatMap((round, index) => {
    const other = bottoms[index];
    return other ? [value(round) / value(other)] : [];
  });
  const ratio = median(ratios);
  return Number.isFinite(ratio) ? rounded(ratio) : null;
}

/** Medians over the rounds. */
export function figuresOf(rounds: readonly Round[]): Round {
  return {
    rps: rounded(median(rounds.map(({ rps }) => rps))),
    cpuUsPerRequest: rounded(median(rounds.map(({ cpuUsPerRequest }) => cpuUsPerRequest))),
    p99Ms: rounded(median(rounds.map(({ p99Ms }) => p99Ms))),
  };
}
