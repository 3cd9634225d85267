import type { Plan } from '../plan.ts';
import { type Result, runSchedule } from '../schedule.ts';
import { runSeeds, type Tally } from '../seeds.ts';
import { SimulationDatabase } from './simulation-database.ts';
import { PostgresStorage } from './storage.ts';

/** The same plans on PostgreSQL, in a database that is made for this call and dropped after it. */
export async function runSeedsOnPostgres(
  serverUrl: string,
  name: string,
  range: { first: number; count: number; stride: number; stopsAtFailure: boolean },
): Promise<Tally> {
  const database = await SimulationDatabase.create(serverUrl, name);
  try {
    const run = async (plan: Plan): Promise<Result> => {
      await database.clear();
      const result = await runSchedule(
        plan,
        false,
        (...given) => new PostgresStorage(database, ...given),
      );
      const broken = await database.brokenInvariants();
      return { ...result, violations: [...result.violations, ...broken] };
    };
    const { first, count, stride, stopsAtFailure } = range;
    return await runSeeds(first, count, stride, stopsAtFailure, run);
  } finally {
    await database.close();
  }
}
