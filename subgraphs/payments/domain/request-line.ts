import { Money, type MoneyJson } from '../../kernel/money.ts';
import { checkedText } from '../../kernel/text.ts';
import { AmountNotPositive, LinesInvalid } from './payment-request.errors.ts';

/** PayPal's item name and our own screens: longer titles would be cut in the buyer's receipt. */
export const LINE_TITLE_MAX = 127;
export const LINE_DESCRIPTION_MAX = 2_000;
export const LINE_QUANTITY_MAX = 1_000;
/** More lines than this is a catalogue, not a request; PayPal's limits are far above. */
export const LINES_MAX = 50;

/**
 * One line as the buyer saw it. It is a snapshot: a later edit of the listing changes nothing here,
 * and in a dispute this text is the evidence of what was offered.
 */
export interface RequestLine {
  readonly lineId: string;
  readonly kind: 'LISTING' | 'CUSTOM';
  readonly listingId: string | null;
  readonly variantId: string | null;
  readonly title: string;
  readonly description: string;
  readonly unitPrice: Money;
  readonly quantity: number;
}

export function lineTotal(line: RequestLine): Money {
  return line.unitPrice.times(line.quantity);
}

/** Refuses a line that could not be shown, charged or proven later. */
export function checkedLine(line: RequestLine, index: number): RequestLine {
  const at = (field: string) => ['lines', String(index), field];
  checkedText(line.title, { path: at('title'), maxCodePoints: LINE_TITLE_MAX });
  checkedText(line.description, { path: at('description'), maxCodePoints: LINE_DESCRIPTION_MAX });
  if (!Number.isInteger(line.quantity) || line.quantity < 1 || line.quantity > LINE_QUANTITY_MAX) {
    throw new LinesInvalid(
      `quantity must be a whole number from 1 to ${LINE_QUANTITY_MAX}.`,
      at('quantity'),
    );
  }
  if (!line.unitPrice.isPositive()) throw new AmountNotPositive(at('unitPrice'));
  return line;
}

export interface RequestLineJson extends Omit<RequestLine, 'unitPrice'> {
  readonly unitPrice: MoneyJson;
}

export function lineFromJson(json: RequestLineJson): RequestLine {
  return { ...json, unitPrice: Money.fromJSON(json.unitPrice) };
}
