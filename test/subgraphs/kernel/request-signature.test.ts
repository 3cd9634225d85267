import { describe, expect, it } from '@jest/globals';
import {
  encodeActor,
  SIGNATURE_WINDOW_MS,
  SignatureVerifier,
  sign,
} from '../../../subgraphs/kernel/identity/request-signature.ts';

const key = { keyId: 'now', secret: 'a'.repeat(32) };
const old = { keyId: 'before', secret: 'b'.repeat(32) };
const parts = {
  method: 'POST',
  path: '/graphql',
  body: '{"query":"{ _service { sdl } }"}',
  actor: encodeActor({ sub: 'usr_1' }),
};
const NOW = 1_900_000_000_000;

describe('a signed request', () => {
  it('is good once', () => {
    const verifier = new SignatureVerifier([key]);
    const signature = sign(parts, key, NOW);

    expect(verifier.refusal(signature, parts, NOW)).toBeNull();
    expect(verifier.refusal(signature, parts, NOW + 1)).toBe('replayed');
  });

  it.each([
    ['another body', { body: '{"query":"{ viewer { id } }"}' }],
    ['another actor', { actor: encodeActor({ sub: 'usr_2' }) }],
    ['another path', { path: '/graphql?x' }],
    ['another method', { method: 'GET' }],
  ])('is refused with %s', (_case, change) => {
    const verifier = new SignatureVerifier([key]);

    expect(verifier.refusal(sign(parts, key, NOW), { ...parts, ...change }, NOW)).toBe(
      'wrong signature',
    );
  });

  it('is refused when it is too old or from the future', () => {
    const verifier = new SignatureVerifier([key]);

    expect(verifier.refusal(sign(parts, key, NOW), parts, NOW + SIGNATURE_WINDOW_MS + 1)).toBe(
      'stale',
    );
    expect(verifier.refusal(sign(parts, key, NOW), parts, NOW - SIGNATURE_WINDOW_MS - 1)).toBe(
      'stale',
    );
    expect(verifier.refusal(sign(parts, key, NOW), parts, NOW + SIGNATURE_WINDOW_MS)).toBeNull();
  });

  it('is good under any key that is still known, and under no other', () => {
    const verifier = new SignatureVerifier([key, old]);

    expect(verifier.refusal(sign(parts, old, NOW), parts, NOW)).toBeNull();
    expect(verifier.refusal(sign(parts, { ...key, keyId: 'gone' }, NOW), parts, NOW)).toBe(
      'unknown key',
    );
    expect(verifier.refusal(sign(parts, { ...key, secret: 'c'.repeat(32) }, NOW), parts, NOW)).toBe(
      'wrong signature',
    );
  });

  it.each([undefined, '', 'v1', 'v1;kid=now;t=x;n=;s='])(
    'is refused as unsigned: %s',
    (signature) => {
      expect(new SignatureVerifier([key]).refusal(signature, parts, NOW)).toBe('unsigned');
    },
  );
});
