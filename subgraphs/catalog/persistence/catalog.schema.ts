import { EntitySchema } from '@mikro-orm/core';
import { Money } from '../../kernel/money.ts';
import { Listing } from '../domain/listing.ts';
import { Variant } from '../domain/variant.ts';

const text = (fieldName: string, nullable = false) => ({ type: 'text', fieldName, nullable });
const whole = (fieldName: string) => ({ type: 'integer', fieldName });

export const ListingSchema = new EntitySchema<Listing>({
  class: Listing as never,
  tableName: 'listing',
  properties: {
    id: { type: 'text', primary: true },
    sellerId: text('seller_id'),
    category: text('category'),
    currency: text('currency'),
    createdAt: { type: 'Date', fieldName: 'created_at' },
    status: text('status'),
    title: text('title'),
    description: text('description'),
    imageUrl: text('image_url', true),
    handlingBusinessDays: whole('handling_business_days'),
    returnWindowDays: whole('return_window_days'),
    isFinalSale: { type: 'boolean', fieldName: 'is_final_sale' },
    reviewReason: text('review_reason', true),
    publishedAt: { type: 'Date', fieldName: 'published_at', nullable: true },
    updatedAt: { type: 'Date', fieldName: 'updated_at' },
  },
} as never);

export const VariantSchema = new EntitySchema<Variant>({
  class: Variant as never,
  tableName: 'variant',
  properties: {
    id: { type: 'text', primary: true },
    listingId: text('listing_id'),
    inventoryItemId: text('inventory_item_id'),
    unitsPerSale: whole('units_per_sale'),
    position: whole('position'),
    title: text('title', true),
    sku: text('sku', true),
    price: { kind: 'embedded', entity: () => Money as never, prefix: 'price_' },
    isOffered: { type: 'boolean', fieldName: 'is_offered' },
  },
} as never);
