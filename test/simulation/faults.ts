import type { Fault } from './plan.ts';

/** How a commit can go wrong: refused and run again, or nobody knows. */
export type CommitFault = 'SERIALIZATION' | 'LOST_BEFORE' | 'LOST_AFTER';

type Striking = Exclude<Fault, { fault: 'crash' | 'freeze' }>;
type Kind = Striking['fault'];
type Strike<K extends Kind> = Extract<Striking, { fault: K }>;
type Freeze = Extract<Fault, { fault: 'freeze' }>;

/** Strikes the faults of a plan, each at the nth thing of its kind, and counts what struck. */
export class Faults {
  /** By class, for example "network TIMEOUT_AFTER". */
  readonly struck = new Map<string, number>();
  private readonly seen = new Map<Kind, number>();
  private isActive = false;

  constructor(private readonly faults: readonly Fault[]) {}

  /** Until then everything works, and nothing is counted: the shop is opened. */
  start(): void {
    this.isActive = true;
  }

  /** From now on everything works: what was left behind must come right by itself. */
  stop(): void {
    this.isActive = false;
  }

  next<K extends Kind>(kind: K): Strike<K>['how'] | null {
    return (this.strike(kind)?.how ?? null) as Strike<K>['how'] | null;
  }

  strike<K extends Kind>(kind: K): Strike<K> | null {
    if (!this.isActive) return null;
    const nth = (this.seen.get(kind) ?? 0) + 1;
    this.seen.set(kind, nth);
    for (const fault of this.faults) {
      if (fault.fault !== kind || fault.nth !== nth) continue;
      this.count(`${kind} ${fault.how}`);
      return fault as Strike<K>;
    }
    return null;
  }

  crashAt(step: number): number | null {
    if (!this.isActive) return null;
    for (const fault of this.faults) {
      if (fault.fault !== 'crash' || fault.atStep !== step) continue;
      this.count('crash');
      return fault.process;
    }
    return null;
  }

  freezeAt(step: number): Freeze | null {
    if (!this.isActive) return null;
    for (const fault of this.faults)
      if (fault.fault === 'freeze' && fault.atStep === step) return fault;
    return null;
  }

  count(name: string): void {
    this.struck.set(name, (this.struck.get(name) ?? 0) + 1);
  }
}
