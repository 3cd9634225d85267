import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { descendantsOf, isAlive, until } from './support/descendants.ts';

/** `npm start` as a person sees it: what it prints, how it ends, what it leaves. */
interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  output(): string;
  errors(): string;
  readonly exit: Promise<number | null>;
}

const READY_MS = 25_000;
const FILES_AT_REST = [
  'identity.json',
  'paypal',
  'postgres',
  'postgres.log',
  'postgres.password',
  'secrets.json',
];

let folder = '';
let dataDirectory = '';
const started: Started[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-start-'));
  chmodSync(folder, 0o755);
  dataDirectory = join(folder, 'data');
});

afterEach(async () => {
  for (const { child, exit } of started.splice(0)) {
    child.kill('SIGKILL');
    await exit;
  }
});

afterAll(async () => {
  await until(() => !readdirSync(dataDirectory).includes('postmaster.pid'), 5_000);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

function start(env: Record<string, string> = {}, flags: readonly string[] = []): Started {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(
    process.execPath,
    ['--import', './local/typescript.mjs', 'local/start.ts', ...flags],
    { env: { PATH, HOME, PORT: '0', PARLEY_DATA: dataDirectory, ...env } },
  );
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const one: Started = {
    child,
    pid: child.pid ?? 0,
    output: () => output,
    errors: () => errors,
    exit: once(child, 'exit').then(([code]) => code as number | null),
  };
  started.push(one);
  return one;
}

async function ready(one: Started): Promise<void> {
  const isReady = await until(
    () => one.output().includes('Ctrl-C stops everything') || one.child.exitCode !== null,
    READY_MS,
  );
  expect({ isReady, errors: one.errors(), code: one.child.exitCode }).toEqual({
    isReady: true,
    errors: '',
    code: null,
  });
}

function running(): { graphUrl: string; tokens: Record<string, string> } {
  return JSON.parse(readFileSync(join(dataDirectory, 'running.json'), 'utf8'));
}

async function viewerOf(token: string): Promise<unknown> {
  const response = await fetch(running().graphUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ viewer { id orders { nodes { id } } } }' }),
  });
  return response.json();
}

const BUYER_ID = 'usr_000000000000000000000000000000a1';
const AMIRA_WITHOUT_ORDERS = { data: { viewer: { id: BUYER_ID, orders: { nodes: [] } } } };

/** Ends with exit code 1 and nothing but this line. */
async function refusal(one: Started): Promise<string> {
  expect(await one.exit).toBe(1);
  expect(one.output()).toBe('');
  expect(one.errors().trim().split('\n')).toHaveLength(1);
  return one.errors().trim();
}

describe('npm start', () => {
  it('prints where everything is and who one can be, and ends in order', async () => {
    const one = start();
    await ready(one);
    const { graphUrl, tokens } = running();

    const output = one.output();
    expect(output).toContain(`  graph      ${graphUrl}\n`);
    expect(output).toContain(`  live       ${graphUrl.replace('http', 'ws')}\n`);
    expect(Object.keys(tokens)).toEqual([
      'buyer',
      'secondBuyer',
      'seller',
      'secondSeller',
      'support',
    ]);
    for (const token of Object.values(tokens)) expect(output).toContain(`    ${token}\n`);
    const [, query = ''] = /-d '(\{"query":.*\})'/.exec(output) ?? [];
    expect(JSON.parse(query)).toEqual({ query: '{ viewer { id orders { nodes { id } } } }' });
    expect(await viewerOf(tokens.buyer ?? '')).toEqual(AMIRA_WITHOUT_ORDERS);
    const page = await fetch(graphUrl, { headers: { accept: 'text/html' } });
    expect(await page.text()).toMatch(/^<!doctype html>/i);

    const below = descendantsOf(one.pid);
    expect(below.some(({ command }) => command.includes(join(dataDirectory, 'postgres')))).toBe(
      true,
    );
    const asked = Date.now();
    one.child.kill('SIGINT');
    expect(await one.exit).toBe(0);
    expect(Date.now() - asked).toBeLessThan(5_000);
    expect(one.errors()).toBe('');
    expect(below.filter(({ pid }) => isAlive(pid))).toEqual([]);
    expect(readdirSync(dataDirectory).sort()).toEqual(FILES_AT_REST);
  });

  it('finds everything again after kill -9, tokens included', async () => {
    const first = start();
    await ready(first);
    const token = running().tokens.buyer ?? '';
    const below = descendantsOf(first.pid);
    first.child.kill('SIGKILL');
    await first.exit;

    const second = start();
    await ready(second);

    expect(below.length).toBeGreaterThan(3);
    expect(below.filter(({ pid }) => isAlive(pid))).toEqual([]);
    expect(await viewerOf(token)).toEqual(AMIRA_WITHOUT_ORDERS);
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    expect(readdirSync(dataDirectory).sort()).toEqual(FILES_AT_REST);
  });

  it('waits for one that is just stopping', async () => {
    const first = start();
    await ready(first);
    const { port } = new URL(running().graphUrl);
    first.child.kill('SIGINT');

    const second = start({ PORT: port });
    await ready(second);

    expect(await first.exit).toBe(0);
    expect(readFileSync(join(dataDirectory, 'parley.pid'), 'utf8')).toBe(String(second.pid));
  });

  it('leaves nothing when it is stopped while it starts', async () => {
    const one = start();
    await until(() => descendantsOf(one.pid).length > 3, READY_MS);
    const below = descendantsOf(one.pid);
    one.child.kill('SIGINT');
    await one.exit;

    expect(await until(() => below.every(({ pid }) => !isAlive(pid)), 5_000)).toBe(true);
    expect(one.output()).not.toContain('is ready');
  });

  it('says in one line that another one has the folder, or the port', async () => {
    const one = start();
    await ready(one);
    const { port } = new URL(running().graphUrl);

    expect(await refusal(start())).toBe(
      `parley: Another Parley (process ${one.pid}) uses ${dataDirectory}. Stop it, or set PARLEY_DATA to another folder.`,
    );
    expect(await refusal(start({ PORT: port, PARLEY_DATA: join(folder, 'second') }))).toBe(
      `parley: Port ${port} is in use. Stop what listens there, or choose another port.`,
    );
    expect(await viewerOf(running().tokens.buyer ?? '')).toEqual(AMIRA_WITHOUT_ORDERS);
  });
});

describe('one clear line', () => {
  it('for a wrong setting', async () => {
    expect(await refusal(start({ PORT: 'abc' }))).toBe(
      'parley: PORT "abc" cannot be used: expected a number from 0 to 65535.',
    );
  });

  it('for a folder that cannot be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');

    expect(await refusal(start({ PARLEY_DATA: join(file, 'data') }))).toBe(
      `parley: The data folder ${join(file, 'data')} cannot be written (ENOTDIR). Set PARLEY_DATA to a folder that can.`,
    );
  });

  it('for a database that is not there, without its password', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as { port: number };
    nobody.close();
    await once(nobody, 'close');

    const line = await refusal(
      start({
        PARLEY_DATA: join(folder, 'external'),
        DATABASE_URL: `postgres://admin:hunter2@127.0.0.1:${port}/parley`,
      }),
    );

    expect(line).toBe(
      `parley: The database on 127.0.0.1:${port} cannot be used: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  it('in production', async () => {
    expect(await refusal(start({ NODE_ENV: 'production' }))).toBe(
      'parley: The local mode hands out tokens to anybody and never runs with NODE_ENV=production.',
    );
  });
});

describe('npm start -- --processes', () => {
  it('starts a killed part again, and takes all with it when it is killed itself', async () => {
    const one = start({}, ['--processes']);
    await ready(one);
    const token = running().tokens.buyer ?? '';
    expect(await viewerOf(token)).toEqual(AMIRA_WITHOUT_ORDERS);
    const orders = () =>
      descendantsOf(one.pid).find(({ command }) => command.includes('subgraphs/main.ts orders'));
    const killed = orders()?.pid ?? 0;

    process.kill(killed, 'SIGKILL');

    expect(await until(() => one.errors() !== '', 5_000)).toBe(true);
    expect(one.errors()).toBe('parley: orders ended (SIGKILL) and is started again.\n');
    let answer: unknown = null;
    const deadline = Date.now() + READY_MS;
    while (Date.now() < deadline) {
      answer = await viewerOf(token);
      if (!(answer as { errors?: unknown }).errors) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(answer).toEqual(AMIRA_WITHOUT_ORDERS);
    expect(orders()?.pid).not.toBe(killed);

    const below = descendantsOf(one.pid);
    expect(below.length).toBeGreaterThan(8);
    one.child.kill('SIGKILL');
    await one.exit;
    expect(await until(() => below.every(({ pid }) => !isAlive(pid)), 15_000)).toBe(true);
  });
});
