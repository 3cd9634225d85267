import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { localSecrets } from '../../local/secrets.ts';
import { readSettings } from '../../local/settings.ts';
import { StartError } from '../../local/start-error.ts';

describe('the settings of the local mode', () => {
  it('are complete without any variable', () => {
    expect(readSettings({})).toEqual({
      port: 4000,
      dataDirectory: resolve('.data'),
      databaseUrl: null,
      logLevel: 'warn',
      separateProcesses: false,
    });
  });

  it('are taken from the environment', () => {
    expect(
      readSettings({
        PORT: '0',
        PARLEY_DATA: '/var/tmp/parley',
        DATABASE_URL: 'postgresql://admin:secret@db/parley',
        LOG_LEVEL: 'debug',
        PARLEY_PROCESSES: 'separate',
      }),
    ).toEqual({
      port: 0,
      dataDirectory: '/var/tmp/parley',
      databaseUrl: 'postgresql://admin:secret@db/parley',
      logLevel: 'debug',
      separateProcesses: true,
    });
  });

  it('can ask for separate processes on the command line', () => {
    expect(readSettings({}, ['--processes']).separateProcesses).toBe(true);
  });

  it.each([
    [{ PORT: 'abc' }, 'PORT "abc" cannot be used: expected a number from 0 to 65535.'],
    [{ PORT: '65536' }, 'PORT "65536" cannot be used: expected a number from 0 to 65535.'],
    [{ PORT: '80.5' }, 'PORT "80.5" cannot be used: expected a number from 0 to 65535.'],
    [{ PORT: '' }, 'PORT "" cannot be used: expected a number from 0 to 65535.'],
    [{ PARLEY_DATA: '' }, 'PARLEY_DATA "" cannot be used: expected a folder.'],
    [
      { LOG_LEVEL: 'loud' },
      'LOG_LEVEL "loud" cannot be used: expected trace, debug, info, warn, error, fatal or silent.',
    ],
    [
      { PARLEY_PROCESSES: 'two' },
      'PARLEY_PROCESSES "two" cannot be used: expected one or separate.',
    ],
  ])('say of %j what is allowed', (env, message) => {
    expect(() => readSettings(env)).toThrow(new StartError(message));
  });

  it('do not repeat a database address, which may hold a password', () => {
    expect(() => readSettings({ DATABASE_URL: 'mysql://root:hunter2@db/parley' })).toThrow(
      new StartError(
        'DATABASE_URL cannot be used: expected postgres://user:password@host:port/database.',
      ),
    );
  });

  it('name a flag that does not exist', () => {
    expect(() => readSettings({}, ['--fast'])).toThrow(
      new StartError('There is no "--fast". The only flag is --processes.'),
    );
  });

  it('are refused in production, whatever they are', () => {
    expect(() => readSettings({ NODE_ENV: 'production' })).toThrow(
      'never runs with NODE_ENV=production',
    );
  });
});

describe('the secrets of one installation', () => {
  it('are made once, kept, and read by nobody else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-secrets-'));

    const made = localSecrets(folder);

    expect(localSecrets(folder)).toEqual(made);
    expect(new Set(Object.values(made)).size).toBe(5);
    expect(Buffer.from(made.sealing, 'base64')).toHaveLength(32);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
    rmSync(folder, { recursive: true });
  });

  it('that are damaged are reported in one line and left as they are', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-secrets-'));
    const file = join(folder, 'secrets.json');
    writeFileSync(file, '{"signing":"x"}');

    expect(() => localSecrets(folder)).toThrow(
      new StartError(
        `${file} is damaged, so the data beside it cannot be opened. Move the folder away to begin anew.`,
      ),
    );
    expect(readFileSync(file, 'utf8')).toBe('{"signing":"x"}');
    rmSync(folder, { recursive: true });
  });
});
