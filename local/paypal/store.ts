import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Amounts inside the simulator are exact minor units; on the wire they are PayPal's decimal text. */
export interface Amount {
  readonly minor: bigint;
  readonly currency: string;
}

export interface SimOrder {
  readonly id: string;
  readonly createdAt: number;
  status: 'CREATED' | 'APPROVED' | 'COMPLETED' | 'PAYER_ACTION_REQUIRED' | 'VOIDED';
  readonly amount: Amount;
  readonly payee: string;
  readonly referenceId: string;
  readonly customId: string | null;
  readonly invoiceId: string | null;
  readonly isDelayed: boolean;
  readonly platformFee: Amount | null;
  readonly vaultId: string | null;
  readonly shipping: unknown;
  captureId: string | null;
  readonly trackers: string[];
}

export interface SimCapture {
  readonly id: string;
  readonly orderId: string;
  readonly payee: string;
  readonly amount: Amount;
  readonly fee: Amount;
  readonly platformFee: Amount | null;
  readonly customId: string | null;
  readonly invoiceId: string | null;
  readonly createdAt: number;
  status: 'COMPLETED' | 'DECLINED' | 'PENDING' | 'PARTIALLY_REFUNDED' | 'REFUNDED';
  pendingReason: string | null;
  readonly isDelayed: boolean;
  payoutId: string | null;
}

export interface SimRefund {
  readonly id: string;
  readonly captureId: string;
  readonly amount: Amount;
  readonly note: string | null;
  readonly createdAt: number;
  status: 'COMPLETED' | 'PENDING' | 'FAILED';
}

export interface SimPayout {
  readonly id: string;
  readonly captureId: string;
  readonly amount: Amount;
  readonly createdAt: number;
  /** By our call, or by PayPal itself 28 days after the capture. */
  readonly cause: 'REQUESTED' | 'AUTOMATIC';
  status: 'SUCCESS' | 'FAILED';
}

export interface SimSetupToken {
  readonly id: string;
  readonly customerId: string;
  status: 'PAYER_ACTION_REQUIRED' | 'APPROVED' | 'VAULTED';
  brand: string;
  lastFour: string;
  expiry: string;
}

export interface SimPaymentToken {
  readonly id: string;
  readonly customerId: string;
  readonly brand: string;
  readonly lastFour: string;
  readonly expiry: string;
}

export interface SimMerchant {
  readonly merchantId: string;
  readonly trackingId: string;
  readonly referralId: string;
  readonly createdAt: number;
  isComplete: boolean;
}

export interface SimDispute {
  readonly id: string;
  readonly captureId: string;
  readonly reason: string;
  readonly amount: Amount;
  readonly createdAt: number;
  status:
    | 'OPEN'
    | 'WAITING_FOR_SELLER_RESPONSE'
    | 'WAITING_FOR_BUYER_RESPONSE'
    | 'UNDER_REVIEW'
    | 'RESOLVED';
  outcome: string | null;
  readonly evidence: unknown[];
}

export interface SimWebhook {
  readonly id: string;
  readonly url: string;
  readonly eventTypes: readonly string[];
}

export interface Remembered {
  readonly at: number;
  readonly bodyHash: string;
  readonly status: number;
  readonly body: unknown;
}

/** Everything the simulator knows. Kept in one file between starts when it is given a folder. */
export interface SimState {
  clockShiftMs: number;
  counter: number;
  readonly orders: Map<string, SimOrder>;
  readonly captures: Map<string, SimCapture>;
  readonly refunds: Map<string, SimRefund>;
  readonly payouts: Map<string, SimPayout>;
  readonly setupTokens: Map<string, SimSetupToken>;
  readonly paymentTokens: Map<string, SimPaymentToken>;
  readonly merchants: Map<string, SimMerchant>;
  readonly disputes: Map<string, SimDispute>;
  readonly webhooks: Map<string, SimWebhook>;
  readonly remembered: Map<string, Remembered>;
}

const MAPS = [
  'orders',
  'captures',
  'refunds',
  'payouts',
  'setupTokens',
  'paymentTokens',
  'merchants',
  'disputes',
  'webhooks',
  'remembered',
] as const;

export interface LogEntry {
  readonly at: string;
  readonly what: string;
  readonly id: string;
  readonly detail: unknown;
}

/** The simulator's state, and its own append-only log of every movement of money. */
export class SimStore {
  readonly state: SimState;
  readonly log: LogEntry[] = [];
  private readonly directory: string | null;

  constructor(directory: string | null) {
    this.directory = directory;
    if (directory) mkdirSync(directory, { recursive: true });
    this.state = emptyState();
    if (directory) this.load(directory);
  }

  now(): number {
    return Date.now() + this.state.clockShiftMs;
  }

  append(what: string, id: string, detail: unknown): void {
    const entry: LogEntry = {
      at: new Date(this.now()).toISOString(),
      what,
      id,
      detail: plain(detail),
    };
    this.log.push(entry);
    if (this.directory)
      appendFileSync(join(this.directory, 'log.jsonl'), `${JSON.stringify(entry)}\n`);
  }

  /** Written after every change: small, and a kill in the middle costs at most the last one. */
  save(): void {
    if (!this.directory) return;
    const { clockShiftMs, counter } = this.state;
    const maps = Object.fromEntries(MAPS.map((name) => [name, [...this.state[name]]]));
    writeFileSync(
      join(this.directory, 'state.json'),
      JSON.stringify(plain({ clockShiftMs, counter, ...maps })),
    );
  }

  private load(directory: string): void {
    try {
      const json = JSON.parse(
        readFileSync(join(directory, 'state.json'), 'utf8'),
        revive,
      ) as Record<string, never>;
      this.state.clockShiftMs = json.clockShiftMs ?? 0;
      this.state.counter = json.counter ?? 0;
      for (const name of MAPS)
        for (const [key, value] of (json[name] ?? []) as [string, never][])
          this.state[name].set(key, value);
      for (const line of readFileSync(join(directory, 'log.jsonl'), 'utf8').split('\n')) {
        if (line) this.log.push(JSON.parse(line) as LogEntry);
      }
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error;
    }
  }
}

function emptyState(): SimState {
  return {
    clockShiftMs: 0,
    counter: 0,
    orders: new Map(),
    captures: new Map(),
    refunds: new Map(),
    payouts: new Map(),
    setupTokens: new Map(),
    paymentTokens: new Map(),
    merchants: new Map(),
    disputes: new Map(),
    webhooks: new Map(),
    remembered: new Map(),
  };
}

function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, item: unknown) =>
      typeof item === 'bigint' ? { $bigint: item.toString() } : item,
    ),
  );
}

function revive(_key: string, value: unknown): unknown {
  const text = (value as { $bigint?: string } | null)?.$bigint;
  return typeof text === 'string' ? BigInt(text) : value;
}
