import { createHash } from 'node:crypto';
import type { GraphQLError } from 'graphql';
import pg from 'pg';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { addressGroup, TrustedProxies } from './client-address.ts';
import { checkCost } from './cost.ts';
import { ErrorCode, refusal } from './errors.ts';
import { LruCache } from './lru-cache.ts';
import { subjectOf } from './subscriptions/cursor-scope.ts';
import type { Client, Identity, PreparedOperation, RequestContext } from './types.ts';

export interface BudgetOptions {
  /** The budgets as they are now, which a registry may have changed since the client signed in. */
  readonly budgetsOf: (client: Client) => ClientBudgets;
  /** Proxies that are believed when they name the address of an anonymous caller. Default none. */
  readonly trustedProxies?: TrustedProxies;
  /** Shares the budgets between processes through PostgreSQL; without it each has its own. */
  readonly pool?: pg.Pool;
  /** The shared store failed: budgets are this process's own until it is back. */
  readonly onStoreFailed?: (error: Error) => void;
}

/** Cost points per minute; null is unlimited. */
export interface ClientBudgets {
  readonly costPerMinute: number | null;
  readonly userCostPerMinute: number | null;
  /** Of all anonymous callers of one address together, whichever clients they name. */
  readonly anonymousCostPerMinute: number | null;
}

const WINDOW_SECONDS = 60;
/** Something must be paid for a request that selects next to nothing. */
const COST_MIN = 1;
/** Callers whose budget is spent, known without asking the store again. */
const SPENT_ENTRIES_MAX = 10_000;
const SPENT_BYTES_MAX = 4 * 1_024 * 1_024;
/** Longer keeps refusing although another process gave points back; shorter asks the store more. */
const SPENT_MS = 1_000;
/** A store that failed at the start is tried again after this. */
const STORE_RETRY_MS = 5_000;
/** Longer holds operations up while the store hangs; shorter gives up on one that is only busy. */
const STORE_TIMEOUT_MS = 1_000;
const STORE_CONNECTIONS_MAX = 4;
const TABLE = 'gateway_cost_budgets';

const NO_PROXIES = new TrustedProxies([]);

type Spender = Pick<RequestContext, 'client' | 'identity' | 'headers' | 'peerAddress'>;

interface Account {
  readonly scope: 'user' | 'client' | 'address';
  readonly key: string;
  readonly limit: number;
}

/** What is left for the caller, and until when. */
interface Balance {
  readonly remaining: number;
  readonly untilMs: number;
}

interface SpentBalance extends Balance {
  readonly rememberedUntilMs: number;
}

/**
 * Takes the cost of each operation from the budgets of its user, or of an anonymous caller's address, and
 * of its client. A refused
 * operation costs nothing. Windows last a minute and begin with the first operation in them.
 */
export class CostBudgets {
  private readonly limiters = new Map<number, Promise<RateLimiterAbstract>>();
  private readonly spent = new LruCache<SpentBalance>(SPENT_ENTRIES_MAX, SPENT_BYTES_MAX);

  private readonly trustedProxies: TrustedProxies;

  constructor(private readonly options: BudgetOptions) {
    this.trustedProxies = options.trustedProxies ?? NO_PROXIES;
    // An idle connection that breaks is no reason to end the process: the next one is opened anew.
    options.pool?.on('error', (error) => options.onStoreFailed?.(error));
  }

  /** Null when it is paid for; otherwise RATE_LIMITED with what is left and how long to wait. */
  readonly spend = (
    cost: number,
    _prepared: PreparedOperation,
    context: Spender,
  ): Promise<GraphQLError | null> | null => {
    const accounts = this.accountsOf(context);
    return accounts.length === 0 ? null : this.pay(Math.max(COST_MIN, Math.ceil(cost)), accounts);
  };

  private accountsOf(context: Spender): Account[] {
    const { client, identity } = context;
    const { costPerMinute, userCostPerMinute, anonymousCostPerMinute } =
      this.options.budgetsOf(client);
    const accounts: Account[] = [];
    // The user first: somebody who has spent everything must not drain the client's budget.
    if (userCostPerMinute !== null && identity.claims !== null) {
      accounts.push({ scope: 'user', key: userKey(client, identity), limit: userCostPerMinute });
    }
    if (anonymousCostPerMinute !== null && identity.claims === null) {
      const key = `address:${addressGroup(this.trustedProxies.clientOf(context))}`;
      accounts.push({ scope: 'address', key, limit: anonymousCostPerMinute });
    }
    if (costPerMinute !== null) {
      accounts.push({ scope: 'client', key: `client:${client.name}`, limit: costPerMinute });
    }
    return accounts;
  }

  private async pay(cost: number, accounts: readonly Account[]): Promise<GraphQLError | null> {
    const paid: Account[] = [];
    for (const account of accounts) {
      const refused = await this.payFrom(account, cost);
      if (refused) {
        await Promise.all(paid.map((each) => this.refund(each, cost)));
        return refused;
      }
      paid.push(account);
    }
    return null;
  }

  private async payFrom(account: Account, cost: number): Promise<GraphQLError | null> {
    const neverAffordable = checkCost(cost, account.limit);
    if (neverAffordable) return neverAffordable;
    const known = this.spent.get(account.key);
    if (known && Date.now() < known.rememberedUntilMs && cost > known.remaining) {
      return tooMuch(account, cost, known);
    }
    const limiter = await this.limiterFor(account.limit);
    try {
      await limiter.consume(account.key, cost);
      return null;
    } catch (outcome) {
      if (!(outcome instanceof RateLimiterRes)) throw outcome;
      // The limiter takes the points of what it refuses, too.
      const { consumedPoints } = await limiter.reward(account.key, cost);
      const balance = {
        remaining: Math.max(0, account.limit - consumedPoints),
        untilMs: Date.now() + outcome.msBeforeNext,
      };
      const rememberedUntilMs = Math.min(balance.untilMs, Date.now() + SPENT_MS);
      this.spent.set(account.key, { ...balance, rememberedUntilMs }, account.key.length * 2);
      return tooMuch(account, cost, balance);
    }
  }

  private async refund({ key, limit }: Account, cost: number): Promise<void> {
    this.spent.delete(key);
    await (await this.limiterFor(limit)).reward(key, cost);
  }

  /** One for each height of a budget; the store's rows are by key, whatever the height. */
  private limiterFor(limit: number): Promise<RateLimiterAbstract> {
    let limiter = this.limiters.get(limit);
    if (limiter === undefined) {
      limiter = this.createLimiter(limit);
      this.limiters.set(limit, limiter);
    }
    return limiter;
  }

  private async createLimiter(limit: number): Promise<RateLimiterAbstract> {
    const memory = new RateLimiterMemory({ points: limit, duration: WINDOW_SECONDS });
    const { pool, onStoreFailed } = this.options;
    if (!pool) return memory;
    try {
      return await sharedLimiter(pool, limit, memory);
    } catch (error) {
      onStoreFailed?.(error as Error);
      setTimeout(() => this.limiters.delete(limit), STORE_RETRY_MS).unref();
      return memory;
    }
  }
}

/** A pool for budgets: it gives up soon, as every operation waits for it. */
export function openBudgetStore(connectionString: string): pg.Pool {
  return new pg.Pool({
    connectionString,
    max: STORE_CONNECTIONS_MAX,
    connectionTimeoutMillis: STORE_TIMEOUT_MS,
    query_timeout: STORE_TIMEOUT_MS,
    allowExitOnIdle: true,
  });
}

/** Makes its table where there is none. */
function sharedLimiter(
  pool: pg.Pool,
  points: number,
  insuranceLimiter: RateLimiterMemory,
): Promise<RateLimiterAbstract> {
  return new Promise((resolve, reject) => {
    const limiter: RateLimiterPostgres = new RateLimiterPostgres(
      {
        storeClient: pool,
        storeType: 'pool',
        tableName: TABLE,
        keyPrefix: 'cost',
        points,
        duration: WINDOW_SECONDS,
        // A store that is down must not take the gateway with it.
        insuranceLimiter,
      },
      (error?: Error) => (error ? reject(error) : setImmediate(resolve, limiter)),
    );
  });
}

/** A subject can be longer than the store's keys. */
function userKey(client: Client, identity: Identity): string {
  const user = JSON.stringify([client.name, ...subjectOf(identity)]);
  return `user:${createHash('sha256').update(user).digest('base64url')}`;
}

const WHOSE: Readonly<Record<Account['scope'], string>> = {
  user: 'you may',
  client: 'this client may',
  address: 'callers without a token may from your address',
};

function tooMuch({ scope, limit }: Account, cost: number, balance: Balance): GraphQLError {
  const whose = WHOSE[scope];
  return refusal(
    ErrorCode.rateLimited,
    `The operation costs ${cost} points and ${whose} spend ${balance.remaining} more of ${limit} at the moment.`,
    {
      scope,
      cost,
      limit,
      remaining: balance.remaining,
      retryAfterMs: Math.max(1, balance.untilMs - Date.now()),
    },
  );
}
