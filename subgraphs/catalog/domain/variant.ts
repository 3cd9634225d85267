import type { Money } from '../../kernel/money.ts';
import { checkedText } from '../../kernel/text.ts';
import {
  checkedPrice,
  checkedQuantity,
  type ListingPolicy,
  SKU_CODE_POINTS_MAX,
  TITLE_CODE_POINTS_MAX,
  UNITS_PER_SALE_MAX,
  VARIANT_TITLE_CODE_POINTS_MAX,
} from './listing-limits.ts';

export interface VariantTerms {
  readonly title: string | null;
  readonly sku: string | null;
  readonly price: Money;
  /** Units of the inventory item that one sale takes: 3 for a pack of three. */
  readonly unitsPerSale: number;
}

/** What a buyer can choose within a listing: a size, a colour, a pack. It has the price. */
export class Variant {
  readonly id!: string;
  readonly listingId!: string;
  /** Where its stock is counted. Several variants may sell from one inventory item. */
  readonly inventoryItemId!: string;
  readonly unitsPerSale!: number;
  readonly position!: number;
  /** Null when the listing has nothing to choose. */
  readonly title!: string | null;
  readonly sku!: string | null;
  /** Per sale, before tax and shipping, in the listing's currency. */
  readonly price!: Money;
  /** False once the seller stopped offering it; sent requests keep their own snapshot. */
  readonly isOffered!: boolean;

  private constructor(state: VariantState) {
    Object.assign(this, state);
  }

  static offer(
    place: Pick<Variant, 'id' | 'listingId' | 'inventoryItemId' | 'position'>,
    terms: VariantTerms,
    currency: string,
    policy: ListingPolicy,
    path: readonly string[],
  ): Variant {
    return new Variant({
      ...place,
      title: checkedVariantTitle(terms.title, [...path, 'title']),
      sku: checkedSku(terms.sku, [...path, 'sku']),
      price: checkedPrice(terms.price, currency, policy, [...path, 'price']),
      unitsPerSale: checkedQuantity(
        terms.unitsPerSale,
        [...path, 'unitsPerSale'],
        1,
        UNITS_PER_SALE_MAX,
      ),
      isOffered: true,
    });
  }

  /** Null leaves a value as it is. Requests already sent are not touched: they hold snapshots. */
  edit(
    change: {
      readonly title: string | null;
      readonly price: Money | null;
      readonly isOffered: boolean | null;
    },
    policy: ListingPolicy,
    path: readonly string[],
  ): void {
    const { currency } = this.price;
    this.become({
      title:
        change.title === null ? this.title : checkedVariantTitle(change.title, [...path, 'title']),
      price:
        change.price === null
          ? this.price
          : checkedPrice(change.price, currency, policy, [...path, 'price']),
      isOffered: change.isOffered ?? this.isOffered,
    });
  }

  private become(change: Partial<Pick<Variant, 'title' | 'price' | 'isOffered'>>): void {
    Object.assign(this, change);
  }
}

type VariantState = Omit<Variant, 'edit'>;

/** What a line of a payment request is called: the listing and the choice, cut to the receipt's room. */
export function lineTitle(listingTitle: string, variantTitle: string | null): string {
  const whole = variantTitle === null ? listingTitle : `${listingTitle} (${variantTitle})`;
  const codePoints = [...whole];
  return codePoints.length <= TITLE_CODE_POINTS_MAX
    ? whole
    : `${codePoints.slice(0, TITLE_CODE_POINTS_MAX - 1).join('')}…`;
}

function checkedVariantTitle(title: string | null, path: readonly string[]): string | null {
  return title === null
    ? null
    : checkedText(title, { path, maxCodePoints: VARIANT_TITLE_CODE_POINTS_MAX });
}

function checkedSku(sku: string | null, path: readonly string[]): string | null {
  return sku === null ? null : checkedText(sku, { path, maxCodePoints: SKU_CODE_POINTS_MAX });
}
