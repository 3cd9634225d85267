import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { Cursors } from '../../../gateway/subscriptions/cursors.ts';

const SCOPE = createHash('sha256').update('reviewAdded').digest();
const OTHER_SCOPE = createHash('sha256').update('orderChanged').digest();
const OLD_KEY = { id: 1, secret: 'the old secret of thirty-two bytes' };
const NEW_KEY = { id: 2, secret: 'the new secret of thirty-two bytes' };
const WEEK_MILLISECONDS = 7 * 24 * 3600 * 1000;

function codeOf(result: string | GraphQLError): unknown {
  return result instanceof GraphQLError ? result.extensions.code : result;
}

describe('Cursors', () => {
  const cursors = new Cursors([OLD_KEY]);

  it('gives back the position it was issued for', () => {
    expect(cursors.read(cursors.issue('814.99.ü', SCOPE), SCOPE)).toBe('814.99.ü');
  });

  it('is of no use for another stream, other arguments or another subject', () => {
    expect(codeOf(cursors.read(cursors.issue('5', SCOPE), OTHER_SCOPE))).toBe('CURSOR_INVALID');
  });

  it('refuses every cursor of which one bit was changed', () => {
    const bytes = Buffer.from(cursors.issue('5', SCOPE), 'base64url');

    const codes = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const forged = Buffer.from(bytes);
      forged[bit >> 3]! ^= 1 << (bit & 7);
      return codeOf(cursors.read(forged.toString('base64url'), SCOPE));
    });

    expect(new Set(codes)).toEqual(new Set(['CURSOR_INVALID']));
  });

  it('refuses every cursor that was cut short', () => {
    const cursor = cursors.issue('5', SCOPE);

    const codes = Array.from({ length: cursor.length }, (_, length) =>
      codeOf(cursors.read(cursor.slice(0, length), SCOPE)),
    );

    expect(new Set(codes)).toEqual(new Set(['CURSOR_INVALID']));
  });

  it.each([
    ['a number', 5],
    ['an object', {}],
    ['an empty text', ''],
    ['something appended', `${cursors.issue('5', SCOPE)}A`],
    ['padding', `${cursors.issue('5', SCOPE)}==`],
    ['white space', `${cursors.issue('5', SCOPE)}\n`],
    ['ordinary base64', 'AQE+/w=='],
    ['a megabyte', 'A'.repeat(1_000_000)],
  ])('refuses %s', (_case, cursor) => {
    expect(codeOf(cursors.read(cursor, SCOPE))).toBe('CURSOR_INVALID');
  });

  it('is good for seven days to the millisecond, then asks to read anew', () => {
    let now = 1_700_000_000_000;
    const aging = new Cursors([OLD_KEY], undefined, () => now);
    const cursor = aging.issue('5', SCOPE);

    now += WEEK_MILLISECONDS;
    expect(aging.read(cursor, SCOPE)).toBe('5');
    now += 1;
    expect(codeOf(aging.read(cursor, SCOPE))).toBe('RESYNC_REQUIRED');
  });

  it('calls an old forgery a forgery, not old', () => {
    let now = 1_700_000_000_000;
    const aging = new Cursors([OLD_KEY], undefined, () => now);
    const cursor = aging.issue('5', SCOPE);

    now += 2 * WEEK_MILLISECONDS;

    expect(codeOf(aging.read(cursor, OTHER_SCOPE))).toBe('CURSOR_INVALID');
  });

  it('accepts the old key while it is listed, and signs with the first', () => {
    const rotated = new Cursors([NEW_KEY, OLD_KEY]);
    const retired = new Cursors([NEW_KEY]);
    const old = cursors.issue('5', SCOPE);
    const fresh = rotated.issue('6', SCOPE);

    expect(rotated.read(old, SCOPE)).toBe('5');
    expect(retired.read(fresh, SCOPE)).toBe('6');
    expect(codeOf(retired.read(old, SCOPE))).toBe('CURSOR_INVALID');
  });

  it('refuses keys that could not protect anything', () => {
    expect(() => new Cursors([])).toThrow('at least one key');
    expect(() => new Cursors([{ id: 1, secret: 'short' }])).toThrow('at least 32 bytes');
    expect(() => new Cursors([{ id: 256, secret: 'x'.repeat(32) }])).toThrow('0 to 255');
  });
});
