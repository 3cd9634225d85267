import type pg from 'pg';

/** A transaction that wrote, as PostgreSQL's own log of changes tells it. */
export interface Commit {
  readonly at: number;
  /** Tables that it changed, in order, each once: `payments.payment_attempt`. */
  readonly tables: readonly string[];
}

const SLOT = 'bench_pay';

/** Needs a server with `wal_level = logical`. What commits from here on can be read by `takeCommits`. */
export async function watchCommits(admin: pg.Client): Promise<void> {
  await admin.query('select pg_create_logical_replication_slot($1, $2)', [SLOT, 'test_decoding']);
}

export async function forgetCommits(admin: pg.Client): Promise<void> {
  await admin.query('select pg_drop_replication_slot($1)', [SLOT]);
}

/** Every commit since the last call that changed a table, in the order of commits. */
export async function takeCommits(admin: pg.Client): Promise<Commit[]> {
  const { rows } = await admin.query<{ data: string }>(
    `select data from pg_logical_slot_get_changes($1, null, null, 'include-timestamp', 'on')`,
    [SLOT],
  );
  const commits: Commit[] = [];
  let tables = new Set<string>();
  for (const { data } of rows) {
    const changed = /^table ([^:]+): /.exec(data)?.[1];
    if (changed) tables.add(changed.replaceAll('"', ''));
    const committed = /^COMMIT \d+ \(at (.+)\)$/.exec(data)?.[1];
    if (committed === undefined) continue;
    // PostgreSQL writes microseconds and a short zone: the server's is UTC.
    const at = Date.parse(`${committed.slice(0, 23).replace(' ', 'T')}Z`);
    if (tables.size > 0) commits.push({ at, tables: [...tables] });
    tables = new Set();
  }
  return commits;
}

/** Who a commit belongs to. Events, jobs and webhooks go on whether a buyer waits or not. */
export type CommitOwner = 'buyer' | 'order' | 'follow-up' | 'background';

export function ownerOf({ tables }: Commit): CommitOwner {
  const has = (pattern: RegExp) => tables.some((table) => pattern.test(table));
  if (has(/^orders\.order_item$/)) return 'order';
  if (has(/_jobs\.|\.relay_cursor$|\.inbox_cursor$|^event_bus\./)) return 'background';
  if (has(/\.inbox$|\.webhook_event$|^orders\./)) return 'follow-up';
  return 'buyer';
}
