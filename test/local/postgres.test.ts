import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../local/postgres.ts';
import { isReachable } from '../../local/postgres-binaries.ts';
import { StartError } from '../../local/start-error.ts';
import { isAlive, until } from './support/descendants.ts';

let folder = '';
let dataDirectory = '';
let running: EmbeddedPostgres | null = null;
let parent: ChildProcess | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-postgres-test-'));
  chmodSync(folder, 0o755);
  dataDirectory = join(folder, 'data', 'postgres');
  // Made once: every test finds an installation that was used before.
  running = await start();
  await ask(running.url, "create table kept (word text); insert into kept values ('kept')");
  await running.stop();
  running = null;
});

afterEach(async () => {
  parent?.kill('SIGKILL');
  parent = null;
  await running?.stop();
  running = null;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (directory = dataDirectory) =>
  startEmbeddedPostgres({ dataDirectory: directory, durable: true });

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function postmaster(): number {
  return Number(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
}

/** A process of its own that starts PostgreSQL in the folder, and can be killed. */
async function startedByAnother(): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ['--import', './local/typescript.mjs', 'test/local/support/hold-postgres.ts', dataDirectory],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  await once(child.stdout, 'data');
  return child;
}

describe('a server', () => {
  it('keeps what was written, safely, on the loopback address and its own folder alone', async () => {
    running = await start();

    expect(await ask(running.url, 'select word from kept')).toEqual([{ word: 'kept' }]);
    const [settings] = await ask(
      running.url,
      `select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
        current_setting('TimeZone') as zone, current_setting('listen_addresses') as addresses,
        current_setting('unix_socket_directories') as sockets, current_setting('server_version_num')::int / 10000 as version,
        (select datlocale from pg_database where datname = 'postgres') as locale`,
    );
    expect(settings).toEqual({
      fsync: 'on',
      pages: 'on',
      zone: 'UTC',
      addresses: '127.0.0.1',
      sockets: running.directory,
      version: 18,
      locale: 'C.UTF-8',
    });
  });

  it('is the same server by the socket in its folder', async () => {
    running = await start();

    expect(new URL(running.socketUrl).hostname).toBe(encodeURIComponent(running.directory));
    expect(await ask(running.socketUrl, 'select word from kept')).toEqual([{ word: 'kept' }]);
  });

  it.each(['url', 'socketUrl'] as const)('lets nobody in without its password: %s', async (by) => {
    running = await start();
    const url = new URL(running[by]);
    url.password = 'wrong';

    await expect(ask(url.toString(), 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('is gone when stop() resolves, lock included, however often it is called', async () => {
    running = await start();
    const pid = postmaster();

    await running.stop();
    await running.stop();

    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(dataDirectory, 'postmaster.pid'))).toBe(false);
  });

  it('ends by itself when its parent is killed, and the next start needs no help', async () => {
    parent = await startedByAnother();
    const pid = postmaster();
    parent.kill('SIGKILL');

    running = await start();

    expect(isAlive(pid)).toBe(false);
    expect(await ask(running.url, 'select word from kept')).toEqual([{ word: 'kept' }]);
  });

  it('that was killed by itself is recovered by the next start', async () => {
    parent = await startedByAnother();
    process.kill(postmaster(), 'SIGKILL');

    running = await start();

    expect(await ask(running.url, 'select word from kept')).toEqual([{ word: 'kept' }]);
  });

  it('ends within seconds although clients are connected', async () => {
    running = await start();
    const client = new pg.Client({ connectionString: running.url });
    client.on('error', () => {}); // it is sent away below
    await client.connect();
    const pid = postmaster();

    const stopped = running.stop();

    expect(await until(() => !isAlive(pid), 5_000)).toBe(true);
    await stopped;
  });
});

describe('what an end in the middle left', () => {
  it('a lock whose number belongs to another program by now is removed', async () => {
    writeFileSync(join(dataDirectory, 'postmaster.pid'), `${process.pid}\n`);

    running = await start();

    expect(postmaster()).not.toBe(process.pid);
  });

  it('a data folder that was never finished is made anew', async () => {
    const unfinished = join(folder, 'unfinished', 'postgres');
    mkdirSync(join(`${unfinished}.new`, 'base'), { recursive: true });
    writeFileSync(join(`${unfinished}.new`, 'PG_VERSION'), '18\n');

    running = await start(unfinished);

    expect(await ask(running.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(`${unfinished}.new`)).toBe(false);
    expect(existsSync(`${unfinished}.initial`)).toBe(false);
  });
});

describe('one clear line', () => {
  const line = async (directory: string, port = 0): Promise<string> => {
    const refusal = await startEmbeddedPostgres({
      dataDirectory: directory,
      port,
      durable: true,
    }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartError);
    return (refusal as StartError).message;
  };

  it('for a folder that cannot be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');

    expect(await line(join(file, 'below', 'postgres'))).toBe(
      `The data folder ${join(file, 'below')} cannot be written (ENOTDIR). Set PARLEY_DATA to a folder that can.`,
    );
  });

  it('for data of another PostgreSQL, which stays as it is', async () => {
    const old = join(folder, 'old', 'postgres');
    mkdirSync(old, { recursive: true });
    writeFileSync(join(old, 'PG_VERSION'), '15\n');

    expect(await line(old)).toBe(
      `${old} holds data of PostgreSQL 15, and this is 18. Move the folder away to begin anew.`,
    );
    expect(readFileSync(join(old, 'PG_VERSION'), 'utf8')).toBe('15\n');
  });

  it('for a folder of something else, which stays as it is', async () => {
    const other = join(folder, 'other', 'postgres');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'letters.txt'), 'dear');

    expect(await line(other)).toBe(
      `${other} holds something else than PostgreSQL's data. Move it away to begin anew.`,
    );
    expect(readFileSync(join(other, 'letters.txt'), 'utf8')).toBe('dear');
  });

  it('for a password that is gone', async () => {
    const locked = join(folder, 'locked', 'postgres');
    mkdirSync(locked, { recursive: true });
    writeFileSync(join(locked, 'PG_VERSION'), '18\n');

    expect(await line(locked)).toBe(
      `${join(folder, 'locked', 'postgres.password')} is gone, so the data in ${locked} cannot be opened. Move the folder away to begin anew.`,
    );
  });

  it('for a busy port', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as { port: number };

    expect(await line(dataDirectory, port)).toBe(
      `Port ${port} is in use. Stop what listens there, or choose another port.`,
    );
    busy.close();
  });

  it('for a folder that another one is using', async () => {
    running = await start();

    expect(await line(dataDirectory)).toBe(
      `The data folder ${dataDirectory} is in use by a running PostgreSQL (process ${postmaster()}). Stop the other Parley, or set PARLEY_DATA to another folder.`,
    );
    expect(await ask(running.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('whether another user can reach a folder', () => {
  const other = { uid: 65_534, gid: 65_534 };

  it('is no as soon as one folder above is closed to it', () => {
    const closed = mkdtempSync(join(tmpdir(), 'parley-closed-'));
    mkdirSync(join(closed, 'open'));
    chmodSync(closed, 0o700);

    expect(isReachable(join(closed, 'open'), other)).toBe(false);
    chmodSync(closed, 0o711);
    expect(isReachable(join(closed, 'open'), other)).toBe(true);
    rmSync(closed, { recursive: true });
  });
});

// PostgreSQL refuses to run as root, so only root has this to solve.
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;
asRoot('as root, below a folder that only root may enter', () => {
  it('the data goes to a folder of /var/tmp, and stays there', async () => {
    const home = mkdtempSync(join(tmpdir(), 'parley-home-'));
    const wanted = join(home, 'postgres');
    running = await start(wanted);
    const { directory } = running;
    await ask(running.url, 'create table kept ()');
    await running.stop();

    running = await start(wanted);

    expect(running.directory).toBe(directory);
    expect(directory).toMatch(/^\/var\/tmp\/parley-data-[0-9a-f]{12}\/postgres$/);
    expect(await ask(running.url, 'select * from kept')).toEqual([]);
    await running.stop();
    rmSync(home, { recursive: true });
    rmSync(join(directory, '..'), { recursive: true });
  });
});
