import pg from 'pg';
import { EVENTS } from './events.ts';
import { GOODS } from './goods.ts';
import type { Invariant, Violation } from './invariant.ts';
import { MONEY } from './money.ts';
import { PEOPLE } from './people.ts';

export const INVARIANTS: readonly Invariant[] = [...MONEY, ...GOODS, ...EVENTS, ...PEOPLE].sort(
  (left, right) => left.id.localeCompare(right.id, 'en', { numeric: true }),
);

/** Rows shown of one invariant: more say nothing new. */
const SHOWN_MAX = 20;

/**
 * Checks all invariants in one snapshot that changes nothing. Rejects when one cannot be read: what was
 * not looked at does not hold.
 */
export async function checkInvariants(
  databaseUrl: string,
  invariants: readonly Invariant[] = INVARIANTS,
): Promise<Violation[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    return await violationsIn(client, invariants);
  } finally {
    await client.end();
  }
}

/** In the transaction that is open: what it sees is what is checked. */
export async function violationsIn(
  client: pg.ClientBase,
  invariants: readonly Invariant[],
): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const { id, sql } of invariants) {
    const { rows } = await client.query<Omit<Violation, 'id'>>(
      `select subject, problem from (${sql}) as broken order by 1, 2 limit ${SHOWN_MAX}`,
    );
    violations.push(...rows.map(({ subject, problem }) => ({ id, subject, problem })));
  }
  return violations;
}
