import { PayPalError } from './errors.ts';
import { parseAmount } from './money.ts';

/** As much of a purchase unit as is read; the rest is PayPal's to know. */
export interface PurchaseUnit {
  readonly reference_id?: string;
  readonly custom_id?: string;
  readonly invoice_id?: string;
  readonly amount?: { readonly breakdown?: Readonly<Record<string, unknown>> };
  readonly items?: readonly { readonly quantity?: string; readonly unit_amount?: unknown }[];
  readonly payee?: { readonly merchant_id?: string };
  readonly payment_instruction?: {
    readonly disbursement_mode?: string;
    readonly platform_fees?: readonly { readonly amount?: unknown }[];
  };
  readonly shipping?: unknown;
}

/** The parts must add up to the total, and the items to their part. */
export function checkBreakdown(
  unit: Pick<PurchaseUnit, 'amount' | 'items'>,
  total: bigint,
  currency: string,
): void {
  const breakdown = unit.amount?.breakdown;
  if (!breakdown?.item_total && unit.items?.length)
    throw PayPalError.unprocessable('ITEM_TOTAL_REQUIRED', '/purchase_units/0/amount/breakdown');
  if (!breakdown) return;
  const amounts = [
    ...Object.values(breakdown),
    ...(unit.items ?? []).map((item) => item.unit_amount),
  ];
  if (amounts.some((one) => (one as { currency_code?: string }).currency_code !== currency))
    throw PayPalError.unprocessable('MULTI_CURRENCY_ORDER');
  const part = (name: string) =>
    breakdown[name] === undefined
      ? 0n
      : parseAmount(breakdown[name], `/purchase_units/0/amount/breakdown/${name}`).minor;
  const added = part('item_total') + part('tax_total') + part('shipping') + part('handling');
  const sum = added + part('insurance') - part('shipping_discount') - part('discount');
  if (sum !== total)
    throw PayPalError.unprocessable('AMOUNT_MISMATCH', '/purchase_units/0/amount/value');
  if (unit.items && itemSum(unit.items) !== part('item_total'))
    throw PayPalError.unprocessable('ITEM_TOTAL_MISMATCH', '/purchase_units/0/items');
}

function itemSum(items: NonNullable<PurchaseUnit['items']>): bigint {
  return items.reduce((sum, item) => {
    if (!/^[1-9][0-9]{0,9}$/.test(item.quantity ?? ''))
      throw PayPalError.invalid('INVALID_PARAMETER_SYNTAX', '/purchase_units/0/items/0/quantity');
    const { minor } = parseAmount(item.unit_amount, '/purchase_units/0/items/0/unit_amount');
    return sum + minor * BigInt(item.quantity ?? '0');
  }, 0n);
}
