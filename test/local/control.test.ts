import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type LocalControl, startLocalControl } from '../../local/control.ts';

const DAY_MS = 24 * 3_600_000;

let control: LocalControl;
let advanced: number[] = [];

beforeEach(async () => {
  advanced = [];
  control = await startLocalControl((milliseconds) => {
    if (milliseconds === 13) return Promise.reject(new Error('the clock is stuck'));
    advanced.push(milliseconds);
    return Promise.resolve();
  });
});

afterEach(() => control.close());

async function post(body: string, path = '/clock') {
  const response = await fetch(`${control.url}${path}`, { method: 'POST', body });
  return [response.status, await response.json()];
}

describe('the local clock', () => {
  it('moves forward by what is asked, on the loopback address', async () => {
    expect(new URL(control.url).hostname).toBe('127.0.0.1');

    expect(await post(`{"advanceMs":${8 * DAY_MS}}`)).toEqual([200, { advancedMs: 8 * DAY_MS }]);

    expect(advanced).toEqual([8 * DAY_MS]);
  });

  it.each([
    '{"advanceMs":0}',
    '{"advanceMs":-1}',
    '{"advanceMs":1.5}',
    '{"advanceMs":"1"}',
    `{"advanceMs":${400 * DAY_MS + 1}}`,
    '{}',
    'null',
    'not JSON',
    '',
  ])('does not move by %s', async (body) => {
    expect(await post(body)).toEqual([400, { error: 'advanceMs must be from 1 to 34560000000' }]);
    expect(advanced).toEqual([]);
  });

  it('says so when it could not be moved', async () => {
    expect(await post('{"advanceMs":13}')).toEqual([500, { error: 'Error: the clock is stuck' }]);
  });

  it('has no other door', async () => {
    expect((await post('{"advanceMs":1}', '/'))[0]).toBe(404);
    expect((await fetch(`${control.url}/clock`)).status).toBe(404);
    expect(advanced).toEqual([]);
  });
});
