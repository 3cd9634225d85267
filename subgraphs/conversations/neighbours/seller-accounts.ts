import { z } from 'zod';
import type { SubgraphCalls } from '../../kernel/calls.ts';
import type { SellerDirectory } from '../application/ports.ts';

const answer = z.object({ sellerStanding: z.object({ status: z.string() }).nullable() });

/** Somebody who only began to apply is no seller yet, and a closed account is none any more. */
const SELLING = new Set(['ACTIVE', 'RESTRICTED', 'SUSPENDED']);

export class SellerAccounts implements SellerDirectory {
  constructor(private readonly calls: SubgraphCalls) {}

  async isSeller(sellerId: string): Promise<boolean> {
    const data = await this.calls.execute(
      'seller-accounts',
      'query SellerOfConversation($sellerId: ID!) { sellerStanding(sellerId: $sellerId) { status } }',
      { sellerId },
    );
    const { sellerStanding } = answer.parse(data);
    return sellerStanding !== null && SELLING.has(sellerStanding.status);
  }
}
