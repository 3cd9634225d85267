import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { compose } from './support/federation.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-main-'));
const supergraph = join(folder, 'supergraph.graphql');
const running: ChildProcess[] = [];

beforeAll(() => {
  writeFileSync(supergraph, compose({ a: { typeDefs: 'type Query { hello: String }' } }));
});

afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Resolves to what it printed first: where it serves, or why it does not. */
function firstLine(env: Record<string, string>, ...flags: string[]): Promise<string> {
  const program = ['--import', './local/typescript.mjs', 'gateway/main.ts'];
  const child = spawn(
    process.execPath,
    [...program, '--supergraph', supergraph, '--port', '0', ...flags],
    { env: { PATH: process.env.PATH, LOG_LEVEL: 'silent', ...env } },
  );
  running.push(child);
  return new Promise((resolve) => {
    const line = (chunk: Buffer) => resolve(String(chunk).split('\n')[0]!);
    child.stdout.once('data', line);
    child.stderr.once('data', line);
  });
}

describe('a gateway without tokens, clients and manifests', () => {
  it('serves everybody on a machine at work', async () => {
    expect(await firstLine({})).toMatch(/^Serving http:\/\/127\.0\.0\.1:\d+\/graphql$/);
  });

  it('says in production that it is open, and what to set', async () => {
    expect(await firstLine({ NODE_ENV: 'production' })).toBe(
      'gateway: everybody can send any operation, as nobody: set GATEWAY_ISSUERS and GATEWAY_CLIENTS_FILE, or --manifests; --open if that is meant',
    );
  });

  it('says nothing of it in production where that is meant', async () => {
    expect(await firstLine({ NODE_ENV: 'production' }, '--open')).toMatch(/^Serving /);
  });

  it('serves in production what its manifests hold', async () => {
    expect(await firstLine({ NODE_ENV: 'production' }, '--manifests', folder)).toMatch(/^Serving /);
  });
});
