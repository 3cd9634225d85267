import { DomainError } from './errors.ts';

/** Digits after the decimal point, by ISO 4217. Only currencies listed here are accepted at all. */
export const CURRENCY_EXPONENTS: Readonly<Record<string, number>> = {
  USD: 2,
  EUR: 2,
  GBP: 2,
  JPY: 0,
};

/** Largest amount any column, message or sum may hold: far above every limit, far below 2^63. */
export const AMOUNT_MINOR_MAX = 1_000_000_000_000_000n;

export class CurrencyUnknown extends DomainError {
  constructor(currency: string, path: readonly string[] = []) {
    super('CURRENCY_UNKNOWN', `"${currency.slice(0, 8)}" is not a currency code in use here.`, {
      path,
    });
  }
}

/**
 * An amount in the minor units of its currency (cents for USD, whole yen for JPY), exact at any
 * size. Two currencies never mix: doing so is a defect, not a refusal.
 */
export class Money {
  private constructor(
    readonly amountMinor: bigint,
    readonly currency: string,
  ) {}

  /** Throws CurrencyUnknown for a code that is not listed in CURRENCY_EXPONENTS. */
  static of(amountMinor: bigint, currency: string): Money {
    if (!Object.hasOwn(CURRENCY_EXPONENTS, currency)) throw new CurrencyUnknown(currency);
    return new Money(amountMinor, currency);
  }

  static zero(currency: string): Money {
    return Money.of(0n, currency);
  }

  static sum(amounts: readonly Money[], currency: string): Money {
    return amounts.reduce((total, amount) => total.plus(amount), Money.zero(currency));
  }

  plus(other: Money): Money {
    this.sameCurrencyAs(other);
    return new Money(this.amountMinor + other.amountMinor, this.currency);
  }

  minus(other: Money): Money {
    this.sameCurrencyAs(other);
    return new Money(this.amountMinor - other.amountMinor, this.currency);
  }

  times(quantity: number): Money {
    return new Money(this.amountMinor * BigInt(quantity), this.currency);
  }

  isPositive(): boolean {
    return this.amountMinor > 0n;
  }

  isZero(): boolean {
    return this.amountMinor === 0n;
  }

  isNegative(): boolean {
    return this.amountMinor < 0n;
  }

  exceeds(other: Money): boolean {
    this.sameCurrencyAs(other);
    return this.amountMinor > other.amountMinor;
  }

  equals(other: Money): boolean {
    return this.currency === other.currency && this.amountMinor === other.amountMinor;
  }

  /** Wire form of events: minor units as a string of digits, as on the graph. */
  toJSON(): MoneyJson {
    return { amountMinor: this.amountMinor.toString(), currency: this.currency };
  }

  static fromJSON(json: MoneyJson): Money {
    return Money.of(BigInt(json.amountMinor), json.currency);
  }

  /** For logs and the demo, e.g. "48.00 USD". Clients format for people. */
  toString(): string {
    const exponent = CURRENCY_EXPONENTS[this.currency] ?? 2;
    const sign = this.amountMinor < 0n ? '-' : '';
    const digits = (this.amountMinor < 0n ? -this.amountMinor : this.amountMinor)
      .toString()
      .padStart(exponent + 1, '0');
    const whole = digits.slice(0, digits.length - exponent);
    return exponent === 0
      ? `${sign}${whole} ${this.currency}`
      : `${sign}${whole}.${digits.slice(-exponent)} ${this.currency}`;
  }

  private sameCurrencyAs(other: Money): void {
    if (this.currency !== other.currency) {
      throw new TypeError(`cannot combine ${this.currency} with ${other.currency}`);
    }
  }
}

export interface MoneyJson {
  readonly amountMinor: string;
  readonly currency: string;
}
