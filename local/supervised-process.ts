import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { StartError } from './start-error.ts';

export interface ProcessOptions {
  readonly name: string;
  /** A TypeScript file of this repository, from its root, and its arguments. */
  readonly command: readonly string[];
  /** The whole environment but for PATH and HOME: nothing of ours leaks into it. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 as soon as the process can be used. */
  readonly readyUrl: string;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 25;
/** At once would turn a process that cannot start into a busy loop. */
const RESTART_MS = 500;
/** What has not ended by itself then is killed. */
const CLOSE_TIMEOUT_MS = 12_000;

/** A process of ours that is started again whenever it ends without having been asked to. */
export class SupervisedProcess {
  private child: ChildProcess;
  private ready = false;
  private closing = false;
  private restart: NodeJS.Timeout | null = null;

  private constructor(private readonly options: ProcessOptions) {
    this.child = this.spawn();
  }

  /** Resolves once the process is ready. Rejects with StartError when it ends or stays silent. */
  static async start(options: ProcessOptions): Promise<SupervisedProcess> {
    const supervised = new SupervisedProcess(options);
    try {
      await supervised.becomeReady();
      return supervised;
    } catch (error) {
      await supervised.close();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  async close(): Promise<void> {
    this.closing = true;
    if (this.restart) clearTimeout(this.restart);
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    const force = setTimeout(() => child.kill('SIGKILL'), CLOSE_TIMEOUT_MS);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(force);
  }

  private spawn(): ChildProcess {
    const { command, env } = this.options;
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(
      process.execPath,
      ['--import', './local/typescript.mjs', '--import', './local/with-parent.mjs', ...command],
      {
        cwd: ROOT,
        env: { PATH, HOME, ...env },
        // A group of its own: Ctrl-C in the terminal is for us, who then end the others in order.
        detached: true,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    );
    child.once('exit', (code, signal) => this.ended(signal ?? `code ${code}`));
    return child;
  }

  private ended(how: string): void {
    if (this.closing || !this.ready) return;
    process.stderr.write(`parley: ${this.options.name} ended (${how}) and is started again.\n`);
    this.restart = setTimeout(() => {
      this.child = this.spawn();
    }, RESTART_MS);
  }

  private async becomeReady(): Promise<void> {
    const { name, readyUrl } = this.options;
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await answers(readyUrl))) {
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new StartError(`The process of ${name} ended before it was ready.`);
      if (Date.now() > deadline)
        throw new StartError(
          `The process of ${name} was not ready within ${START_TIMEOUT_MS / 1_000} s.`,
        );
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    this.ready = true;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}
