import type { EntityManager } from '@mikro-orm/postgresql';
import { HELD } from './transaction-client.ts';

/** An entity's class; most keep their constructors to themselves. */
interface EntityClass<T> {
  readonly prototype: T;
}

/**
 * Locks a row by a statement of its own, then reads it: after a wait, a locking read that also
 * fetches and limits can come back with nothing for a row that another transaction just changed.
 * `where` is by columns that never change, such as the id. Null when there is no such row.
 */
export async function lockRow<T extends object>(
  em: EntityManager,
  entity: EntityClass<T>,
  where: Readonly<Record<string, string>>,
): Promise<T | null> {
  const { tableName, properties } = em.getMetadata().get(entity as never);
  const columns = Object.keys(where).map((name) => {
    const column = (properties as Record<string, { fieldNames?: string[] }>)[name]?.fieldNames?.[0];
    if (column === undefined) throw new Error(`${tableName} has no ${name}`);
    return `"${column}" = ?`;
  });
  await em.execute(
    `${HELD}select 1 from "${tableName}" where ${columns.join(' and ')} for update`,
    Object.values(where),
  );
  return em.findOne(entity as never, where as never, { refresh: true });
}
