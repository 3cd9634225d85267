import { z } from 'zod';
import { reference } from '../kernel/graphql/guarded-by.ts';
import { MoneySchema } from '../kernel/persistence/money.schema.ts';
import { anyone, members } from '../kernel/policy.ts';
import { defineSubgraph } from '../kernel/subgraph.ts';
import { AdjustStock } from './application/adjust-stock.ts';
import { MoveListing, ReviewListing, UpdateListing } from './application/change-listing.ts';
import { ConvertHold } from './application/convert-hold.ts';
import { CreateListing } from './application/create-listing.ts';
import { ExpireHolds } from './application/expire-holds.ts';
import { HoldStock } from './application/hold-stock.ts';
import { ReadListings } from './application/read-listings.ts';
import { ReleaseStock } from './application/release-stock.ts';
import { SetStockThreshold } from './application/set-stock-threshold.ts';
import { SettleAllocation } from './application/settle-allocation.ts';
import { SnapshotListings } from './application/snapshot-listings.ts';
import { UpdateVariant } from './application/update-variant.ts';
import { maySeeListing } from './domain/listing.policy.ts';
import { onOrderCancelled } from './events/on-order-cancelled.ts';
import { onPaymentCaptured } from './events/on-payment-captured.ts';
import { onReturnReceived } from './events/on-return-received.ts';
import { onShipmentSent } from './events/on-shipment-sent.ts';
import { ListingSchema, VariantSchema } from './persistence/catalog.schema.ts';
import { StoredCatalog } from './persistence/catalog.store.ts';
import { CreateCatalog } from './persistence/migrations/0001-create-catalog.ts';
import { AllocationOrder } from './persistence/migrations/0002-allocation-order.ts';
import type { CatalogContext } from './schema/context.ts';
import { createLoaders } from './schema/listing.loaders.ts';
import {
  ListingResolver,
  SellerListingsResolver,
  StockSystemResolver,
  VariantResolver,
} from './schema/listing.resolver.ts';
import {
  ListingType,
  SellerWithListings,
  VariantType,
  ViewerType,
} from './schema/listing.types.ts';

export const subgraph = defineSubgraph({
  name: 'catalog',
  config: z.object({}),
  entities: [MoneySchema, ListingSchema, VariantSchema] as never,
  migrations: [CreateCatalog, AllocationOrder],
  resolvers: [ListingResolver, VariantResolver, SellerListingsResolver, StockSystemResolver],
  orphanedTypes: [ListingType, VariantType, SellerWithListings, ViewerType],
  references: {
    Listing: reference<CatalogContext>(anyone, maySeeListing, ({ id }, { loaders }) =>
      loaders.listing.load(id),
    ),
    Variant: reference<CatalogContext>(anyone, maySeeListing, ({ id }, { loaders }) =>
      loaders.variant.load(id),
    ),
    Seller: reference<CatalogContext>(anyone, null, ({ id }) => ({ id })),
    Viewer: reference<CatalogContext>(members, null, ({ id }, { actor }) =>
      actor.kind === 'member' && actor.userId === id ? { id } : null,
    ),
  },
  wire(runtime) {
    const store = new StoredCatalog(runtime.transactions, runtime.outbox, runtime.clock);
    const { idempotency, newId } = runtime;
    const snapshotListings = new SnapshotListings(store);
    const settle = new SettleAllocation(store);
    const expire = new ExpireHolds(store);
    const useCases = {
      createListing: new CreateListing(store, idempotency, newId),
      updateListing: new UpdateListing(store),
      moveListing: new MoveListing(store),
      reviewListing: new ReviewListing(store),
      updateVariant: new UpdateVariant(store),
      adjustStock: new AdjustStock(store, idempotency),
      setStockThreshold: new SetStockThreshold(store),
      holdStock: new HoldStock(store, snapshotListings, newId),
      releaseStock: new ReleaseStock(store),
      snapshotListings,
      readListings: new ReadListings(store),
    };
    return {
      contextFor: (request): CatalogContext => ({
        ...request,
        useCases,
        loaders: createLoaders(useCases.readListings, request.actor),
      }),
      eventHandlers: [
        onPaymentCaptured(new ConvertHold(store, newId)),
        onOrderCancelled(settle),
        onShipmentSent(settle),
        onReturnReceived(settle),
      ],
      jobs: [
        { name: 'expire-stock-holds', everySeconds: 5, run: () => expire.execute() },
        {
          name: 'prune-idempotency-keys',
          everySeconds: 3_600,
          run: async () => void (await idempotency.prune()),
        },
      ],
    };
  },
});
