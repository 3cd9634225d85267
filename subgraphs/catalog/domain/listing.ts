import { step } from '../../kernel/state-machine.ts';
import { CategoryNotAccepted } from './listing.errors.ts';
import type { ListingChanged } from './listing.events.ts';
import { LISTING_TRANSITIONS, type ListingStatus } from './listing.states.ts';
import {
  checkedDays,
  checkedDescription,
  checkedImageUrl,
  checkedTitle,
  HANDLING_BUSINESS_DAYS_MAX,
  RETURN_WINDOW_DAYS_MAX,
} from './listing-limits.ts';

export type GoodsCategory = 'PHYSICAL' | 'DIGITAL';

/** What the seller writes and promises; snapshotted onto every request that sells it. */
export interface ListingText {
  readonly title: string;
  readonly description: string;
  readonly imageUrl: string | null;
  readonly handlingBusinessDays: number;
  readonly returnWindowDays: number;
  readonly isFinalSale: boolean;
}

/** Something a seller offers, from the first draft until it is archived for good. */
export class Listing {
  readonly id!: string;
  readonly sellerId!: string;
  readonly category!: GoodsCategory;
  readonly currency!: string;
  readonly createdAt!: Date;
  readonly status!: ListingStatus;
  readonly title!: string;
  readonly description!: string;
  readonly imageUrl!: string | null;
  readonly handlingBusinessDays!: number;
  readonly returnWindowDays!: number;
  readonly isFinalSale!: boolean;
  /** Why it waits for review or was removed, in words for the seller; null otherwise. */
  readonly reviewReason!: string | null;
  readonly publishedAt!: Date | null;
  readonly updatedAt!: Date;

  private constructor(state: ListingFields) {
    Object.assign(this, state);
  }

  static draft(
    given: {
      readonly id: string;
      readonly sellerId: string;
      readonly category: GoodsCategory;
      readonly currency: string;
    },
    text: ListingText,
    now: Date,
  ): Listing {
    if (given.category !== 'PHYSICAL') throw new CategoryNotAccepted();
    return new Listing({
      ...given,
      ...checkedListingText(text),
      status: 'DRAFT',
      reviewReason: null,
      createdAt: now,
      updatedAt: now,
      publishedAt: null,
    });
  }

  /**
   * Asks to be sold, once. What meets no prohibited term is ACTIVE at once, the rest waits for a
   * person. What a person removed comes back by an appeal only, never by publishing it again.
   */
  publish(prohibitedTerms: readonly string[], now: Date): ListingChanged {
    if (this.status === 'REMOVED_BY_POLICY') this.refuse('ACTIVE');
    if (this.status !== 'DRAFT') this.refuse('IN_REVIEW');
    const reviewed = this.next('IN_REVIEW');
    if (prohibitedTerms.length > 0) {
      return this.become({ status: reviewed, reviewReason: reasonOf(prohibitedTerms) }, now);
    }
    const status = step(this.name, LISTING_TRANSITIONS, reviewed, 'ACTIVE');
    return this.become({ status, reviewReason: null, publishedAt: this.publishedAt ?? now }, now);
  }

  pause(now: Date): ListingChanged {
    return this.become({ status: this.next('PAUSED') }, now);
  }

  /** Back on sale after a pause. */
  resume(now: Date): ListingChanged {
    // From IN_REVIEW, too, ACTIVE may follow; but that is the reviewer's step, not the seller's.
    if (this.status !== 'PAUSED') this.refuse('ACTIVE');
    return this.become({ status: this.next('ACTIVE') }, now);
  }

  /** Off sale for good. */
  archive(now: Date): ListingChanged {
    return this.become({ status: this.next('ARCHIVED') }, now);
  }

  /** A reviewer's yes. */
  approve(now: Date): ListingChanged {
    if (this.status !== 'IN_REVIEW') this.refuse('ACTIVE');
    return this.become(
      { status: this.next('ACTIVE'), reviewReason: null, publishedAt: this.publishedAt ?? now },
      now,
    );
  }

  /** Taken off sale by a reviewer; the reason is shown to the seller, who may appeal. */
  remove(reason: string, now: Date): ListingChanged {
    return this.become({ status: this.next('REMOVED_BY_POLICY'), reviewReason: reason }, now);
  }

  /** The seller asks for a second look at a removal. */
  appeal(now: Date): ListingChanged {
    if (this.status !== 'REMOVED_BY_POLICY') this.refuse('IN_REVIEW');
    return this.become({ status: this.next('IN_REVIEW') }, now);
  }

  /**
   * Changes text and terms from now on; requests already sent keep what they showed. Text that meets
   * a prohibited term takes a published listing off sale until it was looked at.
   */
  edit(
    change: Partial<ListingText>,
    variantTitles: readonly string[],
    prohibitedIn: TermsIn,
    now: Date,
  ): ListingChanged {
    if (this.status === 'ARCHIVED') this.refuse('IN_REVIEW');
    const text = checkedListingText({ ...this.text, ...change });
    const terms = prohibitedIn([text.title, text.description, ...variantTitles]);
    const isPublished = this.status === 'ACTIVE' || this.status === 'PAUSED';
    if (terms.length > 0 && isPublished) {
      const status = this.next('IN_REVIEW');
      return this.become({ ...text, status, reviewReason: reasonOf(terms) }, now);
    }
    return this.become(text, now);
  }

  get text(): ListingText {
    const { title, description, imageUrl, handlingBusinessDays, returnWindowDays, isFinalSale } =
      this;
    return { title, description, imageUrl, handlingBusinessDays, returnWindowDays, isFinalSale };
  }

  private get name(): string {
    return `Listing ${this.id}`;
  }

  private next(to: ListingStatus): ListingStatus {
    return step(this.name, LISTING_TRANSITIONS, this.status, to);
  }

  // The step exists in the table for somebody else's action, not for this one.
  private refuse(to: ListingStatus): never {
    const allowed = LISTING_TRANSITIONS[this.status].filter((status) => status !== to);
    step(this.name, { ...LISTING_TRANSITIONS, [this.status]: allowed }, this.status, to);
    throw new TypeError(`${to} must be out of reach here`);
  }

  private become(
    change: Partial<ListingText & Pick<Listing, 'status' | 'reviewReason' | 'publishedAt'>>,
    now: Date,
  ): ListingChanged {
    Object.assign(this, change, { updatedAt: now });
    const { id, sellerId, status } = this;
    return { type: 'listing.changed', listingId: id, sellerId, status, occurredAt: now };
  }
}

/** Finds the prohibited terms in texts, by the policy of the moment. */
export type TermsIn = (texts: readonly string[]) => readonly string[];

type ListingFields = Omit<
  Listing,
  'text' | 'publish' | 'pause' | 'resume' | 'archive' | 'approve' | 'remove' | 'appeal' | 'edit'
>;

function checkedListingText(text: ListingText): ListingText {
  return {
    title: checkedTitle(text.title),
    description: checkedDescription(text.description),
    imageUrl: checkedImageUrl(text.imageUrl),
    handlingBusinessDays: checkedDays(
      text.handlingBusinessDays,
      1,
      HANDLING_BUSINESS_DAYS_MAX,
      'handlingBusinessDays',
    ),
    returnWindowDays: checkedDays(
      text.returnWindowDays,
      0,
      RETURN_WINDOW_DAYS_MAX,
      'returnWindowDays',
    ),
    isFinalSale: text.isFinalSale,
  };
}

function reasonOf(terms: readonly string[]): string {
  return `These words need a person's look first: ${terms.join(', ')}.`;
}
