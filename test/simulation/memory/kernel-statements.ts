import type { EventEnvelope } from '../../../subgraphs/kernel/events/envelope.ts';
import { HELD } from '../../../subgraphs/kernel/persistence/transaction-client.ts';
import type { MemoryDatabase, MemorySession } from './database.ts';
import type { TableSpec } from './tables.ts';

// The kernel's own statements (outbox, relay, inbox, idempotency keys), each recognised by how it
// begins. A statement that is not known here fails the schedule: nothing is answered by guessing.

export interface OutboxRow {
  readonly xid: number;
  readonly id: number;
  readonly event_id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly aggregate_id: string;
  readonly aggregate_version: number;
  readonly occurred_at: Date;
  readonly payload: EventEnvelope['payload'];
}

export interface InboxRow {
  readonly consumer: string;
  readonly event_id: string;
}

export interface ParkedRow extends InboxRow {
  readonly aggregate_id: string;
  readonly envelope: EventEnvelope;
  readonly error: string;
  readonly attempts: number;
}

export interface IdempotencyRow {
  readonly id: string;
  readonly request_hash: string;
  readonly response: string | null;
  readonly created_at: number;
  readonly completed_at: number | null;
}

interface VersionRow {
  readonly id: string;
  readonly version: number;
  readonly xid: number;
}

interface CursorRow {
  readonly id: string;
  readonly xid: number;
  readonly row: number;
  readonly position: string | null;
}

const inboxKey = (consumer: unknown, eventId: unknown) => `${consumer}/${eventId}`;

export const KERNEL_TABLES: readonly TableSpec<never>[] = [
  { name: 'outbox', keyOf: (row: OutboxRow) => String(row.id) },
  { name: 'event_version', keyOf: (row: VersionRow) => row.id },
  { name: 'cursor', keyOf: (row: CursorRow) => row.id },
  { name: 'inbox', keyOf: (row: InboxRow) => inboxKey(row.consumer, row.event_id) },
  { name: 'parked_event', keyOf: (row: InboxRow) => inboxKey(row.consumer, row.event_id) },
  { name: 'idempotency_key', keyOf: (row: IdempotencyRow) => row.id },
] as never;

type Statement = (session: MemorySession, parameters: readonly unknown[]) => Promise<unknown[]>;

const STATEMENTS: readonly (readonly [beginning: string, run: Statement])[] = [
  ['with event as (', appendEvents],
  ['with place as materialized', nextOfOutbox],
  ['update relay_cursor', moveRelayCursor],
  ['select position, exists', inboxCursor],
  ['insert into inbox_cursor', moveInboxCursor],
  ['insert into inbox (consumer', receive],
  ['select 1 from parked_event', isParked],
  ['insert into parked_event', park],
  ['insert into idempotency_key', claimKey],
  ['select request_hash, response', storedKey],
  ['update idempotency_key', completeKey],
];
const known = new Map<string, Statement>();

export function executeStatement(
  session: MemorySession,
  sql: string,
  parameters: readonly unknown[],
): Promise<unknown[]> {
  let run = known.get(sql);
  if (!run) {
    const text = sql.replace(HELD, '').replace(/\s+/g, ' ').trim();
    run = STATEMENTS.find(([beginning]) => text.startsWith(beginning))?.[1];
    if (!run) throw new Error(`a statement the simulation does not know: ${text.slice(0, 80)}`);
    known.set(sql, run);
  }
  return run(session, parameters);
}

interface GivenEvent {
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly aggregateId: string;
  readonly occurredAt: string;
  readonly payload: EventEnvelope['payload'];
}

async function appendEvents(session: MemorySession, [given]: readonly unknown[]) {
  const events = JSON.parse(given as string) as GivenEvent[];
  const aggregates = [...new Set(events.map((event) => event.aggregateId))].sort();
  for (const aggregate of aggregates) await session.lock(`event_version/${aggregate}`);
  for (const event of events) {
    const { aggregateId } = event;
    const last = session.row<VersionRow>('event_version', aggregateId);
    const version = (last?.version ?? 0) + 1;
    const xid = Math.max(last?.xid ?? 0, session.takeXid());
    session.write<VersionRow>('event_version', aggregateId, { id: aggregateId, version, xid });
    const row: OutboxRow = {
      xid,
      id: session.database.server.newRowId(),
      event_id: event.eventId,
      type: event.type,
      schema_version: event.schemaVersion,
      aggregate_id: aggregateId,
      aggregate_version: version,
      occurred_at: new Date(event.occurredAt),
      payload: event.payload,
    };
    // Its uniqueness follows from the lock of the aggregate and from the fresh id.
    session.write('outbox', String(row.id), row);
  }
  return [];
}

async function nextOfOutbox(session: MemorySession): Promise<unknown[]> {
  await session.pause('look at the outbox');
  if (!session.tryLock('cursor/relay')) return [];
  session.takeXid();
  const cursor = session.row<CursorRow>('cursor', 'relay');
  const [xid, id] = [cursor?.xid ?? 0, cursor?.row ?? 0];
  const oldest = session.database.server.oldestRunning();
  const rows: OutboxRow[] = [];
  for (const row of session.rowsOf<OutboxRow>('outbox'))
    if (row.xid > xid || (row.xid === xid && row.id > id)) rows.push(row);
  return rows
    .sort((a, b) => a.xid - b.xid || a.id - b.id)
    .slice(0, 200)
    .map((row) => ({
      xid: String(row.xid),
      id: String(row.id),
      settled: row.xid < oldest,
      event_id: row.event_id,
      type: row.type,
      schema_version: row.schema_version,
      aggregate_id: row.aggregate_id,
      aggregate_version: row.aggregate_version,
      occurred_at: row.occurred_at.toISOString(),
      payload: row.payload,
    }));
}

async function moveRelayCursor(session: MemorySession, [xid, row]: readonly unknown[]) {
  const cursor: CursorRow = { id: 'relay', xid: Number(xid), row: Number(row), position: null };
  session.write('cursor', 'relay', cursor);
  return [];
}

async function inboxCursor(session: MemorySession, [consumer]: readonly unknown[]) {
  await session.pause('look at the bus');
  const position = session.row<CursorRow>('cursor', `inbox/${consumer}`)?.position;
  if (position == null) return [];
  for (const row of session.rowsOf<ParkedRow>('parked_event'))
    if (row.consumer === consumer) return [{ position, is_any_parked: true }];
  return [{ position, is_any_parked: false }];
}

async function moveInboxCursor(session: MemorySession, [consumer, position]: readonly unknown[]) {
  const id = `inbox/${consumer}`;
  await session.lock(`cursor/${id}`);
  const cursor: CursorRow = { id, xid: 0, row: 0, position: position as string };
  session.write('cursor', id, cursor);
  return [];
}

/** False when every committed event was sent. */
export function mayHaveToRelay(database: MemoryDatabase): boolean {
  const cursor = database.table<CursorRow>('cursor').rows.get('relay');
  for (const row of database.table<OutboxRow>('outbox').rows.values())
    if (!cursor || row.xid > cursor.xid || (row.xid === cursor.xid && row.id > cursor.row))
      return true;
  return false;
}

/** How far the consumer of that name has read the bus. */
export function positionOf(database: MemoryDatabase, consumer: string): string | null {
  return database.table<CursorRow>('cursor').rows.get(`inbox/${consumer}`)?.position ?? null;
}

async function receive(session: MemorySession, [consumer, eventId]: readonly unknown[]) {
  const key = inboxKey(consumer, eventId);
  await session.lock(`inbox/${key}`);
  if (session.row('inbox', key)) return [];
  session.write('inbox', key, { consumer, event_id: eventId } as InboxRow);
  return [{}];
}

async function isParked(session: MemorySession, [consumer, aggregateId]: readonly unknown[]) {
  for (const row of session.rowsOf<ParkedRow>('parked_event'))
    if (row.consumer === consumer && row.aggregate_id === aggregateId) return [{}];
  return [];
}

async function park(session: MemorySession, given: readonly unknown[]): Promise<unknown[]> {
  const [consumer, event_id, aggregate_id, envelope, error, attempts] = given;
  const key = inboxKey(consumer, event_id);
  await session.lock(`parked_event/${key}`);
  if (session.row('parked_event', key)) return [];
  const parsed = JSON.parse(envelope as string);
  const row = { consumer, event_id, aggregate_id, envelope: parsed, error, attempts } as ParkedRow;
  session.write('parked_event', key, row);
  return [];
}

const keyOf = (principal: unknown, operation: unknown, key: unknown) =>
  `${principal}/${operation}/${key}`;

async function claimKey(session: MemorySession, given: readonly unknown[]): Promise<unknown[]> {
  const [principal, operation, key, hash] = given;
  const id = keyOf(principal, operation, key);
  await session.lock(`idempotency_key/${id}`);
  if (session.row('idempotency_key', id)) return [];
  const row: IdempotencyRow = {
    id,
    request_hash: hash as string,
    response: null,
    created_at: session.now,
    completed_at: null,
  };
  session.write('idempotency_key', id, row);
  return [{ key }];
}

async function storedKey(session: MemorySession, given: readonly unknown[]): Promise<unknown[]> {
  const id = keyOf(given[0], given[1], given[2]);
  await session.lock(`idempotency_key/${id}`);
  const row = session.row<IdempotencyRow>('idempotency_key', id);
  return row ? [{ ...row, response: row.response === null ? null : JSON.parse(row.response) }] : [];
}

async function completeKey(session: MemorySession, given: readonly unknown[]): Promise<unknown[]> {
  const [response, principal, operation, key] = given;
  const id = keyOf(principal, operation, key);
  await session.lock(`idempotency_key/${id}`);
  const row = session.row<IdempotencyRow>('idempotency_key', id);
  if (!row) return [];
  const done = { ...row, response: response as string, completed_at: session.now };
  session.write('idempotency_key', id, done as IdempotencyRow);
  return [];
}
