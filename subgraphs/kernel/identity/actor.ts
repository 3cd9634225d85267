import { z } from 'zod';
import { userIdOfSubject } from '../ids.ts';
import type { Actor } from '../policy.ts';

const claimsSchema = z.object({
  iss: z.string(),
  sub: z.string().min(1).max(255),
  kind: z.enum(['member', 'partner', 'support', 'system']),
  name: z.string().max(200).optional(),
  region: z.string().max(8).optional(),
  scope: z.string().max(2000).optional(),
  sellerIds: z.array(z.string()).max(1000).optional(),
});

/** Claims as the gateway, or another subgraph, signed them. Null claims are an anonymous caller. */
export type SignedClaims = Readonly<Record<string, unknown>> | null;

/** Turns signed claims into an actor. Claims of an unknown shape are refused, never read as anonymous. */
export function actorOf(claims: SignedClaims): Actor {
  if (claims === null) return { kind: 'anonymous' };
  const parsed = claimsSchema.parse(claims);
  switch (parsed.kind) {
    case 'member':
      return {
        kind: 'member',
        userId: userIdOfSubject(parsed.iss, parsed.sub),
        name: parsed.name ?? null,
        region: parsed.region ?? null,
      };
    case 'partner':
      return { kind: 'partner', clientId: parsed.sub, sellerIds: parsed.sellerIds ?? [] };
    case 'support':
      return {
        kind: 'support',
        userId: userIdOfSubject(parsed.iss, parsed.sub),
        scopes: parsed.scope?.split(' ') ?? [],
      };
    case 'system':
      // Only a subgraph may speak as the system: the gateway strips this kind from tokens, and the
      // issuer below is one that no token can carry.
      if (parsed.iss !== SYSTEM_ISSUER) throw new Error('system claims from outside');
      return { kind: 'system', name: parsed.sub };
  }
}

/** The issuer of claims that one subgraph signs for another. */
export const SYSTEM_ISSUER = 'parley:subgraph';

export function systemClaims(name: string): NonNullable<SignedClaims> {
  return { iss: SYSTEM_ISSUER, sub: name, kind: 'system' };
}
