import { EntitySchema, Type } from '@mikro-orm/core';
import { Money } from '../../kernel/money.ts';
import { PaymentRequest } from '../domain/payment-request.ts';
import { lineFromJson, type RequestLine, type RequestLineJson } from '../domain/request-line.ts';

/** Lines as JSON with exact amounts: minor units are text there. */
class LinesType extends Type<readonly RequestLine[], string> {
  override convertToDatabaseValue(lines: readonly RequestLine[]): string {
    return JSON.stringify(lines);
  }

  override convertToJSValue(value: unknown): readonly RequestLine[] {
    const json = (typeof value === 'string' ? JSON.parse(value) : value) as RequestLineJson[];
    return json.map(lineFromJson);
  }

  override getColumnType(): string {
    return 'jsonb';
  }

  override compareAsType(): string {
    return 'string';
  }
}

const money = (prefix: string) => ({
  kind: 'embedded',
  entity: () => Money as never,
  prefix: `${prefix}_`,
});

export const PaymentRequestSchema = new EntitySchema<PaymentRequest>({
  class: PaymentRequest as never,
  tableName: 'payment_request',
  properties: {
    id: { type: 'text', primary: true },
    conversationId: { type: 'text', fieldName: 'conversation_id', nullable: true },
    origin: { type: 'text' },
    buyerId: { type: 'text', fieldName: 'buyer_id' },
    sellerId: { type: 'text', fieldName: 'seller_id' },
    lines: { type: LinesType },
    subtotal: money('subtotal'),
    shipping: money('shipping'),
    tax: money('tax'),
    discount: money('discount'),
    total: money('total'),
    terms: { type: 'json' },
    replacesId: { type: 'text', fieldName: 'replaces_id', nullable: true },
    createdAt: { type: 'Date', fieldName: 'created_at' },
    expiresAt: { type: 'Date', fieldName: 'expires_at' },
    status: { type: 'text' },
    version: { type: 'integer' },
    viewedAt: { type: 'Date', fieldName: 'viewed_at', nullable: true },
    updatedAt: { type: 'Date', fieldName: 'updated_at' },
    platformFee: money('platform_fee'),
  },
} as never);
