import type { EntityManager } from '@mikro-orm/postgresql';
import type { Outbox } from '../../kernel/events/outbox.ts';
import type { DatabaseClock } from '../../kernel/persistence/database-clock.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type { SellersStore, SellersTransaction } from '../application/ports.ts';
import type { AllowListState } from '../domain/allow-list.states.ts';
import type { Identity } from '../domain/identity.ts';
import { SellerAccount } from '../domain/seller-account.ts';
import { publishedStanding } from '../events/published.ts';
import type { IdentityVault } from './identity-vault.ts';

/** The one row lock of this subgraph is the account's. */
export class SellerAccountStore implements SellersStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: DatabaseClock,
    private readonly vault: IdentityVault,
  ) {}

  transact<T>(work: (tx: SellersTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((em) => work(this.transaction(em)));
  }

  accounts(ids: readonly string[]): Promise<SellerAccount[]> {
    return this.transactions.reader().find(SellerAccount, { id: { $in: [...ids] } });
  }

  async accountsToRead(limit: number): Promise<string[]> {
    const rows = await this.transactions
      .reader()
      .execute<{ id: string }[]>(
        `select id from seller_account where status in ('SUBMITTED', 'VERIFYING') order by updated_at limit ?`,
        [limit],
      );
    return rows.map((row) => row.id);
  }

  openIdentity(sellerId: string, by: string, purpose: string): Promise<Identity> {
    return this.transactions.run((em) => this.vault.open(em, sellerId, by, purpose));
  }

  private transaction(em: EntityManager): SellersTransaction {
    return {
      now: () => this.clock.fromDatabase(),
      lockAccount: (id) =>
        em.findOne(SellerAccount, { id }, { lockMode: 4 /* PESSIMISTIC_WRITE */, refresh: true }),
      addAccount: (account) => void em.persist(account),
      isHandleTaken: async (handle) => (await em.count(SellerAccount, { handle })) > 0,
      isRegionEnabled: (region, now) => isRegionEnabled(em, region, now),
      isAllowListed: async (userId, now) => {
        const rows = await em.execute<unknown[]>(
          `select 1 from allow_list_entry where user_id = ? and state = 'ENABLED' and effective_from <= ?
           and (effective_until is null or effective_until > ?)`,
          [userId, now, now],
        );
        return rows.length > 0;
      },
      allowListState: async (userId) => {
        const [row] = await em.execute<{ state: AllowListState }[]>(
          'select state from allow_list_entry where user_id = ? for update',
          [userId],
        );
        return row?.state ?? null;
      },
      setAllowListState: async (userId, state, by, now) => {
        await em.execute(
          `insert into allow_list_entry (user_id, state, effective_from, changed_by, changed_at) values (?, ?, ?, ?, ?)
           on conflict (user_id) do update set state = excluded.state, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
          [userId, state, now, by, now],
        );
      },
      storeIdentity: (sellerId, identity) => this.vault.store(em, sellerId, identity),
      record: (event) => this.outbox.append([publishedStanding(event)]),
    };
  }
}

// The newest rule that is in effect decides; no rule is a no.
async function isRegionEnabled(em: EntityManager, region: string, now: Date): Promise<boolean> {
  if (!/^[A-Z]{2}$/.test(region)) return false;
  const [row] = await em.execute<{ is_enabled: boolean }[]>(
    `select is_enabled from region_policy where region = ? and capability = 'SELL' and effective_from <= ?
     order by effective_from desc limit 1`,
    [region, now],
  );
  return row?.is_enabled ?? false;
}
