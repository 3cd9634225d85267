import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { cpus } from 'node:os';

/** The core of the process under test, and the one of everything around it. */
export const TARGET_CORE = 0;
export const LOAD_CORE = 1;

const START_TIMEOUT_MS = 60_000;
const PROBE_INTERVAL_MS = 50;
const STOP_TIMEOUT_MS = 2_000;

/** Whether processes can be held on one core each, so that they do not compete. */
export function canPin(): boolean {
  if (cpus().length < 2) return false;
  try {
    execFileSync('taskset', ['-p', String(process.pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Moves this process and its threads; children inherit it. */
export function pinSelf(core: number | string): void {
  execFileSync('taskset', ['-a', '-p', '-c', String(core), String(process.pid)], {
    stdio: 'ignore',
  });
}

export interface StartOptions {
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly port: number;
  /** Null leaves the process wherever the system puts it. */
  readonly core: number | null;
  /** A channel for messages in both directions. */
  readonly ipc?: boolean;
}

/** A process that listens on a port, from start to stop. */
export class ServerProcess {
  private output = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {
    const keep = (chunk: Buffer) => {
      this.output = (this.output + chunk.toString()).slice(-4_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  /** Resolves once the port accepts; rejects with the process's last words when it ends first. */
  static async start(options: StartOptions): Promise<ServerProcess> {
    const command = [...options.command];
    if (options.core !== null) command.unshift('taskset', '-c', String(options.core));
    const child = spawn(command[0]!, command.slice(1), {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: options.ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    });
    const server = new ServerProcess(child, options.port);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await accepts(options.port))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await server.stop();
        throw new Error(`${options.command.join(' ')} does not start:\n${server.output}`);
      }
      await sleep(PROBE_INTERVAL_MS);
    }
    return server;
  }

  get pid(): number {
    return this.child.pid!;
  }

  send(message: object): void {
    if (!this.child.connected) throw new Error(`a server has ended: ${this.output.slice(-500)}`);
    this.child.send(message);
  }

  /** A process that does not listen to orders is left as it is. */
  async collectGarbage(): Promise<void> {
    if (!this.child.connected) return;
    const collected = new Promise((resolve) => this.child.once('message', resolve));
    this.child.send({ collect: true });
    await collected;
  }

  /** Seconds of processor time so far; NaN where the system does not tell. */
  cpuSeconds(): number {
    try {
      const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
    } catch {
      return Number.NaN;
    }
  }

  /** Resident memory in KiB; NaN where the system does not tell. */
  residentKiB(): number {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    } catch {
      return Number.NaN;
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(force);
  }
}

const CLOCK_TICKS_PER_SECOND = 100;

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
