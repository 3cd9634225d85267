import { toMoney } from '../../kernel/graphql/shared-types.ts';
import type { LineInput } from '../application/send-payment-request.ts';
import type { Payment } from '../domain/payment.ts';
import type { PaymentMethod } from '../domain/payment-method.ts';
import { LinesInvalid } from '../domain/payment-request.errors.ts';
import type { PaymentRequest } from '../domain/payment-request.ts';
import { lineTotal } from '../domain/request-line.ts';
import type { ShippingAddress } from '../domain/shipping-address.ts';
import type {
  PaymentMethodType,
  PaymentRequestLineInput,
  PaymentRequestType,
  PaymentType,
  ShippingAddressInput,
} from './payment.types.ts';

export function toRequest(request: PaymentRequest): PaymentRequestType {
  return {
    id: request.id,
    status: request.status,
    version: request.version,
    origin: request.origin,
    buyer: { id: request.buyerId },
    seller: { id: request.sellerId },
    lines: request.lines.map((line) => ({
      lineId: line.lineId,
      kind: line.kind,
      listing: line.listingId === null ? null : { id: line.listingId },
      title: line.title,
      description: line.description,
      unitPrice: line.unitPrice,
      quantity: line.quantity,
      total: lineTotal(line),
    })),
    subtotal: request.subtotal,
    shipping: request.shipping,
    tax: request.tax,
    discount: request.discount,
    total: request.total,
    terms: request.terms,
    createdAt: request.createdAt,
    expiresAt: request.expiresAt,
    viewedAt: request.viewedAt,
    updatedAt: request.updatedAt,
  };
}

export function toPayment(
  payment: Payment,
): Omit<PaymentType, 'paymentRequest'> & { readonly requestId: string } {
  const { id, amount, refundedTotal, capturedAt, requestId } = payment;
  return { id, amount, refundedTotal, capturedAt, requestId };
}

export function toMethod(method: PaymentMethod): PaymentMethodType {
  const { id, status, brand, lastFour, expiry, consentText, consentedAt, approvalUrl } = method;
  return {
    id,
    status,
    brand,
    lastFour,
    expiry,
    consentText,
    consentedAt,
    approvalUrl: status === 'SETUP' ? approvalUrl : null,
  };
}

/** A line is either a listed item or a free-form one; a mixture is refused, never guessed at. */
export function fromLine(line: PaymentRequestLineInput, index: number): LineInput {
  const { variantId, title, description, unitPrice, quantity } = line;
  if (variantId != null && title == null && description == null && unitPrice == null) {
    return { kind: 'LISTING', variantId, quantity };
  }
  if (variantId == null && title != null && description != null && unitPrice != null) {
    return { kind: 'CUSTOM', title, description, unitPrice: toMoney(unitPrice), quantity };
  }
  throw new LinesInvalid('A line has either variantId, or title, description and unitPrice.', [
    'lines',
    String(index),
  ]);
}

export function fromAddress(input: ShippingAddressInput): ShippingAddress {
  const { name, line1, line2, city, state, postalCode, country } = input;
  return { name, line1, line2: line2 ?? null, city, state, postalCode, country };
}
