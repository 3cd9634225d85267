import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Amounts inside the simulator are exact minor units; on the wire they are PayPal's decimal text. */
export interface Amount {
  readonly minor: bigint;
  readonly currency: string;
}

export interface SimOrder {
  readonly id: string;
  readonly createdAt: number;
  updatedAt: number;
  status: 'CREATED' | 'APPROVED' | 'COMPLETED';
  intent: 'CAPTURE' | 'AUTHORIZE';
  amount: Amount;
  /** As they were sent, and sent back so. */
  breakdown: unknown;
  readonly items: unknown;
  readonly payee: string;
  readonly referenceId: string;
  customId: string | null;
  invoiceId: string | null;
  readonly isDelayed: boolean;
  readonly platformFee: Amount | null;
  /** The saved instrument, once one was named. */
  vaultId: string | null;
  readonly shipping: unknown;
  captureId: string | null;
  readonly trackers: SimTracker[];
}

export interface SimTracker {
  readonly id: string;
  readonly trackingNumber: string;
  readonly carrier: string;
  readonly createdAt: number;
  status: 'SHIPPED' | 'CANCELLED';
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
  updatedAt: number;
  status: 'COMPLETED' | 'DECLINED' | 'PENDING' | 'PARTIALLY_REFUNDED' | 'REFUNDED';
  pendingReason: string | null;
  /** The card processor's code of a capture that was declined. */
  readonly responseCode: string | null;
  readonly isDelayed: boolean;
  payoutId: string | null;
}

export interface SimRefund {
  readonly id: string;
  readonly captureId: string;
  readonly amount: Amount;
  /** The part that comes out of the platform's fee. */
  readonly platformFee: Amount | null;
  /** The seller had been paid: the rest comes out of the seller's balance. */
  readonly isAfterPayout: boolean;
  readonly note: string | null;
  readonly createdAt: number;
  /** A dispute that was lost took it, whatever the seller's balance. */
  readonly isReversal?: boolean;
  /** An appeal was won: PayPal gave the seller the same amount. */
  isRestored?: boolean;
  status: 'COMPLETED' | 'PENDING' | 'FAILED';
}

export interface SimPayout {
  readonly id: string;
  readonly captureId: string;
  readonly payee: string;
  readonly amount: Amount;
  readonly createdAt: number;
  /** By our call, or by PayPal itself 28 days after the capture. */
  readonly cause: 'REQUESTED' | 'AUTOMATIC';
  status: 'SUCCESS' | 'FAILED';
}

export interface SimSetupToken {
  readonly id: string;
  readonly customerId: string;
  readonly kind: 'card' | 'paypal';
  status: 'PAYER_ACTION_REQUIRED' | 'APPROVED' | 'VAULTED';
  brand: string;
  lastFour: string;
  expiry: string;
}

export interface SimPaymentToken {
  readonly id: string;
  readonly customerId: string;
  readonly kind: 'card' | 'paypal';
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
  isRevoked: boolean;
  /** Taken from the balance to a bank, by currency, in minor units. */
  readonly withdrawn: Record<string, bigint>;
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
  updatedAt: number;
  outcome: string | null;
  /** What went back to the payer by it. */
  reversed?: Amount;
  /** The movement by which it went back. */
  reversalId?: string;
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

/** Everything the simulator knows. */
export interface SimState {
  clockShiftMs: number;
  counter: number;
  readonly orders: Kept<SimOrder>;
  readonly captures: Kept<SimCapture>;
  readonly refunds: Kept<SimRefund>;
  readonly payouts: Kept<SimPayout>;
  readonly setupTokens: Kept<SimSetupToken>;
  readonly paymentTokens: Kept<SimPaymentToken>;
  readonly merchants: Kept<SimMerchant>;
  readonly disputes: Kept<SimDispute>;
  readonly webhooks: Kept<SimWebhook>;
  readonly remembered: Kept<Remembered>;
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

type MapName = (typeof MAPS)[number];

/** Remembers what was taken out or put in, because whoever took it out may have changed it. */
export class Kept<T> extends Map<string, T> {
  readonly touched = new Set<string>();

  override get(key: string): T | undefined {
    this.touched.add(key);
    return super.get(key);
  }

  override set(key: string, value: T): this {
    this.touched.add(key);
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    this.touched.add(key);
    return super.delete(key);
  }
}

export interface LogEntry {
  readonly at: string;
  readonly what: string;
  readonly id: string;
  readonly detail: unknown;
}

type JournalLine =
  | { readonly log: LogEntry }
  | { readonly clockShiftMs: number; readonly counter: number }
  | { readonly map: MapName; readonly key: string; readonly value?: unknown };

const JOURNAL = 'simulator.jsonl';

/**
 * The simulator's state, and its own append-only log of every movement of money. With a folder, each
 * call's changes and log entries are one write to the end of one file, so a kill keeps all or none.
 */
export class SimStore {
  readonly state: SimState = emptyState();
  readonly log: LogEntry[] = [];
  private readonly path: string | null;
  private unsaved: LogEntry[] = [];

  constructor(directory: string | null) {
    this.path = directory && join(directory, JOURNAL);
    if (directory === null || this.path === null) return;
    mkdirSync(directory, { recursive: true });
    this.load(this.path);
    this.compact(this.path);
  }

  now(): number {
    return Date.now() + this.state.clockShiftMs;
  }

  append(what: string, id: string, detail: unknown): void {
    const at = new Date(this.now()).toISOString();
    const entry: LogEntry = { at, what, id, detail: plain(detail) };
    this.log.push(entry);
    this.unsaved.push(entry);
  }

  /** Called after everything that may have changed something. */
  save(): void {
    if (this.path !== null) {
      const lines: JournalLine[] = this.unsaved.map((log) => ({ log }));
      const { clockShiftMs, counter } = this.state;
      lines.push({ clockShiftMs, counter }, ...this.changes());
      appendFileSync(this.path, text(lines));
    }
    this.forget();
  }

  /** A call that only read: what it took out was not changed. */
  forget(): void {
    this.unsaved = [];
    for (const name of MAPS) this.state[name].touched.clear();
  }

  private changes(): JournalLine[] {
    return MAPS.flatMap((map) => {
      const kept: Map<string, unknown> = this.state[map];
      return [...this.state[map].touched].map((key) => ({ map, key, value: kept.get(key) }));
    });
  }

  private load(path: string): void {
    for (const line of linesOf(path)) {
      if ('log' in line) this.log.push(line.log);
      else if ('counter' in line) Object.assign(this.state, line);
      else if (line.value === undefined) this.state[line.map].delete(line.key);
      else (this.state[line.map] as Map<string, unknown>).set(line.key, line.value);
    }
    this.forget();
  }

  /** Starts each run with one line per thing, put in place at once. */
  private compact(path: string): void {
    const { clockShiftMs, counter } = this.state;
    const lines: JournalLine[] = [
      ...this.log.map((log) => ({ log })),
      { clockShiftMs, counter },
      ...MAPS.flatMap((map) =>
        [...this.state[map].entries()].map(([key, value]) => ({ map, key, value })),
      ),
    ];
    writeFileSync(`${path}.new`, text(lines));
    renameSync(`${path}.new`, path);
  }
}

/** A last line that a kill cut in half was never answered for, and is left out. */
function linesOf(path: string): JournalLine[] {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw error;
  }
  return content
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line, revive) as JournalLine);
}

function text(lines: readonly JournalLine[]): string {
  return lines.map((line) => `${JSON.stringify(line, bigintsMarked)}\n`).join('');
}

function emptyState(): SimState {
  return {
    clockShiftMs: 0,
    counter: 0,
    orders: new Kept(),
    captures: new Kept(),
    refunds: new Kept(),
    payouts: new Kept(),
    setupTokens: new Kept(),
    paymentTokens: new Kept(),
    merchants: new Kept(),
    disputes: new Kept(),
    webhooks: new Kept(),
    remembered: new Kept(),
  };
}

function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${item}` : item)),
  );
}

function bigintsMarked(_key: string, item: unknown): unknown {
  return typeof item === 'bigint' ? { $bigint: item.toString() } : item;
}

function revive(_key: string, value: unknown): unknown {
  const digits = (value as { $bigint?: string } | null)?.$bigint;
  return typeof digits === 'string' ? BigInt(digits) : value;
}
