import type { Scheduler, SimProcess } from '../scheduler.ts';
import { DatabaseError } from './tables.ts';

/** What a transaction holds and waits for, as the server sees it. */
export interface LockOwner {
  readonly process: SimProcess;
  readonly held: string[];
  waitsFor: string | null;
}

interface Waiter {
  readonly owner: LockOwner;
  readonly go: () => void;
}

interface Lock {
  owner: LockOwner;
  readonly queue: Waiter[];
}

/**
 * The database server of all subgraphs: locks that really wait, deadlocks that are found, and
 * transaction ids that are handed out before commits, so that commits overtake one another.
 */
export class MemoryServer {
  private readonly locks = new Map<string, Lock>();
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

  get locksHeld(): number {
    return this.locks.size;
  }

  tryLock(owner: LockOwner, name: string): boolean {
    const lock = this.locks.get(name);
    if (lock) return lock.owner === owner;
    this.locks.set(name, { owner, queue: [] });
    owner.held.push(name);
    return true;
  }

  async lock(owner: LockOwner, name: string): Promise<void> {
    if (this.locks.get(name)?.owner === owner) return;
    await this.scheduler.step(owner.process, `lock ${name}`);
    if (this.tryLock(owner, name)) return;
    const lock = this.locks.get(name) as Lock;
    if (this.isDeadlock(owner, lock)) throw new DatabaseError('40P01', 'deadlock detected');
    owner.waitsFor = name;
    this.scheduler.note(`${owner.process.name} waits for ${name}`);
    await new Promise<void>((go) => {
      lock.queue.push({ owner, go });
    });
  }

  release(owner: LockOwner): void {
    for (const name of owner.held) {
      const lock = this.locks.get(name);
      if (lock?.owner !== owner) continue;
      let next = lock.queue.shift();
      while (next && !next.owner.process.isAlive) next = lock.queue.shift();
      if (!next) {
        this.locks.delete(name);
        continue;
      }
      lock.owner = next.owner;
      next.owner.held.push(name);
      next.owner.waitsFor = null;
      this.scheduler.wake(next.owner.process, `got ${name}`, next.go);
    }
    owner.held.length = 0;
  }

  private isDeadlock(owner: LockOwner, wanted: Lock): boolean {
    for (let at: LockOwner = wanted.owner, hops = 0; hops < 50; hops += 1) {
      if (at === owner) return true;
      const next = at.waitsFor === null ? undefined : this.locks.get(at.waitsFor);
      if (!next) return false;
      at = next.owner;
    }
    return false;
  }
}
