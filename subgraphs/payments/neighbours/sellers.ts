import { z } from 'zod';
import type { SubgraphCalls } from '../../kernel/calls.ts';
import type { SellerStanding, Sellers } from '../application/ports.ts';

const answerSchema = z.object({
  sellerStanding: z
    .object({
      canRequestPayments: z.boolean(),
      tier: z.enum(['NEW', 'ESTABLISHED']),
      merchantId: z.string().nullable(),
      region: z.string(),
      reason: z.string().nullable(),
    })
    .nullable(),
});

/** Whether a seller may take money, asked at the moment it matters. */
export class SellersNeighbour implements Sellers {
  constructor(private readonly calls: SubgraphCalls) {}

  async standing(sellerId: string): Promise<SellerStanding | null> {
    const answer = await this.calls.execute(
      'seller-accounts',
      `query SellerStanding($sellerId: ID!) {
         sellerStanding(sellerId: $sellerId) { canRequestPayments tier merchantId region reason }
       }`,
      { sellerId },
    );
    return answerSchema.parse(answer).sellerStanding;
  }
}
