import { parentPort, workerData } from 'node:worker_threads';
import { runSeeds } from './seeds.ts';

interface Work {
  readonly first: number;
  readonly count: number;
  readonly stride: number;
  readonly stopsAtFailure: boolean;
  /** An administrator's URL, where the schedules run on PostgreSQL; else null. */
  readonly serverUrl: string | null;
}

const work = workerData as Work;
parentPort?.postMessage(await run(work));

async function run({ serverUrl, ...range }: Work) {
  const { first, count, stride, stopsAtFailure } = range;
  if (serverUrl === null) return runSeeds(first, count, stride, stopsAtFailure);
  // Loaded only here: the drivers cost a second.
  const { runSeedsOnPostgres } = await import('./postgres/run.ts');
  const name = `parley_simulation_${process.pid}_${first}`;
  return runSeedsOnPostgres(serverUrl, name, range);
}
