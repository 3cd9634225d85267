import type { Scheduler, SimProcess } from '../scheduler.ts';
import { DatabaseError } from './tables.ts';

/** What a transaction holds and waits for, as the server sees it. */
export interface LockOwner {
  readonly process: SimProcess;
  readonly held: Lock[];
  waitsFor: Lock | null;
  /** The server has ended it, and its client does not know yet. */
  readonly isCutOff: boolean;
}

interface Waiter {
  readonly owner: LockOwner;
  readonly go: () => void;
  readonly fail: (error: Error) => void;
}

interface Lock {
  readonly name: string;
  readonly among: Locks;
  owner: LockOwner;
  readonly queue: Waiter[];
}

/** The locks of one database that are held, by their names. */
export type Locks = Map<string, Lock>;

/** There was nothing to wait for: the same for all, because most locks are held already. */
export const DONE = Promise.resolve();

/**
 * The database server of all subgraphs: locks that really wait, deadlocks that are found, and
 * transaction ids that are handed out before commits, so that commits overtake one another.
 */
export class MemoryServer {
  locksHeld = 0;
  private lastXid = 0;
  private readonly running = new Set<number>();
  private lastRowId = 0;

  constructor(readonly scheduler: Scheduler) {}

  newXid(): number {
    this.lastXid += 1;
    this.running.add(this.lastXid);
    return this.lastXid;
  }

  endXid(xid: number): void {
    this.running.delete(xid);
  }

  /** Like pg_snapshot_xmin: every transaction below it is over. */
  oldestRunning(): number {
    let oldest = this.lastXid + 1;
    for (const xid of this.running) if (xid < oldest) oldest = xid;
    return oldest;
  }

  newRowId(): number {
    this.lastRowId += 1;
    return this.lastRowId;
  }

  tryLock(owner: LockOwner, among: Locks, name: string): boolean {
    const lock = among.get(name);
    if (lock) return lock.owner === owner;
    const taken: Lock = { name, among, owner, queue: [] };
    among.set(name, taken);
    this.locksHeld += 1;
    owner.held.push(taken);
    return true;
  }

  lock(owner: LockOwner, among: Locks, name: string): Promise<void> {
    return among.get(name)?.owner === owner ? DONE : this.takeLock(owner, among, name);
  }

  private async takeLock(owner: LockOwner, among: Locks, name: string): Promise<void> {
    await this.scheduler.step(owner.process, `lock ${name}`);
    if (owner.isCutOff) throw connectionLost();
    if (this.tryLock(owner, among, name)) return;
    const lock = among.get(name) as Lock;
    if (this.isDeadlock(owner, lock)) throw new DatabaseError('40P01', 'deadlock detected');
    owner.waitsFor = lock;
    this.scheduler.note(`${owner.process.name} waits for ${name}`);
    await new Promise<void>((go, fail) => {
      lock.queue.push({ owner, go, fail });
    });
  }

  /** What waits for a lock is refused it. */
  stopWaiting(owner: LockOwner, error: Error): void {
    const { waitsFor } = owner;
    if (waitsFor === null) return;
    owner.waitsFor = null;
    const [waiter] = waitsFor.queue.splice(
      waitsFor.queue.findIndex((known) => known.owner === owner),
      1,
    );
    this.scheduler.wake(owner.process, 'is refused a lock', () => waiter?.fail(error));
  }

  release(owner: LockOwner): void {
    for (const lock of owner.held) {
      const { name } = lock;
      if (lock.owner !== owner) continue;
      let next = lock.queue.shift();
      while (next && !next.owner.process.isAlive) next = lock.queue.shift();
      if (!next) {
        lock.among.delete(name);
        this.locksHeld -= 1;
        continue;
      }
      lock.owner = next.owner;
      next.owner.held.push(lock);
      next.owner.waitsFor = null;
      this.scheduler.wake(next.owner.process, `got ${name}`, next.go);
    }
    owner.held.length = 0;
  }

  private isDeadlock(owner: LockOwner, wanted: Lock): boolean {
    for (let at: LockOwner = wanted.owner, hops = 0; hops < 50; hops += 1) {
      if (at === owner) return true;
      if (at.waitsFor === null) return false;
      at = at.waitsFor.owner;
    }
    return false;
  }
}

export function connectionLost(): DatabaseError {
  return new DatabaseError('25P03', 'the connection was ended: idle for too long');
}
