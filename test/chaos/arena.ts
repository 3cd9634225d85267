import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { advanceClocks, type Ground, startGround } from '../../local/ground.ts';
import type { Person } from '../../local/people.ts';
import { freePort } from '../../local/postgres.ts';
import { SUBGRAPH_NAMES } from '../../subgraphs/kernel/persistence/bootstrap.ts';
import type { VictimSettings } from './victim.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 40;

/** An answer of the graph that was no answer: the process is gone, or said that something failed. */
export class NoAnswer extends Error {}

/**
 * Holds what must outlive a kill (database, issuer, processor) and one process with all subgraphs
 * and the gateway, which is killed at failpoints and started again.
 */
export class Arena {
  private child: ChildProcess | null = null;

  private constructor(
    readonly ground: Ground,
    readonly database: pg.Pool,
    private readonly settings: VictimSettings,
    private readonly folder: string,
  ) {}

  /** `databaseUrl`: an administrator's, of a database of its own. `through`: where the process reaches it. */
  static async open(databaseUrl: string, through: string = databaseUrl): Promise<Arena> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-chaos-'));
    const paymentsPort = await freePort(0);
    const ground = await startGround(
      {
        port: 0,
        dataDirectory: join(folder, 'data'),
        databaseUrl,
        logLevel: process.env.CHAOS_LOG_LEVEL ?? 'silent',
        durable: false,
        rolePassword: 'parley-test',
      },
      paymentsPort,
    );
    const environments = Object.fromEntries(
      SUBGRAPH_NAMES.map((name) => {
        const env = ground.environmentOf(name, name === 'payments' ? paymentsPort : 0);
        return [name, { ...env, DATABASE_URL: rerouted(env.DATABASE_URL ?? '', through) }];
      }),
    );
    const database = new pg.Pool({ connectionString: databaseUrl, max: 4 });
    database.on('error', () => {}); // the server is killed too
    const { identity, port, secrets } = ground;
    const settings = {
      ...{ port, environments, cursorSecret: secrets.cursor },
      ...{ issuer: identity.issuer, jwksUri: identity.jwksUri },
    };
    const arena = new Arena(ground, database, settings, folder);
    try {
      await arena.start();
    } catch (error) {
      await arena.close();
      throw error;
    }
    return arena;
  }

  get isAlive(): boolean {
    return this.child !== null;
  }

  /** Starts the process where it is not running; resolves to how many milliseconds it took to serve. */
  async start(): Promise<number> {
    const began = Date.now();
    const child = spawn(
      process.execPath,
      [
        ...['--import', './local/typescript.mjs', '--import', './test/chaos/arm.mjs'],
        'test/chaos/victim.ts',
      ],
      {
        cwd: ROOT,
        env: {
          PATH: process.env.PATH ?? '',
          HOME: process.env.HOME ?? '',
          CHAOS_SETTINGS: JSON.stringify(this.settings),
        },
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    );
    this.child = child;
    child.once('exit', () => {
      if (this.child === child) this.child = null;
    });
    await told(child, 'ready');
    return Date.now() - began;
  }

  /** The next `count`th time the point is reached, the process dies. */
  async arm(label: string, count = 1): Promise<void> {
    const child = this.running();
    const answer = told(child, 'armed');
    child.send({ failpoint: `${label}:${count}` });
    await answer;
  }

  /** Resolves to true when the process was killed within the time, false when it lives. */
  async dies(withinMs: number): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    while (this.child !== null && Date.now() < deadline) await pause(POLL_MS);
    return this.child === null;
  }

  /** Moves every clock, ours first; harmless while the process is dead. */
  async advance(milliseconds: number): Promise<void> {
    await advanceClocks(this.ground, milliseconds, () => this.lookNow());
  }

  /** Moves our clock alone: the processor's must not jump between a call and its repetition. */
  async advanceOurs(milliseconds: number): Promise<void> {
    await this.rows('update parley_clock.shift set milliseconds = milliseconds + $1', [
      milliseconds,
    ]);
    await this.lookNow();
  }

  private async lookNow(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    const answer = told(child, 'looked').catch(() => {}); // killed while it looked
    child.send({ clockMoved: true }, () => {});
    await answer;
  }

  async rows<T = Record<string, string>>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<T[]> {
    return (await this.database.query(sql, [...values])).rows as T[];
  }

  /** A call as a person's app makes it. Rejects with NoAnswer when it may or may not have happened. */
  async graph<T>(person: Person, query: string, variables: object = {}): Promise<T> {
    let response: { data?: T | null; errors?: readonly { message: string }[] };
    try {
      const answer = await fetch(`http://127.0.0.1:${this.settings.port}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${this.ground.tokens[person]}`,
        },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(20_000),
      });
      response = (await answer.json()) as typeof response;
    } catch (error) {
      throw new NoAnswer(String(error));
    }
    if (!response.data || response.errors)
      throw new NoAnswer(response.errors?.map(({ message }) => message).join('; ') ?? 'no data');
    return response.data;
  }

  /** The processor's own log of every movement of money. */
  async processorLog(): Promise<readonly LogEntry[]> {
    const response = await fetch(`${this.ground.paypal.url}/simulator/log`);
    return ((await response.json()) as { entries: LogEntry[] }).entries;
  }

  async simulator(path: string, body: object): Promise<void> {
    const response = await fetch(`${this.ground.paypal.url}/simulator/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`the simulator refused ${path}: ${await response.text()}`);
  }

  async close(): Promise<void> {
    const { child } = this;
    if (child !== null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await this.database.end();
    await this.ground.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private running(): ChildProcess {
    if (this.child === null) throw new Error('the process is not running');
    return this.child;
  }
}

export interface LogEntry {
  readonly what: string;
  readonly id: string;
  readonly detail: {
    readonly captureId?: string;
    readonly invoiceId?: string;
    readonly amount?: { readonly minor: string; readonly currency: string };
  };
}

export const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Asks again until there is something; a call without an answer is asked again too. */
export async function until<T>(
  what: string,
  withinMs: number,
  read: () => Promise<T | null | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last: unknown = null;
  for (;;) {
    try {
      const found = await read();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(`waited in vain for ${what}${last ? `: ${String(last)}` : ''}`);
    await pause(POLL_MS);
  }
}

function rerouted(url: string, through: string): string {
  const route = new URL(through);
  const rerouted = new URL(url);
  rerouted.host = route.host;
  return rerouted.toString();
}

function told(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(new Error(`never ${word}`)), START_TIMEOUT_MS);
    const end = (error?: Error) => {
      clearTimeout(timer);
      child.off('message', hear);
      child.off('exit', gone);
      if (error) reject(error);
      else resolve();
    };
    const hear = (message: unknown) => {
      if (typeof message === 'object' && message !== null && word in message) end();
    };
    const gone = () => end(new Error(`ended before it was ${word}`));
    child.on('message', hear);
    child.on('exit', gone);
  });
}
