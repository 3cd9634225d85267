import type { Database } from '../../../subgraphs/kernel/persistence/database.ts';
import type { CommitFault } from '../faults.ts';
import type { SimProcess } from '../scheduler.ts';
import { executeStatement } from './kernel-statements.ts';
import { connectionLost, DONE, type LockOwner, type Locks, type MemoryServer } from './server.ts';
import {
  changedColumns,
  copyOf,
  DatabaseError,
  type Row,
  Table,
  type TableSpec,
} from './tables.ts';

export interface Written {
  readonly table: string;
  readonly key: string;
  readonly before: Row | null;
  readonly after: Row | null;
}

interface Managed {
  readonly entity: Row;
  loaded: Row | null;
}

/** Durable state of one subgraph, with what its migrations forbid. */
export class MemoryDatabase {
  readonly tables = new Map<string, Table>();
  readonly locks: Locks = new Map();
  private readonly open = new Set<MemorySession>();
  /** Told of every commit, in order: what the oracles watch. */
  onCommit: (written: readonly Written[]) => void = () => {};

  constructor(
    readonly name: string,
    readonly server: MemoryServer,
    readonly commitFault: () => CommitFault | null,
    specs: readonly TableSpec<never>[],
  ) {
    for (const spec of specs)
      this.tables.set(spec.name, new Table(spec as unknown as TableSpec<Row>));
  }

  table<R extends Row>(name: string): Table<R> {
    const table = this.tables.get(name);
    if (!table) throw new Error(`no table ${name} in ${this.name}`);
    return table as unknown as Table<R>;
  }

  rows<R extends Row>(name: string): R[] {
    return [...this.table<R>(name).rows.values()];
  }

  /** A connection pool of one process, in the form that the kernel's transactions take. */
  connectedTo(process: SimProcess): Database {
    return { em: { fork: () => new MemorySession(this, process) } } as unknown as Database;
  }

  /** What a killed process had open is rolled back by the server. */
  rollBackAll(process: SimProcess): void {
    for (const session of [...this.open]) if (session.process === process) session.rollBack();
  }

  /** What a process that stands still had open is ended by the server after some seconds. */
  cutOff(process: SimProcess): void {
    for (const session of [...this.open]) if (session.process === process) session.cutOff();
  }

  begun(session: MemorySession): void {
    this.open.add(session);
  }

  ended(session: MemorySession): void {
    this.open.delete(session);
  }
}

/** A unit of work: outside a transaction it reads what is committed, inside it works as PostgreSQL's READ COMMITTED. */
export class MemorySession implements LockOwner {
  readonly held: LockOwner['held'] = [];
  waitsFor: LockOwner['waitsFor'] = null;
  private isOpen = false;
  isCutOff = false;
  private xid: number | null = null;
  private readonly overlay = new Map<string, Map<string, Row | null>>();
  private readonly managed = new Map<string, Map<string, Managed>>();

  constructor(
    readonly database: MemoryDatabase,
    readonly process: SimProcess,
  ) {}

  get now(): number {
    return this.database.server.scheduler.nowMs;
  }

  async transactional<T>(work: (session: MemorySession) => Promise<T>): Promise<T> {
    const { scheduler } = this.database.server;
    // What a killed process was about to do does not happen.
    if (!this.process.isAlive) return new Promise<never>(() => {});
    this.isOpen = true;
    this.database.begun(this);
    try {
      const result = await work(this);
      await this.flush();
      await this.commit();
      return result;
    } catch (error) {
      if (this.isOpen) this.rollBack();
      scheduler.note(`${this.process.name}: rolled back: ${(error as Error).message}`);
      throw error;
    }
  }

  execute<T>(sql: string, parameters: readonly unknown[] = []): Promise<T> {
    return executeStatement(this, sql, parameters) as Promise<T>;
  }

  /** A point where others may go first; of the reads outside a transaction, that is every one. */
  pause(label: string): Promise<void> {
    return this.database.server.scheduler.step(this.process, label);
  }

  lock(name: string): Promise<void> {
    if (this.isCutOff) return Promise.reject(connectionLost());
    if (!this.isOpen) throw new Error(`lock ${name} outside a transaction`);
    return this.database.server.lock(this, this.database.locks, name);
  }

  tryLock(name: string): boolean {
    if (this.isCutOff) throw connectionLost();
    return this.database.server.tryLock(this, this.database.locks, name);
  }

  /** The row as this unit of work sees it: its own change, else what is committed now. */
  row<R extends Row>(table: string, key: string): R | null {
    const own = this.overlay.get(table)?.get(key);
    if (own !== undefined) return own as R | null;
    return this.database.table<R>(table).rows.get(key) ?? null;
  }

  /** All rows of a table as this unit of work sees them, in the order they were made. */
  rowsOf<R extends Row>(table: string): R[] {
    const { rows } = this.database.table<R>(table);
    const own = this.overlay.get(table);
    if (!own) return [...rows.values()];
    const seen: R[] = [];
    rows.forEach((row, key) => {
      const changed = own.get(key);
      if (changed !== null) seen.push((changed ?? row) as R);
    });
    own.forEach((row, key) => {
      if (row !== null && !rows.has(key)) seen.push(row as R);
    });
    return seen;
  }

  /** Writes a whole row, as an insert or update of all columns does. */
  async put<R extends Row>(table: string, row: R): Promise<void> {
    const { spec } = this.database.table<R>(table);
    const key = spec.keyOf(row);
    const refusal = spec.refusal?.(row);
    if (refusal) throw new DatabaseError('23514', `${table}: ${refusal}`);
    const uniques = spec.uniques ?? [];
    for (let index = 0; index < uniques.length; index += 1)
      await this.claim(table, key, index, uniques[index]?.(row) ?? null);
    this.write(table, key, row);
  }

  write<R extends Row>(table: string, key: string, row: R | null): void {
    if (this.isCutOff) throw connectionLost();
    if (!this.isOpen) throw new Error(`write to ${table} outside a transaction`);
    this.takeXid();
    let own = this.overlay.get(table);
    if (!own) {
      own = new Map();
      this.overlay.set(table, own);
    }
    own.set(key, row);
  }

  takeXid(): number {
    if (this.isCutOff) throw connectionLost();
    if (!this.isOpen) throw new Error('a transaction number outside a transaction');
    this.xid ??= this.database.server.newXid();
    return this.xid;
  }

  // Another transaction with the same value in flight is waited for, as a unique index does.
  private async claim(
    table: string,
    key: string,
    index: number,
    value: string | null,
  ): Promise<void> {
    if (value === null) return;
    const holder = () => this.database.table(table).holderOf(index, value);
    if (holder() === key) return;
    await this.lock(`${table}#${index}/${value}`);
    const held = holder();
    const isFreed = held !== undefined && this.overlay.get(table)?.has(held);
    if (held !== undefined && held !== key && !isFreed)
      throw new DatabaseError('23505', `${table}: "${value}" exists already`);
    for (const [other, row] of this.overlay.get(table) ?? []) {
      if (other === key || row === null) continue;
      if (this.database.table(table).spec.uniques?.[index]?.(row) === value)
        throw new DatabaseError('23505', `${table}: "${value}" exists already`);
    }
  }

  /** An entity that is written back when it was changed; the same object for the same row. */
  entity<R extends Row>(table: string, key: string, refresh = false): R | null {
    const known = this.managed.get(table)?.get(key);
    if (known && !refresh) return known.entity as R;
    const row = this.row<R>(table, key);
    if (row === null) return null;
    if (!known) return this.manage(table, key, copyOf(row), row);
    Object.assign(known.entity, row);
    known.loaded = row;
    return known.entity as R;
  }

  /** Locks the row by a statement of its own, then reads it. */
  async lockedEntity<R extends Row>(table: string, key: string): Promise<R | null> {
    if (this.row(table, key) === null) {
      await this.pause(`look for ${table}/${key}`);
      if (this.row(table, key) === null) return null;
    }
    await this.flush();
    await this.lock(`${table}/${key}`);
    return this.entity<R>(table, key, true);
  }

  async entities<R extends Row>(table: string, isWanted: (row: R) => boolean): Promise<R[]> {
    if (this.isOpen) await this.flush();
    const { spec } = this.database.table<R>(table);
    const found: R[] = [];
    for (const row of this.rowsOf<R>(table))
      if (isWanted(row)) found.push(this.entity<R>(table, spec.keyOf(row)) as R);
    return found;
  }

  add<R extends Row>(table: string, entity: R): void {
    this.manage(table, this.database.table<R>(table).spec.keyOf(entity), entity, null);
  }

  /** Writes what changed in entities: the changed columns only, as the mapper does. */
  flush(): Promise<void> {
    return this.isOpen && this.hasChanged() ? this.writeChanges() : DONE;
  }

  private hasChanged(): boolean {
    for (const entities of this.managed.values())
      for (const { entity, loaded } of entities.values())
        if (loaded === null || changedColumns(entity, loaded) !== null) return true;
    return false;
  }

  private async writeChanges(): Promise<void> {
    for (const [table, entities] of this.managed) {
      for (const [key, managed] of entities) {
        const { entity, loaded } = managed;
        if (loaded === null) {
          const row = copyOf(entity);
          await this.put(table, row);
          managed.loaded = row;
          continue;
        }
        const changed = changedColumns(entity, loaded);
        if (changed === null) continue;
        await this.lock(`${table}/${key}`);
        const stored = this.row(table, key) ?? loaded;
        const row = Object.assign(copyOf(stored), changed);
        await this.put(table, row);
        managed.loaded = stored === loaded ? row : Object.assign(copyOf(loaded), changed);
      }
    }
  }

  private manage<R extends Row>(table: string, key: string, entity: R, loaded: R | null): R {
    let known = this.managed.get(table);
    if (!known) {
      known = new Map();
      this.managed.set(table, known);
    }
    known.set(key, { entity, loaded });
    return entity;
  }

  private async commit(): Promise<void> {
    if (this.isCutOff) throw connectionLost();
    if (this.overlay.size === 0) return this.end();
    await this.pause('commit');
    if (this.isCutOff) throw connectionLost();
    const fault = this.database.commitFault();
    if (fault === 'SERIALIZATION') throw new DatabaseError('40001', 'could not serialize access');
    if (fault === 'LOST_BEFORE') throw new DatabaseError('08006', 'connection lost at commit');
    const written: Written[] = [];
    for (const [name, rows] of this.overlay) {
      const table = this.database.table(name);
      for (const [key, row] of rows) {
        written.push({ table: name, key, before: table.rows.get(key) ?? null, after: row });
        table.apply(key, row);
      }
    }
    this.end();
    this.database.onCommit(written);
    if (fault === 'LOST_AFTER') throw new DatabaseError('08006', 'connection lost at commit');
  }

  rollBack(): void {
    this.overlay.clear();
    this.managed.clear();
    this.end();
  }

  cutOff(): void {
    this.isCutOff = true;
    this.database.server.stopWaiting(this, connectionLost());
    this.rollBack();
  }

  private end(): void {
    this.isOpen = false;
    if (this.xid !== null) this.database.server.endXid(this.xid);
    this.database.ended(this);
    this.database.server.release(this);
  }
}
