import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Short rounds, for a feeling and for CI: under 60 seconds altogether. */
  readonly quick: boolean;
  /** Ends with one line of JSON. */
  readonly json: boolean;
  /** Peers are installed even in a quick run. */
  readonly install: boolean;
  /** Only targets whose names contain one of these; empty is all. */
  readonly only: readonly string[];
  /** Subscribers of the live bench; empty is its default. */
  readonly subscribers: readonly number[];
}

/** Reads the flags that all benches share. Throws on a flag that none of them knows. */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      install: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      subscribers: { type: 'string', multiple: true, default: [] },
    },
  });
  const subscribers = values.subscribers.map(Number);
  if (!subscribers.every((count) => Number.isInteger(count) && count > 0)) {
    throw new Error('--subscribers is a number of clients, 1 or more');
  }
  return { ...values, subscribers };
}
