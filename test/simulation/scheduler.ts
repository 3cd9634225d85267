import { AsyncLocalStorage } from 'node:async_hooks';
import { nextTick } from 'node:process';
import { Random } from './random.ts';

/** One operating-system process of the simulated system: it runs, and it can be killed. */
export class SimProcess {
  isAlive = true;
  /** It stands still until then, by the clock; null while it runs. */
  stillUntil: number | null = null;

  constructor(readonly name: string) {}
}

/** True when a driver's code waits, or the kernel before it runs a real transaction again. Few frames are taken: a stack is dear. */
function calledByDatabase(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 4;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return stack.includes('/node_modules/') || stack.includes('/persistence/transaction.ts');
}

interface Step {
  readonly process: SimProcess;
  readonly label: string;
  readonly go: () => void;
}

interface Timer {
  readonly process: SimProcess | null;
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  holds: boolean;
  isDone: boolean;
}

function isStill({ process }: Timer): boolean {
  return process !== null && process.stillUntil !== null;
}

/** What the patched globals of one thread belong to while a schedule runs. */
const current: { scheduler: Scheduler | null } = { scheduler: null };
const processOf = new AsyncLocalStorage<SimProcess>();
/**
 * Runs something in no context at all. In Node 24 a context that was left stays in the frame of who
 * entered it, so that without this every schedule would make the next ones slower.
 */
const outsideOfAll = AsyncLocalStorage.snapshot();

/** A schedule that never ends is a violation of its own. */
const STEPS_MAX = 20_000;

const SIDE_BY_SIDE = 0.5;

export class NeverIdle extends Error {}

/**
 * Runs asynchronous code one step at a time. Code under test stops at every port (`step`), and the
 * generator says who goes on. Time stands still except where it is moved, or where everybody waits
 * for a timer that holds the process open, as in Node.
 */
export class Scheduler {
  readonly trace: string[] | null;
  steps = 0;
  private readonly random: Random;
  private readonly runnable: Step[] = [];
  /** What processes that stand still would do next. */
  private readonly stopped: Step[] = [];
  private readonly still = new Set<SimProcess>();
  private timers: Timer[] = [];
  private timersMade = 0;
  private progress = 0;
  /** Resolves what waits for progress, with whether there was any. */
  private tell: ((isProgress: boolean) => void) | null = null;
  private isTickSet = false;
  /** Resolves when nothing outside is under way; a storage that really does I/O says so. */
  outside: (() => Promise<void>) | null = null;
  /**
   * False when a process would surely find nothing now by its timers that do not hold it open, which
   * look for what it was not told of. They stay due: what comes before the next move is not missed.
   */
  mayFindSomething: (process: SimProcess) => boolean = () => true;
  /** Called before every step; a fault that hits a step is injected here. */
  beforeStep: (label: string, process: SimProcess) => void = () => {};

  constructor(
    seed: number,
    public nowMs: number,
    isTraced: boolean,
  ) {
    this.random = new Random(seed);
    this.trace = isTraced ? [] : null;
  }

  /** A point where another task may go first. Never resolves in a process that was killed. */
  step(process: SimProcess, label: string): Promise<void> {
    return new Promise((resolve) => this.wake(process, label, resolve));
  }

  /** Makes a waiter runnable again, whose promise `go` resolves; for locks, whose waiters queue themselves. */
  wake(process: SimProcess, label: string, go: () => void): void {
    this.progressed();
    if (!process.isAlive) return;
    const list = process.stillUntil === null ? this.runnable : this.stopped;
    list.push({ process, label, go });
  }

  /** Has a process begin something when it is picked: timers that `run` sets die with the process. */
  begin(process: SimProcess, label: string, run: () => void): void {
    this.wake(process, label, () => this.inside(process, run));
  }

  note(text: string): void {
    this.trace?.push(`${new Date(this.nowMs).toISOString()} ${text}`);
  }

  /** Starts work in a process. It never rejects: `done` is told how it went, unless the process died. */
  spawn<T>(
    process: SimProcess,
    label: string,
    work: () => Promise<T>,
    done: (result: { ok: true; value: T } | { ok: false; error: unknown }) => void = () => {},
  ): void {
    this.begin(process, `start ${label}`, () => {
      work().then(
        (value) => {
          this.progressed();
          if (process.isAlive) done({ ok: true, value });
        },
        (error: unknown) => {
          this.progressed();
          if (process.isAlive) done({ ok: false, error });
        },
      );
    });
  }

  /** Runs something in a process: timers it sets die with it. */
  inside<T>(process: SimProcess, run: () => T): T {
    return outsideOfAll(() => processOf.run(process, run));
  }

  /** Nothing of this process goes on before the clock was moved so far; then everything does. */
  freeze(process: SimProcess, milliseconds: number): void {
    if (!process.isAlive || process.stillUntil !== null) return;
    process.stillUntil = this.nowMs + milliseconds;
    this.still.add(process);
    this.note(`${process.name} stands still for ${Math.round(milliseconds / 1_000)} s`);
    this.pass(this.runnable, this.stopped, process);
  }

  private thaw(): void {
    for (const process of this.still) {
      if (process.stillUntil === null || process.stillUntil > this.nowMs) continue;
      process.stillUntil = null;
      this.still.delete(process);
      this.note(`${process.name} goes on`);
      this.pass(this.stopped, this.runnable, process);
      this.progressed();
    }
  }

  private pass(from: Step[], to: Step[], process: SimProcess): void {
    for (let index = 0; index < from.length; ) {
      if (from[index]?.process === process) to.push(...from.splice(index, 1));
      else index += 1;
    }
  }

  /** Everything that ran in this process is lost; what it had committed stays. */
  kill(process: SimProcess): void {
    process.isAlive = false;
    this.note(`${process.name} is killed`);
    this.still.delete(process);
    this.pass(this.runnable, [], process);
    this.pass(this.stopped, [], process);
    this.timers = this.timers.filter((timer) => timer.process !== process);
  }

  setTimer(run: () => void, milliseconds: number): Timer & { unref(): void; ref(): void } {
    const process = processOf.getStore() ?? null;
    this.progressed();
    const timer = {
      process,
      at: this.nowMs + Math.max(0, milliseconds),
      order: this.timersMade,
      run,
      holds: true,
      isDone: false,
      unref() {
        timer.holds = false;
      },
      ref() {
        timer.holds = true;
      },
    };
    this.timersMade += 1;
    this.timers.push(timer);
    return timer;
  }

  clearTimer(timer: Timer | null | undefined): void {
    if (!timer) return;
    timer.isDone = true;
    const index = this.timers.indexOf(timer);
    if (index !== -1) this.timers.splice(index, 1);
  }

  /** Moves the clock, which may go back as well; what is due by then is run by the next steps. */
  moveClock(milliseconds: number): void {
    this.nowMs += milliseconds;
    if (this.still.size > 0) this.thaw();
    this.note(`the clock moves by ${Math.round(milliseconds / 1_000)} s`);
    this.fireDue();
  }

  /** Runs until nobody can go on. Calls `isEnough` between steps, and returns early when it says so. */
  async runUntilIdle(isEnough: () => boolean = () => false): Promise<void> {
    for (;;) {
      if (this.runnable.length === 0) await this.settle();
      if (isEnough()) return;
      const { length } = this.runnable;
      if (length === 0) {
        if (!this.advanceToTimer()) return;
        continue;
      }
      this.steps += 1;
      if (this.steps > STEPS_MAX) throw new NeverIdle(`not idle after ${STEPS_MAX} steps`);
      const index = length === 1 ? 0 : this.random.below(length);
      const step = this.runnable[index] as Step;
      const last = this.runnable.pop() as Step;
      if (last !== step) this.runnable[index] = last;
      this.beforeStep(step.label, step.process);
      if (!step.process.isAlive) continue;
      if (step.process.stillUntil !== null) {
        this.stopped.push(step);
        continue;
      }
      this.trace?.push(`${new Date(this.nowMs).toISOString()} ${step.process.name}: ${step.label}`);
      // A little time passes, so that what happens later is later.
      this.nowMs += 1;
      const before = this.progress;
      step.go();
      if (this.outside !== null) {
        // Where transactions are real, some steps are begun together: that is how they meet.
        if (this.runnable.length > 0 && this.random.chance(SIDE_BY_SIDE)) continue;
        await this.outside();
        continue;
      }
      if (this.progress === before) await this.isProgress();
    }
  }

  private async settle(): Promise<void> {
    if (this.outside !== null) await this.outside();
    while (this.runnable.length === 0 && (await this.isProgress()));
  }

  private progressed(): void {
    this.progress += 1;
    if (this.tell === null) return;
    this.tell(true);
    this.tell = null;
  }

  /**
   * True as soon as somebody stops at a port, sets a timer or ends. False when all wait for somebody
   * else: a tick comes only when no microtask is left. One tick serves until then.
   */
  private isProgress(): Promise<boolean> {
    if (!this.isTickSet) {
      this.isTickSet = true;
      nextTick(() => {
        this.isTickSet = false;
        this.tell?.(false);
        this.tell = null;
      });
    }
    return new Promise((resolve) => {
      this.tell = resolve;
    });
  }

  // Nothing else can go on: time passes until the next timer that somebody waits for.
  private advanceToTimer(): boolean {
    let next: Timer | null = null;
    for (const timer of this.timers) {
      if (!timer.holds || isStill(timer)) continue;
      if (next === null || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
        next = timer;
    }
    if (next === null) return false;
    if (next.at > this.nowMs) this.nowMs = next.at;
    if (this.still.size > 0) this.thaw();
    this.fire(next);
    return true;
  }

  private fireDue(): void {
    const due = this.timers
      .filter((timer) => timer.at <= this.nowMs && !isStill(timer) && this.isWorthIt(timer))
      .sort((a, b) => a.at - b.at || a.order - b.order);
    for (const timer of due) this.fire(timer);
  }

  private isWorthIt({ holds, process }: Timer): boolean {
    return holds || process === null || this.mayFindSomething(process);
  }

  private fire(timer: Timer): void {
    this.clearTimer(timer);
    this.progressed();
    if (timer.process === null) outsideOfAll(timer.run);
    else this.inside(timer.process, timer.run);
  }

  /** While a schedule runs, `setTimeout` and `Math.random` of this thread are the schedule's own. */
  async owningGlobals<T>(work: () => Promise<T>): Promise<T> {
    const { setTimeout: realSet, clearTimeout: realClear } = globalThis;
    const realRandom = Math.random;
    const random = new Random(this.timersMade ^ 0x51ed270b);
    if (current.scheduler) throw new Error('one schedule at a time in a thread');
    current.scheduler = this;
    // A driver's timers, where there is a database, go by the real time.
    const isOurs = () => this.outside === null || !calledByDatabase();
    globalThis.setTimeout = ((run: () => void, milliseconds = 0) =>
      isOurs()
        ? this.setTimer(run, milliseconds)
        : realSet(run, milliseconds)) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((timer: Timer | NodeJS.Timeout | undefined) =>
      timer && 'isDone' in timer
        ? this.clearTimer(timer)
        : realClear(timer)) as typeof clearTimeout;
    Math.random = () => random.next();
    try {
      return await work();
    } finally {
      globalThis.setTimeout = realSet;
      globalThis.clearTimeout = realClear;
      Math.random = realRandom;
      current.scheduler = null;
    }
  }
}
