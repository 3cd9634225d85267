/**
 * Rows while what was told last may be told once more to a stream that begins now: its place is below
 * the oldest transaction that runs anywhere on the server, another test file's included.
 */
export const UNSETTLED =
  'select 1 from outbox where xid >= pg_snapshot_xmin(pg_current_snapshot()) limit 1';
