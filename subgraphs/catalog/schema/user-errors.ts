import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { UserErrorFields } from '../../kernel/graphql/shared-types.ts';

/** Every refusal of this subgraph, in order of precedence. A code that is not here is a defect. */
const CODES = {
  NOT_FOUND: 'There is no such thing, or it is not yours to know of.',
  NOT_ALLOWED: 'You may see this and still not do this to it.',
  IDEMPOTENCY_KEY_INVALID: 'The idempotency key is empty, too long or not printable.',
  IDEMPOTENCY_KEY_REUSED: 'The idempotency key was used with other input.',
  IN_PROGRESS: 'The same request is still being worked on; repeat it with the same key.',
  ILLEGAL_TRANSITION: 'The present state does not allow this; see currentState and allowedActions.',
  CATEGORY_NOT_ACCEPTED: 'Only physical goods can be listed.',
  CURRENCY_UNKNOWN: 'The currency is not known.',
  CURRENCY_NOT_ACCEPTED: 'Listings are not sold in this currency.',
  CURRENCY_MIXED: 'Every price of a listing is in one currency.',
  PRICE_OUT_OF_RANGE: 'A price is zero, negative or above the limit.',
  QUANTITY_OUT_OF_RANGE: 'A quantity is out of range.',
  TERMS_OUT_OF_RANGE: 'A number of days is out of range.',
  VARIANTS_OUT_OF_RANGE: 'There are no variants, or too many.',
  IMAGE_URL_NOT_ACCEPTED: 'The image is not at an https URL.',
  SHARED_STOCK_UNKNOWN: 'The variant to share stock with does not exist.',
  STOCK_INSUFFICIENT: 'More would leave than is neither held nor allocated.',
  TEXT_EMPTY: 'A required text is empty.',
  TEXT_TOO_LONG: 'A text is longer than allowed.',
  TEXT_NOT_STORABLE: 'A text holds a NUL or half a surrogate pair.',
} as const;

export type CatalogErrorCode = keyof typeof CODES;

export const CATALOG_ERROR_CODES = Object.fromEntries(
  Object.keys(CODES).map((code) => [code, code]),
) as {
  readonly [code in CatalogErrorCode]: code;
};

registerEnumType(CATALOG_ERROR_CODES, {
  name: 'CatalogErrorCode',
  description: 'Why the catalog refused something, in order of precedence.',
  valuesConfig: Object.fromEntries(
    Object.entries(CODES).map(([code, description]) => [code, { description }]),
  ),
});

@ObjectType('CatalogUserError', {
  description: 'A refusal by the catalog that the caller can act on. Nothing was changed.',
})
export class CatalogUserError extends UserErrorFields {
  @Field(() => CATALOG_ERROR_CODES, { description: 'A stable code to decide by.' })
  readonly code!: CatalogErrorCode;
}
