import { z } from 'zod';
import { reference } from '../kernel/graphql/guarded-by.ts';
import { anyone, members, signedIn } from '../kernel/policy.ts';
import { parseSealingKeys, Sealer } from '../kernel/sealing.ts';
import { defineSubgraph } from '../kernel/subgraph.ts';
import { AnnounceRegions } from './application/announce-regions.ts';
import { CloseSellerAccount } from './application/close-seller-account.ts';
import { GovernSeller } from './application/govern-seller.ts';
import { ProvideSellerIdentity } from './application/provide-seller-identity.ts';
import { ReadProcessorStanding } from './application/read-processor-standing.ts';
import { ReadSellers } from './application/read-sellers.ts';
import { SetAllowListEntry } from './application/set-allow-list-entry.ts';
import { SetRegionPolicy } from './application/set-region-policy.ts';
import { StartSellerApplication } from './application/start-seller-application.ts';
import { SubmitSellerApplication } from './application/submit-seller-application.ts';
import { maySeeAccount } from './domain/seller-account.policy.ts';
import { ObligationsNeighbours } from './neighbours/obligations.ts';
import { PayPalOnboarding } from './onboarding/paypal-onboarding.ts';
import { IdentityVault } from './persistence/identity-vault.ts';
import { CreateSellerAccounts } from './persistence/migrations/0001-create-seller-accounts.ts';
import { ReadStanding } from './persistence/migrations/0002-read-standing.ts';
import { TellRegions } from './persistence/migrations/0003-tell-regions.ts';
import { SellerAccountSchema } from './persistence/seller-account.schema.ts';
import { SellerAccountStore } from './persistence/seller-account.store.ts';
import type { SellersContext } from './schema/context.ts';
import { createLoaders } from './schema/seller-account.loaders.ts';
import { toAccount, toSeller } from './schema/seller-account.mapping.ts';
import { SellerAccountResolver } from './schema/seller-account.resolver.ts';
import { SellerAccountType, SellerType, ViewerType } from './schema/seller-account.types.ts';

const config = z.object({
  PAYPAL_URL: z.url(),
  PAYPAL_CLIENT_ID: z.string().min(1),
  PAYPAL_CLIENT_SECRET: z.string().min(1),
  PAYPAL_PARTNER_ID: z.string().min(1),
  SEALING_KEYS: z.string().transform((text, context) => {
    try {
      return parseSealingKeys(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  }),
});

/** How long an applicant may wait for news of the processor beyond what its webhook brings. */
const READ_STANDING_SECONDS = 1;

/** How long others go on by the old rule of a region. */
const ANNOUNCE_SECONDS = 5;

export const subgraph = defineSubgraph({
  name: 'seller-accounts',
  config,
  entities: [SellerAccountSchema] as never,
  migrations: [CreateSellerAccounts, ReadStanding, TellRegions],
  resolvers: [SellerAccountResolver],
  orphanedTypes: [SellerType, SellerAccountType, ViewerType],
  references: {
    Seller: reference<SellersContext>(anyone, null, async ({ id }, { loaders }) => {
      const account = await loaders.profile.load(id);
      return account && toSeller(account);
    }),
    SellerAccount: reference<SellersContext>(signedIn, maySeeAccount, async ({ id }, context) => {
      const account = await context.loaders.account.load(id);
      return account && toAccount(account, context);
    }),
    Viewer: reference<SellersContext>(members, null, ({ id }, { actor }) =>
      actor.kind === 'member' && actor.userId === id ? { id } : null,
    ),
  },
  wire(runtime, settings) {
    const vault = new IdentityVault(new Sealer(settings.SEALING_KEYS));
    const store = new SellerAccountStore(
      runtime.transactions,
      runtime.outbox,
      runtime.clock,
      vault,
    );
    const onboarding = new PayPalOnboarding({
      baseUrl: settings.PAYPAL_URL.replace(/\/$/, ''),
      clientId: settings.PAYPAL_CLIENT_ID,
      clientSecret: settings.PAYPAL_CLIENT_SECRET,
      partnerId: settings.PAYPAL_PARTNER_ID,
    });
    const readStanding = new ReadProcessorStanding(store, onboarding, (sellerId, err) =>
      runtime.logger.warn({ err, sellerId }, 'the processor could not be asked; tried again'),
    );
    const useCases = {
      startSellerApplication: new StartSellerApplication(store),
      provideSellerIdentity: new ProvideSellerIdentity(store),
      submitSellerApplication: new SubmitSellerApplication(store, readStanding),
      governSeller: new GovernSeller(store),
      closeSellerAccount: new CloseSellerAccount(store, new ObligationsNeighbours(runtime.calls)),
      setAllowListEntry: new SetAllowListEntry(store),
      setRegionPolicy: new SetRegionPolicy(store),
      readSellers: new ReadSellers(store),
    };
    const announceRegions = new AnnounceRegions(store);
    return {
      contextFor: (request): SellersContext => ({
        ...request,
        now: runtime.clock.now(),
        useCases,
        loaders: createLoaders(useCases.readSellers, request.actor),
      }),
      jobs: [
        {
          name: 'announce-regions',
          everySeconds: ANNOUNCE_SECONDS,
          run: () => announceRegions.runDue(),
        },
        {
          name: 'read-processor-standing',
          everySeconds: READ_STANDING_SECONDS,
          run: () => readStanding.execute(),
        },
      ],
    };
  },
});
