import { createHash, randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Sealer } from '../../kernel/sealing.ts';
import type { Identity } from '../domain/identity.ts';

/**
 * Identity data at rest. Each seller has a data key of their own, wrapped by a key that is not in
 * the database; the place is bound into the seal, so a row copied to another seller does not open.
 * Everything happens inside the given transaction.
 */
export class IdentityVault {
  constructor(private readonly keys: Sealer) {}

  async store(em: EntityManager, sellerId: string, identity: Identity): Promise<void> {
    const dataKey = randomBytes(32);
    const sealed = sealerOf(dataKey).seal(JSON.stringify(identity), placeOf(sellerId));
    await em.execute(
      `insert into seller_identity (seller_id, wrapped_key, sealed, number_fingerprint) values (?, ?, ?, ?)
       on conflict (seller_id) do update set wrapped_key = excluded.wrapped_key, sealed = excluded.sealed,
         number_fingerprint = excluded.number_fingerprint, stored_at = clock_timestamp(), erased_at = null`,
      [
        sellerId,
        this.keys.seal(dataKey.toString('base64'), keyPlaceOf(sellerId)),
        sealed,
        this.keys.fingerprint(identity.socialSecurityNumber, 'social-security-number'),
      ],
    );
  }

  /** Leaves a row in the chained log before the data leaves the vault; no row, no data. */
  async open(em: EntityManager, sellerId: string, by: string, purpose: string): Promise<Identity> {
    await this.logAccess(em, sellerId, by, purpose);
    const [row] = await em.execute<{ wrapped_key: string; sealed: string }[]>(
      'select wrapped_key, sealed from seller_identity where seller_id = ? and sealed is not null',
      [sellerId],
    );
    if (!row) throw new Error('there is no identity to open');
    const dataKey = Buffer.from(this.keys.open(row.wrapped_key, keyPlaceOf(sellerId)), 'base64');
    return JSON.parse(sealerOf(dataKey).open(row.sealed, placeOf(sellerId))) as Identity;
  }

  /** Without its key the data is gone, from every backup of this row too. The fingerprint stays. */
  async erase(em: EntityManager, sellerId: string): Promise<void> {
    await em.execute(
      `update seller_identity set wrapped_key = null, sealed = null, erased_at = clock_timestamp()
       where seller_id = ? and sealed is not null`,
      [sellerId],
    );
  }

  /** True when the same number was given for another account. Never told to who gave it. */
  async isKnownPerson(em: EntityManager, sellerId: string): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `select 1 from seller_identity mine join seller_identity other
         on other.number_fingerprint = mine.number_fingerprint and other.seller_id <> mine.seller_id
       where mine.seller_id = ? limit 1`,
      [sellerId],
    );
    return rows.length > 0;
  }

  private async logAccess(
    em: EntityManager,
    sellerId: string,
    by: string,
    purpose: string,
  ): Promise<void> {
    // One writer at a time: each row is chained to the one before it.
    await em.execute(`select pg_advisory_xact_lock(hashtext('identity_access'))`);
    const [last] = await em.execute<{ hash: string }[]>(
      'select hash from identity_access order by id desc limit 1',
    );
    const previous = last?.hash ?? '';
    const at = new Date();
    const hash = accessHash(previous, sellerId, by, purpose, at);
    await em.execute(
      'insert into identity_access (seller_id, accessed_by, purpose, accessed_at, previous_hash, hash) values (?, ?, ?, ?, ?, ?)',
      [sellerId, by, purpose, at, previous, hash],
    );
  }
}

/** What each row of the access log is chained by; a verifier computes the same. */
export function accessHash(
  previous: string,
  sellerId: string,
  by: string,
  purpose: string,
  at: Date,
): string {
  return createHash('sha256')
    .update([previous, sellerId, by, purpose, at.toISOString()].join('\0'))
    .digest('hex');
}

function sealerOf(dataKey: Buffer): Sealer {
  return new Sealer(new Map([['seller', dataKey]]));
}

function placeOf(sellerId: string): string {
  return `seller_identity/${sellerId}/identity`;
}

function keyPlaceOf(sellerId: string): string {
  return `seller_identity/${sellerId}/key`;
}
