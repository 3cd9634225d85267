import { z } from 'zod';
import type { SubgraphCalls } from '../../kernel/calls.ts';
import { Money } from '../../kernel/money.ts';
import type { ListingPrices } from '../application/ports.ts';

const answer = z.object({
  listingSnapshots: z.array(
    z.object({
      variantId: z.string(),
      listingId: z.string(),
      sellerId: z.string(),
      unitPrice: z.object({ amountMinor: z.string(), currency: z.string() }),
    }),
  ),
});

export class Catalog implements ListingPrices {
  constructor(private readonly calls: SubgraphCalls) {}

  async snapshot(variantId: string) {
    const data = await this.calls.execute(
      'catalog',
      `query PriceAtAsk($variantIds: [ID!]!) {
         listingSnapshots(variantIds: $variantIds) {
           variantId listingId sellerId unitPrice { amountMinor currency }
         }
       }`,
      { variantIds: [variantId] },
    );
    const found = answer.parse(data).listingSnapshots.find((row) => row.variantId === variantId);
    if (!found) return null;
    const { listingId, sellerId, unitPrice } = found;
    return { listingId, sellerId, price: Money.fromJSON(unitPrice) };
  }
}
