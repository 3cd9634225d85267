import type { EntityManager } from '@mikro-orm/postgresql';
import type { Outbox } from '../../kernel/events/outbox.ts';
import type { DatabaseClock } from '../../kernel/persistence/database-clock.ts';
import { lockRow } from '../../kernel/persistence/lock-row.ts';
import type { Transactions } from '../../kernel/persistence/transaction.ts';
import type { RegionAnnouncement, SellersStore, SellersTransaction } from '../application/ports.ts';
import type { AllowListState } from '../domain/allow-list.states.ts';
import type { Identity } from '../domain/identity.ts';
import { SellerAccount } from '../domain/seller-account.ts';
import { publishedStanding } from '../events/published.ts';
import type { IdentityVault } from './identity-vault.ts';

/** An applicant who just handed in is waiting at the screen. */
const FRESH_SECONDS = 300;
const READ_FRESH_SECONDS = 1;
/** Longer than a referral can take, so that no second one starts while the first is on its way. */
const REFER_AGAIN_SECONDS = 30;
/** Later it is a matter of days: asking more often would only be refused by the processor. */
const READ_SLOW_SECONDS = 60;
/** How long a limitation at the processor can go unseen. Sooner costs one call per seller each time. */
const READ_ACTIVE_SECONDS = 300;

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

  takeAccountsToRead(now: Date, limit: number): Promise<string[]> {
    return this.transactions.run(async (em) => {
      const rows = await em.execute<{ id: string }[]>(
        `update seller_account set standing_read_at = ? where id in (
           select id from seller_account where not is_under_review and case
             when status = 'SUBMITTED' then standing_read_at <= ?::timestamptz - make_interval(secs => ?)
             when status in ('VERIFYING', 'ACTION_REQUIRED') then standing_read_at <= ?::timestamptz - make_interval(
               secs => case when updated_at > ?::timestamptz - make_interval(secs => ?) then ? else ? end)
             when status in ('ACTIVE', 'RESTRICTED', 'SUSPENDED') then standing_read_at <= ?::timestamptz - make_interval(secs => ?)
             else false end
           order by standing_read_at limit ? for update skip locked
         ) returning id`,
        [
          now,
          ...[now, REFER_AGAIN_SECONDS],
          ...[now, now, FRESH_SECONDS, READ_FRESH_SECONDS, READ_SLOW_SECONDS],
          ...[now, READ_ACTIVE_SECONDS],
          limit,
        ],
      );
      return rows.map((row) => row.id);
    });
  }

  async regionsToAnnounce(now: Date): Promise<RegionAnnouncement[]> {
    const rows = await this.transactions
      .reader()
      .execute<{ region: string; effective_from: Date }[]>(
        'select region, effective_from from region_policy where not is_told and effective_from <= ? order by effective_from',
        [now],
      );
    return rows.map((row) => ({
      region: row.region,
      effectiveFrom: new Date(row.effective_from),
    }));
  }

  openIdentity(sellerId: string, by: string, purpose: string): Promise<Identity> {
    return this.transactions.run((em) => this.vault.open(em, sellerId, by, purpose));
  }

  private transaction(em: EntityManager): SellersTransaction {
    return {
      now: () => this.clock.fromDatabase(),
      lockAccount: (id) => lockRow(em, SellerAccount, { id }),
      addAccount: (account) => void em.persist(account),
      isHandleTaken: async (handle) => (await em.count(SellerAccount, { handle })) > 0,
      isRegionEnabled: (region, now) => isRegionEnabled(em, region, now),
      isAllowListed: (userId, now) => isAllowListed(em, userId, now),
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
      reserve: async (id, handle) => {
        for (const name of [`account:${id}`, `handle:${handle}`])
          await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [name]);
      },
      setRegionPolicy: async (region, isEnabled, from, by) => {
        await em.execute(
          `insert into region_policy (region, capability, is_enabled, effective_from, changed_by) values (?, 'SELL', ?, ?, ?)
           on conflict (region, capability, effective_from) do update
           set is_enabled = excluded.is_enabled, changed_by = excluded.changed_by, told_up_to = '', is_told = false`,
          [region, isEnabled, from, by],
        );
      },
      markRead: async (sellerId, now) => {
        await em.flush();
        await em.execute('update seller_account set standing_read_at = ? where id = ?', [
          now,
          sellerId,
        ]);
      },
      isKnownPerson: (sellerId) => this.vault.isKnownPerson(em, sellerId),
      eraseIdentity: (sellerId) => this.vault.erase(em, sellerId),
      storeIdentity: (sellerId, identity) => this.vault.store(em, sellerId, identity),
      nextToTell: (rule, limit) => nextToTell(em, rule, limit),
      // The rollout's gates are part of what others learn: they act on the answer, not on its parts.
      record: async (event) => {
        const { account, occurredAt } = event;
        const mayStart =
          (await isAllowListed(em, account.userId, occurredAt)) &&
          (await isRegionEnabled(em, account.region, occurredAt));
        await this.outbox.append([publishedStanding(event, mayStart)]);
      },
    };
  }
}

// The rule's row is locked first, so that two workers never tell the same sellers.
async function nextToTell(
  em: EntityManager,
  { region, effectiveFrom }: RegionAnnouncement,
  limit: number,
): Promise<SellerAccount[]> {
  const rule = [region, effectiveFrom];
  const [row] = await em.execute<{ told_up_to: string }[]>(
    'select told_up_to from region_policy where region = ? and effective_from = ? and not is_told for update',
    rule,
  );
  if (!row) return [];
  const ids = await em.execute<{ id: string }[]>(
    `select id from seller_account where region = ? and id > ? and status <> 'CLOSED'
     order by seller_account.id limit ? for update`,
    [region, row.told_up_to, limit],
  );
  const last = ids.at(-1)?.id ?? row.told_up_to;
  await em.execute(
    'update region_policy set told_up_to = ?, is_told = ? where region = ? and effective_from = ?',
    [last, ids.length < limit, ...rule],
  );
  return em.find(
    SellerAccount,
    { id: { $in: ids.map(({ id }) => id) } },
    { refresh: true, orderBy: { id: 'asc' } },
  );
}

async function isAllowListed(em: EntityManager, userId: string, now: Date): Promise<boolean> {
  const rows = await em.execute<unknown[]>(
    `select 1 from allow_list_entry where user_id = ? and state = 'ENABLED' and effective_from <= ?
     and (effective_until is null or effective_until > ?)`,
    [userId, now, now],
  );
  return rows.length > 0;
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
