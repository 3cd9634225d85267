import type { AllowListState } from '../domain/allow-list.states.ts';
import type { Identity } from '../domain/identity.ts';
import type { SellerStandingChanged } from '../domain/seller-account.events.ts';
import type { ProcessorStanding, SellerAccount } from '../domain/seller-account.ts';

export interface SellersTransaction {
  now(): Promise<Date>;
  lockAccount(id: string): Promise<SellerAccount | null>;
  addAccount(account: SellerAccount): void;
  isHandleTaken(handle: string): Promise<boolean>;
  isRegionEnabled(region: string, now: Date): Promise<boolean>;
  isAllowListed(userId: string, now: Date): Promise<boolean>;
  allowListState(userId: string): Promise<AllowListState | null>;
  setAllowListState(userId: string, state: AllowListState, by: string, now: Date): Promise<void>;
  /** Seals and stores; what was there before is gone. */
  storeIdentity(sellerId: string, identity: Identity): Promise<void>;
  record(event: SellerStandingChanged): Promise<void>;
}

export interface SellersStore {
  transact<T>(work: (tx: SellersTransaction) => Promise<T>): Promise<T>;
  accounts(ids: readonly string[]): Promise<readonly SellerAccount[]>;
  /** Accounts whose standing with the processor should be read again, the longest unread first. */
  accountsToRead(limit: number): Promise<readonly string[]>;
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
