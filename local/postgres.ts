import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { isReachable, postgresBinaries, type RunAs, runAs } from './postgres-binaries.ts';
import { makeFolder, StartError } from './start-error.ts';

export interface EmbeddedPostgresOptions {
  /** Kept between starts; made when it does not exist. */
  readonly dataDirectory: string;
  /** 0 or absent takes any free port. */
  readonly port?: number;
  /** False trades safety against a power failure for speed: for tests only. */
  readonly durable: boolean;
}

export interface EmbeddedPostgres {
  /** An administrator's URL on 127.0.0.1. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

const MAJOR_VERSION = '18';
const START_TIMEOUT_MS = 30_000;
/** A server left by a killed parent ends within this; one that does not is in use by somebody. */
const LEFTOVER_TIMEOUT_MS = 8_000;

/**
 * Real PostgreSQL in a folder of ours. The server hangs on a pipe to this process: when the pipe
 * closes, by a normal end or by kill -9, it shuts down by itself and leaves nothing behind.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const user = runAs();
  const binaries = postgresBinaries();
  const directory = usableDirectory(resolve(options.dataDirectory), user);
  await waitForLeftover(directory);
  const password = await initialise(directory, binaries.initdb, user);
  const port = await freePort(options.port ?? 0);
  const log = openSync(join(directory, '..', 'postgres.log'), 'a', 0o600);
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      // The server and a reader of the pipe run side by side; end of file stops the server.
      '"$@" & server=$!; (cat <&3 >/dev/null; kill -INT $server 2>/dev/null) & wait $server',
      'postgres',
      binaries.postgres,
      '-D',
      directory,
      '-p',
      String(port),
      ...settings(options.durable).flatMap((setting) => ['-c', setting]),
    ],
    // A group of its own: Ctrl-C in the terminal is for us, and we close the pipe when we are done.
    {
      stdio: ['ignore', log, log, 'pipe'],
      detached: true,
      ...(user ?? {}),
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    },
  );
  const pipe = child.stdio[3] as {
    end(): void;
    on(event: 'error', listener: () => void): void;
    unref?(): void;
  };
  pipe.on('error', () => {}); // the server ended first
  pipe.unref?.();
  child.unref();
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  await ready(url, child, directory);
  return {
    url,
    port,
    stop: () => stop(child, pipe),
  };
}

function settings(durable: boolean): string[] {
  const common = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=300',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_min_messages=warning',
    'log_checkpoints=off',
  ];
  return durable
    ? common
    : [...common, 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off'];
}

function usableDirectory(wanted: string, user: RunAs | null): string {
  const parent = dirname(wanted);
  try {
    makeFolder(parent);
    makeFolder(wanted, 0o700);
    const probe = join(parent, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new StartError(
      `The data folder ${parent} cannot be written (${(error as { code?: string }).code ?? 'error'}). Set PARLEY_DATA to a folder that can.`,
    );
  }
  if (user === null) return wanted;
  if (isReachable(parent, user)) {
    chownSync(wanted, user.uid, user.gid);
    return wanted;
  }
  // Run by root below a folder that only root may enter: the data goes where the server may follow.
  const outside = join(
    '/var/tmp',
    `parley-data-${createHash('sha1').update(wanted).digest('hex').slice(0, 12)}`,
    'postgres',
  );
  makeFolder(outside);
  chownSync(outside, user.uid, user.gid);
  return outside;
}

/** Waits for a server whose parent was killed to end; removes the lock of one that is long gone. */
async function waitForLeftover(directory: string): Promise<void> {
  const lock = join(directory, 'postmaster.pid');
  const deadline = Date.now() + LEFTOVER_TIMEOUT_MS;
  while (existsSync(lock)) {
    const [pidText = ''] = readFileSync(lock, 'utf8').split('\n');
    if (!isPostgres(Number(pidText))) {
      rmSync(lock, { force: true });
      return;
    }
    if (Date.now() > deadline) {
      throw new StartError(
        `The data folder ${directory} is in use by a running PostgreSQL (process ${pidText}). Stop the other Parley, or set PARLEY_DATA to another folder.`,
      );
    }
    await pause(50);
  }
}

function isPostgres(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EPERM') return false;
  }
  try {
    // The number may belong to another program by now, after a restart of the machine.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    return process.platform !== 'linux';
  }
}

async function initialise(directory: string, initdb: string, user: RunAs | null): Promise<string> {
  const secret = join(directory, '..', 'postgres.password');
  const version = join(directory, 'PG_VERSION');
  if (existsSync(version)) {
    const found = readFileSync(version, 'utf8').trim();
    if (found !== MAJOR_VERSION) {
      throw new StartError(
        `${directory} holds data of PostgreSQL ${found}, and this is ${MAJOR_VERSION}. Move the folder away to begin anew.`,
      );
    }
    if (existsSync(secret)) return readFileSync(secret, 'utf8').trim();
    throw new StartError(
      `${secret} is gone, so the data in ${directory} cannot be opened. Move the folder away to begin anew.`,
    );
  }
  const password = randomBytes(18).toString('base64url');
  const passwordFile = join(directory, '..', `.initial-${process.pid}`);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const made = spawnSync(
    initdb,
    [
      '-D',
      directory,
      '-U',
      'postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--no-sync',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    {
      encoding: 'utf8',
      ...(user ?? {}),
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    },
  );
  rmSync(passwordFile, { force: true });
  if (made.status !== 0) {
    rmSync(directory, { recursive: true, force: true });
    throw new StartError(
      `PostgreSQL could not make its data folder ${directory}: ${(made.stderr || made.error?.message || '').trim().split('\n').at(-1)}`,
    );
  }
  writeFileSync(secret, `${password}\n`, { mode: 0o600 });
  return password;
}

/** Resolves to `wanted` when it can be listened on, or to any free port for 0. */
export async function freePort(wanted: number): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once('error', (error: { code?: string }) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new StartError(
              `Port ${wanted} is in use. Stop what listens there, or choose another port.`,
            )
          : new StartError(`Port ${wanted} cannot be used (${error.code ?? 'error'}).`),
      );
    });
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolvePort(port));
    });
  });
}

async function ready(url: string, child: ChildProcess, directory: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null) {
      const lines = readFileSync(join(directory, '..', 'postgres.log'), 'utf8')
        .trim()
        .split('\n');
      throw new StartError(`PostgreSQL ended at once: ${lines.at(-1) ?? 'no message'}`);
    }
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {}); // tried again below
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      if (Date.now() > deadline)
        throw new StartError('PostgreSQL did not become ready within 30 s.');
      await pause(20);
    }
  }
}

async function stop(child: ChildProcess, pipe: { end(): void }): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolveEnd) => child.once('exit', resolveEnd));
  child.ref();
  pipe.end();
  await ended;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolvePause) => setTimeout(resolvePause, milliseconds));
}
