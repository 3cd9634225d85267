import type { TokenClaims } from './identity.ts';

const user = (n: number) => `usr_${n.toString(16).padStart(32, '0')}`;

/** Who is signed in on a fresh machine: fixed ids, so that what they did yesterday is still theirs. */
export const PEOPLE = {
  buyer: { sub: user(0xa1), kind: 'member', name: 'Amira', region: 'US' },
  secondBuyer: { sub: user(0xa2), kind: 'member', name: 'Bo', region: 'US' },
  seller: { sub: user(0xb1), kind: 'member', name: 'Clay & Co', region: 'US' },
  secondSeller: { sub: user(0xb2), kind: 'member', name: 'Dune Prints', region: 'US' },
  support: {
    sub: user(0xc1),
    kind: 'support',
    name: 'Support',
    scope: 'orders refunds payments sellers listings disputes',
  },
} as const satisfies Record<string, TokenClaims>;

export type Person = keyof typeof PEOPLE;
