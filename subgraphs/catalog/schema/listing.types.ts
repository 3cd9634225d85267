import { Directive, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { MoneyInput, MoneyType, NodeType, PageInfo } from '../../kernel/graphql/shared-types.ts';
import { statesOf } from '../../kernel/state-machine.ts';
import { LISTING_TRANSITIONS, type ListingStatus } from '../domain/listing.states.ts';
import { CatalogUserError } from './user-errors.ts';

const STATUS_MEANING: Readonly<Record<ListingStatus, string>> = {
  DRAFT: 'Being written; only its seller sees it.',
  IN_REVIEW: 'Waits for a look by support.',
  ACTIVE: 'On sale.',
  PAUSED: 'Taken off sale by its seller for now.',
  REMOVED_BY_POLICY: 'Taken off sale by support; the seller may appeal.',
  ARCHIVED: 'Off sale for good.',
};

/** From the transition table, so that the two cannot drift apart. */
export const ListingStatusEnum = Object.fromEntries(
  statesOf(LISTING_TRANSITIONS).map((status) => [status, status]),
) as {
  [status in ListingStatus]: status;
};
registerEnumType(ListingStatusEnum, {
  name: 'ListingStatus',
  description: 'Where a listing stands. Being sold out is no status: see isSoldOut.',
  valuesConfig: Object.fromEntries(
    Object.entries(STATUS_MEANING).map(([status, description]) => [status, { description }]),
  ) as never,
});

export enum CategoryEnum {
  PHYSICAL = 'PHYSICAL',
  DIGITAL = 'DIGITAL',
}
registerEnumType(CategoryEnum, {
  name: 'GoodsCategory',
  description: 'What kind of goods.',
  valuesConfig: {
    PHYSICAL: { description: 'Goods that are sent.' },
    DIGITAL: { description: 'Goods that are not sent; they are not accepted.' },
  },
});

export enum ReviewDecision {
  APPROVE = 'APPROVE',
  REMOVE = 'REMOVE',
}
registerEnumType(ReviewDecision, {
  name: 'ListingReviewDecision',
  description: 'What support decides about a listing.',
  valuesConfig: {
    APPROVE: { description: 'It may be sold.' },
    REMOVE: { description: 'It is taken off sale.' },
  },
});

@Directive('@key(fields: "id")')
@ObjectType('Variant', {
  implements: NodeType,
  description: 'One choice within a listing: a size, a colour, a pack. It has the price.',
})
export class VariantType extends NodeType {
  @Field(() => String, {
    nullable: true,
    description: 'What is chosen; null when there is nothing to choose.',
  })
  readonly title!: string | null;

  @Field(() => String, { nullable: true, description: "The seller's own number for it." })
  readonly sku!: string | null;

  @Field(() => MoneyType, { description: 'The price of one, before shipping and tax.' })
  readonly price!: MoneyType;

  @Field(() => Boolean, { description: 'True while it is offered.' })
  readonly isOffered!: boolean;
}

@Directive('@key(fields: "id")')
@ObjectType('Listing', { implements: NodeType, description: 'Something a seller offers.' })
export class ListingType extends NodeType {
  @Field(() => ListingStatusEnum, { description: 'Where it stands.' })
  readonly status!: string;

  @Field(() => String, { description: 'What it is, in at most 127 characters.' })
  readonly title!: string;

  @Field(() => String, { description: 'What it is, in full.' })
  readonly description!: string;

  @Field(() => String, { nullable: true, description: 'An https URL of a picture.' })
  readonly imageUrl!: string | null;

  @Field(() => Int, { description: 'Business days within which it is sent.' })
  readonly handlingBusinessDays!: number;

  @Field(() => Int, { description: 'Days from delivery in which it may be returned.' })
  readonly returnWindowDays!: number;

  @Field(() => Boolean, { description: 'True when it cannot be returned.' })
  readonly isFinalSale!: boolean;

  @Field(() => Date, { description: 'When it was written.' })
  readonly createdAt!: Date;
}

@Directive('@key(fields: "id")')
@ObjectType('Seller')
export class SellerWithListings {
  @Field(() => ID, { description: 'The id of the seller account.' })
  readonly id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Viewer', { description: "The signed-in member: the way in to one's own things." })
export class ViewerType {
  @Field(() => ID, { description: "The member's user id." })
  readonly id!: string;
}

@ObjectType('ListingEdge', { description: 'A listing in a list.' })
export class ListingEdge {
  @Field(() => String, { description: 'Where this listing stands in the list.' })
  readonly cursor!: string;

  @Field(() => ListingType, { description: 'The listing.' })
  readonly node!: ListingType;
}

@ObjectType('ListingConnection', { description: 'Listings, newest first.' })
export class ListingConnection {
  @Field(() => [ListingEdge], { description: 'The listings with their cursors.' })
  readonly edges!: readonly ListingEdge[];

  @Field(() => [ListingType], { description: 'The listings.' })
  readonly nodes!: readonly ListingType[];

  @Field(() => PageInfo, { description: 'Where this page stands.' })
  readonly pageInfo!: PageInfo;
}

@ObjectType('StockCount', { description: "How many units there are, for the seller's eyes." })
export class StockCountType {
  @Field(() => Int, { description: 'Units on the shelf.' })
  readonly onHand!: number;

  @Field(() => Int, { description: 'Paid for and not sent yet.' })
  readonly allocated!: number;

  @Field(() => Int, { description: 'Kept for buyers who are paying.' })
  readonly held!: number;

  @Field(() => Int, { description: 'Kept back by the seller; never offered.' })
  readonly threshold!: number;

  @Field(() => Int, { description: 'What another buyer can still get.' })
  readonly saleable!: number;
}

@InputType({ description: 'One choice of a new listing.' })
export class VariantInputType {
  @Field(() => String, {
    nullable: true,
    description:
      'What is chosen, at most 60 characters; null or absent when there is nothing to choose.',
  })
  readonly title?: string | null;

  @Field(() => String, { nullable: true, description: 'Your own number for it.' })
  readonly sku?: string | null;

  @Field(() => MoneyInput, { description: 'The price of one, greater than zero.' })
  readonly price!: MoneyInput;

  @Field(() => Int, { defaultValue: 0, description: 'Units on the shelf, 0 to 1000000.' })
  readonly stock!: number;

  @Field(() => Int, {
    defaultValue: 1,
    description: 'Units one sale takes: 3 for a pack of three.',
  })
  readonly unitsPerSale!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'Index of an earlier variant of this list whose stock this one shares; null or absent has its own.',
  })
  readonly stockFromVariant?: number | null;
}

@InputType({ description: 'Writes a listing.' })
export class CreateListingInput {
  @Field(() => CategoryEnum, {
    defaultValue: CategoryEnum.PHYSICAL,
    description: 'What kind of goods; only PHYSICAL is accepted.',
  })
  readonly category!: CategoryEnum;

  @Field(() => String, { description: 'What it is, 1 to 127 characters.' })
  readonly title!: string;

  @Field(() => String, {
    description: 'What it is in full, 1 to 2000 characters; a good one prevents claims.',
  })
  readonly description!: string;

  @Field(() => String, {
    nullable: true,
    description: 'An https URL of a picture; null or absent is none.',
  })
  readonly imageUrl?: string | null;

  @Field(() => Int, {
    defaultValue: 3,
    description: 'Business days within which it is sent, 1 to 15.',
  })
  readonly handlingBusinessDays!: number;

  @Field(() => Int, {
    defaultValue: 30,
    description: 'Days from delivery in which it may be returned, 0 to 365.',
  })
  readonly returnWindowDays!: number;

  @Field(() => Boolean, { defaultValue: false, description: 'True when it cannot be returned.' })
  readonly isFinalSale!: boolean;

  @Field(() => [VariantInputType], { description: 'What can be chosen, 1 to 50.' })
  readonly variants!: VariantInputType[];

  @Field(() => String, {
    description:
      'Your own key: the same call with the same key writes once. 1 to 255 printable ASCII characters.',
  })
  readonly idempotencyKey!: string;
}

@InputType({
  description: 'Changes text and terms of a listing. Absent or null leaves a value as it is.',
})
export class UpdateListingInput {
  @Field(() => ID, { description: 'The listing.' })
  readonly listingId!: string;

  @Field(() => String, { nullable: true, description: 'The new title.' })
  readonly title?: string | null;

  @Field(() => String, { nullable: true, description: 'The new description.' })
  readonly description?: string | null;

  @Field(() => String, { nullable: true, description: 'The new picture.' })
  readonly imageUrl?: string | null;

  @Field(() => Int, { nullable: true, description: 'The new handling time in business days.' })
  readonly handlingBusinessDays?: number | null;

  @Field(() => Int, { nullable: true, description: 'The new return window in days.' })
  readonly returnWindowDays?: number | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it cannot be returned.' })
  readonly isFinalSale?: boolean | null;
}

@InputType()
abstract class ListingIdInput {
  @Field(() => ID, { description: 'The listing.' })
  readonly listingId!: string;
}

@InputType({ description: 'Puts a listing on sale.' })
export class PublishListingInput extends ListingIdInput {}

@InputType({ description: 'Takes a listing off sale for now.' })
export class PauseListingInput extends ListingIdInput {}

@InputType({ description: 'Puts a paused listing back on sale.' })
export class ResumeListingInput extends ListingIdInput {}

@InputType({ description: 'Takes a listing off sale for good.' })
export class ArchiveListingInput extends ListingIdInput {}

@InputType({ description: 'Asks for a second look at a removal.' })
export class AppealListingInput extends ListingIdInput {}

@InputType({ description: 'Decides about a listing.' })
export class ReviewListingInput extends ListingIdInput {
  @Field(() => ReviewDecision, { description: 'What is decided.' })
  readonly decision!: ReviewDecision;

  @Field(() => String, {
    nullable: true,
    description: 'Why, in words the seller sees; required to remove.',
  })
  readonly reason?: string | null;
}

@InputType({
  description: 'Changes one choice of a listing. Absent or null leaves a value as it is.',
})
export class UpdateVariantInput {
  @Field(() => ID, { description: 'The variant.' })
  readonly variantId!: string;

  @Field(() => String, { nullable: true, description: 'The new name of the choice.' })
  readonly title?: string | null;

  @Field(() => MoneyInput, { nullable: true, description: 'The new price.' })
  readonly price?: MoneyInput | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it is offered.' })
  readonly isOffered?: boolean | null;
}

@InputType({ description: 'Counts stock anew.' })
export class AdjustStockInput {
  @Field(() => ID, { description: 'The variant whose stock it is.' })
  readonly variantId!: string;

  @Field(() => Int, {
    description:
      'Units more, or less when negative. What is held or allocated cannot be taken away.',
  })
  readonly delta!: number;

  @Field(() => String, { description: 'Why, at most 200 characters; kept with the movement.' })
  readonly reason!: string;

  @Field(() => String, {
    description:
      'Your own key: the same call with the same key counts once. 1 to 255 printable ASCII characters.',
  })
  readonly idempotencyKey!: string;
}

@InputType({ description: 'Keeps units back.' })
export class SetStockThresholdInput {
  @Field(() => ID, { description: 'The variant whose stock it is.' })
  readonly variantId!: string;

  @Field(() => Int, { description: 'Units never offered, 0 to 1000000.' })
  readonly threshold!: number;
}

@InputType({ description: 'A line of a hold.' })
export class StockLineInput {
  @Field(() => ID, { description: 'The variant.' })
  readonly variantId!: string;

  @Field(() => Int, { description: 'How many.' })
  readonly quantity!: number;
}

@InputType({ description: 'Keeps units for a buyer who is paying.' })
export class HoldStockInput {
  @Field(() => ID, { description: 'What the hold is for; the same reference holds once.' })
  readonly reference!: string;

  @Field(() => [StockLineInput], { description: 'All of these or none.' })
  readonly lines!: StockLineInput[];

  @Field(() => Int, { description: 'How long, in seconds.' })
  readonly holdSeconds!: number;
}

@InputType({ description: 'Gives held units back.' })
export class ReleaseStockInput {
  @Field(() => ID, { description: 'What the hold was for.' })
  readonly reference!: string;
}

@ObjectType('ListingSnapshot', {
  description: 'What a variant is at this moment, for other subgraphs.',
})
export class ListingSnapshotType {
  @Field(() => ID, { description: 'The variant.' })
  readonly variantId!: string;

  @Field(() => ID, { description: 'The listing.' })
  readonly listingId!: string;

  @Field(() => ID, { description: 'The seller.' })
  readonly sellerId!: string;

  @Field(() => String, { description: 'What a line of a request is called.' })
  readonly title!: string;

  @Field(() => String, { description: 'What is sold, in full.' })
  readonly description!: string;

  @Field(() => MoneyType, { description: 'The price of one.' })
  readonly unitPrice!: MoneyType;

  @Field(() => Boolean, { description: 'True while it is on sale, whether or not any is left.' })
  readonly isSaleable!: boolean;

  @Field(() => String, { description: 'Where the listing stands.' })
  readonly listingStatus!: string;

  @Field(() => Int, { description: 'How many another buyer can get.' })
  readonly saleableQuantity!: number;

  @Field(() => Int, { description: 'Days from delivery in which it may be returned.' })
  readonly returnWindowDays!: number;

  @Field(() => Boolean, { description: 'True when it cannot be returned.' })
  readonly isFinalSale!: boolean;

  @Field(() => Int, { description: 'Business days within which it is sent.' })
  readonly handlingBusinessDays!: number;
}

@ObjectType('HoldStockResult', {
  description: 'Whether the units are kept, and what they are now.',
})
export class HoldStockResultType {
  @Field(() => Boolean, { description: 'True when all lines are held.' })
  readonly isHeld!: boolean;

  @Field(() => [ID], { description: 'Variants of which there is not enough.' })
  readonly refusedVariantIds!: readonly string[];

  @Field(() => [ListingSnapshotType], { description: 'The variants as they are now.' })
  readonly lines!: readonly ListingSnapshotType[];
}

@ObjectType('ReleaseStockResult', { description: 'Whether anything was given back.' })
export class ReleaseStockResultType {
  @Field(() => Boolean, { description: 'True when something was held.' })
  readonly isReleased!: boolean;
}

@ObjectType()
abstract class CatalogPayload {
  @Field(() => [CatalogUserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: readonly CatalogUserError[];
}

@ObjectType()
abstract class ListingPayload extends CatalogPayload {
  @Field(() => ListingType, {
    nullable: true,
    description: 'The listing; null exactly when there are userErrors.',
  })
  readonly listing!: ListingType | null;
}

@ObjectType({ description: 'The listing that was written, or why none was.' })
export class CreateListingPayload extends ListingPayload {}

@ObjectType({ description: 'The listing as it is now, or why it was not changed.' })
export class UpdateListingPayload extends ListingPayload {}

@ObjectType({ description: 'The listing on sale or in review, or why it is not.' })
export class PublishListingPayload extends ListingPayload {}

@ObjectType({ description: 'The paused listing, or why it is not.' })
export class PauseListingPayload extends ListingPayload {}

@ObjectType({ description: 'The listing on sale again, or why it is not.' })
export class ResumeListingPayload extends ListingPayload {}

@ObjectType({ description: 'The archived listing, or why it is not.' })
export class ArchiveListingPayload extends ListingPayload {}

@ObjectType({ description: 'The listing in review again, or why it is not.' })
export class AppealListingPayload extends ListingPayload {}

@ObjectType({ description: 'The listing after the decision, or why nothing was decided.' })
export class ReviewListingPayload extends ListingPayload {}

@ObjectType()
abstract class VariantPayload extends CatalogPayload {
  @Field(() => VariantType, {
    nullable: true,
    description: 'The variant; null exactly when there are userErrors.',
  })
  readonly variant!: VariantType | null;
}

@ObjectType({ description: 'The variant as it is now, or why it was not changed.' })
export class UpdateVariantPayload extends VariantPayload {}

@ObjectType({ description: 'The variant whose stock was counted, or why it was not.' })
export class AdjustStockPayload extends VariantPayload {}

@ObjectType({ description: 'The variant with its new threshold, or why it was not changed.' })
export class SetStockThresholdPayload extends VariantPayload {}
