import type { IncomingMessage } from 'node:http';
import type { Pool } from 'pg';
import { API_KEY_ISSUER, createAuthenticator } from './authentication.ts';
import type { TrustedProxies } from './client-address.ts';
import { type ClientRegistryFile, Clients } from './clients.ts';
import { type OperationOutcome, PersistedOperations } from './persisted-operations.ts';
import { CostBudgets, openBudgetStore } from './rate-limits.ts';
import { RevocationStore, shareRevocation } from './revocation-store.ts';
import { type CredentialRevocation, Revocations } from './revocations.ts';
import type { GatewayOptions } from './server.ts';
import type { Subscriptions } from './subscriptions/groups.ts';
import type { IssuerOptions } from './token-issuer.ts';
import type { Client, GraphQLParams } from './types.ts';

export interface EdgePolicyOptions {
  readonly issuers?: readonly IssuerOptions[];
  readonly clockToleranceSeconds?: number;
  /** The client registry: a watched JSON file, or its content. */
  readonly clientsFile?: string;
  readonly clients?: ClientRegistryFile;
  /** What unregistered clients may send. Default ids-only, of a manifest `default.json`. */
  readonly defaultMode?: Client['mode'];
  /** A watched folder of manifests. */
  readonly manifestDirectory?: string;
  /** Budget of each user of clients that have none of their own, in points per minute. */
  readonly userCostPerMinute?: number | null;
  /** Budget of all anonymous callers of one address, in points per minute. */
  readonly anonymousCostPerMinute?: number | null;
  /** Proxies whose X-Forwarded-For is believed. Default none. */
  readonly trustedProxies?: TrustedProxies;
  /** A PostgreSQL address: shares budgets and revocations between gateway processes. */
  readonly storeUrl?: string;
  readonly logger?: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  readonly observeOperation?: (outcome: OperationOutcome, client: string) => void;
}

/** Who may call, what they may send and how much of it: the parts of a gateway that decide so. */
export interface EdgePolicy {
  /** To be spread into the options of `startGateway`. */
  readonly gatewayOptions: Required<
    Pick<
      GatewayOptions,
      'authenticate' | 'resolveOperation' | 'spend' | 'reportsCost' | 'warmOperations'
    >
  >;
  /**
   * Resolves once it is known what was revoked before; nothing may be served earlier. Rejects when
   * the store cannot be read.
   */
  ready(): Promise<void>;
  /**
   * Withdraws credentials, here at once and within about a second wherever the store is shared; with
   * `attach`, also ends what is open for them. Rejects when only this process could be told.
   */
  revoke(revocation: CredentialRevocation): Promise<void>;
  /** Ends live streams and sockets when credentials are withdrawn or a partner's key is gone. */
  attach(subscriptions: Pick<Subscriptions, 'revoke'>): void;
  close(): Promise<void>;
}

/** Asks for the operation's cost in the answer, as the header `parley-cost: include` does. */
const COST_EXTENSION = 'cost';
const COST_HEADER = 'parley-cost';

/** Throws ConfigError when the registry or a manifest cannot be used. */
export function createEdgePolicy(options: EdgePolicyOptions): EdgePolicy {
  const { logger } = options;
  const onReloadFailed = (error: Error) =>
    logger?.error({ err: error }, 'A changed file cannot be used; what was read before stays.');
  const clients = new Clients({
    file: options.clientsFile,
    registry: options.clients,
    defaultMode: options.defaultMode,
    onReloadFailed,
  });
  const operations = new PersistedOperations({
    clients,
    directory: options.manifestDirectory,
    observe: options.observeOperation,
    onUnregistered: (client, id, operationName) =>
      logger?.warn({ client, id, operationName }, 'An operation that is not registered ran.'),
    onReloadFailed,
  });
  const revocations = new Revocations();
  const { storeUrl } = options;
  const pool = storeUrl === undefined ? undefined : openBudgetStore(storeUrl);
  const store =
    pool && new RevocationStore({ pool, revocations, onStoreFailed: onStoreFailed(logger) });
  const budgets = budgetsFor(options, clients, pool);
  const ends: (() => void)[] = [];
  return {
    gatewayOptions: {
      authenticate: createAuthenticator({
        issuers: options.issuers ?? [],
        clients,
        revocations,
        clockToleranceSeconds: options.clockToleranceSeconds,
        onIssuerUnavailable: (error) =>
          logger?.error({ err: error }, "An issuer's keys cannot be had."),
      }),
      resolveOperation: operations.resolve,
      spend: budgets.spend,
      reportsCost,
      warmOperations: () => operations.allOperations(),
    },
    ready: async () => store?.open(),
    async revoke(revocation) {
      revocations.revoke(revocation);
      if (pool) await shareRevocation(pool, revocation);
    },
    attach(subscriptions) {
      ends.push(revocations.onRevoke(({ iss, sub }) => subscriptions.revoke({ iss, sub })));
      ends.push(
        onPartnerChange(clients, (sub) => subscriptions.revoke({ iss: API_KEY_ISSUER, sub })),
      );
    },
    async close() {
      for (const end of ends) end();
      store?.close();
      clients.close();
      operations.close();
      await pool?.end();
    },
  };
}

function onStoreFailed(logger: EdgePolicyOptions['logger']) {
  return (error: Error) =>
    logger?.error({ err: error }, 'Revocations of other processes cannot be read.');
}

function budgetsFor(options: EdgePolicyOptions, clients: Clients, pool?: Pool): CostBudgets {
  const { logger, userCostPerMinute = null, anonymousCostPerMinute = null } = options;
  return new CostBudgets({
    budgetsOf(client) {
      const registered = clients.named(client.name) ?? clients.byHeader(undefined);
      return {
        costPerMinute: registered.costPerMinute,
        userCostPerMinute: registered.userCostPerMinute ?? userCostPerMinute,
        anonymousCostPerMinute,
      };
    },
    trustedProxies: options.trustedProxies,
    pool,
    onStoreFailed: (error) =>
      logger?.error({ err: error }, 'Budgets are not shared: their store cannot be used.'),
  });
}

/** Calls `onCut` for partners that lost a key or have other rights now; a new key changes nothing. */
function onPartnerChange(clients: Clients, onCut: (name: string) => void): () => void {
  let before = partnersOf(clients);
  return clients.onChange(() => {
    const after = partnersOf(clients);
    for (const [name, { keys, rights }] of before) {
      const now = after.get(name);
      if (now?.rights !== rights || keys.some((key) => !now.keys.includes(key))) onCut(name);
    }
    before = after;
  });
}

function partnersOf(clients: Clients) {
  return new Map(
    [...clients.all]
      .filter(({ kind }) => kind === 'partner')
      .map(({ name, apiKeys, sellers }) => [
        name,
        { keys: apiKeys.map((key) => JSON.stringify(key)), rights: JSON.stringify(sellers) },
      ]),
  );
}

function reportsCost(params: GraphQLParams, request: IncomingMessage): boolean {
  return request.headers[COST_HEADER] === 'include' || params.extensions?.[COST_EXTENSION] === true;
}
