import { DomainError, type RefusalDetails } from '../../kernel/errors.ts';

// In order of precedence. NOT_FOUND and NOT_ALLOWED come before all of these, ILLEGAL_TRANSITION
// before the input is looked at, and the texts' own refusals where the text is checked.

/** Only goods that can be marked as sent are sold here. */
export class CategoryNotAccepted extends DomainError {
  constructor() {
    super(
      'CATEGORY_NOT_ACCEPTED',
      'Only physical goods can be listed: payment is released when goods are marked as sent.',
      { path: ['category'] },
    );
  }
}

export class CurrencyNotAccepted extends DomainError {
  constructor(currency: string, accepted: readonly string[], path: readonly string[]) {
    super(
      'CURRENCY_NOT_ACCEPTED',
      `Listings are not sold in ${currency}. Use ${accepted.join(' or ')}.`,
      { path },
    );
  }
}

/** A listing has one currency for its whole life, in all of its variants. */
export class CurrencyMixed extends DomainError {
  constructor(currency: string, path: readonly string[]) {
    super('CURRENCY_MIXED', `Every price of this listing must be in ${currency}.`, { path });
  }
}

export class PriceOutOfRange extends DomainError {
  constructor(most: string, path: readonly string[]) {
    super('PRICE_OUT_OF_RANGE', `A price must be above zero and at most ${most}.`, { path });
  }
}

export class QuantityOutOfRange extends DomainError {
  constructor(least: number, most: number, path: readonly string[]) {
    super(
      'QUANTITY_OUT_OF_RANGE',
      `${path.at(-1)} must be a whole number from ${least} to ${most}.`,
      {
        path,
      },
    );
  }
}

export class TermsOutOfRange extends DomainError {
  constructor(least: number, most: number, path: readonly string[]) {
    super('TERMS_OUT_OF_RANGE', `${path.at(-1)} must be a whole number from ${least} to ${most}.`, {
      path,
    });
  }
}

export class VariantsOutOfRange extends DomainError {
  constructor(most: number) {
    super('VARIANTS_OUT_OF_RANGE', `A listing has 1 to ${most} variants.`, { path: ['variants'] });
  }
}

export class ImageUrlNotAccepted extends DomainError {
  constructor() {
    super('IMAGE_URL_NOT_ACCEPTED', 'imageUrl must be an https URL of at most 2000 characters.', {
      path: ['imageUrl'],
    });
  }
}

/** The named earlier variant does not exist, so there is no stock to share. */
export class SharedStockUnknown extends DomainError {
  constructor(details: RefusalDetails) {
    super(
      'SHARED_STOCK_UNKNOWN',
      'stockFromVariant must be the index of an earlier variant in the same list that has stock of its own.',
      details,
    );
  }
}

/** An adjustment that adjusts nothing is a mistake of the caller, and would clutter the movements. */
export class DeltaZero extends DomainError {
  constructor() {
    super('QUANTITY_OUT_OF_RANGE', 'delta must not be 0.', { path: ['delta'] });
  }
}

/** More would leave than is neither held nor allocated. */
export class StockInsufficient extends DomainError {
  constructor(free: number) {
    super(
      'STOCK_INSUFFICIENT',
      `Only ${free} units are neither held nor allocated; no more can be taken away.`,
      { path: ['delta'] },
    );
  }
}
