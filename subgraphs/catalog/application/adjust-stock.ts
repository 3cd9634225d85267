import { NotFound } from '../../kernel/errors.ts';
import { isId } from '../../kernel/ids.ts';
import { type Actor, principalOf } from '../../kernel/policy.ts';
import { checkedText } from '../../kernel/text.ts';
import { DeltaZero, StockInsufficient } from '../domain/listing.errors.ts';
import { mayManageListing } from '../domain/listing.policy.ts';
import { checkedQuantity, QUANTITY_MAX } from '../domain/listing-limits.ts';
import { unpromisedUnits } from '../domain/stock.ts';
import type { Variant } from '../domain/variant.ts';
import type { CatalogStore, IdempotencyPort } from './ports.ts';

const REASON_MAX = 200;

/** The seller counts stock anew: so many units more, or less. What is promised cannot be taken away. */
export class AdjustStock {
  constructor(
    private readonly store: CatalogStore,
    private readonly idempotency: IdempotencyPort,
  ) {}

  async execute(command: {
    readonly actor: Actor;
    readonly variantId: string;
    readonly delta: number;
    readonly reason: string;
    readonly idempotencyKey: string;
  }): Promise<Variant> {
    const { actor, idempotencyKey, ...content } = command;
    const { variantId, delta } = command;
    checkedQuantity(delta, ['delta'], -QUANTITY_MAX);
    if (delta === 0) throw new DeltaZero();
    checkedText(command.reason, { path: ['reason'], maxCodePoints: REASON_MAX });
    await this.idempotency.once(
      {
        principal: principalOf(actor),
        operation: 'adjustStock',
        key: idempotencyKey,
        request: content,
      },
      () =>
        this.store.transact(async (tx) => {
          const [variant] = isId('variant', variantId) ? await tx.variants([variantId]) : [];
          const listing = variant ? await tx.lockListing(variant.listingId) : null;
          if (!variant || listing === null || !mayManageListing(actor, listing))
            throw new NotFound('variant', ['variantId']);
          const level = (await tx.lockLevels([variant.inventoryItemId])).get(
            variant.inventoryItemId,
          );
          if (!level || unpromisedUnits(level) + delta < 0)
            throw new StockInsufficient(level ? unpromisedUnits(level) : 0);
          checkedQuantity(level.onHand + delta, ['delta']);
          const { inventoryItemId } = variant;
          await tx.move([
            {
              inventoryItemId,
              kind: 'ADJUSTED',
              onHand: delta,
              allocated: 0,
              held: 0,
              reference: listing.id,
              reason: command.reason,
            },
          ]);
          return { adjusted: true };
        }),
    );
    const [variant] = await this.store.variants([variantId]);
    if (!variant) throw new NotFound('variant', ['variantId']);
    return variant;
  }
}
