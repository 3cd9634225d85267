import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { issueApiKey } from '../../gateway/api-keys.ts';
import { type ClientRegistryFile, Clients, readClientFile } from '../../gateway/clients.ts';
import { runClientsKey } from '../../gateway/clients-key.ts';
import { clientsOf } from './support/credentials.ts';

type Entry = ClientRegistryFile['clients'][number];

const PARTNER: Entry = { name: 'acme', kind: 'partner', mode: 'ids-only' };
const WEB: Entry = { name: 'web', kind: 'first-party', mode: 'open' };

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clients-'));
  file = join(folder, 'clients.json');
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(clients: readonly object[]): void {
  writeFileSync(`${file}.tmp`, JSON.stringify({ clients }));
  renameSync(`${file}.tmp`, file);
}

describe('a client registry', () => {
  it.each([
    [{ ...PARTNER, mode: 'open' }, "acme: a partner's mode is ids-only, not open"],
    [{ ...PARTNER, mode: 'safelist' }, "acme: a partner's mode is ids-only, not safelist"],
    [
      { ...PARTNER, automaticPersistedQueries: true },
      'acme: automatic persisted queries would let a client in mode ids-only send any',
    ],
    [
      { ...WEB, mode: 'safelist', automaticPersistedQueries: true },
      'web: automatic persisted queries would let a client in mode safelist send any',
    ],
    [{ ...WEB, sellers: ['sel_1'] }, 'web: only partners are granted sellers'],
    [
      { ...PARTNER, name: 'default' },
      'default: "default" is whoever names no client, and cannot be a partner',
    ],
    [{ ...WEB, name: '../web' }, '../web.name: a name is lower case letters, digits and hyphens'],
    [
      { ...PARTNER, apiKeys: [{ id: '0123456789ab', hash: 'the key itself' }] },
      'acme.apiKeys.0.hash: a hash is "sha256:" and 64 hex digits',
    ],
    [{ ...WEB, costPerMinute: 0 }, 'web.costPerMinute: Too small: expected number to be >0'],
  ])('refuses %j', (entry, message) => {
    expect(() => clientsOf([entry as Entry])).toThrow(`the client registry: ${message}`);
  });

  it('refuses two clients of one name, two keys of one id, and a third active key', () => {
    const keys = [issueApiKey().entry, issueApiKey().entry, issueApiKey().entry];
    const ended = issueApiKey('2020-01-01T00:00:00Z').entry;

    expect(() => clientsOf([WEB, WEB])).toThrow('two entries for client "web"');
    expect(() =>
      clientsOf([
        { ...PARTNER, apiKeys: keys.slice(0, 1) },
        { ...WEB, apiKeys: keys.slice(0, 1) },
      ]),
    ).toThrow('two entries for API key id');
    expect(() => clientsOf([{ ...PARTNER, apiKeys: keys }])).toThrow(
      'acme has 3 active API keys; 2 are allowed',
    );
    expect(() => clientsOf([{ ...PARTNER, apiKeys: [...keys.slice(0, 2), ended] }])).not.toThrow();
  });

  it('says what strangers may do by its entry "default"', () => {
    const clients = clientsOf([{ ...WEB, name: 'default', mode: 'safelist', costPerMinute: 5 }]);

    expect(clients.byHeader('stranger')).toMatchObject({ mode: 'safelist', costPerMinute: 5 });
  });

  it('names the file that cannot be read', () => {
    expect(() => readClientFile(file)).toThrow(`${file} cannot be read`);
    writeFileSync(file, '{"clients": [');
    expect(() => readClientFile(file)).toThrow(`${file} cannot be read`);
  });
});

describe('a changed registry file', () => {
  it('takes effect without a restart, and stays as it was when the new one is unusable', async () => {
    const [first, second] = [issueApiKey(), issueApiKey()];
    const failures: string[] = [];
    write([{ ...PARTNER, apiKeys: [first.entry] }]);
    const clients = new Clients({ file, onReloadFailed: ({ message }) => failures.push(message) });
    const changed = () => new Promise<void>((resolve) => clients.onChange(resolve));

    let done = changed();
    write([{ ...PARTNER, apiKeys: [first.entry, second.entry] }]);
    await done;
    expect(clients.byApiKey(first.key)).toMatchObject({ client: { name: 'acme' } });
    expect(clients.byApiKey(second.key)).toMatchObject({ client: { name: 'acme' } });

    done = changed();
    write([{ ...PARTNER, apiKeys: [second.entry] }]);
    await done;
    expect(clients.byApiKey(first.key)).toBe('unknown');
    expect(clients.byApiKey(second.key)).toMatchObject({ client: { name: 'acme' } });

    write([{ ...PARTNER, mode: 'open' }]);
    while (failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(failures).toEqual([`${file}: acme: a partner's mode is ids-only, not open`]);
    expect(clients.byApiKey(second.key)).toMatchObject({ client: { mode: 'ids-only' } });
    clients.close();
  });
});

describe('clients:key', () => {
  const run = (...args: string[]) => runClientsKey(['--file', file, '--client', 'acme', ...args]);
  const keyIn = (output: string) => output.split('\n')[0]!;
  const stored = () => readClientFile(file)[0]!.apiKeys;

  beforeEach(() => write([PARTNER, WEB]));

  it('prints a key once and stores what recognises it, not what it is', () => {
    const key = keyIn(run());

    expect(key).toMatch(/^pk_[0-9a-f]{12}_[\w-]{43}$/);
    expect(readFileSync(file, 'utf8')).not.toContain(key.slice(16));
    expect(
      new Clients({
        registry: { clients: JSON.parse(readFileSync(file, 'utf8')).clients },
      }).byApiKey(key),
    ).toMatchObject({ client: { name: 'acme' } });
    expect(readClientFile(file)[1]).toMatchObject({ name: 'web', apiKeys: [] });
  });

  it('rotates: a second key, the first one ended, then a third', () => {
    const first = keyIn(run());
    const second = keyIn(run());
    const [{ id } = { id: '' }] = stored();
    expect(() => run()).toThrow(
      /acme has two active keys: retire or remove \w{12} and \w{12} first/,
    );
    expect(stored()).toHaveLength(2);

    run('--retire', id);
    const third = keyIn(run());

    const clients = new Clients({ file });
    expect(clients.byApiKey(first)).toBe('expired');
    expect(clients.byApiKey(second)).toMatchObject({ entry: { id: stored()[1]?.id } });
    expect(clients.byApiKey(third)).toMatchObject({ entry: { id: stored()[2]?.id } });
    clients.close();
    run('--remove', id);
    expect(stored()).toHaveLength(2);
  });

  it('makes a key that ends at a given time', () => {
    run('--not-after', '2100-01-01T00:00:00+01:00');

    expect(stored()).toMatchObject([{ notAfter: '2099-12-31T23:00:00.000Z' }]);
  });

  it.each([
    [['--client', 'nobody'], 'has no client "nobody"'],
    [['--not-after', 'soon'], '--not-after is "soon"'],
    [['--retire', '000000000000'], 'acme has no key 000000000000'],
    [['--wrong'], "Unknown option '--wrong'"],
  ])('refuses %j and changes nothing', (args, message) => {
    expect(() => run(...args)).toThrow(message);
    expect(stored()).toEqual([]);
  });
});
