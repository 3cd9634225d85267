import type { EntityManager } from '@mikro-orm/postgresql';

type LockedTable = 'payment_request' | 'payment_attempt' | 'payment_method' | 'payment' | 'refund';

/**
 * Locks a row by a statement of its own, then reads it: after a wait, a locking read that also
 * fetches and limits can come back with nothing for a row that another transaction just changed.
 */
export async function lockRow<T>(
  em: EntityManager,
  table: LockedTable,
  id: string,
  read: () => Promise<T | null>,
): Promise<T | null> {
  await em.execute(`select 1 from ${table} where id = ? for update`, [id]);
  return read();
}
