import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import {
  isReachable,
  outsideFolder,
  postgresBinaries,
  type RunAs,
  runAs,
} from './postgres-binaries.ts';
import { commandOf } from './process-info.ts';
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
  /**
   * The same by a Unix socket in the data folder, where a statement costs two thirds of what it does
   * over TCP; `url` where the system has no such sockets or the folder's name is too long for one.
   */
  readonly socketUrl: string;
  readonly port: number;
  /** Where the data is: the folder asked for, or one in /var/tmp where root alone could enter that. */
  readonly directory: string;
  /** Ends the server in order; resolves when it is gone. Harmless to repeat. */
  stop(): Promise<void>;
}

const MAJOR_VERSION = '18';
const START_TIMEOUT_MS = 30_000;
/**
 * The whole path of a socket has room for 103 bytes on the narrowest system, and `/.s.PGSQL.65535` is
 * in it; PostgreSQL takes a list of folders, so that some characters would have a meaning.
 */
const SOCKET_FOLDER = /^[\w./ -]{1,88}$/;
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
  const password = initialise(directory, binaries.initdb, user);
  const port = await freePort(options.port ?? 0);
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const hasSocket = process.platform !== 'win32' && SOCKET_FOLDER.test(directory);
  const socketUrl = hasSocket
    ? `postgres://postgres:${password}@${encodeURIComponent(directory)}:${port}/postgres`
    : url;
  const start = () =>
    spawnServer(directory, hasSocket, binaries.postgres, port, options.durable, user);
  const { child, pipe } = await startedServer(start, url, directory);
  return { url, socketUrl, port, directory, stop: () => stop(child, pipe) };
}

/** Tries again while backends of a server that was killed by itself have not noticed its end yet. */
async function startedServer(start: () => Server, url: string, directory: string): Promise<Server> {
  const deadline = Date.now() + LEFTOVER_TIMEOUT_MS;
  for (;;) {
    const server = start();
    try {
      await ready(url, server.child, directory);
      return server;
    } catch (error) {
      server.pipe.end();
      const leftover = (error as Error).message.includes('shared memory block');
      if (!leftover || Date.now() > deadline) throw error;
      await pause(100);
    }
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly pipe: Pipe;
}

interface Pipe {
  end(): void;
  on(event: 'error', listener: () => void): void;
  unref?(): void;
}

function spawnServer(
  directory: string,
  hasSocket: boolean,
  binary: string,
  port: number,
  durable: boolean,
  user: RunAs | null,
): Server {
  const log = openSync(logOf(directory), 'a', 0o600);
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      // The server and a reader of the pipe run side by side; end of file stops the server.
      '"$@" & server=$!; (cat <&3 >/dev/null; kill -INT $server 2>/dev/null) & wait $server',
      'postgres',
      binary,
      '-D',
      directory,
      '-p',
      String(port),
      ...['-k', hasSocket ? directory : ''],
      ...settings(durable).flatMap((setting) => ['-c', setting]),
    ],
    // A group of its own: Ctrl-C in the terminal is for us, and we close the pipe when we are done.
    {
      stdio: ['ignore', log, log, 'pipe'],
      detached: true,
      ...(user ?? {}),
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    },
  );
  closeSync(log);
  const pipe = child.stdio[3] as unknown as Pipe;
  pipe.on('error', () => {}); // the server ended first
  pipe.unref?.();
  child.unref();
  return { child, pipe };
}

function logOf(directory: string): string {
  return join(directory, '..', 'postgres.log');
}

function settings(durable: boolean): string[] {
  const common = [
    'listen_addresses=127.0.0.1',
    'max_connections=300',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_min_messages=warning',
    'log_checkpoints=off',
    // A refused statement is its caller's to report; its text and values may be somebody's data.
    'log_error_verbosity=terse',
    'log_min_error_statement=panic',
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
  const outside = join(outsideFolder('data', wanted), 'postgres');
  makeFolder(outside, 0o700);
  chownSync(outside, user.uid, user.gid);
  return outside;
}

/**
 * Waits for a server whose parent was killed to end. A lock whose process is gone is left to
 * PostgreSQL, which also looks for backends that outlived it; one whose number now belongs to
 * another program is removed, because PostgreSQL would take that program for itself.
 */
async function waitForLeftover(directory: string): Promise<void> {
  const lock = join(directory, 'postmaster.pid');
  const deadline = Date.now() + LEFTOVER_TIMEOUT_MS;
  while (existsSync(lock)) {
    const pid = Number(readFileSync(lock, 'utf8').split('\n', 1)[0]);
    const command = commandOf(pid);
    if (command === null) return;
    if (!command.includes(directory)) {
      rmSync(lock, { force: true });
      return;
    }
    if (Date.now() > deadline) {
      throw new StartError(
        `The data folder ${directory} is in use by a running PostgreSQL (process ${pid}). Stop the other Parley, or set PARLEY_DATA to another folder.`,
      );
    }
    await pause(50);
  }
}

/** Makes the data folder where there is none yet. Returns the administrator's password. */
function initialise(directory: string, initdb: string, user: RunAs | null): string {
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
  if (readdirSync(directory).length > 0) {
    throw new StartError(
      `${directory} holds something else than PostgreSQL's data. Move it away to begin anew.`,
    );
  }
  const password = randomBytes(18).toString('base64url');
  // Known before there is anything to open with it: whatever ends this, both are there or neither.
  writeFileSync(secret, `${password}\n`, { mode: 0o600 });
  makeDataFolder(directory, initdb, user, password);
  return password;
}

// Made aside and moved into place when it is whole, so that no end leaves half of a database.
function makeDataFolder(
  directory: string,
  initdb: string,
  user: RunAs | null,
  password: string,
): void {
  const aside = `${directory}.new`;
  const passwordFile = `${directory}.initial`;
  rmSync(aside, { recursive: true, force: true });
  makeFolder(aside, 0o700);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) for (const path of [aside, passwordFile]) chownSync(path, user.uid, user.gid);
  const made = spawnSync(
    initdb,
    [
      '-D',
      aside,
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
    { encoding: 'utf8', ...(user ?? {}), env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } },
  );
  rmSync(passwordFile, { force: true });
  if (made.status !== 0) {
    rmSync(aside, { recursive: true, force: true });
    const reason = (made.stderr || made.error?.message || '').trim().split('\n').at(-1);
    throw new StartError(`PostgreSQL could not make its data folder ${directory}: ${reason}`);
  }
  rmdirSync(directory);
  renameSync(aside, directory);
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
      const lines = readFileSync(logOf(directory), 'utf8').trim().split('\n');
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

async function stop(child: ChildProcess, pipe: Pipe): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolveEnd) => child.once('exit', resolveEnd));
  child.ref();
  pipe.end();
  await ended;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolvePause) => setTimeout(resolvePause, milliseconds));
}
