import type { Money } from '../../kernel/money.ts';
import { checkedText } from '../../kernel/text.ts';
import {
  CurrencyMixed,
  CurrencyNotAccepted,
  ImageUrlNotAccepted,
  PriceOutOfRange,
  QuantityOutOfRange,
  TermsOutOfRange,
} from './listing.errors.ts';

/** The payment processor takes item names of 127 characters; longer would be cut on the receipt. */
export const TITLE_CODE_POINTS_MAX = 127;
export const VARIANT_TITLE_CODE_POINTS_MAX = 60;
/** Room to describe the goods well, which prevents claims; the processor gets the beginning of it. */
export const DESCRIPTION_CODE_POINTS_MAX = 2_000;
/** The processor's limit for a stock-keeping unit. */
export const SKU_CODE_POINTS_MAX = 127;
/** More makes one listing too heavy to load whole, as every read of it does. */
export const VARIANTS_MAX = 50;
export const QUANTITY_MAX = 1_000_000;
export const UNITS_PER_SALE_MAX = 1_000;
/** Buyers are promised that goods are sent within this many business days of payment. */
export const HANDLING_BUSINESS_DAYS_MAX = 15;
export const RETURN_WINDOW_DAYS_MAX = 365;
const IMAGE_URL_LENGTH_MAX = 2_000;

/** What is accepted at the moment: policy data, with a limit for each currency that may be used. */
export interface ListingPolicy {
  readonly priceMaxByCurrency: ReadonlyMap<string, Money>;
  readonly prohibitedTerms: readonly string[];
}

export function checkedTitle(value: string, path: readonly string[] = ['title']): string {
  return checkedText(value, { path, maxCodePoints: TITLE_CODE_POINTS_MAX });
}

export function checkedDescription(value: string): string {
  return checkedText(value, {
    path: ['description'],
    maxCodePoints: DESCRIPTION_CODE_POINTS_MAX,
  });
}

export function checkedImageUrl(value: string | null): string | null {
  if (value === null) return null;
  const good =
    value.length <= IMAGE_URL_LENGTH_MAX &&
    value.startsWith('https://') &&
    URL.canParse(value) &&
    !/[\s<>"']/.test(value);
  if (!good) throw new ImageUrlNotAccepted();
  return value;
}

/** Throws CURRENCY_MIXED, CURRENCY_NOT_ACCEPTED or PRICE_OUT_OF_RANGE, in this order. */
export function checkedPrice(
  price: Money,
  currency: string,
  policy: ListingPolicy,
  path: readonly string[],
): Money {
  if (price.currency !== currency) throw new CurrencyMixed(currency, path);
  const most = policy.priceMaxByCurrency.get(currency);
  if (!most) throw new CurrencyNotAccepted(currency, [...policy.priceMaxByCurrency.keys()], path);
  if (!price.isPositive() || price.exceeds(most)) throw new PriceOutOfRange(most.toString(), path);
  return price;
}

export function checkedQuantity(
  value: number,
  path: readonly string[],
  least = 0,
  most = QUANTITY_MAX,
): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new QuantityOutOfRange(least, most, path);
  return value;
}

export function checkedDays(value: number, least: number, most: number, name: string): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new TermsOutOfRange(least, most, [name]);
  return value;
}
