import type { AllowListState } from '../domain/allow-list.states.ts';
import type { Identity } from '../domain/identity.ts';
import type { ProcessorStanding } from '../domain/processor-standing.ts';
import type { SellerStandingChanged } from '../domain/seller-account.events.ts';
import type { SellerAccount } from '../domain/seller-account.ts';

export interface SellersTransaction {
  now(): Promise<Date>;
  lockAccount(id: string): Promise<SellerAccount | null>;
  /** Locks the id and the handle of an account that is not there yet, against a second application. */
  reserve(id: string, handle: string): Promise<void>;
  addAccount(account: SellerAccount): void;
  isHandleTaken(handle: string): Promise<boolean>;
  isRegionEnabled(region: string, now: Date): Promise<boolean>;
  isAllowListed(userId: string, now: Date): Promise<boolean>;
  allowListState(userId: string): Promise<AllowListState | null>;
  /** From `from` on; the newest rule in effect decides. */
  setRegionPolicy(region: string, isEnabled: boolean, from: Date, by: string): Promise<void>;
  setAllowListState(userId: string, state: AllowListState, by: string, now: Date): Promise<void>;
  /** Seals and stores; what was there before is gone. */
  storeIdentity(sellerId: string, identity: Identity): Promise<void>;
  /** The caller reads the standing now itself; the timer need not, for a while. */
  markRead(sellerId: string, now: Date): Promise<void>;
  /** True when another account was opened with the same identity. */
  isKnownPerson(sellerId: string): Promise<boolean>;
  /** Once the processor has it, the data has no business here; its fingerprint stays. */
  eraseIdentity(sellerId: string): Promise<void>;
  /**
   * Locks the next accounts of the region that were not told of the rule, and notes how far it came;
   * empty when all were.
   */
  nextToTell(rule: RegionAnnouncement, limit: number): Promise<readonly SellerAccount[]>;
  record(event: SellerStandingChanged): Promise<void>;
}

/** What other subgraphs still have open for a seller. */
export interface Obligations {
  /** In words for programs, for example ORDERS, HELD_MONEY; rejects retryably when one does not answer. */
  openOf(sellerId: string): Promise<readonly string[]>;
}

/** One step through a region's sellers after its rule changed. */
export interface RegionAnnouncement {
  readonly region: string;
  readonly effectiveFrom: Date;
}

export interface SellersStore {
  /** Rules in effect whose sellers were not all told of. */
  regionsToAnnounce(now: Date): Promise<readonly RegionAnnouncement[]>;
  transact<T>(work: (tx: SellersTransaction) => Promise<T>): Promise<T>;
  accounts(ids: readonly string[]): Promise<readonly SellerAccount[]>;
  /**
   * Takes the accounts whose standing with the processor is to be read again, the longest unread
   * first. Taken is marked as read, so that one that fails waits its turn like the others.
   */
  takeAccountsToRead(now: Date, limit: number): Promise<readonly string[]>;
  /** Opens an identity for one purpose; every opening leaves a row in the chained access log. */
  openIdentity(sellerId: string, by: string, purpose: string): Promise<Identity>;
}

/** The processor's side of an application. */
export interface Onboarding {
  /** Hands the identity over; resolves to the page where the seller finishes. Safe to repeat. */
  refer(account: SellerAccount, identity: Identity): Promise<{ readonly onboardingUrl: string }>;
  /** Null while the processor knows nothing of it. */
  standing(trackingId: string): Promise<ProcessorStanding | null>;
}
