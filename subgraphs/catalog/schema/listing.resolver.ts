import { GraphQLError } from 'graphql';
import {
  Arg,
  Args,
  Ctx,
  Directive,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { connectionOf, type Page, PageArgs, pageOf } from '../../kernel/graphql/connection.ts';
import { refusals } from '../../kernel/graphql/errors.ts';
import { GuardedBy } from '../../kernel/graphql/guarded-by.ts';
import { toMoney } from '../../kernel/graphql/shared-types.ts';
import { isId } from '../../kernel/ids.ts';
import {
  anyone,
  members,
  membersAndPartners,
  supportStaff,
  systemOnly,
} from '../../kernel/policy.ts';
import { mayManageListing, maySeeEverythingOf, maySeeListing } from '../domain/listing.policy.ts';
import type { Listing } from '../domain/listing.ts';
import { saleableUnits } from '../domain/stock.ts';
import type { Variant } from '../domain/variant.ts';
import type { CatalogContext } from './context.ts';
import {
  AdjustStockInput,
  AdjustStockPayload,
  AppealListingInput,
  AppealListingPayload,
  ArchiveListingInput,
  ArchiveListingPayload,
  CreateListingInput,
  CreateListingPayload,
  HoldStockInput,
  HoldStockResultType,
  ListingConnection,
  ListingSnapshotType,
  ListingType,
  PauseListingInput,
  PauseListingPayload,
  PublishListingInput,
  PublishListingPayload,
  ReleaseStockInput,
  ReleaseStockResultType,
  ResumeListingInput,
  ResumeListingPayload,
  ReviewListingInput,
  ReviewListingPayload,
  SellerWithListings,
  SetStockThresholdInput,
  SetStockThresholdPayload,
  StockCountType,
  UpdateListingInput,
  UpdateListingPayload,
  UpdateVariantInput,
  UpdateVariantPayload,
  VariantType,
  ViewerType,
} from './listing.types.ts';
import { CATALOG_ERROR_CODES } from './user-errors.ts';

const keyOf = (listing: Listing) => [listing.createdAt.toISOString(), listing.id];

/** Throws BAD_USER_INPUT for a cursor of another list, also one of the same number of parts. */
function listingPage(args: PageArgs): Page {
  const page = pageOf(args, 2);
  const [createdAt, id] = page.after ?? [];
  const isOurs =
    page.after === null ||
    (isId('listing', id ?? '') && !Number.isNaN(new Date(createdAt ?? '').getTime()));
  if (!isOurs) throw badUserInput('after is not a cursor of this list.');
  return page;
}

function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

@Resolver(() => ListingType)
export class ListingResolver {
  @Query(() => ListingType, {
    nullable: true,
    description: 'A listing, or null when it does not exist or is not on sale and not yours.',
  })
  @GuardedBy(anyone, maySeeListing)
  listing(
    @Arg('id', () => ID, { description: 'The id of the listing.' }) id: string,
    @Ctx() { loaders }: CatalogContext,
  ): Promise<ListingType | null> {
    return loaders.listing.load(id);
  }

  @Query(() => ListingConnection, {
    nullable: true,
    description: 'What is on sale, newest first; with your own seller id, everything of yours.',
  })
  @GuardedBy(anyone, maySeeListing)
  async listings(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('sellerId', () => ID, {
      nullable: true,
      description: 'Only of this seller; null or absent is of all.',
    })
    sellerId: string | null,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<ListingConnection> {
    const page = listingPage(args);
    return connectionOf(
      await useCases.readListings.page(sellerId ?? null, actor, page),
      page,
      keyOf,
      (listing) => listing,
    );
  }

  @FieldResolver(() => SellerWithListings, { nullable: true, description: 'Who offers it.' })
  seller(@Root() listing: Listing): SellerWithListings {
    return { id: listing.sellerId };
  }

  @FieldResolver(() => [VariantType], { description: 'What can be chosen, 1 to 50.' })
  variants(@Root() listing: ListingType, @Ctx() { loaders }: CatalogContext): Promise<Variant[]> {
    return loaders.variantsOf.load(listing.id);
  }

  @FieldResolver(() => Boolean, { description: 'True when nothing of it can be bought now.' })
  async isSoldOut(
    @Root() listing: ListingType,
    @Ctx() { loaders }: CatalogContext,
  ): Promise<boolean> {
    const variants = (await loaders.variantsOf.load(listing.id)).filter(
      (variant) => variant.isOffered,
    );
    const levels = await loaders.level.loadMany(variants.map((variant) => variant.inventoryItemId));
    return variants.every((variant, index) => {
      const level = levels[index];
      return !level || level instanceof Error || saleableUnits(level) < variant.unitsPerSale;
    });
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why it waits for review or was removed; for its seller and support.',
  })
  reviewReason(@Root() listing: Listing, @Ctx() { actor }: CatalogContext): string | null {
    return maySeeEverythingOf(actor, listing) ? listing.reviewReason : null;
  }

  @Mutation(() => CreateListingPayload, {
    nullable: true,
    description: 'Writes a listing as a draft.',
  })
  @GuardedBy(members, mayManageListing)
  createListing(
    @Arg('input', () => CreateListingInput, { description: 'What is offered.' })
    input: CreateListingInput,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<CreateListingPayload> {
    const { category, variants, idempotencyKey, imageUrl, ...text } = input;
    return listingPayload(() =>
      useCases.createListing.execute({
        actor,
        category,
        text: { ...text, imageUrl: imageUrl ?? null },
        variants: variants.map((variant) => ({
          title: variant.title ?? null,
          sku: variant.sku ?? null,
          price: toMoney(variant.price),
          stock: variant.stock,
          unitsPerSale: variant.unitsPerSale,
          stockFromVariant: variant.stockFromVariant ?? null,
        })),
        idempotencyKey,
      }),
    );
  }

  @Mutation(() => UpdateListingPayload, {
    nullable: true,
    description: 'Changes text and terms from now on; requests already sent keep what they showed.',
  })
  @GuardedBy(membersAndPartners, mayManageListing)
  updateListing(
    @Arg('input', () => UpdateListingInput, { description: 'What changes.' })
    input: UpdateListingInput,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<UpdateListingPayload> {
    const { listingId, ...change } = input;
    const text = Object.fromEntries(
      Object.entries(change).filter(([, value]) => value !== null && value !== undefined),
    );
    return listingPayload(() => useCases.updateListing.execute({ actor, listingId, text }));
  }

  @Mutation(() => PublishListingPayload, {
    nullable: true,
    description: 'Puts a listing on sale; words that need a look send it to review first.',
  })
  @GuardedBy(membersAndPartners, mayManageListing)
  publishListing(
    @Arg('input', () => PublishListingInput, { description: 'Which listing.' })
    input: PublishListingInput,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<PublishListingPayload> {
    return listingPayload(() => useCases.moveListing.execute({ ...input, actor, step: 'PUBLISH' }));
  }

  @Mutation(() => PauseListingPayload, {
    nullable: true,
    description: 'Takes a listing off sale for now.',
  })
  @GuardedBy(membersAndPartners, mayManageListing)
  pauseListing(
    @Arg('input', () => PauseListingInput, { description: 'Which listing.' })
    input: PauseListingInput,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<PauseListingPayload> {
    return listingPayload(() => useCases.moveListing.execute({ ...input, actor, step: 'PAUSE' }));
  }

  @Mutation(() => ResumeListingPayload, {
    nullable: true,
    description: 'Puts a paused listing back on sale.',
  })
  @GuardedBy(membersAndPartners, mayManageListing)
  resumeListing(
    @Arg('input', () => ResumeListingInput, { description: 'Which listing.' })
    input: ResumeListingInput,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<ResumeListingPayload> {
    return listingPayload(() => useCases.moveListing.execute({ ...input, actor, step: 'RESUME' }));
  }

  @Mutation(() => ArchiveListingPayload, {
    nullable: true,
    description: 'Takes a listing off sale for good.',
  })
  @GuardedBy(membersAndPartners, mayManageListing)
  archiveListing(
    @Arg('input', () => ArchiveListingInput, { description: 'Which listing.' })
    input: ArchiveListingInput,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<ArchiveListingPayload> {
    return listingPayload(() => useCases.moveListing.execute({ ...input, actor, step: 'ARCHIVE' }));
  }

  @Mutation(() => AppealListingPayload, {
    nullable: true,
    description: 'Asks support for a second look at a removal.',
  })
  @GuardedBy(membersAndPartners, mayManageListing)
  appealListing(
    @Arg('input', () => AppealListingInput, { description: 'Which listing.' })
    input: AppealListingInput,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<AppealListingPayload> {
    return listingPayload(() => useCases.moveListing.execute({ ...input, actor, step: 'APPEAL' }));
  }

  @Mutation(() => ReviewListingPayload, {
    nullable: true,
    description: 'Support approves a listing, or takes it off sale.',
  })
  @GuardedBy(supportStaff, maySeeListing)
  reviewListing(
    @Arg('input', () => ReviewListingInput, { description: 'The decision.' })
    input: ReviewListingInput,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<ReviewListingPayload> {
    return listingPayload(() =>
      useCases.reviewListing.execute({ ...input, reason: input.reason ?? null, actor }),
    );
  }
}

@Resolver(() => VariantType)
export class VariantResolver {
  @FieldResolver(() => ListingType, { nullable: true, description: 'The listing it belongs to.' })
  listing(
    @Root() variant: Variant,
    @Ctx() { loaders }: CatalogContext,
  ): Promise<ListingType | null> {
    return loaders.listing.load(variant.listingId);
  }

  @FieldResolver(() => Int, {
    description: 'How many can be bought now, 0 to 99; 99 also stands for more.',
  })
  async available(@Root() variant: Variant, @Ctx() { loaders }: CatalogContext): Promise<number> {
    const level = await loaders.level.load(variant.inventoryItemId);
    return level ? Math.min(99, Math.floor(saleableUnits(level) / variant.unitsPerSale)) : 0;
  }

  @FieldResolver(() => StockCountType, {
    nullable: true,
    description: 'How many there are, for its seller and support; null for others.',
  })
  async stock(
    @Root() variant: Variant,
    @Ctx() { actor, loaders }: CatalogContext,
  ): Promise<StockCountType | null> {
    const listing = await loaders.listing.load(variant.listingId);
    if (listing === null || !maySeeEverythingOf(actor, listing)) return null;
    const level = await loaders.level.load(variant.inventoryItemId);
    return (
      level && {
        onHand: level.onHand,
        allocated: level.allocated,
        held: level.held,
        threshold: level.threshold,
        saleable: saleableUnits(level),
      }
    );
  }

  @Mutation(() => UpdateVariantPayload, {
    nullable: true,
    description: 'Changes name, price or availability of one choice from now on.',
  })
  @GuardedBy(membersAndPartners, mayManageListing)
  async updateVariant(
    @Arg('input', () => UpdateVariantInput, { description: 'What changes.' })
    input: UpdateVariantInput,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<UpdateVariantPayload> {
    const { result, userErrors } = await refusals(CATALOG_ERROR_CODES, async () =>
      useCases.updateVariant.execute({
        actor,
        variantId: input.variantId,
        title: input.title ?? null,
        price: input.price ? toMoney(input.price) : null,
        isOffered: input.isOffered ?? null,
      }),
    );
    return { variant: result, userErrors };
  }

  @Mutation(() => AdjustStockPayload, {
    nullable: true,
    description: 'Counts stock anew: so many units more, or less.',
  })
  @GuardedBy(membersAndPartners, mayManageListing)
  async adjustStock(
    @Arg('input', () => AdjustStockInput, { description: 'How many, and why.' })
    input: AdjustStockInput,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<AdjustStockPayload> {
    const { result, userErrors } = await refusals(CATALOG_ERROR_CODES, async () =>
      useCases.adjustStock.execute({ ...input, actor }),
    );
    return { variant: result, userErrors };
  }

  @Mutation(() => SetStockThresholdPayload, {
    nullable: true,
    description: 'Keeps so many units back. What is held or sold already stays so.',
  })
  @GuardedBy(membersAndPartners, mayManageListing)
  async setStockThreshold(
    @Arg('input', () => SetStockThresholdInput, { description: 'How many.' })
    input: SetStockThresholdInput,
    @Ctx() { actor, useCases }: CatalogContext,
  ): Promise<SetStockThresholdPayload> {
    const { result, userErrors } = await refusals(CATALOG_ERROR_CODES, async () =>
      useCases.setStockThreshold.execute({ ...input, actor }),
    );
    return { variant: result, userErrors };
  }
}

@Resolver(() => SellerWithListings)
export class SellerListingsResolver {
  @FieldResolver(() => ListingConnection, {
    description: 'What the seller has on sale, newest first; everything for the seller.',
  })
  async listings(
    @Root() seller: SellerWithListings,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { loaders }: CatalogContext,
  ): Promise<ListingConnection> {
    const page = listingPage(args);
    return connectionOf(
      await loaders.pageOf.load({ sellerId: seller.id, page }),
      page,
      keyOf,
      (listing) => listing,
    );
  }

  @Directive('@shareable')
  @Query(() => ViewerType, {
    nullable: true,
    description: 'The signed-in member, or null when nobody is.',
  })
  @GuardedBy(anyone)
  viewer(@Ctx() { actor }: CatalogContext): ViewerType | null {
    return actor.kind === 'member' ? { id: actor.userId } : null;
  }
}

/** What other subgraphs ask at once; hidden from clients. */
@Resolver()
export class StockSystemResolver {
  @Directive('@inaccessible')
  @Query(() => [ListingSnapshotType], {
    nullable: true,
    description: 'Variants as they are now; unknown ones are left out.',
  })
  @GuardedBy(systemOnly)
  listingSnapshots(
    @Arg('variantIds', () => [ID], { description: 'The variants.' }) variantIds: string[],
    @Ctx() { useCases }: CatalogContext,
  ): Promise<ListingSnapshotType[]> {
    return useCases.snapshotListings.execute(variantIds);
  }

  @Directive('@inaccessible')
  @Mutation(() => HoldStockResultType, {
    nullable: true,
    description: 'Keeps units for a buyer who is paying: all lines or none.',
  })
  @GuardedBy(systemOnly)
  holdStock(
    @Arg('input', () => HoldStockInput, { description: 'What is held.' }) input: HoldStockInput,
    @Ctx() { useCases }: CatalogContext,
  ): Promise<HoldStockResultType> {
    return useCases.holdStock.execute(input);
  }

  @Directive('@inaccessible')
  @Mutation(() => ReleaseStockResultType, { nullable: true, description: 'Gives held units back.' })
  @GuardedBy(systemOnly)
  async releaseStock(
    @Arg('input', () => ReleaseStockInput, { description: 'Which hold.' }) input: ReleaseStockInput,
    @Ctx() { useCases }: CatalogContext,
  ): Promise<ReleaseStockResultType> {
    return { isReleased: await useCases.releaseStock.execute(input.reference) };
  }
}

async function listingPayload(work: () => Promise<Listing>): Promise<CreateListingPayload> {
  const { result, userErrors } = await refusals(CATALOG_ERROR_CODES, async () => work());
  return { listing: result, userErrors };
}
