import type { Pool } from 'pg';
import type { CredentialRevocation, Revocations } from './revocations.ts';

export interface RevocationStoreOptions {
  readonly pool: Pool;
  readonly revocations: Revocations;
  /** The store failed; what was read before stays in force, and it is asked again. */
  readonly onStoreFailed?: (error: Error) => void;
}

const TABLE = 'gateway_revocations';
/** Longer lets a revoked credential live on in other processes; shorter asks the store more. */
const POLL_MS = 1_000;
/** Rows become visible when their transactions end, not in the order of their ids: look back. */
const OVERLAP_MS = 60_000;
/** As long as the processes remember one. */
const KEPT_MS = 30 * 24 * 3_600_000;

interface Row {
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly token_id: string | null;
  readonly revoked_ms: string;
}

/** Revocations that every gateway process learns of, through PostgreSQL. */
export class RevocationStore {
  private readonly seen = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private isClosed = false;
  /** The beginning of the last read that succeeded. */
  private readAt = 0;

  constructor(private readonly options: RevocationStoreOptions) {}

  /**
   * Reads everything that is still in force. Rejects when it cannot: a process that does not know
   * what was revoked must not begin to serve.
   */
  async open(): Promise<void> {
    await createTable(this.options.pool);
    await this.read(KEPT_MS);
    this.next();
  }

  close(): void {
    this.isClosed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private next(): void {
    if (this.isClosed) return;
    this.timer = setTimeout(() => {
      this.read(performance.now() - this.readAt + OVERLAP_MS)
        .catch((error: Error) => this.options.onStoreFailed?.(error))
        .finally(() => this.next());
    }, POLL_MS);
    this.timer.unref();
  }

  private async read(backMs: number): Promise<void> {
    const began = performance.now();
    const { rows } = await this.options.pool.query<Row>(
      `select id::text, issuer, subject, token_id, (extract(epoch from revoked_at) * 1000)::bigint::text as revoked_ms
       from ${TABLE} where revoked_at > clock_timestamp() - $1 * interval '1 millisecond' order by id`,
      [Math.ceil(backMs)],
    );
    this.readAt = began;
    for (const row of rows) {
      if (this.seen.has(row.id)) continue;
      this.seen.add(row.id);
      const { issuer: iss, subject: sub, token_id: jti } = row;
      this.options.revocations.revoke(
        jti === null ? { iss, sub } : { iss, sub, jti },
        Number(row.revoked_ms),
      );
    }
  }
}

/** Revokes in every process that shares the store, within about a second. */
export async function shareRevocation(
  pool: Pool,
  { iss, sub, jti }: CredentialRevocation,
): Promise<void> {
  await createTable(pool);
  await pool.query(`insert into ${TABLE} (issuer, subject, token_id) values ($1, $2, $3)`, [
    iss,
    sub,
    jti ?? null,
  ]);
  await pool.query(
    `delete from ${TABLE} where revoked_at < clock_timestamp() - $1 * interval '1 millisecond'`,
    [KEPT_MS],
  );
}

// Two processes that start at once must not both make it: `if not exists` alone can collide.
async function createTable(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(hashtext('${TABLE}'))`);
    await client.query(
      `create table if not exists ${TABLE} (
         id bigint generated always as identity primary key,
         issuer text not null,
         subject text not null,
         token_id text,
         revoked_at timestamptz not null default clock_timestamp()
       )`,
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
