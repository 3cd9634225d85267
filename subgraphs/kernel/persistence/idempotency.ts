import { hash } from 'node:crypto';
import { DomainError, IdempotencyKeyInProgress, IdempotencyKeyReused } from '../errors.ts';
import type { Transactions } from './transaction.ts';

export interface IdempotentCall {
  readonly principal: string;
  readonly operation: string;
  readonly key: string;
  /** Everything that makes two calls the same call. Serialised in a canonical form and hashed. */
  readonly request: unknown;
}

export class IdempotencyKeyInvalid extends DomainError {
  constructor() {
    super(
      'IDEMPOTENCY_KEY_INVALID',
      'idempotencyKey must be 1 to 255 printable ASCII characters.',
      {
        path: ['idempotencyKey'],
      },
    );
  }
}

const KEY = /^[\x21-\x7e]{1,255}$/;

interface StoredKey {
  readonly request_hash: string;
  readonly response: unknown;
  readonly completed_at: Date | null;
}

/** Kept 45 days: the longest memory of a processor behind us, so a late retry never acts twice. */
export const IDEMPOTENCY_MEMORY_DAYS = 45;

/**
 * One effect per (principal, operation, key). The same call again is answered from the stored
 * response; another body under the same key is refused; a simultaneous duplicate waits on the row.
 */
export class IdempotencyKeys {
  constructor(private readonly transactions: Transactions) {}

  /**
   * For work that is one transaction: claim, effect and response commit together. `work` returns
   * what a replay must answer; it is stored as JSON. A refusal (DomainError) stores nothing, so the
   * key stays free for a corrected call.
   */
  once<T>(
    call: IdempotentCall,
    work: () => Promise<T>,
  ): Promise<{ response: T; replayed: boolean }> {
    return this.transactions.run(async () => {
      const stored = await this.claim(call);
      if (stored?.completed_at) return { response: stored.response as T, replayed: true };
      const response = await work();
      await this.complete(call, response);
      return { response, replayed: false };
    });
  }

  /**
   * What the key answered before, for calls that ask others ahead of their transaction: a repeat must
   * not be refused by what has changed there since. Null where it has no answer; `once` decides then.
   */
  async recall<T>({ principal, operation, key, request }: IdempotentCall): Promise<T | null> {
    if (!KEY.test(key)) throw new IdempotencyKeyInvalid();
    const [stored] = await this.transactions.run((em) =>
      em.execute<StoredKey[]>(
        `select request_hash, response, completed_at from idempotency_key
         where principal = ? and operation = ? and key = ?`,
        [principal, operation, key],
      ),
    );
    if (!stored?.completed_at) return null;
    if (stored.request_hash !== requestHash(request)) throw new IdempotencyKeyReused();
    return stored.response as T;
  }

  /**
   * Claims a key for work that spans several transactions. Returns the stored row when the key was
   * claimed before. The caller decides by `completed_at`: answer again, or carry on where it stopped.
   */
  claim(call: IdempotentCall): Promise<StoredKey | null> {
    if (!KEY.test(call.key)) throw new IdempotencyKeyInvalid();
    const requested = requestHash(call.request);
    return this.transactions.run(async (em) => {
      // On conflict the insert waits for the other transaction's end: duplicates queue here.
      const inserted = await em.execute<{ key: string }[]>(
        `insert into idempotency_key (principal, operation, key, request_hash) values (?, ?, ?, ?)
         on conflict do nothing returning key`,
        [call.principal, call.operation, call.key, requested],
      );
      if (inserted.length > 0) return null;
      const [stored] = await em.execute<StoredKey[]>(
        `select request_hash, response, completed_at from idempotency_key
         where principal = ? and operation = ? and key = ? for update`,
        [call.principal, call.operation, call.key],
      );
      if (!stored) throw new IdempotencyKeyInProgress();
      if (stored.request_hash !== requested) throw new IdempotencyKeyReused();
      return stored;
    });
  }

  complete(call: IdempotentCall, response: unknown): Promise<void> {
    return this.transactions.run(async (em) => {
      await em.execute(
        `update idempotency_key set response = ?::jsonb, completed_at = clock_timestamp()
         where principal = ? and operation = ? and key = ?`,
        [canonicalJson(response), call.principal, call.operation, call.key],
      );
    });
  }

  /** Deletes keys past their memory; run by a timer. Returns how many went. */
  prune(): Promise<number> {
    return this.transactions.run(async (em) => {
      const gone = await em.execute<unknown[]>(
        `delete from idempotency_key where created_at < clock_timestamp() - make_interval(days => ?) returning 1`,
        [IDEMPOTENCY_MEMORY_DAYS],
      );
      return gone.length;
    });
  }
}

export function requestHash(request: unknown): string {
  return hash('sha256', canonicalJson(request));
}

/** JSON with sorted keys, bigint as text and dates as ISO: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'bigint') return JSON.stringify(value.toString());
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const plain = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : value;
    if (plain !== value) return canonicalJson(plain);
    let members = '';
    for (const key of Object.keys(value).sort()) {
      const item = (value as Readonly<Record<string, unknown>>)[key];
      if (item === undefined) continue;
      members += `${members && ','}${JSON.stringify(key)}:${canonicalJson(item)}`;
    }
    return `{${members}}`;
  }
  return JSON.stringify(value);
}
