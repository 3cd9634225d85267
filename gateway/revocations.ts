/** Whose credentials end now: every token of the subject issued so far, or one token by its id. */
export interface CredentialRevocation {
  readonly iss: string;
  readonly sub: string;
  readonly jti?: string;
}

/** What of a token decides whether it was revoked. */
export interface RevocableToken {
  readonly iss: string;
  readonly sub: string;
  readonly jti: string | null;
  /** Seconds since the epoch; null for a token that does not say when it was issued. */
  readonly issuedAt: number | null;
}

/**
 * A revocation outlives every token it is about: tokens that live longer than this must not be
 * issued. Shorter lets a revoked token come back to life; longer keeps more in memory.
 */
const REMEMBERED_MS = 30 * 24 * 60 * 60 * 1_000;
/** Forgetting is checked for once in so many revocations. */
const SWEEP_EVERY = 256;

/** The credentials that were withdrawn before their end, in this process. */
export class Revocations {
  private readonly subjects = new Map<string, number>();
  private readonly tokens = new Map<string, number>();
  private readonly listeners = new Set<(revocation: CredentialRevocation) => void>();
  private untilSweep = SWEEP_EVERY;

  /**
   * From now on these tokens are refused. Listeners end what is open for the subject; a subject with
   * another good token comes back with it.
   */
  revoke(revocation: CredentialRevocation, nowMs = Date.now()): void {
    const { iss, sub, jti } = revocation;
    if (jti === undefined) this.subjects.set(keyOf(iss, sub), nowMs);
    else this.tokens.set(keyOf(iss, jti), nowMs);
    if (--this.untilSweep <= 0) this.sweep(nowMs);
    for (const listener of this.listeners) listener(revocation);
  }

  covers({ iss, sub, jti, issuedAt }: RevocableToken): boolean {
    if (this.subjects.size === 0 && this.tokens.size === 0) return false;
    if (jti !== null && this.tokens.has(keyOf(iss, jti))) return true;
    const revokedMs = this.subjects.get(keyOf(iss, sub));
    // Tokens count whole seconds: one issued within the second of the revocation may be older.
    return revokedMs !== undefined && (issuedAt ?? 0) <= Math.floor(revokedMs / 1_000);
  }

  /** Returns the function that ends the calls. */
  onRevoke(listener: (revocation: CredentialRevocation) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private sweep(nowMs: number): void {
    this.untilSweep = SWEEP_EVERY;
    for (const revoked of [this.subjects, this.tokens]) {
      for (const [key, atMs] of revoked) if (nowMs - atMs > REMEMBERED_MS) revoked.delete(key);
    }
  }
}

function keyOf(iss: string, id: string): string {
  return JSON.stringify([iss, id]);
}
