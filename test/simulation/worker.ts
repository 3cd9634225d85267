import { parentPort, workerData } from 'node:worker_threads';
import { runSeeds } from './seeds.ts';

const { first, count, stride, stopsAtFailure } = workerData as {
  first: number;
  count: number;
  stride: number;
  stopsAtFailure: boolean;
};
parentPort?.postMessage(await runSeeds(first, count, stride, stopsAtFailure));
