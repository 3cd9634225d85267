import type DataLoader from 'dataloader';
import type { BaseContext } from '../../kernel/subgraph.ts';
import type { CloseSellerAccount } from '../application/close-seller-account.ts';
import type { GovernSeller } from '../application/govern-seller.ts';
import type { ProvideSellerIdentity } from '../application/provide-seller-identity.ts';
import type { ReadSellers } from '../application/read-sellers.ts';
import type { SetAllowListEntry } from '../application/set-allow-list-entry.ts';
import type { SetRegionPolicy } from '../application/set-region-policy.ts';
import type { StartSellerApplication } from '../application/start-seller-application.ts';
import type { SubmitSellerApplication } from '../application/submit-seller-application.ts';
import type { SellerAccount } from '../domain/seller-account.ts';

export interface SellersContext extends BaseContext {
  readonly useCases: {
    readonly startSellerApplication: StartSellerApplication;
    readonly provideSellerIdentity: ProvideSellerIdentity;
    readonly submitSellerApplication: SubmitSellerApplication;
    readonly governSeller: GovernSeller;
    readonly closeSellerAccount: CloseSellerAccount;
    readonly setAllowListEntry: SetAllowListEntry;
    readonly setRegionPolicy: SetRegionPolicy;
    readonly readSellers: ReadSellers;
  };
  /** When the operation began, by the database's clock. */
  readonly now: Date;
  readonly loaders: {
    readonly profile: DataLoader<string, SellerAccount | null>;
    readonly account: DataLoader<string, SellerAccount | null>;
  };
}
