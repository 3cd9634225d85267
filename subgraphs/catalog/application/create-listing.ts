import { NotAllowed } from '../../kernel/errors.ts';
import { type NewId, sellerIdOf } from '../../kernel/ids.ts';
import type { Money } from '../../kernel/money.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { SharedStockUnknown, VariantsOutOfRange } from '../domain/listing.errors.ts';
import { type GoodsCategory, Listing, type ListingText } from '../domain/listing.ts';
import { checkedQuantity, VARIANTS_MAX } from '../domain/listing-limits.ts';
import { Variant } from '../domain/variant.ts';
import type { CatalogStore, CatalogTransaction, IdempotencyPort } from './ports.ts';

export interface VariantInput {
  readonly title: string | null;
  readonly sku: string | null;
  readonly price: Money;
  readonly stock: number;
  readonly unitsPerSale: number;
  /** Index of an earlier variant of the same list that this one shares its stock with; null has its own. */
  readonly stockFromVariant: number | null;
}

export interface CreateListingCommand {
  readonly actor: Actor;
  readonly category: GoodsCategory;
  readonly text: ListingText;
  readonly variants: readonly VariantInput[];
  readonly idempotencyKey: string;
}

/** A seller writes a listing. It is a draft until it is published. */
export class CreateListing {
  constructor(
    private readonly store: CatalogStore,
    private readonly idempotency: IdempotencyPort,
    private readonly newId: NewId,
  ) {}

  async execute(command: CreateListingCommand): Promise<Listing> {
    const { actor, idempotencyKey, ...content } = command;
    if (actor.kind !== 'member') throw new NotAllowed('create a listing');
    const { response } = await this.idempotency.once(
      {
        principal: principalOf(actor),
        operation: 'createListing',
        key: idempotencyKey,
        request: content,
      },
      () => this.store.transact((tx) => this.create(tx, sellerIdOf(actor.userId), command)),
    );
    const [listing] = await this.store.listings([response.listingId]);
    if (!listing) throw new Error(`listing ${response.listingId} is gone`);
    return listing;
  }

  private async create(tx: CatalogTransaction, sellerId: string, command: CreateListingCommand) {
    const { variants } = command;
    if (variants.length < 1 || variants.length > VARIANTS_MAX)
      throw new VariantsOutOfRange(VARIANTS_MAX);
    const policy = await tx.policy();
    const currency = variants[0]?.price.currency ?? '';
    const given = { id: this.newId('listing'), sellerId, category: command.category, currency };
    const listing = Listing.draft(given, command.text, await tx.now());
    tx.addListing(listing);
    const items: (string | null)[] = [];
    for (const [position, input] of variants.entries()) {
      const path = ['variants', String(position)];
      const inventoryItemId =
        sharedItem(items, input, path) ?? `inv_${this.newId('variant').slice(4)}`;
      const stock = checkedQuantity(input.stock, [...path, 'stock']);
      const place = { id: this.newId('variant'), listingId: listing.id, inventoryItemId, position };
      const variant = Variant.offer(place, input, currency, policy, path);
      if (input.stockFromVariant === null)
        await this.firstStock(tx, inventoryItemId, stock, listing.id);
      items.push(input.stockFromVariant === null ? inventoryItemId : null);
      tx.addVariant(variant);
    }
    return { listingId: listing.id };
  }

  private async firstStock(
    tx: CatalogTransaction,
    inventoryItemId: string,
    stock: number,
    listingId: string,
  ): Promise<void> {
    await tx.addInventoryItem(inventoryItemId);
    if (stock === 0) return;
    await tx.move([
      {
        inventoryItemId,
        kind: 'ADJUSTED',
        onHand: stock,
        allocated: 0,
        held: 0,
        reference: listingId,
        reason: 'first stock',
      },
    ]);
  }
}

function sharedItem(
  items: readonly (string | null)[],
  input: VariantInput,
  path: readonly string[],
): string | null {
  if (input.stockFromVariant === null) return null;
  const item = items[input.stockFromVariant];
  if (!item) throw new SharedStockUnknown({ path: [...path, 'stockFromVariant'] });
  return item;
}
