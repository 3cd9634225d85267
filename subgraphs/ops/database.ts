import { userInfo } from 'node:os';
import pg from 'pg';
import { type SubgraphName, schemaOf } from '../kernel/persistence/bootstrap.ts';
import { CannotRun } from './surroundings.ts';

export interface Action {
  readonly action: string;
  readonly subject: string;
  readonly reason: string;
}

/** Keeps for good what somebody did from a shell, and why. */
export async function keepAction(
  client: pg.Client,
  subgraph: SubgraphName,
  { action, subject, reason }: Action,
): Promise<void> {
  await client.query(
    `insert into ${schemaOf(subgraph)}.operator_action (principal, action, subject, reason)
     values ($1, $2, $3, $4)`,
    [`shell:${userInfo().username}`, action, subject, reason],
  );
}

/** False before the subgraph was started for the first time: it has nothing to keep it in. */
export async function canKeepActions(client: pg.Client, subgraph: SubgraphName): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    'select to_regclass($1) is not null as there',
    [`${schemaOf(subgraph)}.operator_action`],
  );
  return rows[0]?.there ?? false;
}

export async function connected<T>(
  databaseUrl: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
  } catch (error) {
    throw new CannotRun(`The database does not answer: ${(error as Error).message}`);
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
