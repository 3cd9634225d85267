import { describe, expect, it } from '@jest/globals';
import { parseSealingKeys, Sealer } from '../../../subgraphs/kernel/sealing.ts';

const keyText = (id: string, fill: number) => `${id}:${Buffer.alloc(32, fill).toString('base64')}`;
const sealer = new Sealer(parseSealingKeys(keyText('k1', 1)));

describe('Sealer', () => {
  it('opens what it sealed, in its own place only', () => {
    const sealed = sealer.seal('221B Baker Street', 'order/ord_1/address');

    expect(sealed).not.toContain('Baker');
    expect(sealer.open(sealed, 'order/ord_1/address')).toBe('221B Baker Street');
    expect(() => sealer.open(sealed, 'order/ord_2/address')).toThrow();
  });

  it('refuses a value that was altered', () => {
    const sealed = sealer.seal('secret', 'p');
    const at = Math.floor(sealed.length / 2);
    const other = sealed[at] === 'A' ? 'B' : 'A';
    const altered = `${sealed.slice(0, at)}${other}${sealed.slice(at + 1)}`;

    expect(() => sealer.open(altered, 'p')).toThrow();
  });

  it('opens under an old key after rotation, and not once that key is gone', () => {
    const sealed = sealer.seal('secret', 'p');
    const rotated = new Sealer(parseSealingKeys(`${keyText('k2', 2)},${keyText('k1', 1)}`));

    expect(rotated.open(sealed, 'p')).toBe('secret');
    expect(rotated.seal('x', 'p')).toMatch(/^v1\.k2\./);
    expect(() => new Sealer(parseSealingKeys(keyText('k2', 2))).open(sealed, 'p')).toThrow(
      'cannot be opened',
    );
  });

  it('gives equal values equal fingerprints, by purpose', () => {
    expect(sealer.fingerprint('123456789', 'ssn')).toBe(sealer.fingerprint('123456789', 'ssn'));
    expect(sealer.fingerprint('123456789', 'ssn')).not.toBe(sealer.fingerprint('123456789', 'ein'));
  });

  it.each(['k1', 'k1:short', `bad id:${Buffer.alloc(32).toString('base64')}`])(
    'refuses the key text %s',
    (text) => {
      expect(() => parseSealingKeys(text)).toThrow(TypeError);
    },
  );
});
