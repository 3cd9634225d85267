import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readCommandLine } from '../../gateway/command-line.ts';
import { readConfig } from '../../gateway/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'command-line-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, 'gateway.json');
  writeFileSync(path, content);
  return path;
}

describe('the command line', () => {
  it('takes every flag', () => {
    const read = readCommandLine(
      '--supergraph s.graphql --port 0 --host ::1 --subgraph-url a=http://h:1/g --subgraph-url b=https://h/?x=y --manifests m --open'.split(
        ' ',
      ),
    );

    expect(read).toEqual({
      supergraphFile: 's.graphql',
      port: 0,
      host: '::1',
      subgraphUrls: new Map([
        ['a', 'http://h:1/g'],
        ['b', 'https://h/?x=y'],
      ]),
      manifests: 'm',
      open: true,
      help: false,
    });
  });

  it('wins over the file', () => {
    const path = file('{"supergraph":"f.graphql","port":1,"subgraphUrls":{"a":"http://x/"}}');

    const read = readCommandLine([
      '--config',
      path,
      '--port',
      '2',
      '--subgraph-url',
      'b=http://y/',
    ]);

    expect([read.supergraphFile, read.port, [...read.subgraphUrls.keys()]]).toEqual([
      'f.graphql',
      2,
      ['a', 'b'],
    ]);
  });

  it.each<[string, string[], RegExp]>([
    ['nothing', [], /^--supergraph FILE is missing/],
    ['an unknown flag', ['--supergraf', 'x'], /'--supergraf'/],
    [
      'a port that is a word',
      ['--supergraph', 'x', '--port', 'web'],
      /^--port is "web": a port is/,
    ],
    ['a port too high', ['--supergraph', 'x', '--port', '70000'], /^--port is "70000"/],
    [
      'an address without a name',
      ['--supergraph', 'x', '--subgraph-url', 'http://x'],
      /expected NAME=/,
    ],
    ['an address that is none', ['--supergraph', 'x', '--subgraph-url', 'a=b'], /expected NAME=/],
    [
      'a file that is not there',
      ['--config', '/nonexistent.json'],
      /^--config \/nonexistent.json cannot/,
    ],
  ])('says in one line what is wrong: %s', (_case, args, message) => {
    expect(() => readCommandLine(args)).toThrow(message);
  });

  it('says which entry of the file is wrong', () => {
    expect(() => readCommandLine(['--config', file('{"port":"x"}')])).toThrow(/--config .* port /);
    expect(() => readCommandLine(['--config', file('{"prot":1}')])).toThrow(/prot/);
  });
});

describe('the environment', () => {
  it('has working defaults', () => {
    expect(readConfig({})).toMatchObject({ PORT: 4000, HOST: '127.0.0.1', LOG_LEVEL: 'info' });
  });

  it('is parsed', () => {
    const secret = 's'.repeat(32);
    const config = readConfig({
      PORT: '8080',
      GATEWAY_CORS_ORIGINS: 'https://a.example, https://b.example',
      GATEWAY_CURSOR_KEYS: `1:${secret},0:${secret}`,
      GATEWAY_SIGNING_KEYS: 'orders=k1:a=b,catalog=k2:c',
    });

    expect(config.PORT).toBe(8080);
    expect(config.GATEWAY_CORS_ORIGINS).toEqual(['https://a.example', 'https://b.example']);
    expect(config.GATEWAY_CURSOR_KEYS).toEqual([
      { id: 1, secret },
      { id: 0, secret },
    ]);
    expect(config.GATEWAY_SIGNING_KEYS.get('orders')).toEqual({ keyId: 'k1', secret: 'a=b' });
  });

  it.each<[string, string]>([
    ['PORT', 'web'],
    ['LOG_LEVEL', 'loud'],
    ['GATEWAY_INTROSPECTION', 'maybe'],
    ['GATEWAY_QUERY_TIMEOUT_MS', '0'],
    ['GATEWAY_CURSOR_KEYS', '1:short'],
    ['GATEWAY_SIGNING_KEYS', 'orders'],
    ['GATEWAY_ISSUERS', '{'],
    ['GATEWAY_ISSUERS', '[{"issuer":"x"}]'],
    ['GATEWAY_DEFAULT_CLIENT_MODE', 'closed'],
    ['GATEWAY_TRUSTED_PROXIES', '10.0.0.0/8,proxy.internal'],
    ['GATEWAY_ANONYMOUS_COST_PER_MINUTE', '0'],
  ])('refuses %s=%s by name', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name}`));
  });

  it('never prints a secret', () => {
    expect(() => readConfig({ GATEWAY_SIGNING_KEYS: 'hunter2' })).toThrow(/^(?!.*hunter2)/);
  });
});
